"""Which mail no person wrote to us: answered automatically, two robots would write to each other for ever.

By RFC 3834 (automatic responses), RFC 2919 and 2369 (mailing lists) and RFC 3464 (delivery reports), and what
servers and answering machines set that are older than these.
"""

from __future__ import annotations

from collections.abc import Mapping

_BULK = ("bulk", "junk", "list", "auto_reply")
_PRESENT = (
    *("list-id", "list-post", "list-unsubscribe", "feedback-id"),
    *("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-failed-recipients"),
)
_SENDERS = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "no_reply")
_REPORTS = ("multipart/report", "message/delivery-status", "message/disposition-notification")


def is_automatic(headers: Mapping[str, str], sender: str, content_type: str) -> bool:
    """Whether a robot, a mailing list or a mail server wrote a message.

    Args:
        headers: by their names in small letters.
        sender: the address that it is from.
    """
    submitted = headers.get("auto-submitted", "").split(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or headers.get("precedence", "").strip().lower() in _BULK
        or headers.get("return-path", "").strip() == "<>"
        or any(name in headers for name in _PRESENT)
        or sender.partition("@")[0].lower() in _SENDERS
        or content_type in _REPORTS
    )
