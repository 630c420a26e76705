"""WhatsApp webhooks in the hands of chance: other values, lost pieces, forged signatures.

Each request says what must come of it: 200 where nothing is wrong, a refusal where the signature is not the
body's, and otherwise anything but a fault of the server. The same seed gives the same requests.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from relevo.whatsapp.credentials import WEBHOOK_PATH
from relevo.whatsapp.signature import HEADER, sign
from relevo.whatsapp.stand_in.account import PhoneNumber
from relevo.whatsapp.stand_in.changes import message_change, status_change
from relevo.whatsapp.stand_in.customers import ChatMessage, Customer
from relevo.whatsapp.stand_in.webhooks import payload
from tests.fuzz.mutations import OF_BODIES, OF_RECORDS
from tests.fuzz.request import Request

ACCOUNT = "102290129340398"
POOL = 64
"""So many messages that differ: a repeat is dropped, so that the bot is not kept busy answering."""
MARKER = "tangerine-7319"
"""Stands in what customers write; no answer may hold it."""
MEGABYTE = 1024 * 1024
MEDIA = {"id": "1234567890", "mime_type": "image/png", "sha256": "00" * 32}
CONTENTS: dict[str, Any] = {
    "text": {"body": f"hola {MARKER}"},
    "image": {**MEDIA, "caption": MARKER},
    "audio": {**MEDIA, "mime_type": "audio/ogg; codecs=opus", "voice": True},
    "document": {**MEDIA, "mime_type": "application/pdf", "filename": "a.pdf"},
    "sticker": {**MEDIA, "mime_type": "image/webp"},
    "location": {"latitude": 19.4, "longitude": -99.1, "name": MARKER},
    "contacts": [{"name": {"formatted_name": MARKER}, "phones": [{"phone": "+525512345678"}]}],
    "interactive": {"type": "button_reply", "button_reply": {"id": "/affirm", "title": "Sí"}},
    "button": {"payload": "/affirm", "text": "Sí"},
    "reaction": {"message_id": "wamid.0", "emoji": "👍"},
    "order": {"catalog_id": "1", "product_items": [{"product_retailer_id": "x", "quantity": 1}]},
    "system": {"body": "changed", "type": "user_changed_number", "wa_id": "5215500000001"},
    "unsupported": None,
}


def requests(seed: int, number: str, app_secret: str) -> Iterator[Request]:
    """Requests without an end, for the webhook of a phone number with this id."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    while True:
        record = json.loads(_sound_body(chance, number))
        if chance.random() < 0.04:
            body = json.dumps(record).encode()
            yield Request(WEBHOOK_PATH, body, _signed(body, app_secret), is_sound=True)
            continue
        request = _mutated(chance, record, app_secret)
        yield request if chance.random() < 0.8 else _disguised(chance, request)


def _sound_body(chance: random.Random, number: str) -> bytes:
    business = PhoneNumber(number)
    changes = [_change(chance, business) for _ in range(chance.choice((1, 1, 1, 2, 5)))]
    return payload(ACCOUNT, changes, chance)


def _change(chance: random.Random, number: PhoneNumber) -> Any:
    which = chance.randrange(POOL)
    customer = Customer(f"52155000000{which:02}", MARKER)
    kind = list(CONTENTS)[which % len(CONTENTS)]
    content = copy.deepcopy(CONTENTS[kind])
    message = ChatMessage(f"wamid.fuzz-{which}", "to_business", kind, content, 1_764_000_000 + which)
    if chance.random() < 0.5:
        status = chance.choice(("sent", "delivered", "read", "failed"))
        return status_change(number, customer.wa_id, message, status, message.at)  # type: ignore[arg-type]
    return message_change(number, customer, replace(message, quotes=chance.choice(("", "wamid.0"))))


def _mutated(chance: random.Random, record: Any, app_secret: str) -> Request:
    """Something of the record is other than it should be; the signature is right, so that it is looked at."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        record = chance.choice(OF_RECORDS)(chance, record)
    body = json.dumps(record, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if chance.random() < 0.25:
        body = chance.choice(OF_BODIES)(chance, body)
    return Request(WEBHOOK_PATH, body, _signed(body, app_secret))


def _disguised(chance: random.Random, request: Request) -> Request:
    """The same request with other headers, another method, or a size that nobody wants."""
    ways: tuple[Callable[[random.Random, Request], Request], ...] = (
        *(_forge, _forge, _forge, _retype, _retype, _swell, _ask, _ask),
    )
    return chance.choice(ways)(chance, request)


def _forge(chance: random.Random, request: Request) -> Request:
    right = request.headers[HEADER]
    wrong = (
        *(
            "",
            "sha256=",
            right[:-1],
            right[:20],
            right + "0",
            right.replace("sha256", "sha1"),
            "sha256=" + "0" * 64,
        ),
        *("sha256=" + "é" * 10, right[::-1], "x" * 5000, sign(request.body + b" ", "another secret")),
    )
    chosen = chance.choice(wrong)
    headers = {**request.headers, HEADER: chosen.encode("ascii", "replace").decode()}
    if not chosen:
        del headers[HEADER]
    return replace(request, headers=headers, is_forged=True)


def _retype(chance: random.Random, request: Request) -> Request:
    types = (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "a" * 300,
    )
    return replace(request, headers={**request.headers, "Content-Type": chance.choice(types)})


def _swell(chance: random.Random, request: Request) -> Request:
    body = b'{"object":"' + b"x" * chance.choice((MEGABYTE // 4, MEGABYTE)) + b'"}'
    # Whatever the size: a body that nobody signed is refused.
    return Request(
        WEBHOOK_PATH, body, {HEADER: "sha256=" + "0" * 64, "Content-Type": "application/json"}, is_forged=True
    )


def _ask(chance: random.Random, request: Request) -> Request:
    """Verification by someone who does not know the token."""
    query = {
        "hub.mode": chance.choice(("subscribe", "unsubscribe", "", "x" * 500)),
        "hub.verify_token": chance.choice(("", "guess", "é" * 50, "\x00", MARKER)),
        "hub.challenge": chance.choice(("1", "<script>", "", "9" * 3000)),
    }
    for name in chance.sample(list(query), chance.randrange(2)):
        del query[name]
    return Request(WEBHOOK_PATH, method="GET", query=query, is_forged=True)


def _signed(body: bytes, app_secret: str) -> dict[str, str]:
    return {HEADER: sign(body, app_secret), "Content-Type": "application/json"}
