"""What a person can do with the phone: parsed at the border, then done at the stand-in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from relevo.errors import RelevoError
from relevo.whatsapp.phone.requests import Request
from relevo.whatsapp.stand_in.customers import Chat, ChatMessage
from relevo.whatsapp.stand_in.graph import GraphApi
from relevo.whatsapp.stand_in.media import Media
from relevo.whatsapp.stand_in.schema import MAX_TEXT


class NotThere(RelevoError):
    """The message or the option is not in this chat."""


class Deed(Request):
    """Base of all deeds."""

    def do(self, api: GraphApi, chat: Chat) -> None:
        """Do it.

        Raises:
            NotThere
        """
        raise NotImplementedError

    def _say(self, api: GraphApi, chat: Chat, kind: str, content: Any, quotes: str = "") -> None:
        if quotes and quotes not in chat.messages:
            raise NotThere("there is no such message")
        api.say(chat.customer.wa_id, chat.number, kind, content, quotes)


class Write(Deed):
    """A text, perhaps an answer to one message."""

    deed: Literal["write"]
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    quotes: str = ""

    def do(self, api: GraphApi, chat: Chat) -> None:
        self._say(api, chat, "text", {"body": self.text}, self.quotes)


class Choose(Deed):
    """A tap on a button, a template's quick reply or a row of a list."""

    deed: Literal["choose"]
    message: str
    option: str

    def do(self, api: GraphApi, chat: Chat) -> None:
        for kind, option, content in options(_message(chat, self.message)):
            if option == self.option:
                self._say(api, chat, kind, content, self.message)
                return
        raise NotThere("there is no such option")


class React(Deed):
    """An emoji on a message; none takes it off."""

    deed: Literal["react"]
    message: str
    emoji: str = Field(max_length=16)

    def do(self, api: GraphApi, chat: Chat) -> None:
        content = {"message_id": _message(chat, self.message).id}
        self._say(api, chat, "reaction", {**content, "emoji": self.emoji} if self.emoji else content)


class SendPlace(Deed):
    """A location."""

    deed: Literal["place"]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: str = Field("", max_length=200)
    address: str = Field("", max_length=300)

    def do(self, api: GraphApi, chat: Chat) -> None:
        told = {"name": self.name, "address": self.address}
        content = {"latitude": self.latitude, "longitude": self.longitude}
        self._say(api, chat, "location", content | {key: text for key, text in told.items() if text})


class SendContact(Deed):
    """Someone's name and number."""

    deed: Literal["contact"]
    name: str = Field(min_length=1, max_length=100)
    number: str = Field(regex=r"^\+?[\d ]{6,20}$")

    def do(self, api: GraphApi, chat: Chat) -> None:
        card = {"name": {"formatted_name": self.name}, "phones": [{"phone": self.number, "type": "CELL"}]}
        self._say(api, chat, "contacts", [card])


class SendUnsupported(Deed):
    """Something that the API has no form for, such as a poll."""

    deed: Literal["unsupported"]

    def do(self, api: GraphApi, chat: Chat) -> None:
        self._say(api, chat, "unsupported", None)


class Look(Deed):
    """The chat is open on the screen: its messages are read."""

    deed: Literal["look"]

    def do(self, api: GraphApi, chat: Chat) -> None:
        api.read(chat.customer.wa_id, chat.number)


class SetPhone(Deed):
    """Changes how this customer's phone behaves."""

    deed: Literal["set"]
    is_reachable: bool
    accepts_marketing: bool

    def do(self, api: GraphApi, chat: Chat) -> None:
        chat.customer.accepts_marketing = self.accepts_marketing
        api.reach(chat.customer.wa_id, self.is_reachable)


AnyDeed = Annotated[
    Write | Choose | React | SendPlace | SendContact | SendUnsupported | Look | SetPhone,
    Field(discriminator="deed"),
]


class Envelope(BaseModel):
    """One deed, whichever."""

    __root__: AnyDeed


def send_file(api: GraphApi, chat: Chat, media: Media, filename: str) -> None:
    """A picture, a voice note or a document."""
    content = media.content()
    if media.kind == "audio":
        content["voice"] = True
    if media.kind == "document":
        content["filename"] = filename
    api.say(chat.customer.wa_id, chat.number, media.kind, content)


def options(message: ChatMessage) -> list[tuple[str, str, dict[str, Any]]]:
    """What can be tapped on a message: the type of the answer, the option's id, the answer's content."""
    if message.direction != "to_customer":
        return []
    if message.type == "template":
        return [
            ("button", payload, {"payload": payload, "text": text})
            for payload, text in message.content["buttons"]
        ]
    if message.type != "interactive":
        return []
    action = message.content["action"]
    buttons = [button["reply"] for button in action.get("buttons", [])]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    replies = [("button_reply", reply) for reply in buttons] + [("list_reply", row) for row in rows]
    return [("interactive", reply["id"], {"type": kind, kind: reply}) for kind, reply in replies]


def _message(chat: Chat, message_id: str) -> ChatMessage:
    if message_id not in chat.messages:
        raise NotThere("there is no such message")
    return chat.messages[message_id]
