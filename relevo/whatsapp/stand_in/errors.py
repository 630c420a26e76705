"""The Graph API's errors: codes, HTTP statuses and the shape in which they are told.

Source: Meta's documentation, "Cloud API error codes".
"""

from __future__ import annotations

from typing import Any, Final

NO_TOKEN: Final = 0
PERMISSION: Final = 10
INVALID_PARAMETER: Final = 100
INVALID_TOKEN: Final = 190
BLOCKED: Final = 368
THROUGHPUT: Final = 130429
MISSING_PARAMETER: Final = 131008
INVALID_VALUE: Final = 131009
SAME_NUMBER: Final = 131021
UNDELIVERABLE: Final = 131026
LOCKED: Final = 131031
WINDOW_CLOSED: Final = 131047
MARKETING_STOPPED: Final = 131050
UNSUPPORTED_TYPE: Final = 131051
MEDIA_UPLOAD: Final = 131053
PAIR_RATE: Final = 131056
TEMPLATE_PARAMETER_COUNT: Final = 132000
TEMPLATE_MISSING: Final = 132001
TEMPLATE_TOO_LONG: Final = 132005
TEMPLATE_FORMAT: Final = 132012
TEMPLATE_PAUSED: Final = 132015
TEMPLATE_DISABLED: Final = 132016

EXPIRED_SUBCODE: Final = 463
INVALID_SUBCODE: Final = 467
NO_OBJECT_SUBCODE: Final = 33

KNOWN: dict[int, tuple[int, str]] = {
    NO_TOKEN: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    PERMISSION: (403, "Permission Denied"),
    INVALID_PARAMETER: (400, "Invalid parameter"),
    INVALID_TOKEN: (401, "Error validating access token"),
    200: (403, "API Permission"),
    BLOCKED: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    THROUGHPUT: (400, "Rate limit hit"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    MISSING_PARAMETER: (400, "Required parameter is missing"),
    INVALID_VALUE: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    SAME_NUMBER: (400, "Recipient cannot be sender"),
    UNDELIVERABLE: (400, "Message Undeliverable"),
    LOCKED: (403, "Account has been locked"),
    WINDOW_CLOSED: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    MARKETING_STOPPED: (400, "User has stopped marketing messages from this business"),
    UNSUPPORTED_TYPE: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    MEDIA_UPLOAD: (400, "Media upload error"),
    PAIR_RATE: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    TEMPLATE_PARAMETER_COUNT: (400, "Number of parameters does not match the expected number of params"),
    TEMPLATE_MISSING: (404, "Template name does not exist in the translation"),
    TEMPLATE_TOO_LONG: (400, "Translated text too long"),
    132007: (400, "Template content policy violated"),
    TEMPLATE_FORMAT: (400, "Parameter format does not match format in the created template"),
    TEMPLATE_PAUSED: (400, "Template is paused"),
    TEMPLATE_DISABLED: (400, "Template is disabled"),
}
"""By code: the HTTP status and the title."""


class GraphError(Exception):
    """A request that is refused, or a message that fails later."""

    def __init__(self, code: int, details: str = "", subcode: int | None = None) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details
        self.subcode = subcode

    @property
    def status(self) -> int:
        """The HTTP status of a refusal."""
        return KNOWN[self.code][0]

    @property
    def title(self) -> str:
        return KNOWN[self.code][1]

    def answer(self, trace: str) -> dict[str, Any]:
        """The body of a refusal; `trace` identifies it to Meta's support."""
        told: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
        }
        if self.subcode is not None:
            told["error_subcode"] = self.subcode
        if self.details:
            told["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": {**told, "fbtrace_id": trace}}

    def in_status(self) -> dict[str, Any]:
        """How a `failed` status tells it."""
        told: dict[str, Any] = {"code": self.code, "title": self.title, "message": self.title}
        return {**told, "error_data": {"details": self.details}} if self.details else told
