"""What the customer has told so far, beyond the latest message: so that nobody tells their story twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import TypeVar

from rasa_sdk import Tracker

from actions.action import Event

HAND_OFF = "action_hand_off"
OFFERED_TOPIC = "offered_topic"
DECLINE = "deny"
BARE_ANSWER = "bare_answer"
Found = TypeVar("Found")


def told(tracker: Tracker) -> list[str]:
    """The latest message after those that it only completes, the oldest first.

    Example:
        ["quiero cancelar mi pedido", "CJ-483920", "sí, por favor"]
    """
    return [_text(event) for event in reversed(_completed(tracker))]


def find_told(tracker: Tracker, find: Callable[[str], Found | None]) -> Found | None:
    """What `find` finds in the latest message, else in the bare answers right before it."""
    latest, *before = _completed(tracker)
    texts = [_text(event) for event in (latest, *filter(_is_bare_answer, before))]
    return next((found for text in texts if (found := find(text)) is not None), None)


def latest_entity(tracker: Tracker, kind: str) -> str:
    """The value of an entity that the customer named last since a person was last there; empty if none."""
    for event in _messages_backwards(tracker):
        for entity in (event.get("parse_data") or {}).get("entities") or []:
            if entity["entity"] == kind:
                return str(entity["value"])
    return ""


def also_asked(tracker: Tracker) -> str | None:
    """The second topic of a message that asked for two, as long as it is neither answered nor declined."""
    waiting: str | None = None
    is_offered = False
    for event in tracker.events:
        if _is_hand_off(event):
            waiting = None
        elif event["event"] == "slot" and event["name"] == OFFERED_TOPIC:
            is_offered = is_offered or event["value"] == waiting
        elif event["event"] == "user":
            parsed = event.get("parse_data") or {}
            topic = (parsed.get("intent") or {}).get("name")
            if topic == waiting or (is_offered and topic == DECLINE):
                waiting = None
            if parsed.get("also_asked"):
                waiting, is_offered = str(parsed["also_asked"]), False
    return waiting


def _completed(tracker: Tracker) -> list[Event]:
    """The latest message and those that it completes, the newest first, down to one that stands by itself."""
    found: list[Event] = []
    for event in _messages_backwards(tracker):
        found.append(event)
        if not ((event.get("parse_data") or {}).get("reading") or _title(event)):
            break
    return found


def _messages_backwards(tracker: Tracker) -> Iterator[Event]:
    """The customer's messages since the last hand-off, the newest first."""
    recent = takewhile(lambda event: not _is_hand_off(event), reversed(tracker.events))
    return (event for event in recent if event["event"] == "user")


def _is_hand_off(event: Event) -> bool:
    return event["event"] == "action" and event.get("name") == HAND_OFF


def _is_bare_answer(event: Event) -> bool:
    return (event.get("parse_data") or {}).get("reading") == BARE_ANSWER


def _title(event: Event) -> str:
    """The title of a pressed button; empty for what was typed."""
    return (event.get("metadata") or {}).get("title") or ""


def _text(event: Event) -> str:
    """What the customer reads as their message: the title of a button, or what they typed."""
    return _title(event) or event.get("text") or ""
