"""`ground_rules.yml`: language and tone of all who represent the company."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.protocol.parts.base import Language, Name, Part, Text

Register = Literal["formal", "everyday"]
Move = Literal["acknowledge", "act", "set_expectation", "thank", "apologise", "ask", "limit", "refer"]


class Situation(Part):
    """What must be said in a situation, in this order, with an example."""

    title: Text
    moves: list[Move] = Field(min_items=1)
    example: Text


class ForbiddenTerm(Part):
    """A term that no text may hold, and what to say instead."""

    term: str = Field(min_length=1)
    language: Language
    instead: str = Field(min_length=1)


class GroundRules(Part):
    """Register per channel and language, moves per situation, forbidden terms, advice."""

    registers: dict[Name, dict[Language, Register]]
    """By channel. Spanish: everyday is tú, formal is usted."""
    situations: dict[Name, Situation]
    forbidden_terms: list[ForbiddenTerm]
    in_doubt: Text
    not_my_area: Text
    diversity: Text
