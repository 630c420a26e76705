"""What an e-mail says: whatever bytes it is made of, reading it never fails.

The text is its plain part, or that of its HTML; what it quotes of earlier mail, and the signature, are left
out. Python's parser takes ages over some forged headers, so these are cut before it sees them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

import quotequail
from email_validator import EmailNotValidError, validate_email
from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from relevo.channels.email.reports import Bounce, read_bounce
from relevo.channels.email.robots import is_automatic
from relevo.channels.webchat.incoming import clean, typed_words

MAX_CHARACTERS = 4_000
"""As on the web chat; a longer letter is cut."""
MAX_READ_CHARACTERS = 50_000
"""Of a part: a person's words, with all that they quote, are less."""
MAX_SUBJECT_CHARACTERS = 200
MAX_NAME_CHARACTERS = 100
MAX_PARTS = 50
MAX_ATTACHMENTS = 10
MAX_REFERENCES = 10
MAX_REFERENCE_CHARACTERS = 250
MAX_HEADERS_BYTES = 100_000
"""Mail servers take no more."""
MAX_HEADER_CHARACTERS = 4_000
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_LONG_HEADER = re.compile(rb"^(content-[a-z-]+:(?:[^\n]|\n[ \t]){1000})(?:[^\n]|\n[ \t])+", re.I | re.M)
_REFERENCE = re.compile(r"<[^\s<>]+>")
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
"""RFC 3676, 4.3; some programs drop the space at its end."""
_REPLY = re.compile(r"^\s*(?:(?:re|rv|fw|fwd|aw|rif|resp)\s*:\s*)+", re.IGNORECASE)
_PROVED = re.compile(r"\bdmarc\s*=\s*pass\b")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_PARSER = ParserConfig(display_links=False, display_images=False)


@dataclass(frozen=True)
class MailFile:
    """A file that came with a mail; what it is says its content alone."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """A mail as it was understood. Personal data are left out of `repr`, so they reach no log."""

    id: str
    """Digest of its Message-ID, or of all of it if it has none: the same when it is fetched again."""
    sender: str = field(repr=False)
    """The address in From; "" if there is none that could be answered."""
    name: str = field(repr=False)
    subject: str = field(repr=False)
    """Without the signs of a reply."""
    text: str = field(repr=False)
    references: tuple[str, ...] = field(repr=False)
    """Ids of the mails that led to it, the oldest first; its own is the last."""
    files: tuple[MailFile, ...] = field(repr=False)
    is_reply: bool
    is_automatic: bool
    """Whether no person wrote it to us (`robots`)."""
    authentication: str
    """The first `Authentication-Results`, in lower case: that of the last server, which is ours."""
    bounce: Bounce | None = None
    """What it reports of a letter that was not delivered."""

    @property
    def is_forged(self) -> bool:
        """Whether our mail server has found that its sender is another (DMARC, RFC 7489)."""
        return "dmarc=fail" in self.authentication

    def is_proved_by(self, authenticator: str) -> bool:
        """Whether our mail server, which calls itself so, has found that its sender is who it says."""
        server, _, results = self.authentication.partition(";")
        is_ours = bool(authenticator) and server.split()[:1] == [authenticator.lower()]
        return is_ours and bool(_PROVED.search(results))

    @property
    def said(self) -> str:
        """The words for the bot: the text, with the subject before it where that begins the talk."""
        begins = self.subject and not self.is_reply and self.subject.casefold() not in self.text.casefold()
        words = typed_words("\n".join([self.subject if begins else "", self.text]))
        return words[:MAX_CHARACTERS]


def read_mail(raw: bytes) -> Mail:
    """Understand a mail; what of it is broken is passed over."""
    message = _parsed(raw)
    headers = _headers(message)
    name, sender = _sender(headers.get("from", ""))
    own = _REFERENCE.findall(headers.get("message-id", ""))[:1]
    before = _REFERENCE.findall(f"{headers.get('references', '')} {headers.get('in-reply-to', '')}")
    led = [each for each in dict.fromkeys([*before, *own]) if len(each) <= MAX_REFERENCE_CHARACTERS]
    subject = headers.get("subject", "")
    parts = list(_parts(message))
    return Mail(
        id=hashlib.sha256(own[0].encode() if own else raw).hexdigest()[:32],
        sender=sender,
        name=name[:MAX_NAME_CHARACTERS],
        subject=_REPLY.sub("", subject)[:MAX_SUBJECT_CHARACTERS].strip(),
        text=_text(parts),
        references=tuple(led[-MAX_REFERENCES:]),
        files=tuple(_files(parts))[:MAX_ATTACHMENTS],
        is_reply=bool(before) or bool(_REPLY.match(subject)),
        is_automatic=is_automatic(headers, sender, message.get_content_type()),
        authentication=headers.get("authentication-results", "").lower(),
        bounce=read_bounce(message),
    )


def own_words(text: str) -> str:
    """What a writer has added to a mail that quotes earlier ones, without their signature.

    Of a mail that is all quotation, such as one passed on without a word, everything.
    """
    text = text.replace("\r\n", "\n")
    found = quotequail.unwrap(text)
    top = (found.get("text_top") or "") if found else text
    unsigned = _SIGNATURE.split(top, maxsplit=1)[0]
    return unsigned.strip() or top.strip() or text.strip()


def _parsed(raw: bytes) -> Message:
    end = _END_OF_HEADERS.search(raw)
    top, body = (raw[: end.start()], raw[end.start() :]) if end else (raw, b"")
    bounded = _LONG_HEADER.sub(rb"\1", top[:MAX_HEADERS_BYTES] + body)
    try:
        return message_from_bytes(bounded)
    except Exception:  # noqa: BLE001 - parts within parts without end, say: its headers must do
        return message_from_bytes(top[:MAX_HEADERS_BYTES] + b"\n\n")


def _headers(message: Message) -> dict[str, str]:
    """Headers by their names in small letters, decoded; of several with one name, the first."""
    raw = [(name.lower(), value) for name, value in message.raw_items()]
    return {name: _decoded_header(str(value)) for name, value in reversed(raw)}


def _decoded_header(value: str) -> str:
    text = value[:MAX_HEADER_CHARACTERS].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    with suppress(Exception):  # Forged encodings fail in many ways: it stays as it came.
        text = str(make_header(decode_header(text)))
    return " ".join(clean(text).split())


def _sender(text: str) -> tuple[str, str]:
    """Name and address of a sender; no address if none can be answered."""
    try:
        name, address = parseaddr(text)
        return name, str(validate_email(address, check_deliverability=False).normalized)
    except (EmailNotValidError, RecursionError):
        return "", ""


def _parts(message: Message) -> Iterator[Message]:
    """All that is no container, up to a limit; not what lies in a mail that is attached."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if part.get_content_maintype() == "message":
            continue
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list):
            waiting[:0] = [each for each in inner if isinstance(each, Message)]
        else:
            yield part


def _text(parts: list[Message]) -> str:
    shown = [part for part in parts if not _is_file(part)]
    plain = [part for part in shown if part.get_content_type() == "text/plain"]
    for part in plain:
        if words := own_words(_decoded(part)):
            return clean(words)[:MAX_CHARACTERS]
    for part in shown:
        if part.get_content_type() == "text/html" and (words := own_words(_from_html(_decoded(part)))):
            return clean(words)[:MAX_CHARACTERS]
    return ""


def _from_html(html: str) -> str:
    """The text that an HTML page shows, without the addresses of links."""
    try:
        text: str = get_text(html, _PARSER)
    except Exception:  # noqa: BLE001 - a parser that is given anything at all may raise anything at all
        return ""
    return _BLANK_LINES.sub("\n\n", text)


def _decoded(part: Message) -> str:
    """A part's text, by the character set that it names, or else by the one that fits."""
    content = _content(part)
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "windows-1252"):
        try:
            return content.decode(charset)[:MAX_READ_CHARACTERS]
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")[:MAX_READ_CHARACTERS]


def _files(parts: list[Message]) -> Iterator[MailFile]:
    for part in parts:
        if _is_file(part) and (content := _content(part)):
            yield MailFile(_file_name(part), content)


def _is_file(part: Message) -> bool:
    return part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment"


def _file_name(part: Message) -> str:
    try:
        return _decoded_header(part.get_filename() or "")
    except Exception:  # noqa: BLE001 - as `_decoded_header`
        return ""


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - as `_decoded_header`
        return b""
    return content if isinstance(content, bytes) else b""
