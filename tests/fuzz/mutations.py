"""What can go wrong with a record and with the bytes that tell it."""

from __future__ import annotations

import copy
import random
from typing import Any

STRANGE: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**63, 10**400, 1.5e308, "", " ", "\x00", "\ud800", "\u202e", "null", [], {}, [[]]),
    *("x" * 70_000, "' OR 1=1 --", "../../etc/passwd", "{{7*7}}", "%s%n", "/restart", "wamid.0", "1e309"),
    *({"$ne": None}, {"__proto__": {}}, {"type": "text"}, ["text"], "Ⅷ", "١٢٣", "🤷‍♀️" * 500),
)


def _places(record: Any) -> list[tuple[Any, Any]]:
    """All containers with their keys."""
    places: list[tuple[Any, Any]] = []
    waiting = [record] if isinstance(record, dict | list) else []
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else list(range(len(container)))
        places += [(container, key) for key in keys]
        waiting += [container[key] for key in keys if isinstance(container[key], dict | list)]
    return places


def replace_value(chance: random.Random, record: Any) -> Any:
    places = _places(record)
    if not places or chance.random() < 0.02:
        return copy.deepcopy(chance.choice(STRANGE))
    container, key = chance.choice(places)
    container[key] = copy.deepcopy(chance.choice(STRANGE))
    return record


def remove_value(chance: random.Random, record: Any) -> Any:
    if places := _places(record):
        container, key = chance.choice(places)
        del container[key]
    return record


def double_entry(chance: random.Random, record: Any) -> Any:
    lists = (
        [one for one, key in _places(record) if isinstance(one, list)]
        if isinstance(record, dict | list)
        else []
    )
    if lists:
        chosen = chance.choice(lists)
        chosen += [copy.deepcopy(chance.choice(chosen)) for _ in range(chance.choice((1, 3, 50)))]
    return record


def rename_key(chance: random.Random, record: Any) -> Any:
    places = (
        [place for place in _places(record) if isinstance(place[0], dict)] if isinstance(record, dict) else []
    )
    if places:
        container, key = chance.choice(places)
        container[chance.choice(("type", "id", "", "x" * 300, "messages", "statuses"))] = container.pop(key)
    return record


def bury_value(chance: random.Random, record: Any) -> Any:
    if places := _places(record):
        container, key = chance.choice(places)
        for _ in range(chance.choice((1, 20, 200))):
            container[key] = [container[key]]
    return record


def cut(chance: random.Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def flip_bits(chance: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.choice((1, 8))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def insert_bytes(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    piece = chance.choice(
        (b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b'"', b"}", b"NaN", b"-Infinity", b"9" * 5000)
    )
    return body[:at] + piece + body[at:]


def wrap_in_lists(chance: random.Random, body: bytes) -> bytes:
    depth = chance.choice((1, 1_000, 100_000))
    return b"[" * depth + body + b"]" * depth


OF_RECORDS = (replace_value, replace_value, remove_value, double_entry, rename_key, bury_value)
OF_BODIES = (cut, flip_bits, insert_bytes, wrap_in_lists)
