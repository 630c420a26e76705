"""What the environment says of the WhatsApp account, complete or not: the doctor looks at what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

GRAPH_URL: Final = "https://graph.facebook.com"
DEFAULT_VERSION: Final = "v23.0"
WEBHOOK_PATH: Final = "/webhooks/whatsapp/webhook"


@dataclass(frozen=True)
class Credentials:
    """Which account, and the secrets that open it; empty where nothing is said."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    numbers: tuple[str, ...]
    """Ids of the phone numbers, not the numbers themselves."""
    account: str
    """Id of the WhatsApp Business account (WABA)."""
    url: str = GRAPH_URL
    version: str = DEFAULT_VERSION

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """Read the variables `WHATSAPP_…`."""

        def value(name: str, default: str = "") -> str:
            return environment.get(f"WHATSAPP_{name}", "").strip() or default

        numbers = value("PHONE_NUMBER_IDS") or value("PHONE_NUMBER_ID")
        return cls(
            token=value("TOKEN"),
            app_secret=value("APP_SECRET"),
            verify_token=value("VERIFY_TOKEN"),
            numbers=tuple(numbers.replace(",", " ").split()),
            account=value("WABA_ID"),
            url=value("API_URL", GRAPH_URL).rstrip("/"),
            version=value("API_VERSION", DEFAULT_VERSION),
        )

    def to_environment(self) -> dict[str, str]:
        """The variables that say the same."""
        return {
            "WHATSAPP_TOKEN": self.token,
            "WHATSAPP_APP_SECRET": self.app_secret,
            "WHATSAPP_VERIFY_TOKEN": self.verify_token,
            "WHATSAPP_PHONE_NUMBER_IDS": ",".join(self.numbers),
            "WHATSAPP_WABA_ID": self.account,
            "WHATSAPP_API_URL": self.url,
            "WHATSAPP_API_VERSION": self.version,
        }
