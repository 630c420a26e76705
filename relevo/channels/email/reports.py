"""What a mail server reports of a letter that it could not deliver (RFC 3464)."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_string
from email.message import Message

FAILED = "failed"
"""RFC 3464, 2.3.3: it has been given up; any other action, such as `delayed`, is no bad news."""
MAX_RETURNED_CHARACTERS = 20_000
"""Of the letter, whose headers are enough."""
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID = re.compile(r"<[^\s<>]{1,250}>")


@dataclass(frozen=True)
class Bounce:
    """A letter that came back."""

    message_id: str
    """As the returned letter has it."""
    status: str
    """RFC 3463: `5.1.1`, say, for an address that there is not."""

    @property
    def is_final(self) -> bool:
        """Whether the same would come of it again; not so of a full mailbox or a server that was away."""
        return self.status.startswith("5.")


def read_bounce(message: Message) -> Bounce | None:
    """What a mail reports of a letter that was given up; None if it is no such report."""
    with suppress(Exception):  # Forged reports fail in many ways: then it is none.
        return _read(message)
    return None


def _read(message: Message) -> Bounce | None:
    parts = message.get_payload() if message.get_content_type() == "multipart/report" else None
    if not isinstance(parts, list):
        return None
    by_type = {part.get_content_type(): part for part in reversed(parts) if isinstance(part, Message)}
    status = _status(by_type.get("message/delivery-status"))
    returned = _returned(by_type.get("message/rfc822"), by_type.get("text/rfc822-headers"))
    found = _MESSAGE_ID.search(str(returned["Message-ID"] or "")) if returned else None
    return Bounce(found[0], status) if status and found else None


def _status(report: Message | None) -> str:
    """The status of the first recipient whom the letter will not reach; "" if there is none."""
    groups = report.get_payload() if report else []
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, Message) and str(group["Action"] or "").strip().lower() == FAILED:
            found = _STATUS.search(str(group["Status"] or ""))
            return found[0] if found else ""
    return ""


def _returned(whole: Message | None, headers: Message | None) -> Message | None:
    if whole is not None:
        letters = whole.get_payload()
        return letters[0] if isinstance(letters, list) and isinstance(letters[0], Message) else None
    content = headers.get_payload(decode=True) if headers is not None else None
    if not isinstance(content, bytes):
        return None
    return message_from_string(content.decode("utf-8", "replace").lstrip()[:MAX_RETURNED_CHARACTERS])
