"""A company's whole protocol. One attribute is one file of the folder; their models are in `parts`.

What a part says of itself is checked there; what parts say of each other (names that must exist) is checked
by `references`, and what is allowed but unwise by `lint`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from relevo.protocol.opening_hours import OpeningHours
from relevo.protocol.parts.base import LANGUAGES, Language, Name, Part, Text, Wordings
from relevo.protocol.parts.business import Business
from relevo.protocol.parts.channels import Channel, ChannelName, on_channel
from relevo.protocol.parts.company import Company
from relevo.protocol.parts.complaints import Complaints
from relevo.protocol.parts.contingency import Contingency, Priority, Trigger
from relevo.protocol.parts.ground_rules import GroundRules
from relevo.protocol.parts.notices import Notice
from relevo.protocol.parts.privacy import Privacy
from relevo.protocol.parts.roster import Roster
from relevo.protocol.parts.service import Service
from relevo.protocol.parts.topics import Topic
from relevo.protocol.parts.words import Words

__all__ = ["LANGUAGES", "Language", "Protocol", "Text", "Wordings"]


class Protocol(Part):
    """Every part of the protocol."""

    company: Company
    roster: Roster
    service: Service
    ground_rules: GroundRules
    channels: dict[ChannelName, Channel]
    topics: dict[Name, Topic]
    contingency: Contingency
    complaints: Complaints
    privacy: Privacy
    notices: dict[Name, Notice]
    business: Business
    words: dict[Name, Words]
    hash: str
    """Digest of the files' contents: equal hashes mean the same protocol."""

    def area_of(self, topic: str) -> str:
        """The area that a topic belongs to; the first one if it belongs to none."""
        for name, area in self.roster.areas.items():
            if topic in area.topics:
                return name
        return next(iter(self.roster.areas))

    def area_for(self, trigger: Trigger, topic: str) -> str:
        """Who takes a case: the trigger's area, that of the spokesperson for its party, else the topic's."""
        if trigger.area:
            return trigger.area
        speaker = self.business.speaker_to(trigger.party) if trigger.party else None
        return self.roster.people[speaker].area if speaker else self.area_of(topic)

    def notices_in_force(self, day: date, channel: str) -> dict[str, Notice]:
        """What customers on a channel must know on a day."""
        return {
            name: notice
            for name, notice in self.notices.items()
            if notice.is_in_force(day) and channel in notice.channels and notice.audience != "staff"
        }

    def greeting(self, channel: ChannelName, language: Language, day: date) -> str:
        """What the assistant greets with on a channel, the notices that belong in greetings included."""
        rules = self.channels[channel]
        greeting = rules.letters.greeting if rules.letters else rules.greeting
        notices = self.notices_in_force(day, channel).values()
        announced = [notice.short.in_language(language) for notice in notices if notice.in_greeting]
        return " ".join([greeting.in_language(language), *announced])

    def rank_of(self, priority: Priority) -> int:
        """The order of a priority in a line: 0 comes first."""
        return list(self.contingency.targets).index(priority)

    def hours_of(self, area: str) -> OpeningHours:
        """When an area's people are at work: its own periods, else the company's; the company's holidays."""
        known = self.roster.areas.get(area)
        return self.company.hours.with_weekly(known.weekly if known else None)

    def first_response_by(self, priority: Priority, channel: str, area: str, now: float) -> float:
        """By when a person must answer, UTC epoch seconds: the stricter of priority and channel.

        Where a channel allows the same day, as for letters, that is so for all but the gravest. Counted in
        the area's opening hours, as all targets.
        """
        hours, seconds = self.hours_of(area), int(self.contingency.targets[priority].first_response)
        rules = on_channel(self.channels, channel)
        known = [rules.first_response] if rules else []
        if known and known[0].is_same_day and self.rank_of(priority):
            return hours.end_of_day(now)
        return hours.deadline(now, min([seconds, *map(int, known)]))

    def next_response_by(self, priority: Priority, area: str, now: float) -> float:
        """By when a person must answer what a customer writes now, after the first answer."""
        return self.hours_of(area).deadline(now, self.contingency.targets[priority].next_response)

    def resolution_by(self, priority: Priority, area: str, now: float) -> float:
        """By when a case that is opened now must be resolved."""
        return self.hours_of(area).deadline(now, self.contingency.targets[priority].resolution)

    def complaint_answer_by(self, area: str, now: float) -> float:
        """By when a complaint filed now must be answered by its procedure, UTC epoch seconds."""
        allowed = [step.within for step in self.complaints.procedure if step.step == "answer" and step.within]
        by_plan = self.contingency.targets[self.complaints.priority].resolution
        return self.hours_of(area).deadline(now, int(allowed[0] if allowed else by_plan))

    def say(self, name: str, language: Language, *, channel: str = "", **values: Any) -> str:
        """The first wording of a message with its placeholders filled; for what is said outside the bot.

        Args:
            channel: where a customer reads it; "" for what staff read.
        """
        return self.words[name].on(channel).in_language(language)[0].format(**values)
