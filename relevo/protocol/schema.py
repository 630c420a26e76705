"""The parts of a protocol as models. One attribute of `Protocol` is one file of the folder."""

from __future__ import annotations

from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, root_validator, validator

from relevo.protocol.opening_hours import OpeningHours

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "es")
Tone = Literal["calm", "frustrated", "angry", "abusive", "threat"]
Priority = Literal["urgent", "high", "normal"]

MAX_BUTTON_CHARACTERS = 20
"""WhatsApp Cloud API: a reply button's title has at most 20 characters."""
MAX_QUICK_REPLIES = 3
"""WhatsApp Cloud API: at most 3 reply buttons under a message."""


class Part(BaseModel):
    """Base of all parts: unknown keys are an error, values don't change after loading."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Text(Part):
    """One text in every language."""

    en: str = Field(min_length=1)
    es: str = Field(min_length=1)

    def in_language(self, language: Language) -> str:
        return str(getattr(self, language))


class Wordings(Part):
    """Several wordings of one message in every language; the bot varies between them."""

    en: list[str] = Field(min_items=1)
    es: list[str] = Field(min_items=1)

    @root_validator(skip_on_failure=True)
    def _placeholders_are_alike(cls, values: dict[str, list[str]]) -> dict[str, list[str]]:
        """What one language fills in, the other one must: else a text fails only when it is needed."""
        english, spanish = (_placeholders(values[language]) for language in LANGUAGES)
        if english != spanish:
            differing = ", ".join(f"{{{name}}}" for name in sorted(english ^ spanish))
            raise ValueError(f"{differing} is in one language only")
        return values

    def in_language(self, language: Language) -> list[str]:
        return list(getattr(self, language))


class Company(Part):
    """Who the company is: name, reason for being, languages and time."""

    name: str
    assistant: str
    default_language: Language
    mission: Text
    vision: Text
    values: list[Text]
    hours: OpeningHours


class Area(Part):
    """A department that takes cases."""

    title: Text
    competence: Text


class Roster(Part):
    """Who does what."""

    areas: dict[str, Area]


class Channel(Part):
    """How customers are treated on one channel."""

    title: Text
    greeting: Text
    closing: Text
    first_response_seconds: int = Field(gt=0)
    max_characters: int = Field(gt=0)


class Topic(Part):
    """Something that customers ask. Without answers, an action answers it."""

    title: Text
    answers: Wordings | None = None
    quick_replies: list[str] = Field(default_factory=list, max_items=MAX_QUICK_REPLIES)
    is_small_talk: bool = False
    """Greetings and the like: never what a customer came for."""

    @validator("title")
    def _title_fits_a_button(cls, title: Text) -> Text:
        for language in LANGUAGES:
            if len(title.in_language(language)) > MAX_BUTTON_CHARACTERS:
                raise ValueError(f"is also a button: at most {MAX_BUTTON_CHARACTERS} characters ({language})")
        return title


class When(Part):
    """The condition of a trigger; exactly one is given."""

    intent: str | None = None
    tone: Tone | None = None
    misunderstandings: int | None = Field(default=None, ge=1)
    """Misunderstood messages in a row, the present one included."""

    @root_validator(skip_on_failure=True)
    def _exactly_one(cls, values: dict[str, Any]) -> dict[str, Any]:
        if sum(value is not None for value in values.values()) != 1:
            raise ValueError("give exactly one of intent, tone, misunderstandings")
        return values


class Trigger(Part):
    """A case that must go to a person: how it is recognised, who takes it, what is said."""

    id: str
    title: Text
    when: When
    area: str
    priority: Priority
    words: str
    guidance: Text


class Target(Part):
    """How soon a person must answer a case of one priority, in seconds."""

    first_response_seconds: int = Field(gt=0)


class Contingency(Part):
    """The contingency plan: the first trigger whose condition holds decides."""

    targets: dict[Priority, Target]
    triggers: list[Trigger]

    def trigger(self, trigger_id: str) -> Trigger:
        """The trigger with this id.

        Raises:
            KeyError: there is none.
        """
        for trigger in self.triggers:
            if trigger.id == trigger_id:
                return trigger
        raise KeyError(trigger_id)


class Complaints(Part):
    """Where complaints go."""

    area: str
    priority: Priority


class Protocol(Part):
    """A company's whole protocol."""

    company: Company
    roster: Roster
    channels: dict[str, Channel]
    topics: dict[str, Topic]
    contingency: Contingency
    complaints: Complaints
    words: dict[str, Wordings]
    hash: str
    """Digest of the files' contents: equal hashes mean the same protocol."""

    def say(self, name: str, language: Language, **values: Any) -> str:
        """The first wording of a message with its placeholders filled; for what is said outside the bot."""
        return self.words[name].in_language(language)[0].format(**values)

    @root_validator(skip_on_failure=True)
    def _references_exist(cls, values: dict[str, Any]) -> dict[str, Any]:
        topics, words = values["topics"], values["words"]
        areas = values["roster"].areas
        for name, topic in topics.items():
            for reply in topic.quick_replies:
                _require(reply in topics, f"topics.{name}.quick_replies", f"unknown topic {reply!r}")
        for i, trigger in enumerate(values["contingency"].triggers):
            at = f"contingency.triggers.{i}"
            _require(trigger.area in areas, f"{at}.area", f"unknown area {trigger.area!r}")
            _require(trigger.words in words, f"{at}.words", f"unknown words {trigger.words!r}")
            _require(
                trigger.priority in values["contingency"].targets,
                f"{at}.priority",
                f"no target is given for priority {trigger.priority!r}",
            )
        complaints = values["complaints"]
        _require(complaints.area in areas, "complaints.area", f"unknown area {complaints.area!r}")
        return values


def _placeholders(texts: list[str]) -> set[str]:
    """The names in braces.

    Raises:
        ValueError: a brace is not closed, or holds no name.
    """
    names = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
    if not all(name.isidentifier() for name in names):
        raise ValueError("braces must hold a plain name, like {folio}")
    return names


class BadReference(ValueError):
    """A name that points nowhere; `at` is its dotted place in the protocol."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.at = at


def _require(condition: bool, at: str, message: str) -> None:
    if not condition:
        raise BadReference(at, message)
