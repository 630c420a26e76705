"""Suggestions of supervisors in the store: kept, replaced, withdrawn, decided on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import redis.asyncio as redis

from relevo.learning.suggestions import Suggestion, SuggestionBox, message_name, topics_to_learn
from relevo.protocol import Protocol
from relevo.store import keys

NOW = 1_764_000_000.0
SUGGESTION = Suggestion(
    message=message_name("c1", "1-0"),
    text="¿dónde está?",
    language="es",
    topic="track_order",
    tone="",
    understood_topic="delivery_period",
    understood_tone="calm",
    by="Ana",
    at=NOW,
)


@pytest.fixture
def box(redis_client: redis.Redis) -> SuggestionBox:
    return SuggestionBox(redis_client)


async def keep(box: SuggestionBox, **values: Any) -> str:
    return await box.keep(replace(SUGGESTION, **values), folio="RV-0000-0001", conversation="c1")


async def events(client: redis.Redis) -> list[dict[str, str]]:
    return [fields for _, fields in await client.xrange(keys.DESK_EVENTS)]


async def test_a_suggestion_is_kept_as_it_is_and_told(box: SuggestionBox, redis_client: redis.Redis) -> None:
    assert await keep(box) == "kept"
    assert await box.all() == [SUGGESTION]
    assert await events(redis_client) == [
        {
            "kind": "message_corrected",
            "folio": "RV-0000-0001",
            "at": "1764000000.0",
            "by": "Ana",
            "conversation": "c1",
            "message": SUGGESTION.message,
            "topic": "track_order",
            "tone": "",
        }
    ]


async def test_a_suggestion_names_neither_conversation_nor_position(
    box: SuggestionBox, redis_client: redis.Redis
) -> None:
    await box.keep(
        replace(SUGGESTION, message=message_name("5215512345678", "1-0")),
        folio="RV-1",
        conversation="5215512345678",
    )
    (suggestion,) = await box.all()
    assert "5215512345678" not in repr(await redis_client.hgetall(keys.suggestion(suggestion.message)))


async def test_a_repeat_changes_and_tells_nothing(box: SuggestionBox, redis_client: redis.Redis) -> None:
    await keep(box)
    assert await keep(box, at=NOW + 60, by="Luis") == "same"
    assert await box.all() == [SUGGESTION]
    assert len(await events(redis_client)) == 1


async def test_a_later_suggestion_for_the_same_message_replaces_the_earlier_one(box: SuggestionBox) -> None:
    await keep(box)
    assert await keep(box, topic="", tone="angry", at=NOW + 60, by="Luis") == "kept"
    assert [(other.topic, other.tone, other.by) for other in await box.all()] == [("", "angry", "Luis")]


async def test_saying_that_all_was_right_takes_the_suggestion_back(
    box: SuggestionBox, redis_client: redis.Redis
) -> None:
    assert await keep(box, topic="") == "same"
    await keep(box)
    assert await keep(box, topic="") == "withdrawn"
    assert await box.all() == []
    assert [event["kind"] for event in await events(redis_client)] == [
        "message_corrected",
        "correction_withdrawn",
    ]
    assert await redis_client.zcard(keys.SUGGESTIONS) == 0


async def test_suggestions_come_oldest_first_and_by_message(box: SuggestionBox) -> None:
    names = [message_name("c1", f"{number}-0") for number in range(3)]
    for number in (2, 0, 1):
        await keep(box, message=names[number], at=NOW + number)
    assert [suggestion.message for suggestion in await box.all()] == names
    assert list(await box.of([names[1], message_name("c2", "1-0")])) == [names[1]]


async def test_a_suggestion_lives_for_ninety_days(box: SuggestionBox, redis_client: redis.Redis) -> None:
    await keep(box)
    for key in (keys.suggestion(SUGGESTION.message), keys.SUGGESTIONS):
        assert keys.SUGGESTION_SECONDS - 60 < await redis_client.ttl(key) <= keys.SUGGESTION_SECONDS
    await redis_client.delete(keys.suggestion(SUGGESTION.message))  # its life is over
    assert await box.all() == []
    await keep(box, message=message_name("c1", "2-0"), at=NOW + keys.SUGGESTION_SECONDS + 1)
    assert await redis_client.zrange(keys.SUGGESTIONS, 0, -1) == [message_name("c1", "2-0")]


async def test_a_decided_suggestion_is_forgotten_and_a_repeat_is_harmless(box: SuggestionBox) -> None:
    await keep(box)
    assert await box.drop(SUGGESTION)
    assert not await box.drop(SUGGESTION)
    assert await box.all() == []


async def test_a_suggestion_that_was_replaced_before_the_decision_stays(box: SuggestionBox) -> None:
    await keep(box)
    await keep(box, topic="warranty")
    assert not await box.drop(SUGGESTION)
    assert [suggestion.topic for suggestion in await box.all()] == ["warranty"]


def test_every_topic_but_what_is_not_understood_can_be_learned(protocol: Protocol) -> None:
    topics = topics_to_learn(protocol)
    assert {"track_order", "out_of_scope", "repeat", "self_harm"} <= set(topics)
    assert "nlu_fallback" not in topics
