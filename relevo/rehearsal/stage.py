"""The stage: trained model, policies and actions in one process, with a store and a clock of their own."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig

from actions.services import Services
from relevo.cases.case import Case
from relevo.cases.folio import find_folio
from relevo.channels.accept import InboxMessage
from relevo.channels.turns import Turns
from relevo.dialogue.contingency_policy import ContingencyPolicy
from relevo.follow_ups.follow_up import FollowUp
from relevo.nlu.entities import PatternEntityExtractor
from relevo.rehearsal.actors import ActionsHere, KeptChannel
from relevo.rehearsal.outcome import Leavings, outcome_of
from relevo.rehearsal.performance import Performance, Turn
from relevo.rehearsal.scenes import PLAYED_CHANNELS, Scene, words_for_bot
from relevo.store import keys
from relevo.store.lock_store import RedisLockStore
from relevo.store.tracker_store import RedisTrackerStore

SECONDS_BETWEEN_TURNS = 20.0
CONVERSATION = "rehearsal"
MESSAGE = "rehearsal-{}"
FOLIO_TOLD = "{folio}"
"""In a turn: the folio that the bot told last, which nobody can know when the scene is written."""
Event = dict[str, Any]


@dataclass
class SceneClock:
    """The time of the conversation that is played, in UTC epoch seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """Plays one conversation after the other; each finds an empty store."""

    def __init__(self, model: Path, redis_url: str, services: Services) -> None:
        """`redis_url`: a Redis that is emptied before every scene; the services' client is one of it."""
        self._clock = SceneClock()
        self._services = replace(services, now=self._clock)
        self._faults: list[str] = []
        self._folio: str | None = None
        self._agent = _load(model, redis_url, ActionsHere(self._services, self._report_fault))
        protocol = services.protocol
        self._channels: dict[str, KeptChannel] = {
            name: KeptChannel(name, protocol) for name in PLAYED_CHANNELS
        }
        self._turns = Turns(self._services.client, self._agent, protocol, self._channels, now=self._clock)
        for decider, name in ((ContingencyPolicy, "now"), (PatternEntityExtractor, "clock")):
            setattr(decider, name, staticmethod(self._clock))

    async def play(self, scene: Scene, begins_at: float) -> Performance:
        """Play a scene. `begins_at`: when its customer writes first, in UTC epoch seconds."""
        await self._services.client.flushdb()
        self._faults.clear()
        self._folio = None
        # Rasa chooses among wordings by chance: the same scene gets the same words.
        random.seed(scene.id)
        numpy.random.seed(sum(scene.id.encode()))
        replies = []
        for number in range(len(scene.turns)):
            self._clock.now = _time_of(number, begins_at)
            replies.append(await self._turn(scene, number))
        return await self._review(scene, replies, begins_at)

    async def _turn(self, scene: Scene, number: int) -> str:
        language = scene.lang or self._services.protocol.company.default_language
        words = words_for_bot(scene.turns[number].replace(FOLIO_TOLD, self._folio or FOLIO_TOLD))
        message = InboxMessage(MESSAGE.format(number), CONVERSATION, scene.channel, words, language)
        channel = self._channels[scene.channel]
        channel.begin()
        try:
            await self._turns.run(message)
        except Exception as error:  # noqa: BLE001 - as the inbox does: the customer is told, and it goes on
            self._report_fault(f"turn {number + 1}", error)
            await self._turns.apologise(message)
        self._folio = find_folio(channel.said) or self._folio
        return channel.said

    async def _review(self, scene: Scene, replies: Sequence[str], begins_at: float) -> Performance:
        tracker = await self._agent.tracker_store.retrieve_full_tracker(CONVERSATION)
        hours = self._services.protocol.company.hours
        outcome, trigger = outcome_of(await self._leavings(tracker.active_loop_name), hours.is_open)
        events = await self._events(begins_at)
        heard = {event.get("message_id"): event["parse_data"] for event in events if event["event"] == "user"}
        return Performance(
            id=scene.id,
            outcome=outcome,
            trigger=trigger,
            language=str(tracker.get_slot("language") or ""),
            turns=[
                _turn(said, heard.get(MESSAGE.format(number), {}), reply)
                for number, (said, reply) in enumerate(zip(scene.turns, replies, strict=True))
            ],
            faults=tuple(self._faults),
            events=events,
        )

    async def _leavings(self, open_form: str | None) -> Leavings:
        """What the store holds of the scene: there is nothing else in it."""
        cases, follow_ups = [await self._hashes(name("*")) for name in (keys.case, keys.follow_up)]
        return Leavings(
            [Case.from_mapping(values) for values in cases],
            [FollowUp.from_hash(values) for values in follow_ups],
            open_form,
        )

    async def _hashes(self, pattern: str) -> list[dict[str, str]]:
        client = self._services.client
        return [await client.hgetall(name) for name in sorted(await client.keys(pattern))]

    async def _events(self, begins_at: float) -> list[Event]:
        """The conversation's log; Rasa stamps it by the machine's clock, and here it gets the scene's."""
        log = await self._services.client.xrange(keys.ConversationKeys(CONVERSATION).log)
        events: list[Event] = [json.loads(fields["e"]) for _, fields in log]
        numbers = {MESSAGE.format(number): number for number in range(len(events))}
        number = 0
        for event in events:
            number = numbers.get(str(event.get("message_id")), number)
            event["timestamp"] = _time_of(number, begins_at)
        return events

    def _report_fault(self, what: str, error: Exception) -> None:
        self._faults.append(f"{what} failed: {type(error).__name__}: {error}")


def _load(model: Path, redis_url: str, actions: ActionsHere) -> Agent:
    agent = Agent.load(
        model, lock_store=RedisLockStore(EndpointConfig(url=redis_url)), action_endpoint=actions
    )
    # Rasa would wrap a store so that it falls back to memory; as in the bot's server, ours stands alone.
    agent.tracker_store = RedisTrackerStore(agent.domain, redis_url)
    agent.processor.tracker_store = agent.tracker_store
    return agent


def _time_of(number: int, begins_at: float) -> float:
    """When the customer writes a turn; the first one has the number 0."""
    return begins_at + number * SECONDS_BETWEEN_TURNS


def _turn(said: str, parsed: Event, reply: str) -> Turn:
    topic, tone = ((parsed.get(kind) or {}).get("name") or "" for kind in ("intent", "tone"))
    return Turn(said, topic, tone, reply)
