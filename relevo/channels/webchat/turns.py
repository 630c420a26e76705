"""A turn of the web chat: a message from the inbox goes through Rasa, and the customer gets an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet

from relevo.cases.queue import CaseQueue
from relevo.channels.inbox import InboxMessage
from relevo.channels.notes import Notes
from relevo.channels.webchat import events
from relevo.channels.webchat.output import WebChatOutput
from relevo.protocol import LANGUAGES, Language, Protocol
from relevo.store import live_entries
from relevo.store.out_stream import OutStream


class Turns:
    """Runs turns with the server's agent."""

    def __init__(
        self,
        client: redis.Redis,
        agent: Agent,
        protocol: Protocol,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now` gives UTC epoch seconds."""
        self._redis = client
        self._agent = agent
        self._protocol = protocol
        self._now = now
        self._cases = CaseQueue(client, protocol)
        self._notes = Notes(agent, protocol, self._cases)

    async def run(self, message: InboxMessage) -> None:
        """Let the bot handle a message; it never ends in silence unless a person has the conversation."""
        if not await self._agent.tracker_store.exists(message.conversation):
            await self._begin(message)
        await self._cases.customer_wrote(message.conversation, message.id, self._now())
        output = self.output_for(message)
        if "attachment" in message.metadata:
            await self._notes.take(message, self.language_of(message), output)
            return
        if not await self._is_paused(message.conversation):
            await OutStream(self._redis, message.conversation).show(live_entries.typing("bot"))
        await self._agent.handle_message(
            UserMessage(
                message.text,
                output,
                message.conversation,
                input_channel=output.name(),
                message_id=message.id,
                metadata=message.metadata,
            )
        )
        if output.posted == 0 and not await self._is_paused(message.conversation):
            await self.apologise(message)

    def output_for(self, message: InboxMessage) -> WebChatOutput:
        """Where the answer to a message goes."""
        return WebChatOutput(self._redis, message.id)

    async def apologise(self, message: InboxMessage) -> None:
        """Tell the customer that something failed, rather than nothing."""
        text = self._protocol.say("technical_problem", self.language_of(message))
        entry = events.message(text, self._now())
        await OutStream(self._redis, message.conversation).post(f"{message.id}:problem", entry)

    async def _begin(self, message: InboxMessage) -> None:
        """Start the tracker with the language of the page and the greeting that the page has shown."""
        async with self._agent.lock_store.lock(message.conversation):
            processor: Any = self._agent.processor
            tracker = await processor.fetch_tracker_with_initial_session(message.conversation)
            greeting = greeting_at(self._protocol, self.language_of(message), self._now())
            for event in (
                SlotSet("language", self.language_of(message)),
                BotUttered(greeting, metadata={"greeting": True}),
                ActionExecuted(ACTION_LISTEN_NAME),
            ):
                tracker.update(event, self._agent.domain)
            await self._agent.tracker_store.save(tracker)

    def language_of(self, message: InboxMessage) -> Language:
        """The language of the customer's page; the company's own if it has none of ours."""
        spoken = [language for language in LANGUAGES if language == message.language]
        return spoken[0] if spoken else self._protocol.company.default_language

    async def _is_paused(self, conversation: str) -> bool:
        tracker = await self._agent.tracker_store.retrieve(conversation)
        return tracker is not None and bool(tracker.is_paused())


def greeting_at(protocol: Protocol, language: Language, now: float) -> str:
    """The web chat's greeting on the day of an instant (UTC epoch seconds)."""
    return protocol.greeting("webchat", language, protocol.company.hours.local(now).date())
