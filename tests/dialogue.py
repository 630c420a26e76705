"""A conversation as the action server sees it: messages, actions and forms, without Rasa.

`Dialogue` builds the trackers that Rasa would send, from plain events, and applies what the actions return.
"""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis.asyncio as redis
import yaml
from builders import NOON, ROOT
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.booked
import actions.booking
import actions.case_status
import actions.complaint
import actions.conversation
import actions.follow_up
import actions.hand_off
import actions.notices
import actions.offers
import actions.outcomes
import actions.privacy
import actions.resolution
import actions.waiting  # noqa: F401 - imported so that all actions are known
from actions.action import RelevoAction
from actions.form import AskSlot, FormValidation
from actions.services import Services
from relevo.cases.queue import CaseQueue
from relevo.follow_ups.agenda import Agenda
from relevo.protocol import Language, Protocol
from relevo.store import keys

Event = dict[str, Any]
DOMAIN: dict[str, Any] = yaml.safe_load(Path(ROOT / "domain.yml").read_text(encoding="utf-8"))
PLAIN_KEYS = {*("text", "buttons", "elements", "custom", "template", "response", "image", "attachment")}


def services_of(client: redis.Redis, protocol: Protocol, now: float = NOON) -> Services:
    """The actions' services with a clock that stands still."""
    return Services(protocol, CaseQueue(client, protocol), Agenda(client), client, now=lambda: now)


async def everything_in(client: redis.Redis) -> set[str]:
    """The names of all of the desk's keys."""
    return set(await client.keys("relevo:{desk}:*"))


async def last_folio(client: redis.Redis) -> str:
    """The folio that the desk's stream told last."""
    ((_, fields),) = await client.xrevrange(keys.DESK_EVENTS, count=1)
    return str(fields["folio"])


@dataclass(frozen=True)
class Reply:
    """What actions returned and said."""

    events: list[Event]
    messages: list[Event]
    protocol: Protocol
    language: Language
    channel: str

    @property
    def responses(self) -> list[str]:
        """The names of the responses, without `utter_`."""
        return [
            message["response"].removeprefix("utter_") for message in self.messages if message["response"]
        ]

    @property
    def texts(self) -> list[str]:
        """What the customer reads."""
        return [self._text(message) for message in self.messages if message["response"] or message["text"]]

    @property
    def statuses(self) -> list[Event]:
        """What the customer's page shows beside the texts."""
        return [message["custom"] for message in self.messages if message["custom"]]

    @property
    def slots(self) -> dict[str, Any]:
        """Slots after the events."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    def __add__(self, other: Reply) -> Reply:
        events, messages = self.events + other.events, self.messages + other.messages
        return Reply(events, messages, self.protocol, self.language, self.channel)

    def _text(self, message: Event) -> str:
        if not message["response"]:
            return str(message["text"])
        name = message["response"].removeprefix("utter_")
        values = {key: value for key, value in message.items() if key not in PLAIN_KEYS}
        if notice := self.protocol.notices.get(name.removeprefix("notice_").removesuffix("_short")):
            told = notice.short if name.endswith("_short") else notice.text
            return told.in_language(self.language)
        topic = self.protocol.topics.get(name)
        if topic and (answers := topic.answers_on(self.channel)):
            return answers.in_language(self.language)[0]
        return self.protocol.say(name, self.language, channel=self.channel, **values)


class Dialogue:
    """One customer and the actions that answer."""

    def __init__(self, services: Services, conversation: str = "c1", language: Language = "es") -> None:
        self.services = services
        self.conversation = conversation
        self.channel = "webchat"
        self.language = language
        self.slots: dict[str, Any] = {"language": language, "form_failures": 0}
        self.events: list[Event] = []
        self.form: str | None = None

    def twin(self) -> Dialogue:
        """The same conversation, as another server reads it that handles the same message again."""
        twin = copy.copy(self)
        twin.slots, twin.events = copy.deepcopy(self.slots), copy.deepcopy(self.events)
        return twin

    def customer(self, text: str, topic: str = "nlu_fallback", **values: Any) -> Dialogue:
        """A message of the customer. Values: `confidence`, `tone`, `id`, `entities`, `title` of a button,
        `also_asked`, `reading`, the browser's `time_zone`."""
        message_id = values.get("id", f"m{len(self.events)}")
        entities = values.get("entities", {})
        metadata = {name: values[name] for name in ("title", "time_zone") if name in values}
        parsed = {
            "text": text,
            "message_id": message_id,
            "intent": {"name": topic, "confidence": values.get("confidence", 0.9)},
            "tone": {"name": values.get("tone", "calm"), "confidence": 0.9},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "metadata": metadata,
            **{name: values[name] for name in ("also_asked", "reading") if name in values},
        }
        event = {"event": "user", "text": text, "parse_data": parsed, "input_channel": self.channel}
        self.events.append({**event, "message_id": message_id, "metadata": metadata})
        return self

    def bot(self, *texts: str) -> Dialogue:
        """Messages of the bot."""
        self.events += [{"event": "bot", "text": text, "metadata": {}} for text in texts]
        return self

    async def run(self, name: str, *, keep: bool = True) -> Reply:
        """Run an action as Rasa does; its events become part of the conversation unless `keep` is False."""
        reply = await self._run(name, self._tracker(self.slots, self.events))
        if keep:
            self._apply([{"event": "action", "name": name}, *reply.events])
        return reply

    async def begin(self, form: str) -> Reply:
        """Open a form: slots that are filled are checked, then the first empty one is asked for."""
        self.form = form
        self._apply([{"event": "active_loop", "name": form}])
        filled = {name: self.slots[name] for name in self._required() if self.slots.get(name) is not None}
        checked = await self._check(filled) if filled else self._silence()
        return checked + await self._ask(checked)

    async def answer(self, text: str, topic: str = "nlu_fallback", **values: Any) -> Reply:
        """The customer writes while the form asks: the text is checked, and the form goes on."""
        self.customer(text, topic, **values)
        slot = self.slots["requested_slot"]
        self._apply([{"event": "slot", "name": slot, "value": text}])
        checked = await self._check({slot: text})
        return checked + await self._ask(checked)

    async def _check(self, candidates: dict[str, Any]) -> Reply:
        """Run the form's validation on the candidates, which Rasa puts after the form's own event."""
        set_slots = [{"event": "slot", "name": name, "value": value} for name, value in candidates.items()]
        requested = {"event": "slot", "name": "requested_slot", "value": self.slots.get("requested_slot")}
        events = [*self.events, requested, {"event": "action", "name": self.form}, *set_slots]
        tracker = self._tracker({**self.slots, **candidates}, events)
        reply = await self._run(f"validate_{self.form}", tracker)
        self._apply(reply.events)
        return reply

    async def _ask(self, checked: Reply) -> Reply:
        missing = [name for name in self._required() if self.slots.get(name) is None]
        if not missing or checked.slots.get("requested_slot", "") is None:
            self.form = None
            self._apply(
                [
                    {"event": "active_loop", "name": None},
                    {"event": "slot", "name": "requested_slot", "value": None},
                ]
            )
            return self._silence()
        self._apply([{"event": "slot", "name": "requested_slot", "value": missing[0]}])
        return await self.run(f"action_ask_{missing[0]}")

    def _required(self) -> list[str]:
        required: list[str] = DOMAIN["forms"][self.form]["required_slots"]
        return required

    def _apply(self, events: list[Event]) -> None:
        self.events += events
        for event in events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            if event["event"] == "active_loop":
                self.form = event["name"]

    async def _run(self, name: str, tracker: Tracker) -> Reply:
        dispatcher = CollectingDispatcher()
        events = await action_named(name, self.services).run(dispatcher, tracker, DOMAIN)
        return Reply(events, dispatcher.messages, self.services.protocol, self.language, self.channel)

    def _silence(self) -> Reply:
        return Reply([], [], self.services.protocol, self.language, self.channel)

    def _tracker(self, slots: dict[str, Any], events: list[Event]) -> Tracker:
        latest = next((event for event in reversed(events) if event["event"] == "user"), None)
        state = {
            "sender_id": self.conversation,
            "slots": copy.deepcopy(slots),
            "latest_message": latest["parse_data"] if latest else {},
            "events": copy.deepcopy(events),
            "active_loop": {"name": self.form} if self.form else {},
        }
        return Tracker.from_dict(state)


def action_named(name: str, services: Services) -> Action:
    """One of our actions, or the validation of a form."""
    found = [action for action in all_actions(services) if action.name() == name]
    assert len(found) == 1, f"{len(found)} actions are called {name}"
    return found[0]


def all_actions(services: Services) -> list[Action]:
    """Every action of the package, the common bases left out."""
    classes = [kind for base in (RelevoAction, FormValidation) for kind in _below(base)]
    return [
        kind(services)
        for kind in classes
        if kind.__module__ != AskSlot.__module__ and not inspect.isabstract(kind)
    ]


def _below(base: type) -> list[type]:
    return [kind for child in base.__subclasses__() for kind in [child, *_below(child)]]
