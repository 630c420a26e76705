"""Meta's signature of a webhook: nothing is done for whoever can't sign."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


def sign(body: bytes, app_secret: str) -> str:
    """The value of the header for a body."""
    return _PREFIX + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, signature: str | None, app_secret: str) -> bool:
    """Whether a signature is that of the raw body; compared in constant time."""
    return hmac.compare_digest(sign(body, app_secret).encode(), (signature or "").encode("utf-8", "replace"))
