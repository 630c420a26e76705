"""The base of our channels: a small class per channel, with the inbox and the turns that all share.

A channel takes messages in: its `blueprint` hands them to `take_in`, or a process beside the bot to `accept`,
and they are kept durably. It says where words go (`output_for`), and what of a message only it can answer
(`answer_note`). docs/channels.md tells how to add one.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, TypeVar

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic

from relevo.cases.queue import CaseQueue
from relevo.channels.accept import InboxMessage
from relevo.channels.inbox import Inbox
from relevo.channels.output import ChannelOutput
from relevo.channels.turns import PERSON, Answer, Turns
from relevo.protocol import Language, Protocol, load_protocol
from relevo.protocol.parts.channels import ChannelName
from relevo.settings import Settings
from relevo.store.connection import connect

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
Kind = TypeVar("Kind", bound="CustomerChannel")


class CustomerChannel(InputChannel):
    """A channel on which customers write; named in `credentials.yml`."""

    channel: ClassVar[ChannelName]

    def __init__(self, settings: Settings, protocol: Protocol) -> None:
        self._protocol = protocol
        self._redis = connect(settings.require_redis_url())
        self._cases = CaseQueue(self._redis, protocol)
        self._inbox: Inbox | None = None

    @classmethod
    def name(cls) -> str:
        return cls.channel

    @classmethod
    def from_credentials(cls: type[Kind], credentials: dict[str, Any] | None) -> Kind:
        settings = Settings.from_environment()
        return cls(settings, load_protocol(settings.protocol_dir))

    @abstractmethod
    def output_for(self, turn: str | None) -> ChannelOutput:
        """Where words go: those of the turn that answers a message, or without one those from the desk."""

    def output(self, turn: str | None) -> ChannelOutput:
        """As `output_for`, within the measure of the channel's rules."""
        output, rules = self.output_for(turn), self._protocol.channels.get(self.channel)
        output.emoji = rules.emoji if rules else None
        return output

    def get_output_channel(self) -> OutputChannel:
        return self.output(None)

    async def begin_turn(self, message: InboxMessage, has_person: Callable[[], Awaitable[bool]]) -> None:
        """Called before a message is handled; `has_person` tells whether a person has the conversation."""

    async def end_turn(self, message: InboxMessage, spoken: Callable[[], Awaitable[Language]]) -> None:
        """Called when a message has been handled; `spoken` tells the language of the conversation."""

    def greets(self, message: InboxMessage) -> bool:
        """Whether the first message is answered with the greeting; not where a page has shown it."""
        return True

    async def answer_note(self, message: InboxMessage, language: Language) -> Answer | None:
        """What is said to a note, which the bot can't understand; None if it needs no answer."""

    async def answer_file(self, conversation: str, language: Language) -> Answer:
        """What is said to a file: who will look at it."""
        cases = await self._cases.of_conversation(conversation)
        waited_for = next((case for case in cases if case.is_open), None)
        if waited_for:
            return Answer(self._say("noted_while_waiting", language, folio=waited_for.folio))
        return Answer(self._say("file_received", language), (PERSON,))

    def _say(self, name: str, language: Language, **values: str) -> str:
        return self._protocol.say(name, language, channel=self.channel, **values)

    async def take_in(self, message: InboxMessage, shown: dict[str, Any] | None = None) -> bool:
        """Keep a message for the bot; False if it was taken in before. As `Inbox.accept`."""
        if self._inbox is None:
            raise RuntimeError("the server has not started yet")
        return await self._inbox.accept(message, shown)

    async def take_in_all(self, messages: Sequence[InboxMessage]) -> None:
        """Keep messages for the bot, those that were taken in before excepted. As `Inbox.accept_all`."""
        if self._inbox is None:
            raise RuntimeError("the server has not started yet")
        await self._inbox.accept_all(messages)

    @property
    def is_ready(self) -> bool:
        """Whether messages can be taken in."""
        return self._inbox is not None

    def begin_with(self, blueprint: Blueprint) -> None:
        """Let the inbox start and stop with the server of a blueprint."""
        blueprint.listener("after_server_start")(self._start)
        blueprint.listener("before_server_stop")(self._stop)

    async def _start(self, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        """One inbox serves all channels of a server: it also takes up what another server left behind."""
        if not hasattr(app.ctx, "inbox"):
            channels = {c.name(): c for c in app.ctx.input_channels if isinstance(c, CustomerChannel)}
            turns = Turns(self._redis, app.ctx.agent, self._protocol, channels)
            app.ctx.inbox = Inbox(self._redis, turns.run, turns.apologise)
            app.ctx.inbox.start()
        self._inbox = app.ctx.inbox

    async def _stop(self, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        if self._inbox is not None:
            await self._inbox.stop()
