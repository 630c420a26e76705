"""A turn: a message from the inbox goes through Rasa, and the customer gets an answer on their channel."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import redis.asyncio as redis
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.action_server import calls_of_turn
from relevo.cases.queue import CaseQueue
from relevo.channels.accept import InboxMessage
from relevo.channels.output import ChannelOutput
from relevo.protocol import LANGUAGES, Language, Protocol
from relevo.protocol.parts.channels import ChannelName
from relevo.protocol.parts.contingency import CASES_ELSEWHERE

if TYPE_CHECKING:
    from relevo.channels.channel import CustomerChannel

GREET = "greet"
PERSON = "contact_human_agent"
"""The topic that leads to a person, who can look at what the bot can't."""
NOTHING_UNDERSTOOD: dict[str, Any] = {"intent": {"name": None, "confidence": 0.0}, "entities": []}


class Answer(NamedTuple):
    """What a channel itself answers: a text, and topics as buttons.

    `is_owed`: whether it is said even while a person has the conversation.
    """

    text: str
    topics: tuple[str, ...] = ()
    is_owed: bool = False


class HasPerson:
    """Whether a person has the conversation of a turn; asked of the store until the answer is yes.

    From a no the turn can't tell that it stays so: a person may take over while it waits for the lock.
    """

    def __init__(self, ask: Callable[[], Awaitable[bool]]) -> None:
        self._ask, self._is_so = ask, False

    async def __call__(self) -> bool:
        self._is_so = self._is_so or await self._ask()
        return self._is_so


class Turns:
    """Runs turns with the server's agent."""

    def __init__(
        self,
        client: redis.Redis,
        agent: Agent,
        protocol: Protocol,
        channels: Mapping[str, CustomerChannel],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`channels` by name; `now` gives UTC epoch seconds."""
        self._redis = client
        self._agent = agent
        self._protocol = protocol
        self._channels = channels
        self._now = now
        self._cases = CaseQueue(client, protocol)

    async def run(self, message: InboxMessage) -> None:
        """Let the bot handle a message; it never ends in silence unless a person has the conversation."""
        is_new = not await self._agent.tracker_store.exists(message.conversation)
        output, channel = self.output_for(message), self._channels[message.channel]
        has_person = HasPerson(partial(self._is_paused, message.conversation))
        await channel.begin_turn(message, has_person)
        hello = await self._begin(message, output) if is_new else None
        await self._cases.customer_wrote(message.conversation, message.id, self._now())
        if message.is_note or hello:
            await self._note(message, output, hello or NOTHING_UNDERSTOOD)
        else:
            await self._answer(message, output, has_person)
        await channel.end_turn(message, partial(self._spoken, message.conversation))

    def output_for(self, message: InboxMessage) -> ChannelOutput:
        """Where the answer to a message goes."""
        return self._channels[message.channel].output(message.id)

    async def apologise(self, message: InboxMessage) -> None:
        """Tell the customer that something failed, rather than nothing."""
        text = self._protocol.say("technical_problem", self.language_of(message), channel=message.channel)
        output = self.output_for(message)
        await output.send_text_message(message.conversation, text, key=f"{message.id}:problem")

    def language_of(self, message: InboxMessage) -> Language:
        """The language that the channel knows of its customer; the company's own if it is none of ours."""
        return self._language(message.language)

    async def _answer(self, message: InboxMessage, output: ChannelOutput, has_person: HasPerson) -> None:
        opened = await self._cases.opened_elsewhere(message.conversation)
        known = {CASES_ELSEWHERE: opened} if opened else {}
        with calls_of_turn() as calls:
            await self._agent.handle_message(
                UserMessage(
                    message.text,
                    output,
                    message.conversation,
                    input_channel=message.channel,
                    message_id=message.id,
                    metadata={**message.metadata, **known},
                )
            )
        if (output.posted == 0 or calls.have_failed) and not await has_person():
            await self.apologise(message)

    async def _begin(self, message: InboxMessage, output: ChannelOutput) -> dict[str, Any] | None:
        """Start the tracker with the channel's language, or that of the message, and with the greeting.

        Where no page has shown the greeting, it is said now; to a mere hello it is the answer.

        Returns:
            what the message was understood as, if it is a hello that is answered; else None.
        """
        channel = self._channels[message.channel]
        greets, language = channel.greets(message), self.language_of(message)
        parsed: dict[str, Any] = {}
        if greets and not message.is_note:
            parsed = await self._agent.parse_message(message.text)
        if not message.language:
            language = self._language((parsed.get("language") or {}).get("name"))
        greeting = greeting_at(self._protocol, channel.channel, language, self._now())
        known_by = {"key": f"{message.id}:greeting"} if greets else {}
        if greets:
            await output.send_text_message(message.conversation, greeting, **known_by)
        greeted = BotUttered(greeting, metadata={"greeting": True, **known_by})
        await self._append(message.conversation, [SlotSet("language", language), greeted])
        return parsed if (parsed.get("intent") or {}).get("name") == GREET else None

    async def _note(self, message: InboxMessage, output: ChannelOutput, parsed: dict[str, Any]) -> None:
        """Keep a message that the bot doesn't handle, and say what the channel answers to it."""
        tracker = await self._agent.tracker_store.retrieve(message.conversation)
        language = self._language(tracker.get_slot("language") if tracker else None)
        events: list[Event] = [_noted(message, parsed)]
        channel = self._channels[message.channel]
        answer = await channel.answer_note(message, language) if message.is_note else None
        if answer and (answer.is_owed or not (tracker and tracker.is_paused())):
            buttons = [self._button(topic, language) for topic in answer.topics]
            await output.send_text_with_buttons(message.conversation, answer.text, buttons)
            events.append(BotUttered(answer.text, {"buttons": buttons}))
        await self._append(message.conversation, events)

    def _button(self, topic: str, language: Language) -> dict[str, str]:
        title = self._protocol.topics[topic].title.in_language(language)
        return {"title": title, "payload": f"/{topic}"}

    async def _append(self, conversation: str, events: list[Event]) -> None:
        """Add events to a conversation that the bot listens to, and go on listening."""
        async with self._agent.lock_store.lock(conversation):
            processor: Any = self._agent.processor
            tracker: DialogueStateTracker = await processor.fetch_tracker_with_initial_session(conversation)
            for event in (*events, ActionExecuted(ACTION_LISTEN_NAME)):
                tracker.update(event, self._agent.domain)
            await self._agent.tracker_store.save(tracker)

    def _language(self, wanted: str | None) -> Language:
        spoken = [language for language in LANGUAGES if language == wanted]
        return spoken[0] if spoken else self._protocol.company.default_language

    async def _spoken(self, conversation: str) -> Language:
        tracker = await self._agent.tracker_store.retrieve(conversation)
        return self._language(tracker.get_slot("language") if tracker else None)

    async def _is_paused(self, conversation: str) -> bool:
        tracker = await self._agent.tracker_store.retrieve(conversation)
        return tracker is not None and bool(tracker.is_paused())


def greeting_at(protocol: Protocol, channel: ChannelName, language: Language, now: float) -> str:
    """A channel's greeting on the day of an instant (UTC epoch seconds)."""
    return protocol.greeting(channel, language, protocol.company.hours.local(now).date())


def _noted(message: InboxMessage, parsed: dict[str, Any]) -> UserUttered:
    return UserUttered(
        message.text,
        intent=parsed["intent"],
        entities=parsed.get("entities"),
        parse_data={**parsed, "text": message.text},
        message_id=message.id,
        input_channel=message.channel,
        metadata=message.metadata,
    )
