"""Names that parts of a protocol use of each other, and names that the product needs: all must exist.

Each function looks at the parts that its entry in `_CHECKS` names; it runs when those parts are sound.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import get_args

from relevo.protocol.conditions import intents_of, nested
from relevo.protocol.lint.walk import texts_within
from relevo.protocol.parts.base import placeholders
from relevo.protocol.parts.contingency import Priority
from relevo.protocol.parts.topics import Topic
from relevo.protocol.parts.words import Words
from relevo.protocol.problems import At, Finding, did_you_mean
from relevo.protocol.required import (
    ACTED_TOPICS,
    CLOSING,
    FOLLOW_UP_NOTES,
    MESSENGERS,
    NOT_ANSWERED,
    NOTICE_PREFIX,
    PRODUCT_INTENTS,
    REQUIRED_CHANNELS,
    REQUIRED_TOPICS,
    REQUIRED_TRIGGER,
    REQUIRED_WORDS,
    TRIGGER_PLACEHOLDERS,
)
from relevo.protocol.schema import Protocol


def find_dangling(protocol: Protocol, sound: Collection[str]) -> Iterator[Finding]:
    """What refers to something that is not there.

    Args:
        protocol: may lack parts.
        sound: the parts that it has.
    """
    for parts, check in _CHECKS:
        if set(parts) <= set(sound):
            yield from check(protocol)


def _unknown(at: At, kind: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Finding]:
    """Findings for those of some names that are not known; a list's entries stand in their own lines."""
    known = list(known)
    for i, name in enumerate(names):
        yield from _is_unknown((*at, i), kind, name, known)


def _is_unknown(at: At, kind: str, name: str | None, known: Iterable[str]) -> Iterator[Finding]:
    known = list(known)
    if name is not None and name not in known:
        yield Finding(at, f'there is no {kind} "{name}"', did_you_mean(name, known))


def _topics(protocol: Protocol) -> Iterator[Finding]:
    for name, topic in protocol.topics.items():
        yield from _unknown(("topics", name, "quick_replies"), "topic", topic.quick_replies, protocol.topics)
        is_answered = bool(topic.answers or topic.channels)
        if not is_answered and name not in ACTED_TOPICS:
            advice = "add answers, or take the topic out"
            yield Finding(("topics", name), "nothing is answered to this topic", advice)
        if topic.channels and not topic.answers:
            message = "the topic has answers for some channels only"
            yield Finding(("topics", name), message, "add answers that hold everywhere")


def _required_topics(protocol: Protocol) -> Iterator[Finding]:
    for name in REQUIRED_TOPICS:
        if name not in protocol.topics:
            message = f'the topic "{name}", which customers ask, is missing'
            own = set(protocol.topics) - set(REQUIRED_TOPICS)
            advice = did_you_mean(name, own, f'add "{name}:" to a file in topics/')
            yield Finding(("topics",), message, advice)


def _triggers(protocol: Protocol) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for i, trigger in enumerate(protocol.contingency.triggers):
        at: At = ("contingency", "triggers", i)
        yield from _unknown((*at, "recovery"), "recovery", trigger.recovery, protocol.contingency.recovery)
        if trigger.id in seen:
            message = f'the id "{trigger.id}" has been given to entry {seen[trigger.id] + 1} already'
            yield Finding((*at, "id"), message, "give each trigger an id of its own")
        seen.setdefault(trigger.id, i)
    if REQUIRED_TRIGGER not in seen:
        message = f'there is no trigger "{REQUIRED_TRIGGER}", by which customers get a person'
        advice = did_you_mean(REQUIRED_TRIGGER, seen, f'add one with "id: {REQUIRED_TRIGGER}"')
        yield Finding(("contingency", "triggers"), message, advice)


def _trigger_areas(protocol: Protocol) -> Iterator[Finding]:
    for i, trigger in enumerate(protocol.contingency.triggers):
        at: At = ("contingency", "triggers", i, "area")
        yield from _is_unknown(at, "area", trigger.area, protocol.roster.areas)
        for place, condition in nested(trigger.when, ("contingency", "triggers", i, "when")):
            yield from _is_unknown((*place, "area"), "area", condition.area, protocol.roster.areas)


def _trigger_parties(protocol: Protocol) -> Iterator[Finding]:
    for i, trigger in enumerate(protocol.contingency.triggers):
        if trigger.party and protocol.business.speaker_to(trigger.party) is None:
            message = f"nobody speaks for the company to this party: {trigger.party}"
            advice = "name a spokesperson for it in business.yml, or an area here"
            yield Finding(("contingency", "triggers", i, "party"), message, advice)


def _trigger_intents(protocol: Protocol) -> Iterator[Finding]:
    notices = (f"{NOTICE_PREFIX}{name}" for name in protocol.notices)
    known = (*protocol.topics, *PRODUCT_INTENTS, NOT_ANSWERED, *notices)
    for i, trigger in enumerate(protocol.contingency.triggers):
        for at, intent in intents_of(trigger.when, ("contingency", "triggers", i, "when")):
            yield from _is_unknown(at, "topic", intent, known)


def _trigger_words(protocol: Protocol) -> Iterator[Finding]:
    for i, trigger in enumerate(protocol.contingency.triggers):
        at: At = ("contingency", "triggers", i)
        for key, name in (("words", trigger.words), ("acknowledgement", trigger.acknowledgement)):
            yield from _is_unknown((*at, key), "text in words.yml named", name, protocol.words)
            if name in protocol.words:
                filled = {*TRIGGER_PLACEHOLDERS[trigger.outcome], *REQUIRED_WORDS.get(name, ())}
                yield from _unfilled(protocol, name, filled, f'when trigger "{trigger.id}" fires')


def _follow_up_words(protocol: Protocol) -> Iterator[Finding]:
    plan = protocol.contingency.follow_ups
    notes = {"retry_note": plan.retry_note, "final_note": plan.final_note} if plan else {}
    for key, name in notes.items():
        at: At = ("contingency", "follow_ups", key)
        yield from _is_unknown(at, "text in words.yml named", name, protocol.words)
        if name in protocol.words:
            yield from _unfilled(protocol, name, FOLLOW_UP_NOTES[key], "after a try")


def _trigger_quick_replies(protocol: Protocol) -> Iterator[Finding]:
    for i, trigger in enumerate(protocol.contingency.triggers):
        at: At = ("contingency", "triggers", i, "quick_replies")
        yield from _unknown(at, "topic", trigger.quick_replies, protocol.topics)


def _trigger_notices(protocol: Protocol) -> Iterator[Finding]:
    for i, trigger in enumerate(protocol.contingency.triggers):
        for at, condition in nested(trigger.when, ("contingency", "triggers", i, "when")):
            yield from _is_unknown((*at, "notice"), "notice", condition.notice, protocol.notices)


def _exchange_rate(protocol: Protocol) -> Iterator[Finding]:
    if protocol.contingency.mxn_per_usd is not None:
        return
    for i, trigger in enumerate(protocol.contingency.triggers):
        for at, condition in nested(trigger.when, ("contingency", "triggers", i, "when")):
            if condition.amount_above is not None:
                message = "amounts in dollars can't be compared with this: the plan has no exchange rate"
                yield Finding((*at, "amount_above"), message, 'add "mxn_per_usd:" to contingency.yml')


def _priorities(protocol: Protocol) -> Iterator[Finding]:
    plan, complaints = protocol.contingency, protocol.complaints
    used: set[Priority | None] = {trigger.priority for trigger in plan.triggers}
    used |= {step.priority for step in plan.escalation}
    used |= {complaints.priority, *(cause.priority for cause in complaints.causes.values())}
    for priority in get_args(Priority):
        if priority in used and priority not in plan.targets:
            message = f'cases get the priority "{priority}", which has no target'
            yield Finding(("contingency", "targets"), message, f'add "{priority}:" here')


def _roster(protocol: Protocol) -> Iterator[Finding]:
    people = protocol.roster.people
    for name, person in people.items():
        at: At = ("roster", "people", name)
        yield from _is_unknown((*at, "area"), "area", person.area, protocol.roster.areas)
        yield from _is_unknown((*at, "reports_to"), "person", person.reports_to, people)


def _area_topics(protocol: Protocol) -> Iterator[Finding]:
    known = (*protocol.topics, *PRODUCT_INTENTS)
    for name, area in protocol.roster.areas.items():
        yield from _unknown(("roster", "areas", name, "topics"), "topic", area.topics, known)


def _people_channels(protocol: Protocol) -> Iterator[Finding]:
    for name, person in protocol.roster.people.items():
        at: At = ("roster", "people", name, "channels")
        yield from _unknown(at, "channel", person.channels, protocol.channels)


def _channels(protocol: Protocol) -> Iterator[Finding]:
    for name in REQUIRED_CHANNELS:
        if name not in protocol.channels:
            message = f'the channel "{name}" is missing; the assistant speaks there'
            yield Finding(("channels",), message, f'add "{name}:"')


def _messaging(protocol: Protocol) -> Iterator[Finding]:
    """WhatsApp's own rules, and words that would give and withdraw consent at once."""
    for name, channel in protocol.channels.items():
        at: At = ("channels", name, "messaging")
        if channel.messaging is None:
            if name in MESSENGERS:
                message = "the rules of this messenger are missing: answers, opt_out, opt_in and the rest"
                yield Finding(("channels", name), message, 'add "messaging:" as in the demo')
            continue
        withdrawn = {word.casefold() for word in channel.messaging.opt_out.words}
        for i, word in enumerate(channel.messaging.opt_in.words):
            if word.casefold() in withdrawn:
                message = f'"{word}" gives consent and withdraws it'
                yield Finding((*at, "opt_in", "words", i), message, "take it out here or under opt_out")


def _registers(protocol: Protocol) -> Iterator[Finding]:
    for name in protocol.ground_rules.registers:
        yield from _is_unknown(("ground_rules", "registers", name), "channel", name, protocol.channels)


def _complaint_areas(protocol: Protocol) -> Iterator[Finding]:
    areas = protocol.roster.areas
    yield from _is_unknown(("complaints", "area"), "area", protocol.complaints.area, areas)
    for name, cause in protocol.complaints.causes.items():
        yield from _is_unknown(("complaints", "causes", name, "area"), "area", cause.area, areas)


def _complaint_recovery(protocol: Protocol) -> Iterator[Finding]:
    for name, cause in protocol.complaints.causes.items():
        at: At = ("complaints", "causes", name, "recovery")
        yield from _unknown(at, "recovery", cause.recovery, protocol.contingency.recovery)


def _notice_topics(protocol: Protocol) -> Iterator[Finding]:
    for name, notice in protocol.notices.items():
        yield from _unknown(("notices", name, "applies_to"), "topic", notice.applies_to, protocol.topics)


def _notice_channels(protocol: Protocol) -> Iterator[Finding]:
    for name, notice in protocol.notices.items():
        yield from _unknown(("notices", name, "channels"), "channel", notice.channels, protocol.channels)


def _spokespersons(protocol: Protocol) -> Iterator[Finding]:
    for i, spokesperson in enumerate(protocol.business.spokespersons):
        at: At = ("business", "spokespersons", i, "person")
        yield from _is_unknown(at, "person", spokesperson.person, protocol.roster.people)


def _rubric(protocol: Protocol) -> Iterator[Finding]:
    seen: set[str] = set()
    for part, rules in (("dos", protocol.service.dos), ("donts", protocol.service.donts)):
        for i, rule in enumerate(rules):
            if rule.id in seen:
                message = f'the id "{rule.id}" has been given to another rule already'
                yield Finding(("service", part, i, "id"), message, "give each rule an id of its own")
            seen.add(rule.id)


def _words(protocol: Protocol) -> Iterator[Finding]:
    for name, filled in REQUIRED_WORDS.items():
        if name not in protocol.words:
            near = did_you_mean(
                name, set(protocol.words) - set(REQUIRED_WORDS), f'add "{name}:" with its texts'
            )
            yield Finding(("words",), f'"{name}", which the assistant says, is missing', near)
        else:
            yield from _unfilled(protocol, name, filled, "here")


def _same_names(protocol: Protocol) -> Iterator[Finding]:
    """Words, answers and notices share one list in the trained model: the one would hide the other."""
    taken = {name: "a topic" for name, topic in protocol.topics.items() if topic.answers}
    taken |= {
        f"{NOTICE_PREFIX}{name}{end}": "a notice" for name in protocol.notices for end in ("", "_short")
    }
    taken[CLOSING] = "the question whether all is answered"
    for name in protocol.words:
        if name in taken:
            message = f'"{name}" is the name of {taken[name]} already'
            yield Finding(("words", name), message, "give these words another name")


def _unfilled(protocol: Protocol, name: str, filled: Collection[str], where: str) -> Iterator[Finding]:
    """Placeholders that nothing fills; the customer would read them in braces."""
    listed = ", ".join(f"{{{known}}}" for known in filled)
    known = f"what is filled in {where}: {listed}" if filled else f"nothing is filled in {where}"
    for said in texts_within(protocol.words[name], ("words", name)):
        for placeholder in sorted(placeholders([said.text]) - set(filled)):
            advice = did_you_mean(placeholder, filled, known) if len(filled) > 1 else known
            yield Finding(said.at, f"there is no {{{placeholder}}} here", advice)


def _other_words(protocol: Protocol) -> Iterator[Finding]:
    """Other words for a channel that the company doesn't have."""
    parts: dict[str, Mapping[str, Topic | Words]] = {"topics": protocol.topics, "words": protocol.words}
    for part, entries in parts.items():
        for name, entry in entries.items():
            for channel in entry.channels:
                at: At = (part, name, "channels", channel)
                yield from _is_unknown(at, "channel", channel, protocol.channels)


def _other_amends(protocol: Protocol) -> Iterator[Finding]:
    for name, cause in protocol.complaints.causes.items():
        for channel in cause.channels:
            at: At = ("complaints", "causes", name, "channels", channel)
            yield from _is_unknown(at, "channel", channel, protocol.channels)


_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Protocol], Iterator[Finding]]], ...] = (
    (("topics",), _topics),
    (("topics",), _required_topics),
    (("contingency",), _triggers),
    (("contingency", "roster"), _trigger_areas),
    (("contingency", "business"), _trigger_parties),
    (("contingency", "topics", "notices"), _trigger_intents),
    (("contingency", "words"), _trigger_words),
    (("contingency", "words"), _follow_up_words),
    (("contingency", "topics"), _trigger_quick_replies),
    (("contingency", "notices"), _trigger_notices),
    (("contingency",), _exchange_rate),
    (("contingency", "complaints"), _priorities),
    (("roster",), _roster),
    (("roster", "topics"), _area_topics),
    (("roster", "channels"), _people_channels),
    (("channels",), _channels),
    (("channels",), _messaging),
    (("ground_rules", "channels"), _registers),
    (("complaints", "roster"), _complaint_areas),
    (("complaints", "contingency"), _complaint_recovery),
    (("notices", "topics"), _notice_topics),
    (("notices", "channels"), _notice_channels),
    (("business", "roster"), _spokespersons),
    (("service",), _rubric),
    (("words",), _words),
    (("words", "topics", "notices"), _same_names),
    (("words", "topics", "channels"), _other_words),
    (("complaints", "channels"), _other_amends),
)
"""Which parts each check needs."""
