"""`relevo whatsapp simulate`: the whole system with WhatsApp set up against the stand-in."""

from __future__ import annotations

from dataclasses import replace

from relevo.child_process import Program
from relevo.settings import Settings
from relevo.up import Companion, kept_secret, up
from relevo.whatsapp.credentials import Credentials

NUMBER_ID = "106540352242922"
ACCOUNT_ID = "102290129340398"


def made_up_credentials(settings: Settings) -> Credentials:
    """Credentials that open the stand-in and nothing else; always the same for one `RELEVO_SECRET`.

    Raises:
        ConfigurationError: the secret is missing or too short.
    """
    return Credentials(
        token=settings.key_for("whatsapp-simulation-token"),
        app_secret=settings.key_for("whatsapp-simulation-app")[:32],
        verify_token=settings.key_for("whatsapp-simulation-verification")[:32],
        numbers=(NUMBER_ID,),
        account=ACCOUNT_ID,
        url=f"http://127.0.0.1:{settings.phone_port}",
    )


def simulate(settings: Settings) -> None:
    """Run everything until Ctrl-C or SIGTERM. Whatever account the environment names is left alone.

    Raises:
        ConfigurationError: a port is taken, or the secret is too short.
        RelevoError: as `relevo up`.
    """
    settings = replace(settings, secret=settings.secret or kept_secret(settings.data_dir))
    credentials = made_up_credentials(settings)
    phone = Program(
        "phone", "relevo.whatsapp.phone", credentials.to_environment(), f"{credentials.url}/health"
    )
    welcome = f"  WhatsApp:    {credentials.url}/"
    up(settings, Companion(phone, "RELEVO_PHONE_PORT", settings.phone_port, welcome))
