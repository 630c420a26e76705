"""Notes: what a customer sends that is nothing to understand, such as a file, is kept for people to read.

A note stands in the conversation as a message that was given no meaning: no rule answers it, no trigger of
the contingency plan counts it. Unless a person has the conversation, the customer hears that it has arrived,
and who will look at it.
"""

from __future__ import annotations

from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.cases.queue import CaseQueue
from relevo.channels.inbox import InboxMessage
from relevo.protocol import Language, Protocol

PERSON = "contact_human_agent"
"""The topic that leads to a person, who can look at what the bot can't."""


class Notes:
    """Takes notes with the server's agent."""

    def __init__(self, agent: Agent, protocol: Protocol, cases: CaseQueue) -> None:
        self._agent = agent
        self._protocol = protocol
        self._cases = cases

    async def take(self, message: InboxMessage, language: Language, output: OutputChannel) -> None:
        """Append a message to its conversation, which must have begun, and say so to the customer."""
        async with self._agent.lock_store.lock(message.conversation):
            processor: Any = self._agent.processor
            tracker = await processor.get_tracker(message.conversation)
            said = UserUttered(
                message.text, input_channel=output.name(), message_id=message.id, metadata=message.metadata
            )
            tracker.update(said, self._agent.domain)
            if not tracker.is_paused():
                answer = await self._answer(message, _spoken(tracker, language))
                await output.send_response(message.conversation, dict(answer))  # it takes its argument apart
                tracker.update(BotUttered(answer["text"], data=answer), self._agent.domain)
            await self._agent.tracker_store.save(tracker)

    async def _answer(self, message: InboxMessage, language: Language) -> dict[str, Any]:
        cases = await self._cases.of_conversation(message.conversation)
        is_waited_for = next((case for case in cases if case.is_open), None)
        if is_waited_for:
            return {"text": self._protocol.say("noted_while_waiting", language, folio=is_waited_for.folio)}
        return {"text": self._protocol.say("file_received", language), "buttons": self._to_person(language)}

    def _to_person(self, language: Language) -> list[dict[str, str]]:
        topic = self._protocol.topics[PERSON]
        return [{"title": topic.title.in_language(language), "payload": f"/{PERSON}"}]


def _spoken(tracker: DialogueStateTracker, otherwise: Language) -> Language:
    """The language of the conversation, which may have changed since the page was opened."""
    spoken = tracker.get_slot("language")
    return "en" if spoken == "en" else "es" if spoken == "es" else otherwise
