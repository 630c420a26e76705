"""Complaints: why customers are upset and what makes it good, and the way of a complaint to its end."""

from __future__ import annotations

from collections.abc import Iterator

from relevo.protocol.parts.complaints import Amends, Cause, Examples, ProcedureStep
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Facts,
    Group,
    Items,
    Link,
    Paragraph,
    Row,
    Small,
    Speech,
    Step,
    Steps,
    Table,
    cell,
    speeches,
)
from relevo.protocol.render.sections.contingency import offers, priority
from relevo.protocol.render.voice import Voice

COLUMNS = ("cause", "apology", "remedy")


def complaints(voice: Voice) -> tuple[Block, ...]:
    part = voice.protocol.complaints
    causes = part.causes.items()
    columns = tuple(voice(f"complaints.{column}") for column in COLUMNS)
    title = voice("complaints.causes")
    reasons = tuple(cell(reason) for reason in voice.all_of(part.closing_reasons.values()))
    return (
        Paragraph(voice("complaints.lead"), "lead"),
        Group(
            "causes",
            title,
            (
                Table(title, columns, tuple(_row(voice, name, cause) for name, cause in causes)),
                Paragraph(voice("complaints.other_cause", area=voice.area(part.area)), "note"),
                *([_examples(voice, part.others)] if part.others else []),
            ),
        ),
        Group(
            "cause-details",
            voice("complaints.details"),
            (Cards(tuple(_cause(voice, name, cause) for name, cause in causes)),),
        ),
        Group("procedure", voice("complaints.procedure"), (_procedure(voice),)),
        Group("closing", voice("complaints.closing"), (Items(reasons),)),
    )


def _row(voice: Voice, name: str, cause: Cause) -> Row:
    return Row(
        (
            cell(Link(voice.of(cause.title), f"#cause-{name}"), Small(voice.area(cause.area))),
            cell(voice.of(cause.apology)),
            cell(voice.of(cause.remedy)),
        )
    )


def _examples(voice: Voice, examples: Examples) -> Items:
    said: list[str] = getattr(examples, voice.language)
    shown = tuple(cell(example) for example in said)
    return Items(shown, voice("complaints.sounds_like"), "phrases")


def _cause(voice: Voice, name: str, cause: Cause) -> Card:
    facts = [(voice("complaints.area"), cell(voice.area_link(cause.area)))]
    if cause.recovery:
        facts.append((voice("complaints.recovery"), offers(voice, list(cause.recovery))))
    return Card(
        f"cause-{name}",
        voice.of(cause.title),
        (
            _examples(voice, cause.examples),
            *_amends(voice, cause),
            *_amends_elsewhere(voice, cause),
            Facts(tuple(facts)),
        ),
        (priority(voice, cause.priority),),
        is_folded=True,
    )


def _amends(voice: Voice, amends: Amends) -> tuple[Speech, Speech]:
    return (
        Speech(voice.of(amends.apology), voice("complaints.apology")),
        Speech(voice.of(amends.remedy), voice("complaints.remedy")),
    )


def _amends_elsewhere(voice: Voice, cause: Cause) -> Iterator[Speech]:
    for channel, amends in cause.channels.items():
        label = voice("topics.on_channel", channel=voice.channel(channel))
        yield from speeches([voice.of(amends.apology), voice.of(amends.remedy)], label)


def _procedure(voice: Voice) -> Steps:
    return Steps(tuple(_step(voice, step) for step in voice.protocol.complaints.procedure))


def _step(voice: Voice, step: ProcedureStep) -> Step:
    within = voice("complaints.within", duration=voice.working_time(step.within)) if step.within else ""
    return Step(voice.of(step.title), (Paragraph(voice.of(step.text)),), (Small(within),) if within else ())
