"""The contingency plan: its cases at a glance, in a picture and one by one; targets, making good."""

from __future__ import annotations

from collections.abc import Iterable

from relevo.protocol.parts.contingency import EscalationStep, Recovery, Trigger
from relevo.protocol.render.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Facts,
    Group,
    Items,
    Line,
    Link,
    Paragraph,
    Row,
    Small,
    Strong,
    Table,
    Tag,
    cell,
    speeches,
)
from relevo.protocol.render.conditions import describe
from relevo.protocol.render.flow import picture_of, what_follows
from relevo.protocol.render.sections.handling import handling
from relevo.protocol.render.voice import Voice


def contingency(voice: Voice) -> tuple[Block, ...]:
    triggers = voice.protocol.contingency.triggers
    cards = tuple(_trigger(voice, number, trigger) for number, trigger in enumerate(triggers, 1))
    return (
        Paragraph(voice("contingency.lead"), "lead"),
        Group("overview", voice("contingency.overview"), (_overview(voice),)),
        Group("flow", voice("contingency.flow"), (picture_of(voice),)),
        Group("cases", voice("contingency.details"), (Cards(cards),)),
        Group("waiting", voice("contingency.while_waiting"), (_waiting(voice),)),
        Group("targets", voice("contingency.targets"), _targets(voice)),
        Group("escalation", voice("contingency.escalation"), (_escalation(voice),)),
        *handling(voice),
        *_offers(voice),
    )


def priority(voice: Voice, name: str) -> Tag:
    """A priority as a sign."""
    return Tag(voice(f"priorities.{name}"), name)


def offers(voice: Voice, names: list[str]) -> tuple[Line, ...]:
    """Links to recovery offers, each with who may grant it."""
    known = voice.protocol.contingency.recovery
    return tuple(
        (Link(voice.recovery(name), f"#offer-{name}"), Small(voice(f"grantors.{known[name].granted_by}")))
        if name in known
        else (voice.recovery(name),)
        for name in names
    )


def _overview(voice: Voice) -> Table:
    columns = tuple(voice(f"contingency.{name}") for name in ("case", "when", "outcome", "priority"))
    rows = tuple(
        Row(
            (
                cell((f"{number}. ", Link(voice.of(trigger.title), f"#trigger-{trigger.id}"))),
                cell(describe(trigger.when, voice)),
                cell(what_follows(voice, trigger)),
                cell(priority(voice, trigger.priority)),
            )
        )
        for number, trigger in enumerate(voice.protocol.contingency.triggers, 1)
    )
    return Table(voice("contingency.overview"), columns, rows)


def _trigger(voice: Voice, number: int, trigger: Trigger) -> Card:
    facts = [
        (voice("contingency.when"), cell(describe(trigger.when, voice))),
        (voice("contingency.outcome"), cell(what_follows(voice, trigger))),
        (voice("contingency.guidance"), cell(voice.of(trigger.guidance))),
    ]
    if trigger.recovery:
        facts.append((voice("contingency.recovery"), offers(voice, list(trigger.recovery))))
    if trigger.quick_replies:
        offered = tuple((topic,) for topic in voice.topics(trigger.quick_replies))
        facts.append((voice("contingency.offered"), offered))
    if not trigger.may_be_cancelled:
        facts.append((voice("contingency.stays_open"), cell(voice("contingency.cannot_be_cancelled"))))
    blocks: list[Block] = [Facts(tuple(facts)), *_told(voice, trigger)]
    if trigger.phrases:
        phrases = tuple(cell(phrase) for phrase in voice.all_of(trigger.phrases))
        blocks.append(Items(phrases, voice("contingency.phrases"), "phrases"))
    title = f"{number}. {voice.of(trigger.title)}"
    return Card(
        f"trigger-{trigger.id}", title, tuple(blocks), (priority(voice, trigger.priority),), is_folded=True
    )


def _told(voice: Voice, trigger: Trigger) -> Iterable[Block]:
    """What the customer is told, in its order."""
    said = [(trigger.words, "contingency.told_then" if trigger.acknowledgement else "contingency.told")]
    if trigger.acknowledgement:
        said.insert(0, (trigger.acknowledgement, "contingency.told_first"))
    for name, title in said:
        words = voice.protocol.words.get(name)
        yield from speeches(words.in_language(voice.language) if words else [], voice(title))


def _waiting(voice: Voice) -> Items:
    """What the bot does until a person has the case."""
    rules = (voice.protocol.contingency.while_waiting, "noted", "withdrawn", "silent")
    return Items(tuple(cell(voice(f"contingency.waiting.{rule}")) for rule in rules))


def _targets(voice: Voice) -> tuple[Block, ...]:
    kinds = ("first_response", "next_response", "resolution")
    columns = (voice("contingency.priority"), *(voice(f"contingency.{kind}") for kind in kinds))
    targets = voice.protocol.contingency.targets.items()
    rows = tuple(
        Row((cell(priority(voice, name)), *(_within(voice, getattr(target, kind)) for kind in kinds)))
        for name, target in targets
    )
    return (
        Paragraph(voice("contingency.targets_lead")),
        Table(voice("contingency.targets"), columns, rows),
    )


def _within(voice: Voice, seconds: int) -> Cell:
    return cell(voice("contingency.within", duration=voice.working_time(seconds)))


def _escalation(voice: Voice) -> Table:
    columns = tuple(voice(f"contingency.escalation_{name}") for name in ("when", "who", "priority"))
    steps = voice.protocol.contingency.escalation
    return Table(voice("contingency.escalation"), columns, tuple(_step(voice, step) for step in steps))


def _step(voice: Voice, step: EscalationStep) -> Row:
    share = voice.share(voice.protocol.contingency.at_risk_at)
    when = voice(f"contingency.{step.when}", share=share)
    if step.after:
        when = voice("contingency.missed_after", duration=voice.working_time(step.after))
    count = "contingency.level_one" if step.levels_up == 1 else "contingency.level_many"
    levels = voice(count, count=voice.number_word(step.levels_up))
    raised = priority(voice, step.priority) if step.priority else voice("contingency.unchanged")
    return Row((cell(when), cell(voice("contingency.levels_up", levels=levels)), cell(raised)))


def _offers(voice: Voice) -> list[Block]:
    recovery = voice.protocol.contingency.recovery
    if not recovery:
        return []
    columns = tuple(voice(f"contingency.{name}") for name in ("offer", "in_words", "granted_by", "limit"))
    rows = tuple(_offer(voice, name, offer) for name, offer in recovery.items())
    title = voice("contingency.offers")
    table = Table(title, columns, rows)
    return [Group("offers", title, (Paragraph(voice("contingency.offers_lead")), table))]


def _offer(voice: Voice, name: str, offer: Recovery) -> Row:
    limit = voice("contingency.limit_mxn", amount=voice.number(offer.limit_mxn)) if offer.limit_mxn else "–"
    return Row(
        (
            cell(Strong(voice.of(offer.title))),
            cell(voice.of(offer.words)),
            cell(voice(f"grantors.{offer.granted_by}")),
            cell(limit),
        ),
        f"offer-{name}",
    )
