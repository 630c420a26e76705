"""A trigger's condition in words: "the customer sounds angry in two of the last three messages".

Each kind of condition has its words in the affirmative ("yes") and in the negative ("no"), so that `not`
reads naturally; of `all` and `any` the negative is the other one of the negatives.
"""

from __future__ import annotations

from collections.abc import Callable

from relevo.protocol.parts.contingency import Again, Rising, ToneWindow, When
from relevo.protocol.render.voice import Voice, readable

Say = Callable[..., str]
_DAY_SECONDS = 86_400


def describe(when: When, voice: Voice, *, holds: bool = True) -> str:
    """The condition as a clause; of its contrary if it must not hold."""
    if when.not_ is not None:
        return describe(when.not_, voice, holds=not holds)
    parts = when.all or when.any
    if parts:
        join = voice.join if bool(when.all) is holds else voice.either
        return join([_nested(part, voice, holds) for part in parts])
    return _simple(when, voice, holds)


def _nested(when: When, voice: Voice, holds: bool) -> str:
    clause = describe(when, voice, holds=holds)
    inner = when
    while inner.not_ is not None:
        inner = inner.not_
    has_parts = len(inner.all or inner.any or []) > 1
    return voice("conditions.nested", condition=clause) if has_parts else clause


def _simple(when: When, voice: Voice, holds: bool) -> str:
    form = "yes" if holds else "no"

    def say(kind: str, **values: str) -> str:
        return voice(f"conditions.{kind}.{form}", **values)

    if when.intent is not None:
        return _intent(when.intent, voice, holds)
    if when.tone is not None:
        return say("tone", tone=_tones([when.tone], voice, holds))
    if when.tones_lately is not None:
        return _lately(when.tones_lately, voice, holds, say)
    if when.rising_frustration is not None:
        return _rising(when.rising_frustration, voice, say)
    if when.misunderstandings is not None:
        return _misunderstandings(when.misunderstandings, voice, say)
    if when.again is not None:
        return _again(when.again, voice, say)
    return _beside_the_words(when, voice, say)


def _beside_the_words(when: When, voice: Voice, say: Say) -> str:
    """Conditions on what lies beside what is said and how: amounts, the customer's past, place and time."""
    if when.amount_above is not None:
        limit = voice("contingency.limit_mxn", amount=voice.number(when.amount_above))
        return say("amount_above", amount=limit)
    if when.earlier_cases is not None:
        earlier = when.earlier_cases
        kind = "earlier_case" if earlier.cases == 1 else "earlier_cases"
        duration = voice.duration(earlier.days * _DAY_SECONDS)
        return say(kind, cases=voice.number_word(earlier.cases), duration=duration)
    if when.notice is not None:
        notice = voice.protocol.notices.get(when.notice)
        return say("notice", notice=voice.of(notice.title) if notice else readable(when.notice))
    if when.channel is not None:
        return say("channel", channel=voice.channel(when.channel))
    if when.area is not None:
        return say("area", area=voice.area(when.area))
    if when.priority is not None:
        return say("priority", priority=voice(f"priorities.{when.priority}").lower())
    return say(str(when.opening or when.event))


def _intent(name: str, voice: Voice, holds: bool) -> str:
    form = "yes" if holds else "no"
    if voice.has(f"intents.{name}.{form}"):
        return voice(f"intents.{name}.{form}")
    return voice(f"conditions.intent.{form}", topic=voice.topic(name))


def _tones(tones: list[str], voice: Voice, holds: bool = True) -> str:
    form = "yes" if holds else "no"
    sounds = [voice(f"tones.{tone}") for tone in tones if voice.has(f"tones.{tone}")]
    deeds = [voice(f"deeds.{tone}.{form}") for tone in tones if voice.has(f"deeds.{tone}.{form}")]
    said = [voice(f"sounds.{form}", tones=voice.either(sounds))] if sounds else []
    return voice.either([*said, *deeds])


def _lately(window: ToneWindow, voice: Voice, holds: bool, say: Say) -> str:
    if window.of_last == 1:
        return say("tone", tone=_tones(list(window.tones), voice, holds))
    kind = "tones_in_all" if window.messages == window.of_last else "tones_lately"
    return say(
        kind,
        tones=_tones(list(window.tones), voice),
        messages=voice.number_word(window.messages),
        of_last=voice.number_word(window.of_last),
    )


def _rising(rising: Rising, voice: Voice, say: Say) -> str:
    of_last = voice.number_word(rising.of_last)
    return say("rising_frustration", of_last=of_last, times=voice(f"times.{rising.rises}"))


def _misunderstandings(count: int, voice: Voice, say: Say) -> str:
    if count == 1:
        return say("misunderstanding")
    return say("misunderstandings", count=voice.number_word(count))


def _again(again: Again, voice: Voice, say: Say) -> str:
    times = voice(f"times.{again.times}")
    if again.intent is None:
        return say("again", times=times)
    return say("again_intent", times=times, intent=_intent(again.intent, voice, True))
