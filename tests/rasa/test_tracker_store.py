"""The append-only tracker store: the bot remembers what happened, at the same cost at any length."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import redis.asyncio as redis
from builders import Network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from relevo.dialogue.history import heard_since_hand_off
from relevo.store import keys, tracker_store
from relevo.store.keys import ConversationKeys
from relevo.store.tracker_store import WORKING_TURNS, RedisTrackerStore, WorkingTracker

DOMAIN = Domain.from_dict(
    {
        "intents": ["greet"],
        "slots": {
            "language": {"type": "text", "mappings": [{"type": "custom"}]},
            "form_failures": {"type": "any", "initial_value": 0, "mappings": [{"type": "custom"}]},
            "is_urgent": {"type": "bool", "mappings": [{"type": "custom"}]},
            "heard_before": {"type": "any", "mappings": [{"type": "custom"}]},
        },
        "forms": {"complaint_form": {"required_slots": ["language"]}},
        "actions": ["action_hand_off"],
    }
)
NAMES = ConversationKeys("c1")
NUMBERS = itertools.count()

StoreFactory = Callable[[], RedisTrackerStore]


def says(text: str, message_id: str | None = None) -> UserUttered:
    return UserUttered(text, {"name": "greet"}, message_id=message_id)


SLOTS = st.one_of(
    st.builds(SlotSet, st.just("language"), st.sampled_from(["es", "en", None])),
    st.builds(SlotSet, st.just("form_failures"), st.sampled_from([0, 1, None, {"a": [1, "ñ"]}])),
    st.builds(SlotSet, st.just("is_urgent"), st.booleans()),
)
BEGINNINGS = st.sampled_from([AllSlotsReset, SessionStarted, Restarted]).map(lambda kind: kind())
HAND_OVERS = st.sampled_from([ConversationPaused, ConversationResumed]).map(lambda kind: kind())
EVENTS: st.SearchStrategy[Event] = st.one_of(
    SLOTS,
    st.builds(says, st.sampled_from(["¡Hola!", "👋", "¿Y mi pedido?"])),
    st.builds(BotUttered, st.sampled_from(["Hola", "Soy Luz."])),
    st.builds(ActionExecuted, st.sampled_from(["action_listen", "action_hand_off", "complaint_form"])),
    st.builds(ActiveLoop, st.sampled_from(["complaint_form", None])),
    HAND_OVERS,
    BEGINNINGS,
)
TURNS = st.lists(EVENTS, max_size=4).map(lambda events: [says("¿Y ahora?"), *events])
STEPS = st.lists(
    st.tuples(TURNS | st.lists(EVENTS, max_size=3), st.lists(HAND_OVERS | EVENTS, max_size=2)),
    min_size=3,
    max_size=12,
)
"""Of each step: what the bot appends, and what the desk appends between the bot's reading and saving."""


@pytest.fixture
async def a_store(redis_client: redis.Redis, redis_url: str) -> AsyncIterator[StoreFactory]:
    """Builds stores of as many servers as a test needs."""
    stores: list[RedisTrackerStore] = []

    def build() -> RedisTrackerStore:
        stores.append(RedisTrackerStore(DOMAIN, redis_url))
        return stores[-1]

    yield build
    for store in stores:
        await close(store)


@pytest.fixture
def store(a_store: StoreFactory) -> RedisTrackerStore:
    return a_store()


@pytest.fixture
def bot(a_store: StoreFactory) -> RedisTrackerStore:
    """The store of the bot's server."""
    return a_store()


@pytest.fixture
def desk(a_store: StoreFactory) -> RedisTrackerStore:
    """The store of the server that takes what the desk appends."""
    return a_store()


async def close(store: RedisTrackerStore) -> None:
    await store._redis.close()
    await store._redis.connection_pool.disconnect()


async def load(store: RedisTrackerStore, conversation: str = "c1") -> WorkingTracker:
    """The tracker with which a server begins a turn."""
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    assert isinstance(tracker, WorkingTracker)
    return tracker


async def append(store: RedisTrackerStore, *events: Event, conversation: str = "c1") -> None:
    """One turn: read, add, save."""
    tracker = await load(store, conversation)
    tracker.update_with_events(list(events), DOMAIN)
    await store.save(tracker)


async def turn(store: RedisTrackerStore, number: int) -> None:
    """A usual turn: the customer says something and is answered."""
    await append(
        store,
        says(f"question {number}", message_id=f"message-{number}"),
        SlotSet("form_failures", number),
        ActionExecuted("action_hand_off"),
        BotUttered(f"answer {number}"),
        ActionExecuted("action_listen"),
    )


async def whole(client: redis.Redis, conversation: str = "c1") -> DialogueStateTracker:
    """The tracker replayed by Rasa itself from all that is in the log."""
    entries = await client.xrange(ConversationKeys(conversation).log)
    events = [json.loads(fields["e"]) for _, fields in entries]
    return DialogueStateTracker.from_dict(conversation, events, DOMAIN.slots)


def said(tracker: DialogueStateTracker) -> list[str]:
    """What customer, bot and agents have said, as the tracker remembers it."""
    return [event.text for event in tracker.events if isinstance(event, UserUttered | BotUttered)]


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What decides about the bot's next step; what was heard before is in the events of a whole replay."""
    slots = {name: slot for name, slot in tracker.slots.items() if name != "heard_before"}
    return {
        "slots": {name: slot.value for name, slot in slots.items()},
        "active loop": tracker.active_loop_name,
        "paused": tracker.is_paused(),
        "latest action": tracker.latest_action_name,
        "follow-up action": tracker.followup_action,
        "latest message": tracker.latest_message and tracker.latest_message.text,
        "set slots": {name for name, slot in slots.items() if slot.has_been_set},
    }


def last_turns(tracker: DialogueStateTracker, turns: int) -> list[dict[str, Any]]:
    """All events from the customer's last messages on, as they were written."""
    events = [event.as_dict() for event in tracker.events]
    begins = [place for place, event in enumerate(events) if event["event"] == "user"]
    return events[begins[-turns] :] if len(begins) >= turns else events


async def test_rasa_builds_the_store_from_its_endpoints_file_and_not_the_one_in_memory(
    redis_url: str,
) -> None:
    described = EndpointConfig(redis_url, type="relevo.store.tracker_store.RedisTrackerStore")
    built = TrackerStore.create(described, DOMAIN)
    store = built._tracker_store if isinstance(built, FailSafeTrackerStore) else built
    assert isinstance(store, RedisTrackerStore)
    await close(store)


async def test_conversation_that_nobody_has_begun_has_no_tracker(store: RedisTrackerStore) -> None:
    assert await store.retrieve("c1") is None
    assert await store.retrieve_full_tracker("c1") is None
    assert not await store.exists("c1")


async def test_conversation_is_read_back_as_it_was_saved(
    store: RedisTrackerStore, a_store: StoreFactory
) -> None:
    events = [
        SlotSet("language", "es"),
        says("¿Dónde está? 📦"),
        BotUttered("Aquí", metadata={"agent": "Ana"}),
    ]
    await append(store, *events)
    tracker = await load(a_store())
    assert [event.as_dict() for event in tracker.events] == [event.as_dict() for event in events]


async def test_conversations_are_kept_apart(store: RedisTrackerStore) -> None:
    await append(store, says("of the first"), conversation="c1")
    await append(store, says("of the second"), conversation="c2")
    assert said(await load(store, "c1")) == ["of the first"]
    assert said(await load(store, "c2")) == ["of the second"]


async def test_bot_remembers_the_last_turns_word_for_word_and_people_all_of_them(
    store: RedisTrackerStore,
) -> None:
    for number in range(25):
        await turn(store, number)
    everything = [f"{what} {number}" for number in range(25) for what in ("question", "answer")]
    assert said(await load(store)) == everything[-2 * WORKING_TURNS :]
    full = await store.retrieve_full_tracker("c1")
    assert full
    assert said(full) == everything


async def test_what_was_asked_before_the_remembered_turns_is_still_counted(store: RedisTrackerStore) -> None:
    for number in range(WORKING_TURNS + 3):
        await append(store, says(f"question {number}"), BotUttered("…"), ActionExecuted("action_listen"))
    tracker = await load(store)
    before = tracker.get_slot("heard_before")
    assert [topic for topic, _ in before] == ["greet"] * 3
    assert len(heard_since_hand_off(tracker)) == WORKING_TURNS + 3


async def test_conversation_that_a_person_has_stays_paused_however_long_it_lasts(
    store: RedisTrackerStore,
) -> None:
    await append(store, SlotSet("language", "en"), ActiveLoop("complaint_form"), ConversationPaused())
    for number in range(3 * WORKING_TURNS):
        await append(store, says(str(number)))
        await append(store, BotUttered("Soy Ana.", metadata={"agent": "Ana"}))
    tracker = await load(store)
    assert tracker.is_paused()
    assert tracker.get_slot("language") == "en"
    assert tracker.active_loop_name == "complaint_form"


@pytest.mark.parametrize(
    "history",
    [
        [ConversationPaused(), BotUttered("Soy Ana."), ConversationResumed()],
        [SlotSet("language", "en"), SlotSet("form_failures", 3), AllSlotsReset()],
        [ActiveLoop("complaint_form"), SlotSet("language", "en"), ActiveLoop(None)],
        [ActiveLoop("complaint_form"), ConversationPaused(), ActionExecuted("action_hand_off"), Restarted()],
        [SlotSet("language", "en"), ActionExecuted("action_hand_off"), SessionStarted()],
        [SlotSet("language", None), SlotSet("form_failures", None)],
    ],
)
async def test_what_happened_before_the_remembered_turns_has_its_effect(
    store: RedisTrackerStore, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch, history: list[Event]
) -> None:
    monkeypatch.setattr(tracker_store, "WORKING_TURNS", 2)
    await append(store, *history)
    for number in range(4):
        await append(store, says(str(number)))
    remembered = await load(store)
    assert said(remembered) == ["2", "3"]
    assert state_of(remembered) == state_of(await whole(redis_client))


@given(STEPS, st.integers(2, 4))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_what_the_bot_remembers_equals_the_replay_of_everything(
    redis_client: redis.Redis,
    bot: RedisTrackerStore,
    desk: RedisTrackerStore,
    steps: list[tuple[list[Event], list[Event]]],
    turns: int,
) -> None:
    conversation = f"random-{next(NUMBERS)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracker_store, "WORKING_TURNS", turns)
        for of_the_bot, of_the_desk in steps:
            tracker = await load(bot, conversation)
            await append(desk, *of_the_desk, conversation=conversation)
            tracker.update_with_events(of_the_bot, DOMAIN)
            await bot.save(tracker)
    remembered, everything = await load(bot, conversation), await whole(redis_client, conversation)
    assert state_of(remembered) == state_of(everything)
    if everything.events:
        window = last_turns(everything, turns)
        assert [event.as_dict() for event in remembered.events][-len(window) :] == window


async def test_nothing_is_overwritten_when_two_servers_save_the_same_conversation(
    redis_client: redis.Redis, bot: RedisTrackerStore, desk: RedisTrackerStore
) -> None:
    for number in range(WORKING_TURNS + 3):
        await turn(bot, number)
    of_the_bot, of_the_desk = await load(bot), await load(desk)
    of_the_bot.update_with_events([says("while the agent writes"), BotUttered("the bot")], DOMAIN)
    of_the_desk.update_with_events([ConversationPaused(), BotUttered("the agent")], DOMAIN)
    await asyncio.gather(bot.save(of_the_bot), desk.save(of_the_desk))
    everything = await whole(redis_client)
    assert set(said(everything)[-3:]) == {"while the agent writes", "the bot", "the agent"}
    assert len(said(everything)) == 2 * (WORKING_TURNS + 3) + 3
    assert state_of(await load(bot)) == state_of(everything)


async def test_server_that_saves_late_does_not_turn_back_what_the_bot_remembers(
    redis_client: redis.Redis, a_store: StoreFactory
) -> None:
    slow, quick = a_store(), a_store()
    for number in range(WORKING_TURNS):
        await turn(quick, number)
    late = await load(slow)
    for number in range(WORKING_TURNS, 2 * WORKING_TURNS):
        await turn(quick, number)
    window = await redis_client.hget(NAMES.snapshot, "start")
    late.update_with_events([says("at last")], DOMAIN)
    await slow.save(late)
    assert await redis_client.hget(NAMES.snapshot, "start") == window
    assert said(await load(quick))[-1] == "at last"
    assert state_of(await load(quick)) == state_of(await whole(redis_client))


async def test_save_without_news_writes_nothing(store: RedisTrackerStore, redis_client: redis.Redis) -> None:
    tracker = await load(store)
    tracker.update_with_events([says("Hola"), BotUttered("Hola")], DOMAIN)
    for _ in range(3):
        await store.save(tracker)
    assert await redis_client.xlen(NAMES.log) == 2


async def test_tracker_that_is_saved_in_the_middle_of_a_turn_appends_the_rest_at_its_end(
    store: RedisTrackerStore, redis_client: redis.Redis
) -> None:
    for number in range(WORKING_TURNS + 2):
        tracker = await load(store)
        tracker.update_with_events([says(f"question {number}")], DOMAIN)
        await store.save(tracker)
        tracker.update_with_events([SlotSet("form_failures", number), BotUttered(f"answer {number}")], DOMAIN)
        await store.save(tracker)
    assert await redis_client.xlen(NAMES.log) == 3 * (WORKING_TURNS + 2)
    assert state_of(await load(store)) == state_of(await whole(redis_client))


async def test_save_whose_answer_was_lost_appends_once(
    store: RedisTrackerStore, redis_client: redis.Redis, redis_url: str
) -> None:
    await turn(store, 0)
    async with Network(redis_url).up() as network:
        behind_it = RedisTrackerStore(DOMAIN, network.url)
        tracker = await load(behind_it)
        tracker.update_with_events([says("once"), BotUttered("only")], DOMAIN)
        network.lose_answer()
        await behind_it.save(tracker)
        await close(behind_it)
    assert network.lost == 1
    assert said(await whole(redis_client)) == ["question 0", "answer 0", "once", "only"]


async def test_turn_writes_only_its_new_events(store: RedisTrackerStore, redis_client: redis.Redis) -> None:
    lengths = []
    for number in range(WORKING_TURNS + 5):
        before = await redis_client.xlen(NAMES.log)
        await turn(store, number)
        lengths.append(await redis_client.xlen(NAMES.log) - before)
    assert set(lengths) == {5}


async def test_turn_moves_no_more_bytes_late_in_a_conversation_than_early(
    store: RedisTrackerStore, redis_client: redis.Redis
) -> None:
    for number in range(100, 100 + WORKING_TURNS + 5):
        await turn(store, number)
    early = await _bytes_moved(redis_client, lambda: turn(store, 500))
    for number in range(60):
        await turn(store, number)
    late = await _bytes_moved(redis_client, lambda: turn(store, 500))
    assert early > 1_000
    assert late < 1.05 * early


async def _bytes_moved(client: redis.Redis, work: Callable[[], Awaitable[None]]) -> int:
    """Bytes that Redis reads and writes while the work is done."""

    async def moved() -> int:
        numbers = await client.info("stats")
        return int(numbers["total_net_input_bytes"]) + int(numbers["total_net_output_bytes"])

    before = await moved()
    await work()
    return await moved() - before


async def test_ids_of_what_was_handled_are_noted_with_its_events(
    store: RedisTrackerStore, redis_client: redis.Redis
) -> None:
    await append(
        store,
        says("Hola", message_id="message-1"),
        ConversationPaused(metadata={"outbox_id": "o1", "key": "o1:0"}),
        BotUttered("Soy Ana.", metadata={"agent": "Ana", "outbox_id": "o1", "key": "o1:1"}),
    )
    handled = await redis_client.smembers(NAMES.handled)
    assert {name for name in handled if not name.startswith("save:")} == {"message-1", "o1"}


async def test_outbox_item_that_two_clocks_deliver_is_in_the_transcript_once(
    a_store: StoreFactory, redis_client: redis.Redis
) -> None:
    for server in (a_store(), a_store()):
        await append(
            server,
            ConversationResumed(metadata={"outbox_id": "o1", "key": "o1:0"}),
            BotUttered("Te dejo con Luz.", metadata={"outbox_id": "o1", "key": "o1:1"}),
        )
    await append(a_store(), BotUttered("Hola", metadata={"outbox_id": "o2", "key": "o2:0"}), says("Sí"))
    assert said(await whole(redis_client)) == ["Te dejo con Luz.", "Hola", "Sí"]
    assert await redis_client.xlen(NAMES.log) == 4


async def test_only_trackers_of_this_store_can_be_saved(store: RedisTrackerStore) -> None:
    stranger = DialogueStateTracker.from_events("c1", [says("Hola")], DOMAIN.slots)
    with pytest.raises(TypeError, match="append-only"):
        await store.save(stranger)
    assert await store.retrieve("c1") is None


async def test_nothing_of_a_conversation_stays_for_ever(
    store: RedisTrackerStore, redis_client: redis.Redis
) -> None:
    for number in range(WORKING_TURNS + 2):
        await turn(store, number)
    lives = {name: await redis_client.ttl(name) async for name in redis_client.scan_iter()}
    assert lives.pop(keys.CONVERSATIONS) == -1
    assert lives.pop(NAMES.handled) == pytest.approx(keys.DEDUPLICATION_SECONDS, abs=5)
    assert lives == {
        NAMES.log: pytest.approx(keys.TRANSCRIPT_SECONDS, abs=5),
        NAMES.snapshot: pytest.approx(keys.TRANSCRIPT_SECONDS, abs=5),
    }


async def test_conversations_are_listed_until_their_logs_are_gone(
    store: RedisTrackerStore, redis_client: redis.Redis
) -> None:
    await redis_client.zadd(keys.CONVERSATIONS, {"of last year": 1.0})
    await append(store, says("Hola"), conversation="c1")
    await append(store, says("Hola"), conversation="c2")
    assert list(await store.keys()) == ["c1", "c2"]
