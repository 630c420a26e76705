"""What `POST /{phone-number-id}/messages` takes: models as strict as the documented limits.

An unknown key, a text that is too long or a fourth button is refused here as the Cloud API refuses it, so
that a sender's mistake shows in a test and not with a customer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, StrictBool, StrictInt, StrictStr, root_validator
from pydantic import validator as pydantic_validator

MAX_TEXT = 4096
MAX_BUTTON_BODY = 1024
MAX_CAPTION = 1024
MAX_SHORT_TEXT = 60
MAX_ROWS = 10


def _text(longest: int) -> Any:
    """A field for a text that must be given."""
    return Field(..., min_length=1, max_length=longest)


def _optional_text(longest: int, shortest: int = 1) -> Any:
    return Field(None, min_length=shortest, max_length=longest)


class Strict(BaseModel):
    """Base: unknown keys are refused."""

    class Config:
        extra = Extra.forbid


class TextContent(Strict):
    body: StrictStr = _text(MAX_TEXT)
    preview_url: StrictBool = False

    @pydantic_validator("body")
    def _says_something(cls, body: str) -> str:
        return _not_blank(body)


class MediaContent(Strict):
    """By the id of an upload or by a link, never both."""

    id: StrictStr | None = None
    link: StrictStr | None = Field(None, regex=r"^https?://\S+$")

    @root_validator(skip_on_failure=True)
    def _one_source(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["id"] is None) == (values["link"] is None):
            raise ValueError("exactly one of id and link must be given")
        return values


class Captioned(MediaContent):
    """Image, video."""

    caption: StrictStr | None = _optional_text(MAX_CAPTION)


class DocumentContent(Captioned):
    filename: StrictStr | None = _optional_text(240)


class LocationContent(Strict):
    latitude: float = Field(..., ge=-90, le=90)
    longitude: float = Field(..., ge=-180, le=180)
    name: StrictStr | None = None
    address: StrictStr | None = None


class ReactionContent(Strict):
    message_id: StrictStr
    emoji: StrictStr = Field(..., max_length=16)


class BodyText(Strict):
    text: StrictStr = _text(MAX_TEXT)

    @pydantic_validator("text")
    def _says_something(cls, text: str) -> str:
        return _not_blank(text)


class FooterText(Strict):
    text: StrictStr = _text(MAX_SHORT_TEXT)


class Header(Strict):
    type: Literal["text", "image", "video", "document"]
    text: StrictStr | None = _optional_text(MAX_SHORT_TEXT)
    image: MediaContent | None = None
    video: MediaContent | None = None
    document: MediaContent | None = None

    @root_validator(skip_on_failure=True)
    def _holds_its_kind(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values[values["type"]] is None:
            raise ValueError(f"a header of type {values['type']} needs {values['type']}")
        return values


class Reply(Strict):
    id: StrictStr = _text(256)
    title: StrictStr = _text(20)

    @pydantic_validator("id")
    def _no_outer_space(cls, value: str) -> str:
        if value != value.strip():
            raise ValueError("an id must not begin or end with a space")
        return value


class Button(Strict):
    type: Literal["reply"]
    reply: Reply


class Row(Strict):
    id: StrictStr = _text(200)
    title: StrictStr = _text(24)
    description: StrictStr | None = _optional_text(72, shortest=0)


class Section(Strict):
    title: StrictStr | None = _optional_text(24, shortest=0)
    rows: list[Row] = Field(..., min_items=1)


class ButtonAction(Strict):
    buttons: list[Button] = Field(..., min_items=1, max_items=3)

    @pydantic_validator("buttons")
    def _differ(cls, buttons: list[Button]) -> list[Button]:
        _require_different("button id", [button.reply.id for button in buttons])
        _require_different("button title", [button.reply.title for button in buttons])
        return buttons


class ListAction(Strict):
    button: StrictStr = _text(20)
    sections: list[Section] = Field(..., min_items=1, max_items=MAX_ROWS)

    @pydantic_validator("sections")
    def _fit(cls, sections: list[Section]) -> list[Section]:
        rows = [row for section in sections for row in section.rows]
        if len(rows) > MAX_ROWS:
            raise ValueError(f"at most {MAX_ROWS} rows in all sections together, not {len(rows)}")
        if len(sections) > 1 and not all(section.title for section in sections):
            raise ValueError("every section needs a title when there are several")
        _require_different("row id", [row.id for row in rows])
        return sections


class ButtonBody(BodyText):
    text: StrictStr = _text(MAX_BUTTON_BODY)


class ButtonMessage(Strict):
    type: Literal["button"]
    header: Header | None = None
    body: ButtonBody
    footer: FooterText | None = None
    action: ButtonAction


class TextHeader(Strict):
    """A list's header: nothing but text."""

    type: Literal["text"]
    text: StrictStr = _text(MAX_SHORT_TEXT)


class ListMessage(Strict):
    type: Literal["list"]
    header: TextHeader | None = None
    body: BodyText
    footer: FooterText | None = None
    action: ListAction


class Parameter(Strict):
    """What a template's placeholder becomes."""

    type: Literal["text", "payload", "currency", "date_time", "image", "video", "document"]
    text: StrictStr | None = None
    payload: StrictStr | None = _optional_text(128)
    parameter_name: StrictStr | None = None
    currency: dict[str, Any] | None = None
    date_time: dict[str, Any] | None = None
    image: MediaContent | None = None
    video: MediaContent | None = None
    document: MediaContent | None = None


class Component(Strict):
    type: Literal["header", "body", "button"]
    sub_type: Literal["quick_reply", "url"] | None = None
    index: StrictInt | StrictStr | None = None
    parameters: list[Parameter] = []

    @root_validator(skip_on_failure=True)
    def _button_is_named(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["type"] == "button" and (values["sub_type"] is None or values["index"] is None):
            raise ValueError("a button component needs sub_type and index")
        return values


class LanguageCode(Strict):
    code: StrictStr = Field(..., regex=r"^[a-z]{2,3}(_[A-Z]{2})?$")
    policy: Literal["deterministic"] = "deterministic"


class TemplateContent(Strict):
    name: StrictStr = Field(..., regex=r"^[a-z0-9_]{1,512}$")
    language: LanguageCode
    components: list[Component] = []


class Quoted(Strict):
    message_id: StrictStr


class Message(Strict):
    """One message to a customer; the content stands under the name of its type."""

    messaging_product: Literal["whatsapp"]
    recipient_type: Literal["individual"] = "individual"
    to: StrictStr = Field(..., regex=r"^\+?\d{6,15}$")
    type: StrictStr = "text"
    context: Quoted | None = None
    biz_opaque_callback_data: StrictStr | None = _optional_text(512)
    text: TextContent | None = None
    image: Captioned | None = None
    audio: MediaContent | None = None
    video: Captioned | None = None
    document: DocumentContent | None = None
    sticker: MediaContent | None = None
    location: LocationContent | None = None
    contacts: list[dict[str, Any]] | None = None
    reaction: ReactionContent | None = None
    interactive: ButtonMessage | ListMessage | None = Field(None, discriminator="type")
    template: TemplateContent | None = None

    @property
    def content(self) -> Any:
        return getattr(self, self.type)


CONTENT_TYPES = frozenset(Message.__fields__) - {
    *("messaging_product", "recipient_type", "to", "type", "context", "biz_opaque_callback_data")
}


class TypingIndicator(Strict):
    type: Literal["text"]


class ReadMark(Strict):
    """The same address takes it: a customer's message was read, and perhaps an answer is being written."""

    messaging_product: Literal["whatsapp"]
    status: Literal["read"]
    message_id: StrictStr
    typing_indicator: TypingIndicator | None = None


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is blank")
    return text


def _require_different(what: str, values: list[str]) -> None:
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"every {what} must be another, and {twice[0]!r} stands there twice")
