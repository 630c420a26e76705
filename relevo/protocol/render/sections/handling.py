"""How cases are in people's hands, how they end, and how promised contacts are kept."""

from __future__ import annotations

from collections.abc import Iterator

from relevo.protocol.parts.contingency import Closing, FollowUps, Silence
from relevo.protocol.parts.roster import Person
from relevo.protocol.render.blocks import Block, Group, Items, cell, speeches
from relevo.protocol.render.voice import Voice


def handling(voice: Voice) -> Iterator[Group]:
    """Rules on cases in hand, how hand-offs end, and follow-ups; what the plan leaves out is left out."""
    plan = voice.protocol.contingency
    rules = [*_capacity(voice, plan.capacity), *_silence(voice, plan.silence)]
    if rules:
        yield Group("in-hand", voice("handling.in_hand"), (Items(tuple(map(cell, rules))),))
    if plan.closing:
        yield Group("endings", voice("handling.closing"), _closing(voice, plan.closing))
    if plan.follow_ups:
        yield Group("kept", voice("handling.follow_ups.title"), tuple(_follow_ups(voice, plan.follow_ups)))


def person_rules(voice: Voice, person: Person) -> str:
    """What is special about a person: skill, how many cases, hours of their own; empty if nothing."""
    rules = [voice(f"skills.{person.skill}")] if person.skill != "advisor" else []
    if person.capacity:
        rules.append(voice("handling.at_once", count=voice.number(person.capacity)))
    if person.weekly is not None:
        rules.append(voice("handling.own_hours"))
    return " · ".join(rules)


def _capacity(voice: Voice, capacity: int | None) -> Iterator[str]:
    if capacity:
        yield voice("handling.capacity", count=voice.number(capacity))


def _silence(voice: Voice, silence: Silence | None) -> Iterator[str]:
    if silence is None:
        return
    then = voice(f"handling.then.{silence.then}")
    yield voice("handling.silence", duration=voice.duration(silence.after), then=then)
    if silence.complaints_after:
        rest = voice.working_time(silence.complaints_after)
        yield voice("handling.complaints_rest", duration=rest)
    else:
        yield voice("handling.complaints_stay")


def _closing(voice: Voice, closing: Closing) -> tuple[Block, ...]:
    reasons = tuple(cell(reason) for reason in voice.all_of(closing.reasons.values()))
    lead = voice("handling.quiet", duration=voice.duration(closing.after))
    return (Items((cell(lead),)), Items(reasons, voice("handling.reasons")))


def _follow_ups(voice: Voice, plan: FollowUps) -> Iterator[Block]:
    attempts, again = voice.number(plan.attempts), voice.duration(plan.retry_after)
    rules = [
        voice("handling.follow_ups.attempts", count=attempts, duration=again)
        if plan.attempts > 1
        else voice("handling.follow_ups.one_attempt"),
        voice("handling.follow_ups.missed", duration=voice.working_time(plan.grace)),
    ]
    yield Items(tuple(map(cell, rules)))
    for key, name in (("retry_note", plan.retry_note), ("final_note", plan.final_note)):
        words = voice.protocol.words.get(name or "")
        yield from speeches(
            words.in_language(voice.language) if words else [], voice(f"handling.follow_ups.{key}")
        )
