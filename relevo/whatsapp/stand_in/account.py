"""The business's side of the account: token, numbers, templates, webhook subscription."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

from relevo.whatsapp.stand_in.errors import (
    EXPIRED_SUBCODE,
    INVALID_SUBCODE,
    INVALID_TOKEN,
    NO_TOKEN,
    GraphError,
)
from relevo.whatsapp.stand_in.templates import Template

MESSAGING_SCOPE = "whatsapp_business_messaging"
MANAGEMENT_SCOPE = "whatsapp_business_management"
APP_ID = "4815162342"
MESSAGES_FIELD = "messages"


@dataclass
class Token:
    """An access token."""

    value: str
    expires_at: float = 0.0
    """UTC epoch seconds; 0 for one that never expires."""
    scopes: tuple[str, ...] = (MANAGEMENT_SCOPE, MESSAGING_SCOPE)
    is_revoked: bool = False

    def require_valid(self, now: float) -> None:
        """Raises GraphError if it is revoked or has expired."""
        if self.is_revoked:
            raise GraphError(INVALID_TOKEN, "the session has been invalidated", INVALID_SUBCODE)
        if self.expires_at and now >= self.expires_at:
            raise GraphError(INVALID_TOKEN, "the session has expired", EXPIRED_SUBCODE)

    def is_valid(self, now: float) -> bool:
        try:
            self.require_valid(now)
        except GraphError:
            return False
        return True

    def view(self, now: float) -> dict[str, Any]:
        """As `debug_token` tells it."""
        return {
            "app_id": APP_ID,
            "type": "SYSTEM_USER",
            "application": "Relevo",
            "expires_at": int(self.expires_at),
            "data_access_expires_at": 0,
            "is_valid": self.is_valid(now),
            "scopes": list(self.scopes),
        }


@dataclass
class PhoneNumber:
    """A number from which the business writes."""

    id: str
    display: str = "+52 55 5555 0142"
    verified_name: str = "Casa Jacaranda"
    quality: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"] = "GREEN"
    throughput: Literal["STANDARD", "HIGH", "NOT_APPLICABLE"] = "STANDARD"
    status: Literal["CONNECTED", "DISCONNECTED", "FLAGGED", "RESTRICTED", "BANNED"] = "CONNECTED"
    verification: Literal["VERIFIED", "NOT_VERIFIED", "EXPIRED"] = "VERIFIED"
    name_status: Literal["APPROVED", "PENDING_REVIEW", "DECLINED", "EXPIRED", "NONE"] = "APPROVED"

    @property
    def digits(self) -> str:
        """The number as webhooks write it."""
        return "".join(filter(str.isdecimal, self.display))

    def view(self) -> dict[str, Any]:
        """As the API reads it."""
        return {
            "verified_name": self.verified_name,
            "code_verification_status": self.verification,
            "display_phone_number": self.display,
            "quality_rating": self.quality,
            "platform_type": "CLOUD_API",
            "throughput": {"level": self.throughput},
            "status": self.status,
            "name_status": self.name_status,
            "id": self.id,
        }


@dataclass
class Subscription:
    """Where the app's webhooks go."""

    callback_url: str = ""
    verify_token: str = ""
    fields: tuple[str, ...] = (MESSAGES_FIELD,)
    is_active: bool = True

    def view(self, version: str) -> dict[str, Any]:
        """As the API lists it."""
        return {
            "object": "whatsapp_business_account",
            "callback_url": self.callback_url,
            "active": self.is_active,
            "fields": [{"name": name, "version": version} for name in self.fields],
        }


@dataclass
class Account:
    """A WhatsApp Business account (WABA) with one app."""

    token: Token
    app_secret: str
    numbers: dict[str, PhoneNumber]
    """By id."""
    id: str = "102290129340398"
    name: str = "Casa Jacaranda"
    templates: list[Template] = field(default_factory=list)
    subscription: Subscription | None = None
    app_is_subscribed: bool = True
    """Whether the app gets the account's webhooks at all."""

    @property
    def app_token(self) -> str:
        """What proves to be the app itself: its id and its secret."""
        return f"{APP_ID}|{self.app_secret}"

    def authorise(self, given: str, now: float) -> Token:
        """The token that a request carries.

        Raises:
            GraphError: none, another one, revoked, or expired.
        """
        if not given:
            raise GraphError(NO_TOKEN, "an access token is required to request this resource")
        if not secrets.compare_digest(given.encode(), self.token.value.encode()):
            raise GraphError(INVALID_TOKEN, "invalid OAuth access token", INVALID_SUBCODE)
        self.token.require_valid(now)
        return self.token
