"""A protocol as a plain structure of numbered sections, in one language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from relevo.protocol.render.blocks import Block, Section
from relevo.protocol.render.sections.business import business
from relevo.protocol.render.sections.channels import channels
from relevo.protocol.render.sections.company import company, introduction
from relevo.protocol.render.sections.complaints import complaints
from relevo.protocol.render.sections.contingency import contingency
from relevo.protocol.render.sections.ground_rules import ground_rules
from relevo.protocol.render.sections.notices import notices
from relevo.protocol.render.sections.people import people
from relevo.protocol.render.sections.privacy import privacy
from relevo.protocol.render.sections.service import service
from relevo.protocol.render.sections.topics import topics
from relevo.protocol.render.sections.words import words
from relevo.protocol.render.voice import Voice
from relevo.protocol.schema import Language, Protocol

VERSION_CHARACTERS = 10
SECTIONS: tuple[Callable[[Voice], tuple[Block, ...]], ...] = (
    introduction,
    company,
    people,
    service,
    ground_rules,
    channels,
    topics,
    contingency,
    complaints,
    privacy,
    notices,
    business,
    words,
)


@dataclass(frozen=True)
class Document:
    """The whole document; `voice` speaks the words that stand around the sections."""

    voice: Voice
    version: str
    sections: tuple[Section, ...]


def write_document(protocol: Protocol, language: Language, today: date) -> Document:
    """The protocol's document; `today` decides which notices are in force."""
    voice = Voice(protocol, language, today)
    sections = [
        Section(write.__name__.replace("_", "-"), number, voice(f"sections.{write.__name__}"), write(voice))
        for number, write in enumerate(SECTIONS, 1)
    ]
    return Document(voice, protocol.hash[:VERSION_CHARACTERS], tuple(sections))
