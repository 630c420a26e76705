"""The course that a conversation takes under a plan: the decisions, and the cases that people get by them.

The same rules as in the contingency policy: what was said before a hand-off no longer counts, while one waits
only what stands above it in the plan makes it graver, and inside a form only a hand-off comes between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from relevo.dialogue.contingency import Situation, decide, decide_after_form
from relevo.dialogue.heard import Heard
from relevo.protocol import Protocol
from relevo.protocol.parts.contingency import Priority, Trigger
from relevo.what_if.moments import Moment, Return

HAND_OFF = "hand_off"


@dataclass(frozen=True)
class Decided:
    """What a plan does at a message."""

    trigger: str
    outcome: str
    area: str
    priority: Priority


@dataclass(frozen=True)
class OpenedCase:
    """A case that people get: when it is opened (UTC epoch seconds), and where it stands in the end."""

    at: float
    area: str
    priority: Priority


@dataclass
class Course:
    """What comes of a conversation."""

    decisions: dict[int, Decided] = field(default_factory=dict)
    """By the number of the message."""
    waits: set[int] = field(default_factory=set)
    """Numbers of the messages that are written while a hand-off waits for a person."""
    cases: list[OpenedCase] = field(default_factory=list)


class Plan:
    """A protocol's contingency plan with all that it looks at besides the messages."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._plan = protocol.contingency
        topics = protocol.topics
        self._small_talk = frozenset(name for name, topic in topics.items() if topic.is_small_talk)
        self._answered = frozenset(name for name, topic in topics.items() if topic.answers)

    def course(self, moments: Iterable[Moment | Return]) -> Course:
        """Decide over a conversation."""
        course = Course()
        said: list[Heard] = []
        waiting: Trigger | None = None
        topic = ""
        for moment in moments:
            if isinstance(moment, Return):
                said, waiting = [], None
                continue
            if not moment.failures:
                said.append(moment.heard)
            if waiting:
                course.waits.add(moment.number)
            topic = self._matter(moment.heard, topic)
            trigger = self._decide(moment, said, waiting)
            if trigger is None:
                continue
            decided = self._decided(trigger, topic)
            course.decisions.setdefault(moment.number, decided)
            if trigger.outcome == HAND_OFF:
                self._open_case(course, moment.heard.at, decided, is_waiting=waiting is not None)
                said, waiting = [], trigger
        return course

    def _decide(self, moment: Moment, said: Sequence[Heard], waiting: Trigger | None) -> Trigger | None:
        situation = self._situation(moment, said)
        triggers: Sequence[Trigger] = self._plan.triggers
        if waiting and situation.is_open:
            triggers = [trigger for trigger in self._above(waiting) if trigger.outcome == HAND_OFF]
        found = (decide_after_form if moment.failures else decide)(triggers, situation)
        if found is None or (moment.heard.in_form and found.trigger.outcome != HAND_OFF):
            return None
        return found.trigger

    def _above(self, waiting: Trigger) -> list[Trigger]:
        ids = [trigger.id for trigger in self._plan.triggers]
        return self._plan.triggers[: ids.index(waiting.id)]

    def _situation(self, moment: Moment, said: Sequence[Heard]) -> Situation:
        hours, at = self._protocol.company.hours, moment.heard.at
        day = hours.local(at).date()
        return Situation(
            heard=said,
            channel=moment.channel,
            is_open=hours.is_open(at),
            small_talk=self._small_talk,
            notices=frozenset(
                name
                for name, notice in self._protocol.notices.items()
                if notice.is_in_force(day) and moment.channel in notice.channels
            ),
            earlier_cases=moment.earlier_cases,
            mxn_per_usd=self._plan.mxn_per_usd,
            now=at,
            failures=moment.failures,
        )

    def _matter(self, heard: Heard, before: str) -> str:
        """What the customer came for: the last topic that is more than small talk or a call for a person."""
        is_matter = heard.topic in self._answered - self._small_talk
        return heard.topic if is_matter or not before else before

    def _decided(self, trigger: Trigger, topic: str) -> Decided:
        area = self._protocol.area_for(trigger, topic)
        return Decided(trigger.id, trigger.outcome, area, trigger.priority)

    def _open_case(self, course: Course, at: float, decided: Decided, *, is_waiting: bool) -> None:
        """A customer has one open hand-off: a graver reason gives it another place."""
        if not is_waiting:
            course.cases.append(OpenedCase(at, decided.area, decided.priority))
            return
        present = course.cases[-1]
        if self._protocol.rank_of(decided.priority) < self._protocol.rank_of(present.priority):
            course.cases[-1] = replace(present, area=decided.area, priority=decided.priority)
