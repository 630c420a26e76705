"""Whether the settings are there, and look like what they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from relevo.whatsapp.credentials import Credentials
from relevo.whatsapp.doctor.finding import Finding, error, ok, warning

_VERSION = re.compile(r"v\d{1,2}\.\d")
_APP_SECRET = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"\d{8,20}")
_LOCAL = ("127.0.0.1", "localhost", "::1")
MIN_VERIFY_TOKEN = 16
WHERE = {
    "WHATSAPP_TOKEN": "make one for a system user: Business settings → System users → Generate token",
    "WHATSAPP_APP_SECRET": "copy it from the app's dashboard: App settings → Basic → App secret",
    "WHATSAPP_VERIFY_TOKEN": "make one with `openssl rand -hex 16` and enter it at the webhook too",
    "WHATSAPP_PHONE_NUMBER_ID": "copy the ID under the number: WhatsApp → API setup → Phone number ID",
    "WHATSAPP_WABA_ID": "copy it: WhatsApp → API setup → WhatsApp Business Account ID",
}
"""Where people find what is missing."""


def examine_configuration(credentials: Credentials) -> list[Finding]:
    """What the environment lacks, or what can't be right in it."""
    findings = [*_missing(credentials), *_malformed(credentials)]
    return findings or [ok("configuration", f"all settings are there; the API is {credentials.url}")]


def _missing(credentials: Credentials) -> Iterator[Finding]:
    given = (
        credentials.token,
        credentials.app_secret,
        credentials.verify_token,
        credentials.numbers,
        credentials.account,
    )
    for name, value in zip(WHERE, given, strict=True):
        if not value:
            yield error(name, "it is not set", WHERE[name])


def _malformed(credentials: Credentials) -> Iterator[Finding]:
    if credentials.app_secret and not _APP_SECRET.fullmatch(credentials.app_secret):
        told = "it doesn't look like an app secret, which has 32 of the characters 0-9 and a-f"
        yield error("WHATSAPP_APP_SECRET", told, WHERE["WHATSAPP_APP_SECRET"])
    if 0 < len(credentials.verify_token) < MIN_VERIFY_TOKEN:
        told = f"it has only {len(credentials.verify_token)} characters and could be guessed"
        yield warning("WHATSAPP_VERIFY_TOKEN", told, WHERE["WHATSAPP_VERIFY_TOKEN"])
    for number in credentials.numbers:
        if not _ID.fullmatch(number):
            told = f"{number!r} is no ID, which has digits only; it is not the phone number itself"
            yield error("WHATSAPP_PHONE_NUMBER_ID", told, WHERE["WHATSAPP_PHONE_NUMBER_ID"])
    if credentials.account and not _ID.fullmatch(credentials.account):
        told = f"{credentials.account!r} is no ID, which has digits only"
        yield error("WHATSAPP_WABA_ID", told, WHERE["WHATSAPP_WABA_ID"])
    if not _VERSION.fullmatch(credentials.version):
        told = f"{credentials.version!r} is no version of the API"
        yield error("WHATSAPP_API_VERSION", told, "write it like v21.0, or leave it out")
    address = urlsplit(credentials.url)
    if address.scheme != "https" and address.hostname not in _LOCAL:
        told = "the token would travel unencrypted"
        yield error("WHATSAPP_API_URL", told, "write https://graph.facebook.com, or leave it out")
