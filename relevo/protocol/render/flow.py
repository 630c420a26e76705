"""The contingency plan as a picture: a message passes the triggers in their order until one holds.

Each step is a strip of its own. Strips join without a seam, so that a page can break between any two. Wide,
the outcome stands beside its condition; narrow, below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from relevo.protocol.conditions import names_event
from relevo.protocol.parts.business import Party
from relevo.protocol.parts.contingency import Priority, Trigger
from relevo.protocol.render.blocks import Outline, Picture
from relevo.protocol.render.conditions import describe
from relevo.protocol.render.svg import Font, box, drawing, lines_of_text, number, path, text_width, wrap
from relevo.protocol.render.voice import Voice

TITLE, TEXT = Font("flow-title", 14, 1.06), Font("flow-text", 12.5)
SIGN, LABEL = Font("flow-sign", 11.5, 1.04), Font("flow-label", 12)
PADDING, GAP = 13, 24


@dataclass(frozen=True)
class Layout:
    """Widths and places from left to right, in pixels."""

    condition_width: float
    outcome_x: float
    outcome_width: float
    is_stacked: bool
    """Whether outcomes stand below their conditions."""

    @property
    def width(self) -> float:
        return self.outcome_x + self.outcome_width

    @property
    def axis(self) -> float:
        """Where the line goes down: under the conditions, or left of the outcomes."""
        return 16.0 if self.is_stacked else self.condition_width / 2


WIDE = Layout(condition_width=420, outcome_x=500, outcome_width=360, is_stacked=False)
NARROW = Layout(condition_width=330, outcome_x=34, outcome_width=296, is_stacked=True)


@dataclass(frozen=True)
class Stage:
    """One trigger as the picture shows it."""

    title: str
    condition: str
    outcome: str
    priority: Priority
    sign: str
    """The priority's title."""


def what_follows(voice: Voice, trigger: Trigger) -> str:
    """The outcome in words, with the area that takes the case."""
    outcome = _outcome_alone(voice, trigger)
    if trigger.answer == "first":
        return voice("outcomes.answer_first", outcome=outcome[:1].lower() + outcome[1:])
    return outcome


def _outcome_alone(voice: Voice, trigger: Trigger) -> str:
    if trigger.outcome == "hand_off" and trigger.party:
        return voice("outcomes.hand_off_to_spokesperson", **_spokesperson(voice, trigger.party))
    if trigger.outcome == "hand_off" and trigger.area is None:
        return voice("outcomes.hand_off_by_topic")
    return voice(f"outcomes.{trigger.outcome}", area=voice.area(trigger.area or ""))


def _spokesperson(voice: Voice, party: Party) -> dict[str, str]:
    speaker = voice.protocol.business.speaker_to(party)
    person = voice.protocol.roster.people.get(speaker or "")
    return {"person": person.name if person else "", "area": voice.area(person.area if person else "")}


def picture_of(voice: Voice) -> Picture:
    """Two lanes: what a message may set off, and what happens without one."""
    triggers = voice.protocol.contingency.triggers
    stages = [(trigger, _stage(voice, place, trigger)) for place, trigger in enumerate(triggers, 1)]
    by_message = [stage for trigger, stage in stages if not names_event(trigger.when)]
    by_event = [stage for trigger, stage in stages if names_event(trigger.when)]
    lanes = [(voice("contingency.message"), by_message, voice("contingency.otherwise"))]
    if by_event:
        lanes.append((voice("contingency.event"), by_event, voice("contingency.no_event")))
    wide, narrow = (
        tuple(strip for start, stages, end in lanes for strip in _lane(voice, layout, start, stages, end))
        for layout in (WIDE, NARROW)
    )
    outline = tuple(_outline(start, stages, end) for start, stages, end in lanes)
    return Picture(voice("contingency.flow"), wide, narrow, outline)


def _stage(voice: Voice, place: int, trigger: Trigger) -> Stage:
    condition = describe(trigger.when, voice)
    return Stage(
        f"{place}. {voice.of(trigger.title)}",
        condition[:1].upper() + condition[1:],
        what_follows(voice, trigger),
        trigger.priority,
        voice(f"priorities.{trigger.priority}"),
    )


def _outline(start: str, stages: Sequence[Stage], end: str) -> Outline:
    below = [Outline(f"{stage.condition} → {stage.outcome} ({stage.sign})") for stage in stages]
    return Outline(start, (*below, Outline(end)))


def _lane(voice: Voice, layout: Layout, start: str, stages: Sequence[Stage], end: str) -> Iterable[str]:
    yes, no = voice("contingency.yes"), voice("contingency.no")
    strip = _stacked if layout.is_stacked else _beside
    yield _end(layout, start, "flow-start")
    for stage in stages:
        yield strip(layout, stage, yes, no)
    yield _end(layout, end, "flow-end")


def _end(layout: Layout, text: str, look: str) -> str:
    """The rounded field at the beginning or the end of a lane."""
    lines = wrap(text, TITLE, layout.condition_width - 60)
    width = min(layout.condition_width, max(text_width(line, TITLE) for line in lines) + 44)
    height = len(lines) * TITLE.line_height + 2 * PADDING - 6
    left = 0 if layout.is_stacked else layout.axis - width / 2
    pieces = [
        box(look, (left + 1, 1), (width - 2, height), height / 2),
        *lines_of_text(lines, TITLE, left + 22, PADDING - 3),
        *(_down(layout, height + 1, height + GAP) if look == "flow-start" else []),
    ]
    return drawing(layout.width, height + GAP, pieces)


def _beside(layout: Layout, stage: Stage, yes: str, no: str) -> str:
    """Condition and outcome side by side, both as high as the higher one."""
    height = max(_condition_height(layout, stage), _outcome_height(layout, stage))
    middle, start, end = height / 2, layout.condition_width, layout.outcome_x
    pieces = [
        *_condition(layout, stage, height),
        *_outcome(layout, stage, 0, height),
        *_across(start, end, middle),
        *lines_of_text([yes], LABEL, (start + end) / 2 - 10, middle - 20),
        *_down(layout, height, height + GAP),
        *lines_of_text([no], LABEL, layout.axis + 8, height + 3),
    ]
    return drawing(layout.width, height + GAP, pieces)


def _stacked(layout: Layout, stage: Stage, yes: str, no: str) -> str:
    """The outcome below its condition, beside the line that goes on down."""
    top = _condition_height(layout, stage)
    height = _outcome_height(layout, stage)
    bottom = top + GAP + height + GAP
    pieces = [
        *_condition(layout, stage, top),
        *_outcome(layout, stage, top + GAP, height),
        *_across(layout.axis, layout.outcome_x, top + GAP + height / 2),
        *lines_of_text([yes], LABEL, layout.outcome_x + 2, top + 4),
        *_down(layout, top, bottom),
        *lines_of_text([no], LABEL, layout.axis + 8, bottom - GAP + 3),
    ]
    return drawing(layout.width, bottom, pieces)


def _condition_height(layout: Layout, stage: Stage) -> float:
    title, text = _condition_lines(layout, stage)
    return len(title) * TITLE.line_height + len(text) * TEXT.line_height + 2 * PADDING


def _condition_lines(layout: Layout, stage: Stage) -> tuple[list[str], list[str]]:
    inner = layout.condition_width - 2 * PADDING
    return wrap(stage.title, TITLE, inner), wrap(stage.condition, TEXT, inner)


def _condition(layout: Layout, stage: Stage, height: float) -> list[Markup]:
    title, text = _condition_lines(layout, stage)
    top = (height - _condition_height(layout, stage)) / 2 + PADDING - 1
    return [
        box("flow-condition", (1, 1), (layout.condition_width - 2, height - 2)),
        *lines_of_text(title, TITLE, PADDING, top),
        *lines_of_text(text, TEXT, PADDING, top + len(title) * TITLE.line_height),
    ]


def _outcome_height(layout: Layout, stage: Stage) -> float:
    return len(_outcome_lines(layout, stage)) * TITLE.line_height + 2 * PADDING


def _outcome_lines(layout: Layout, stage: Stage) -> list[str]:
    return wrap(stage.outcome, TITLE, layout.outcome_width - 3 * PADDING - _sign_width(stage))


def _sign_width(stage: Stage) -> float:
    return text_width(stage.sign, SIGN) + 18


def _outcome(layout: Layout, stage: Stage, y: float, height: float) -> list[Markup]:
    """The outcome, with its priority as a sign on the right."""
    middle, sign_width = y + height / 2, _sign_width(stage)
    sign_x = layout.width - PADDING - sign_width
    sign = replace(SIGN, look=f"{SIGN.look} {stage.priority}")
    top = middle - (_outcome_height(layout, stage) / 2 - PADDING) - 1
    return [
        box(
            f"flow-outcome {stage.priority}",
            (layout.outcome_x + 1, y + 1),
            (layout.outcome_width - 2, height - 2),
        ),
        *lines_of_text(_outcome_lines(layout, stage), TITLE, layout.outcome_x + PADDING, top),
        box(f"flow-priority {stage.priority}", (sign_x, middle - 10), (sign_width, 20), 10),
        *lines_of_text([stage.sign], sign, sign_x + 9, middle - 7.5),
    ]


def _across(start: float, end: float, y: float) -> list[Markup]:
    """An arrow to the right."""
    return [
        path("flow-line", f"M{number(start)} {number(y)}", f"H{number(end - 2)}"),
        path("flow-head", f"M{number(end)} {number(y)}", "l-8 -4.5", "v9z"),
    ]


def _down(layout: Layout, top: float, bottom: float) -> list[Markup]:
    """An arrow down to the next strip."""
    return [
        path("flow-line", f"M{number(layout.axis)} {number(top)}", f"V{number(bottom - 2)}"),
        path("flow-head", f"M{number(layout.axis)} {number(bottom)}", "l-4.5 -8", "h9z"),
    ]
