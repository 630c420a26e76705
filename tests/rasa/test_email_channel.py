"""E-mail inside the bot: what becomes a piece of a letter, its language, what is said to a file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_message, settings_for_tests
from mail_server import ANA, COMPANY
from rasa.shared.core.domain import Domain

from relevo.channels.email.connector import Email
from relevo.channels.turns import HasPerson, Turns
from relevo.errors import ConfigurationError
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.follow_up import FollowUp
from relevo.protocol import Protocol
from relevo.sending.outgoing import OutgoingQueue
from relevo.store import keys
from relevo.store.customers import Customer, Customers
from relevo.store.tracker_store import RedisTrackerStore

DOMAIN = Domain.from_dict({"slots": {"language": {"type": "text", "mappings": [{"type": "custom"}]}}})
MAIL = a_message(channel="email", text="Where is my order?", language="")
FILE = {"id": "f1", "name": "foto.png", "kind": "image", "content_type": "image/png", "size": 9, "at": NOON}


class Letters:
    """The conversation `c1` by e-mail, with a stand-in for the server's agent around the real store."""

    def __init__(self, client: redis.Redis, redis_url: str, protocol: Protocol) -> None:
        self.client, self.protocol = client, protocol
        self.channel = Email(settings_for_tests(redis_url=redis_url, email_address=COMPANY), protocol)
        store = RedisTrackerStore(DOMAIN, host=redis_url)
        agent: Any = SimpleNamespace(
            domain=DOMAIN,
            tracker_store=store,
            lock_store=SimpleNamespace(lock=_no_lock),
            processor=SimpleNamespace(fetch_tracker_with_initial_session=store.get_or_create_tracker),
            parse_message=_in_english,
            handle_message=_answers,
        )
        self.turns = Turns(client, agent, protocol, {"email": self.channel}, now=lambda: NOON)

    async def pieces(self) -> list[dict[str, Any]]:
        """What waits to be sent."""
        waiting = await self.client.lrange(keys.ConversationKeys("c1").outgoing, 0, -1)
        return [json.loads(text) for text in waiting]

    async def texts(self) -> list[str]:
        return [piece["text"] for piece in await self.pieces()]


@asynccontextmanager
async def _no_lock(conversation: str) -> AsyncIterator[None]:
    yield


async def _in_english(text: str) -> dict[str, Any]:
    return {"intent": {"name": "track_order"}, "language": {"name": "en", "sure": True}}


async def _answers(message: Any) -> None:
    await message.output_channel.send_response(message.sender_id, {"text": "It is on its way."})


@pytest.fixture
async def letters(redis_client: redis.Redis, redis_url: str, protocol: Protocol) -> Letters:
    await Customers(redis_client).note("c1", Customer("email", COMPANY, ANA, NOON, contact=ANA))
    return Letters(redis_client, redis_url, protocol)


async def test_first_letter_is_greeted_and_answered_in_the_language_of_the_mail(letters: Letters) -> None:
    await letters.turns.run(MAIL)
    greeting, answer = await letters.texts()
    assert greeting.startswith("Hello, this is Luz, Casa Jacaranda's virtual assistant.")
    assert answer == "It is on its way."
    customer = await Customers(letters.client).get("c1")
    assert customer and customer.language == "en", "the letter is signed in English"


async def test_all_of_a_turn_is_one_letter_and_a_repeated_turn_says_nothing_twice(letters: Letters) -> None:
    await letters.turns.run(MAIL)
    await letters.turns._answer(MAIL, letters.turns.output_for(MAIL), HasPerson(_nobody))
    head = await OutgoingQueue(letters.client).head("c1")
    assert head
    assert [body["text"] for body in head.message.body["pieces"]] == await letters.texts()
    assert len(head.kept) == 2


async def test_buttons_and_the_person_who_answers_go_into_the_letter(letters: Letters) -> None:
    output = letters.channel.output_for(None)
    button = {"title": "Rastrear", "payload": "/track_order"}
    await output.send_text_with_buttons("c1", "¿Qué sigue?", [button])
    await output.send_text_message("c1", "Ya lo vi.", agent="Teresa")
    await output.send_custom_json("c1", {"type": "status", "status": "claimed"})
    first, second = await letters.pieces()
    assert first["body"] == {"text": "¿Qué sigue?", "options": ["Rastrear"]}
    assert (second["body"]["agent"], second["author"]) == ("Teresa", "agent")


async def test_booked_follow_up_brings_its_calendar_file(letters: Letters) -> None:
    promise = FollowUp(
        folio="RV-1111-1111",
        conversation="c1",
        channel="email",
        language="es",
        method="call",
        contact="+525512345678",
        topic="track_order",
        due_at=NOON,
        created_at=NOON,
        cause="c1:m1",
    )
    await Agenda(letters.client).book(promise)
    for folio in ("RV-1111-1111", "RV-0000-0000"):
        await letters.channel.output_for("m1").send_custom_json("c1", {"type": "follow_up", "folio": folio})
    [piece] = await letters.pieces()
    assert "BEGIN:VCALENDAR" in piece["body"]["calendar"]
    assert "5512345678" not in piece["body"]["calendar"]


async def test_file_without_words_is_answered_and_one_with_words_is_not(letters: Letters) -> None:
    told = {"attachment": FILE, "with_words": True}
    note = replace(MAIL, text="foto.png", metadata=told, is_note=True)
    await letters.turns.run(MAIL)
    before = await letters.texts()
    await letters.turns.run(replace(note, id="message-2"))
    assert await letters.texts() == before
    await letters.turns.run(replace(note, id="message-3", metadata={**told, "with_words": False}))
    assert "file" in (await letters.texts())[-1]


def test_without_email_messages_that_wait_for_it_say_what_is_missing(
    redis_url: str, protocol: Protocol
) -> None:
    channel = Email(settings_for_tests(redis_url=redis_url, email_address=""), protocol)
    with pytest.raises(ConfigurationError, match="EMAIL_"):
        channel.output_for(None)


async def _nobody() -> bool:
    return False
