"""`relevo whatsapp simulate`: the whole system with WhatsApp set up against the stand-in."""

from __future__ import annotations

import secrets
from dataclasses import replace

from relevo.child_process import Program
from relevo.settings import Settings
from relevo.up import Companion, up
from relevo.whatsapp.credentials import Credentials

NUMBER_ID = "106540352242922"
ACCOUNT_ID = "102290129340398"


def simulate(settings: Settings) -> None:
    """Run everything until Ctrl-C or SIGTERM. Whatever account the environment names is left alone.

    Raises:
        ConfigurationError: a port is taken.
        RelevoError: as `relevo up`.
    """
    url = f"http://127.0.0.1:{settings.phone_port}"
    made_up = Credentials(
        token=secrets.token_urlsafe(32),
        app_secret=secrets.token_hex(16),
        verify_token=secrets.token_hex(16),
        numbers=(NUMBER_ID,),
        account=ACCOUNT_ID,
    )
    environment = replace(made_up, url=url).to_environment()
    phone = Program("phone", "relevo.whatsapp.phone", environment, f"{url}/health")
    up(settings, Companion(phone, "RELEVO_PHONE_PORT", settings.phone_port, f"  WhatsApp:    {url}/"))
