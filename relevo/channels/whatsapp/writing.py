"""Messages as the Cloud API takes them: texts, buttons and lists, within its limits."""

from __future__ import annotations

from collections.abc import Sequence

from relevo.channels.whatsapp import text as texts
from relevo.channels.whatsapp.reading import MORE
from relevo.channels.written import Body, Written
from relevo.errors import ConfigurationError
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.messaging import MAX_BUTTON_CHARACTERS, MAX_ROW_CHARACTERS, Messaging, Template
from relevo.protocol.schema import LANGUAGES, Language, Protocol
from relevo.sending.outgoing import Outgoing

CHANNEL: ChannelName = "whatsapp"
Option = dict[str, str]
"""`title` and `payload` of a button."""
MAX_TEXT_CHARACTERS = 4_096
MAX_BUTTONS_BODY_CHARACTERS = 1_024
MAX_DESCRIPTION_CHARACTERS = 72
MAX_ID_CHARACTERS = 200
MAX_BUTTONS = 3
MAX_ROWS = 10


class Writer:
    """Writes what one company says on WhatsApp."""

    def __init__(self, protocol: Protocol) -> None:
        """
        Raises:
            ConfigurationError: the protocol has no WhatsApp.
        """
        rules = protocol.channels.get(CHANNEL)
        if rules is None or rules.messaging is None:
            raise ConfigurationError("WhatsApp is set up, and channels.yml has no whatsapp with messaging.")
        self.protocol = protocol
        self.messaging: Messaging = rules.messaging
        self._limit = min(rules.max_characters or MAX_TEXT_CHARACTERS, MAX_TEXT_CHARACTERS)

    def language(self, code: str) -> Language:
        """One of our languages; the company's own for any other."""
        known = [language for language in LANGUAGES if language == code]
        return known[0] if known else self.protocol.company.default_language

    def write(self, text: str, options: Sequence[Option] = ()) -> list[Written]:
        """A text with options, as one message or several; the options stand under the last one."""
        options = [option for option in options if len(option["payload"]) <= MAX_ID_CHARACTERS]
        body_limit = MAX_BUTTONS_BODY_CHARACTERS if options else MAX_TEXT_CHARACTERS
        parts = texts.split(texts.marked(text), min(self._limit, body_limit))
        if not options or not parts:
            return [_text(part) for part in parts]
        return [*map(_text, parts[:-1]), self._with_options(parts[-1], list(options))]

    def write_more(self, options: Sequence[Option]) -> Written:
        """The next page of a list."""
        language = self._language_of(options)
        return self._list(self.messaging.more_options.in_language(language), list(options))

    def _with_options(self, text: str, options: list[Option]) -> Written:
        titles = {texts.cut(option["title"], MAX_BUTTON_CHARACTERS) for option in options}
        fit = len(titles) == len(options) and titles == {option["title"] for option in options}
        if len(options) > MAX_BUTTONS or not fit:
            return self._list(text, options)
        replies = [{"id": option["payload"], "title": option["title"]} for option in options]
        action = {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
        return Written(_interactive("button", text, action), _with_titles(text, options))

    def _list(self, text: str, options: list[Option]) -> Written:
        """A list, which has room for longer titles; what is beyond ten rows is behind the last one."""
        language = self._language_of(options)
        shown, more = (options, []) if len(options) <= MAX_ROWS else _paged(options)
        rows = [_row(option) for option in _distinct(shown)]
        if more:
            rows.append({"id": MORE, "title": self.messaging.more_options.in_language(language)})
        action = {
            "button": self.messaging.list_button.in_language(language),
            "sections": [{"rows": rows}],
        }
        return Written(_interactive("list", text, action), _with_titles(text, shown), more)

    def _language_of(self, options: Sequence[Option]) -> Language:
        """The language of options: that in which the protocol gives their topics these titles."""
        for option in options:
            topic = self.protocol.topics.get(option["payload"].removeprefix("/"))
            for language in LANGUAGES:
                if topic and topic.title.in_language(language) == option["title"]:
                    return language
        return self.protocol.company.default_language


def template_body(template: Template, language: Language) -> Body:
    """The template in a language."""
    named = {"name": template.name, "language": {"code": template.code_of(language)}}
    return {"type": "template", "template": named}


def sign(conversation: str, message_id: str, now: float, *, is_typing: bool) -> Outgoing:
    """The mark that a customer's message, with those before it, was read; perhaps that we are typing too."""
    typing = {"typing_indicator": {"type": "text"}} if is_typing else {}
    body: Body = {"status": "read", "message_id": message_id, **typing}
    shown = "typing" if is_typing else "read"
    return Outgoing(f"{shown}:{message_id}", conversation, CHANNEL, body, now, is_sign=True)


def _text(text: str) -> Written:
    return Written({"type": "text", "text": {"body": text, "preview_url": "https://" in text}}, text)


def _interactive(kind: str, text: str, action: Body) -> Body:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}}


def _paged(options: list[Option]) -> tuple[list[Option], list[Option]]:
    room = MAX_ROWS - 1
    return options[:room], options[room:]


def _distinct(options: list[Option]) -> list[Option]:
    """Options that lead to different places; the API refuses a list in which an id stands twice."""
    return list({option["payload"]: option for option in options}.values())


def _row(option: Option) -> Body:
    title = texts.cut(option["title"], MAX_ROW_CHARACTERS)
    row = {"id": option["payload"], "title": title}
    if title == option["title"]:
        return row
    return {**row, "description": texts.cut(option["title"], MAX_DESCRIPTION_CHARACTERS)}


def _with_titles(text: str, options: Sequence[Option]) -> str:
    return "\n".join([text, " ".join(f"[{option['title']}]" for option in options)])
