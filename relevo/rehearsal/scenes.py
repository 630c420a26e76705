"""Conversations to rehearse: JSON lines with what a customer writes and what must come of it.

Blank lines are skipped, and keys that are not listed in `Scene` are notes of their writer. In a turn,
`{folio}` stands for the folio that the bot told last.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, validator

from relevo.channels.webchat.incoming import MAX_TEXT_CHARACTERS, NewMessage, Refused
from relevo.protocol import Language
from relevo.protocol.opening_hours import OpeningHours

PlayedChannel = Literal["webchat", "whatsapp"]
PLAYED_CHANNELS: tuple[PlayedChannel, ...] = get_args(PlayedChannel)
Outcome = Literal["handoff", "complaint_filed", "follow_up", "answered"]
MAX_TURNS = 500
DAYS_LOOKED_AT = 60
NOON_HOUR = 12
FORM = '{"id": "late-parcel", "lang": "en", "turns": ["where is my order?"], "expect": "answered"}'


class Scene(BaseModel):
    """One conversation."""

    id: str = Field(min_length=1)
    channel: PlayedChannel = "webchat"
    lang: Language | None = None
    """The language of the customer's page or phone; the company's own if left out."""
    turns: list[str] = Field(min_items=1, max_items=MAX_TURNS)
    expect: Outcome
    trigger: str | None = None
    """The trigger of the contingency plan by which a person must have got the conversation."""
    now: datetime | None = None
    """When the customer begins to write; without an offset, in the company's time zone."""

    @validator("turns", each_item=True)
    def _can_be_sent(cls, text: str) -> str:
        if len(text) > MAX_TEXT_CHARACTERS:
            raise ValueError(f"longer than {MAX_TEXT_CHARACTERS:,} characters; the chat refuses that")
        try:
            words_for_bot(text)
        except Refused as refused:
            raise ValueError("empty; the chat refuses that") from refused
        return text

    def begins_at(self, hours: OpeningHours, day: date) -> float:
        """When the customer begins to write, in UTC epoch seconds; `day`: from when on noon is looked for."""
        if self.now is None:
            return working_noon(hours, day)
        return (self.now if self.now.tzinfo else self.now.replace(tzinfo=hours.zone)).timestamp()


@dataclass
class Scenes:
    """What some files hold: good scenes, and `file:line: what is wrong` for each line that holds none."""

    scenes: list[Scene] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    """Where each scene stands, as `file:line`, by its id."""


def words_for_bot(text: str) -> str:
    """What the bot is given of a typed text.

    Raises:
        Refused: nothing is left of it.
    """
    return NewMessage(id="rehearsal", text=text).words_for_bot(set())


def working_noon(hours: OpeningHours, day: date) -> float:
    """Noon of the first weekday from `day` on that is no holiday and open then; UTC epoch seconds.

    For a company that is closed at noon, when it opens next; and noon of that day if it never does.
    """
    noons = [
        datetime.combine(day + timedelta(days=days), datetime.min.time(), tzinfo=hours.zone).replace(
            hour=NOON_HOUR
        )
        for days in range(DAYS_LOOKED_AT)
    ]
    for noon in noons:
        is_weekday = noon.isoweekday() <= 5  # noqa: PLR2004 - Friday
        if is_weekday and hours.is_open(noon.timestamp()):
            return noon.timestamp()
    return hours.next_open(noons[0].timestamp()) or noons[0].timestamp()


def read_scenes(files: Iterable[Path]) -> Scenes:
    """The scenes of all files, in their order; ids are unique among all of them."""
    found = Scenes()
    for file in files:
        for number, line in _lines(file, found):
            place = f"{file}:{number}"
            try:
                scene = _scene(line)
            except ValueError as error:
                found.problems.append(f"{place}: {error}")
                continue
            if scene.id in found.places:
                found.problems.append(f"{place}: the id {scene.id} is taken by {found.places[scene.id]}")
                continue
            found.places[scene.id] = place
            found.scenes.append(scene)
    return found


def _lines(file: Path, found: Scenes) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers."""
    try:
        content = file.read_bytes()
    except OSError as error:
        found.problems.append(f"{file}:1: can't be read ({error.strerror})")
        return
    lines = [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]
    if not lines:
        found.problems.append(f"{file}:1: holds no conversations; a line is like {FORM}")
    yield from lines


def _scene(line: bytes) -> Scene:
    """Raises ValueError, whose message says what is wrong with the line."""
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}; a line is like {FORM}") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits; a thousand brackets
        raise ValueError(f"not JSON; a line is like {FORM}") from error
    if not isinstance(record, dict):
        raise ValueError(f"no JSON object; a line is like {FORM}")
    try:
        return Scene(**_strict(record))
    except ValidationError as error:
        raise ValueError("; ".join(map(_in_words, error.errors()))) from error


def _strict(record: dict[str, Any]) -> dict[str, Any]:
    """The record's keys that a scene has; what pydantic would make text of must be text already.

    Raises:
        ValueError: a text is none.
    """
    known = {name: record[name] for name in Scene.__fields__ if name in record}
    for name in ("id", "trigger", "now"):
        if not isinstance(known.get(name), str | None):
            raise ValueError(f"{name}: must be a text")
    turns = known.get("turns")
    if isinstance(turns, list) and not all(isinstance(turn, str) for turn in turns):
        raise ValueError("turns: each one must be a text")
    return known


def _in_words(error: Any) -> str:
    place = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in error["loc"])
    return f"{place}: {error['msg']}"
