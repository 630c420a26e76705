"""What good service is: why it matters, and the rules that are also the rubric of reviews."""

from __future__ import annotations

from relevo.protocol.parts.service import Rule
from relevo.protocol.render.blocks import Beside, Block, Cell, Code, Items, Paragraph, Tag, cell
from relevo.protocol.render.voice import Voice


def service(voice: Voice) -> tuple[Block, ...]:
    part = voice.protocol.service
    always = Items(tuple(_rule(voice, rule) for rule in part.dos), voice("service.always"), "always")
    never = Items(tuple(_rule(voice, rule) for rule in part.donts), voice("service.never"), "never")
    return (
        Paragraph(voice.of(part.why), "lead"),
        Paragraph(voice("service.rubric"), "note"),
        Beside((always, never)),
    )


def _rule(voice: Voice, rule: Rule) -> Cell:
    weight = Tag(voice("service.weight", weight=rule.weight), f"weight-{rule.weight}")
    return cell(voice.of(rule.text), (weight, Code(rule.id)))
