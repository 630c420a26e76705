"""The process of the simulation: the stand-in of WhatsApp's API and the phone-like page, on one port."""

from __future__ import annotations

import logging
import sys

from relevo.errors import RelevoError
from relevo.protocol import Protocol, load_protocol
from relevo.settings import Settings
from relevo.whatsapp.credentials import WEBHOOK_PATH, Credentials
from relevo.whatsapp.doctor.templates import wanted_templates
from relevo.whatsapp.phone.app import create_app
from relevo.whatsapp.phone.simulation import Simulation
from relevo.whatsapp.stand_in.account import Account, PhoneNumber, Token
from relevo.whatsapp.stand_in.templates import Template


def account_of(credentials: Credentials, protocol: Protocol) -> Account:
    """A sound account that these credentials open, with the templates that the protocol names."""
    name = protocol.company.name
    return Account(
        token=Token(credentials.token),
        app_secret=credentials.app_secret,
        numbers={number: PhoneNumber(number, verified_name=name) for number in credentials.numbers},
        id=credentials.account,
        name=name,
        templates=[Template(one.name, one.language, one.text) for one in wanted_templates(protocol)],
    )


def main() -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stdout)
    logging.getLogger("sanic").setLevel(logging.WARNING)
    try:
        settings, credentials = Settings.from_environment(), Credentials.from_environment()
        account = account_of(credentials, load_protocol(settings.protocol_dir))
    except RelevoError as error:
        sys.exit(str(error))
    webhook = f"{settings.bot_url}{WEBHOOK_PATH}"
    app = create_app(Simulation(account), webhook, credentials.verify_token)
    app.run(host=settings.host, port=settings.phone_port, access_log=False, workers=1)


if __name__ == "__main__":
    main()
