"""Settings: every value that comes from the environment, read once and in one place.

Secrets come only from the environment (`relevo up` makes them for a local run and hands them on).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from relevo.email_settings import EmailSettings
from relevo.errors import ConfigurationError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
MIN_SECRET_CHARACTERS = 32
MAX_PORT = 65535
MAX_PROXIES = 9
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")
MEDIA_HOSTS = ("lookaside.fbsbx.com",)
"""Where Meta keeps what customers send; the access token goes to the API and there, and nowhere else."""
_WHATSAPP_SECRETS = ("WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN")


@dataclass(frozen=True)
class WhatsAppSettings:
    """The company's access to WhatsApp's Cloud API. Secrets are left out of `repr`."""

    token: str = field(repr=False)
    """Sends messages."""
    app_secret: str = field(repr=False)
    """Signs what Meta sends to us."""
    verify_token: str = field(repr=False)
    """Chosen by the company, and told to Meta when the webhook is subscribed."""
    numbers: tuple[str, ...]
    """Ids of the company's phone numbers (not the numbers themselves)."""
    account: str
    """Id of the WhatsApp business account."""
    url: str
    version: str

    @classmethod
    def from_environment(cls) -> WhatsAppSettings | None:
        """None where WhatsApp isn't used: no `WHATSAPP_…` is set.

        Raises:
            ConfigurationError: some of what is needed is missing.
        """
        secrets = {name: os.environ.get(name) or "" for name in _WHATSAPP_SECRETS}
        listed = os.environ.get("WHATSAPP_PHONE_NUMBER_IDS") or os.environ.get("WHATSAPP_PHONE_NUMBER_ID")
        numbers = tuple((listed or "").replace(",", " ").split())
        if not any(secrets.values()) and not numbers:
            return None
        missing = [name for name, value in secrets.items() if not value]
        missing += [] if numbers else ["WHATSAPP_PHONE_NUMBER_IDS"]
        if missing:
            raise ConfigurationError(
                f"WhatsApp is half set up; set {', '.join(missing)} too, or none of WHATSAPP_…."
            )
        return cls(
            token=secrets["WHATSAPP_TOKEN"],
            app_secret=secrets["WHATSAPP_APP_SECRET"],
            verify_token=secrets["WHATSAPP_VERIFY_TOKEN"],
            numbers=numbers,
            account=os.environ.get("WHATSAPP_WABA_ID") or "",
            url=(os.environ.get("WHATSAPP_API_URL") or "https://graph.facebook.com").rstrip("/"),
            version=os.environ.get("WHATSAPP_API_VERSION") or "v23.0",
        )


@dataclass(frozen=True)
class Settings:
    """Where things are and how the processes reach each other."""

    redis_url: str | None
    bot_port: int
    actions_port: int
    desk_port: int
    phone_port: int
    """Of the page of `relevo whatsapp simulate`."""
    bot_url: str
    actions_url: str
    """Where the bot finds the action server."""
    data_dir: Path
    protocol_dir: Path
    models_dir: Path
    desk_password: str | None
    secret: str | None
    host: str
    """Address that the servers listen on; 127.0.0.1 unless a reverse proxy stands in front."""
    secure_cookies: bool
    chat_origins: frozenset[str]
    """Pages besides the bot's own that may embed the chat: `https://shop.example`."""
    proxies: int
    """How many reverse proxies stand in front: the client is that many from the end of X-Forwarded-For."""
    whatsapp: WhatsAppSettings | None = None
    email_address: str = ""
    """The company's; empty where e-mail isn't used."""
    email: EmailSettings | None = None
    """None, as WhatsApp's, where it isn't used; only the clock's process needs it."""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings.

        Raises:
            ConfigurationError: a number is not one, or out of its range.
        """
        bot_port, actions_port = _port("RELEVO_BOT_PORT", 5005), _port("RELEVO_ACTIONS_PORT", 5055)
        return cls(
            redis_url=os.environ.get("REDIS_URL") or None,
            bot_port=bot_port,
            actions_port=actions_port,
            desk_port=_port("RELEVO_DESK_PORT", 8080),
            phone_port=_port("RELEVO_PHONE_PORT", 8090),
            bot_url=os.environ.get("RELEVO_BOT_URL") or f"http://127.0.0.1:{bot_port}",
            actions_url=os.environ.get("RELEVO_ACTIONS_URL") or f"http://127.0.0.1:{actions_port}/webhook",
            data_dir=_folder("RELEVO_DATA_DIR", "var"),
            protocol_dir=_folder("RELEVO_PROTOCOL_DIR", "protocol"),
            models_dir=_folder("RELEVO_MODELS_DIR", "models"),
            desk_password=os.environ.get("RELEVO_DESK_PASSWORD") or None,
            secret=os.environ.get("RELEVO_SECRET") or None,
            host=os.environ.get("RELEVO_HOST") or "127.0.0.1",
            secure_cookies=os.environ.get("RELEVO_SECURE_COOKIES") == "1",
            chat_origins=_origins("RELEVO_CHAT_ORIGINS"),
            proxies=_number("RELEVO_PROXIES", 0, range(MAX_PROXIES + 1)),
            whatsapp=WhatsAppSettings.from_environment(),
            email_address=os.environ.get("EMAIL_ADDRESS") or "",
            email=EmailSettings.from_environment(),
        )

    def require_whole_email(self) -> None:
        """
        Raises:
            ConfigurationError: `EMAIL_ADDRESS` is set, so that others promise letters, and nothing else is.
        """
        if self.email_address and self.email is None:
            raise ConfigurationError(
                "E-mail is half set up; set EMAIL_PASSWORD, EMAIL_IMAP_URL and EMAIL_SMTP_URL too."
            )

    def key_for(self, purpose: str) -> str:
        """A key derived from the secret for one purpose, so that no two uses share a key.

        Raises:
            ConfigurationError: `RELEVO_SECRET` is not set or too short.
        """
        if not self.secret or len(self.secret) < MIN_SECRET_CHARACTERS:
            raise ConfigurationError(
                f"RELEVO_SECRET must be set to at least {MIN_SECRET_CHARACTERS} random characters; "
                "`relevo up` makes one for a local run, and `openssl rand -hex 32` makes one for a server."
            )
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def require_redis_url(self) -> str:
        """The address of Redis.

        Raises:
            ConfigurationError: `REDIS_URL` is not set.
        """
        if not self.redis_url:
            raise ConfigurationError(
                "REDIS_URL is not set. `relevo up` starts an embedded Redis and sets it; "
                "a process that is started alone needs it, for instance redis://127.0.0.1:6379/0."
            )
        return self.redis_url


def _port(name: str, default: int) -> int:
    return _number(name, default, range(1, MAX_PORT + 1))


def _number(name: str, default: int, allowed: range) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or int(value) not in allowed:
        raise ConfigurationError(
            f"{name} must be a number between {allowed.start} and {allowed.stop - 1}, not {value!r}."
        )
    return int(value)


def _origins(name: str) -> frozenset[str]:
    """Origins with spaces or commas between them."""
    origins = (os.environ.get(name) or "").replace(",", " ").split()
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ConfigurationError(
                f"{name} must hold origins such as https://shop.example, without a path, not {origin!r}."
            )
    return frozenset(origin.lower() for origin in origins)


def _folder(name: str, default: str) -> Path:
    return Path(os.environ.get(name) or PROJECT_ROOT / default).resolve()
