"""Rasa's tracker store on Redis, append-only.

Rasa's own store writes the whole conversation on every turn and replays it all on the next, so a turn costs
more the longer a conversation lasts. Here a turn appends its new events and reads a *working tracker*: a
snapshot of the state at the working window's start, then the last few turns. The whole transcript stays in
the log for people. Bot and desk may append at the same time: nothing is ever overwritten.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from relevo.store import keys
from relevo.store.connection import Script, connect
from relevo.store.conversation_state import ConversationState, as_events, fold

WORKING_TURNS = 10
"""Turns that the bot remembers word for word: as far back as the contingency plan may look at tones. What it
counts over the whole conversation is in the snapshot."""

_read = Script(Path(__file__).with_name("working_state.lua"))
_append = Script(Path(__file__).with_name("append_events.lua"))

LogEntry = tuple[str, dict[str, Any]]


class WorkingTracker(DialogueStateTracker):
    """A tracker that knows which of its events are already in the log."""

    entries: list[LogEntry]
    state_at_start: ConversationState
    persisted: int

    def begin(self, state: ConversationState, entries: list[LogEntry]) -> None:
        """Remember what was read from the log: all events that the tracker holds now are persisted."""
        self.state_at_start, self.entries, self.persisted = state, entries, len(self.events)

    def new_events(self) -> list[Event]:
        return list(self.events)[self.persisted :]


class RedisTrackerStore(TrackerStore):
    """Keeps trackers in Redis; named in `endpoints.yml` with its `url` (which Rasa calls host)."""

    def __init__(
        self,
        domain: Domain | None,
        host: str = "",
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._redis = connect(host)

    def init_tracker(self, sender_id: str) -> WorkingTracker:
        tracker = WorkingTracker(sender_id, self.domain.slots, max_event_history=None)
        tracker.begin(ConversationState(), [])
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The working tracker, or None for a conversation that has no events yet."""
        names = keys.ConversationKeys(sender_id)
        state_json, _, entries = await _read(self._redis, [names.log, names.snapshot], [])
        window = [(entry_id, json.loads(fields[1])) for entry_id, fields in entries]
        if not state_json and not window:
            return None
        state = ConversationState.from_json(json.loads(state_json)) if state_json else ConversationState()
        prefix = as_events(state) if state_json else []
        return self._build(sender_id, prefix, state, window)

    async def exists(self, conversation_id: str) -> bool:
        """Whether the conversation has events; asked before every turn, so no tracker is built for it."""
        return bool(await self._redis.exists(keys.ConversationKeys(conversation_id).log))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The tracker with every event of the conversation."""
        entries = await self._redis.xrange(keys.ConversationKeys(conversation_id).log)
        if not entries:
            return None
        window = [(entry_id, json.loads(fields["e"])) for entry_id, fields in entries]
        return self._build(conversation_id, [], ConversationState(), window)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the tracker's new events.

        Raises:
            TypeError: the tracker did not come from this store.
        """
        if not isinstance(tracker, WorkingTracker):
            raise TypeError("only trackers made by RedisTrackerStore can be saved: the log is append-only")
        events = [event.as_dict() for event in tracker.new_events()]
        if not events:
            return
        start, state = _advance_window(tracker, events)
        handled = _handled_ids(events)
        names = keys.ConversationKeys(tracker.sender_id)
        await _append(
            self._redis,
            [names.log, names.snapshot, names.handled],
            [
                uuid.uuid4().hex,
                keys.TRANSCRIPT_SECONDS,
                keys.DEDUPLICATION_SECONDS,
                start or "",
                json.dumps(state.to_json()) if state else "",
                len(handled),
                *handled,
                *(json.dumps(event, ensure_ascii=False) for event in events),
            ],
        )
        tracker.persisted = len(tracker.events)
        await self._note_activity(tracker.sender_id)

    async def keys(self) -> Iterable[str]:
        return await self._redis.zrange(keys.CONVERSATIONS, 0, -1)

    async def _note_activity(self, conversation: str) -> None:
        """The conversation was active now; those whose logs are gone are forgotten."""
        now = time.time()
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zadd(keys.CONVERSATIONS, {conversation: now})
            pipeline.zremrangebyscore(keys.CONVERSATIONS, "-inf", now - keys.TRANSCRIPT_SECONDS)
            await pipeline.execute()

    def _build(
        self, sender_id: str, prefix: list[dict[str, Any]], state: ConversationState, window: list[LogEntry]
    ) -> WorkingTracker:
        tracker = self.init_tracker(sender_id)
        for record in [*prefix, *(event for _, event in window)]:
            event = Event.from_parameters(record)
            if event is not None:
                tracker.update(event, self.domain)
        tracker.begin(state, window)
        return tracker


def _advance_window(
    tracker: WorkingTracker, new: list[dict[str, Any]]
) -> tuple[str | None, ConversationState | None]:
    """Where the working window begins after this turn, and the state there; (None, None) to leave it.

    Only events that were read are folded: what another process appended meanwhile lies after them.
    """
    surplus = sum(event["event"] == "user" for _, event in tracker.entries)
    surplus += sum(event["event"] == "user" for event in new) - WORKING_TURNS
    turn_starts = [i for i, (_, event) in enumerate(tracker.entries) if event["event"] == "user"]
    if surplus <= 0 or surplus >= len(turn_starts):
        return None, None
    boundary = turn_starts[surplus]
    folded = [event for _, event in tracker.entries[:boundary]]
    return tracker.entries[boundary - 1][0], fold(folded, tracker.state_at_start)


def _handled_ids(events: list[dict[str, Any]]) -> list[str]:
    ids = [event.get("message_id") for event in events if event["event"] == "user"]
    ids += [(event.get("metadata") or {}).get("outbox_id") for event in events]
    return sorted({i for i in ids if i})
