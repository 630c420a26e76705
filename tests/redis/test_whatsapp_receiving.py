"""What a webhook leaves behind: messages in the inbox, customers, consent, statuses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, client_of, settings_for_tests
from small_graph import LINE, OTHER_LINE, a_text, a_webhook, received, whatsapp_settings

from relevo.channels.accept import InboxMessage
from relevo.channels.whatsapp.identity import conversation_of
from relevo.channels.whatsapp.messages import Failure, Messages
from relevo.channels.whatsapp.receiving import Receiver
from relevo.channels.whatsapp.webhook import parse_webhook
from relevo.channels.whatsapp.writing import Writer
from relevo.privacy.records import find_customer
from relevo.protocol import Protocol
from relevo.sending.alerts import Alerts
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.sending.undelivered import Undelivered
from relevo.store import keys
from relevo.store.consent import Consents
from relevo.store.customers import Customer, Customers
from relevo.store.remote_files import RemoteFile, RemoteFiles

ANA = "5215512345678"
SETTINGS = settings_for_tests(whatsapp=whatsapp_settings())
CONVERSATION = conversation_of(SETTINGS.key_for("whatsapp"), LINE, ANA)


@dataclass
class Door:
    """Webhooks come in; what is taken in is kept here instead of in the inbox."""

    client: redis.Redis
    protocol: Protocol
    taken: list[InboxMessage] = field(default_factory=list)

    async def take(self, messages: Sequence[InboxMessage]) -> None:
        self.taken += messages

    async def come(self, *messages: dict[str, Any], now: float = NOON, **more: Any) -> list[InboxMessage]:
        """A webhook comes; what of it was taken in."""
        before = len(self.taken)
        receiver = Receiver(self.client, SETTINGS, Writer(self.protocol), self.take)
        await receiver.receive(parse_webhook(json.dumps(a_webhook(*messages, **more)).encode()), now)
        return self.taken[before:]

    async def sent(self, wamid: str, **values: Any) -> Outgoing:
        """A message that we sent under an id of WhatsApp's."""
        plain: dict[str, Any] = {
            "body": {"type": "text", "text": {"body": "Hola"}},
            "at": NOON,
            "text": "Hola",
        }
        message = Outgoing("o1/0", CONVERSATION, "whatsapp", **{**plain, **values})
        await Customers(self.client).note(CONVERSATION, Customer("whatsapp", LINE, ANA, NOON - 60))
        await Messages(self.client).note_sent(CONVERSATION, wamid, message)
        return message

    async def status(self, wamid: str, status: str, code: int | None = None) -> str:
        """A status comes; what the message is at afterwards."""
        errors = [] if code is None else [{"code": code, "title": "x"}]
        told = {
            "id": wamid,
            "status": status,
            "timestamp": str(int(NOON)),
            "recipient_id": ANA,
            "errors": errors,
        }
        await self.come(statuses=[told])
        known = await Messages(self.client).get(CONVERSATION, wamid)
        return known.status if known else ""

    async def waiting(self) -> list[Outgoing]:
        """What waits to be sent."""
        kept = await self.client.lrange(keys.ConversationKeys(CONVERSATION).outgoing, 0, -1)
        return [Outgoing.from_json(text) for text in kept]


@pytest.fixture
def door(redis_client: redis.Redis, protocol: Protocol) -> Door:
    return Door(redis_client, protocol)


async def test_message_is_taken_in_under_a_conversation_that_hides_the_number(door: Door) -> None:
    [message] = await door.come(a_text("¿Dónde está mi pedido?", at=int(NOON) - 3))
    assert (message.id, message.conversation) == ("wamid.in1", CONVERSATION)
    assert (message.text, message.language, message.written_at) == ("¿Dónde está mi pedido?", "es", NOON - 3)
    assert "5512345678" not in repr(message.conversation) + json.dumps(message.metadata)


async def test_customers_number_is_known_as_contact_and_answers_go_to_the_id_as_it_came(door: Door) -> None:
    await door.come(a_text("hola"))
    customer = await Customers(door.client).get(CONVERSATION)
    assert customer
    assert (customer.contact, customer.address, customer.line) == ("+525512345678", ANA, LINE)
    assert "5512345678" not in repr(customer)


async def test_customer_is_forgotten_with_the_transcript(door: Door) -> None:
    await door.come(a_text("hola"))
    life = await door.client.ttl(keys.ConversationKeys(CONVERSATION).customer)
    assert 0 < life <= keys.TRANSCRIPT_SECONDS


async def test_older_message_that_comes_late_moves_no_window(door: Door) -> None:
    await door.come(a_text("b", 2, at=int(NOON)))
    await door.come(a_text("a", 1, at=int(NOON) - 60))
    customer = await Customers(door.client).get(CONVERSATION)
    assert customer
    assert (customer.wrote_at, customer.last_message) == (NOON, "wamid.in2")


async def test_message_from_the_future_opens_no_longer_window(door: Door) -> None:
    await door.come(a_text("hola", at=int(NOON) + 86_400))
    customer = await Customers(door.client).get(CONVERSATION)
    assert customer
    assert customer.wrote_at == NOON


async def test_each_of_our_numbers_has_its_own_conversation_and_others_are_ignored(door: Door) -> None:
    [one] = await door.come(a_text("hola"))
    [other] = await door.come(a_text("hola"), line=OTHER_LINE)
    assert one.conversation != other.conversation
    assert await door.come(a_text("hola"), line="3077") == []


async def test_customer_who_asks_for_their_data_is_found_by_the_number_they_write_from(door: Door) -> None:
    await door.come(a_text("hola"))
    assert (await find_customer(door.client, "55 1234 5678")).conversations == (CONVERSATION,)


async def test_webhook_of_hundreds_is_kept_in_a_few_trips_and_in_order(door: Door, monkeypatch: Any) -> None:
    trips = 0
    send = redis.Connection.send_packed_command

    async def counted(self: redis.Connection, *values: Any, **more: Any) -> None:
        nonlocal trips
        trips += 1
        await send(self, *values, **more)

    await door.client.script_flush()
    monkeypatch.setattr(redis.Connection, "send_packed_command", counted)
    many = [
        a_text(f"{number}", number, sender=f"52155500000{number % 100:02}", at=int(NOON) - 400 + number)
        for number in range(300)
    ]
    many[200]["context"] = {"from": "1", "id": "wamid.in100"}
    taken = await door.come(*many)
    assert trips < 20
    assert [message.text for message in taken] == [f"{number}" for number in range(300)]
    assert taken[200].metadata["quoted"] == "100"


async def test_quoted_text_goes_along_for_people(door: Door) -> None:
    await door.sent("wamid.out1", text="¿Te llegó la silla?")
    [message] = await door.come(a_text("no", 2) | {"context": {"from": "1", "id": "wamid.out1"}})
    assert message.metadata["quoted"] == "¿Te llegó la silla?"


async def test_voice_note_is_a_note_with_what_is_needed_to_fetch_it(door: Door) -> None:
    [message] = await door.come(received("audio", {"id": "media-1", "voice": True}))
    assert (message.is_note, message.metadata["note"]) == (True, "voice")
    assert message.metadata["media"]["id"] == "media-1"


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
async def test_file_is_noted_to_be_fetched_once_however_often_it_is_told(door: Door, kind: str) -> None:
    content = {"id": "media-1", "sha256": "ab" * 32, "caption": "mi recibo", "filename": "recibo.pdf"}
    for _ in range(2):
        await door.come(received(kind, content))
    files = await RemoteFiles(door.client).all(CONVERSATION)
    assert files == {
        "media-1": RemoteFile("media-1", kind, NOON, name="recibo.pdf", sha256="ab" * 32),
    }
    assert await RemoteFiles(door.client).marks.due(NOON, 10) == [CONVERSATION]


async def test_file_is_marked_though_the_marks_node_of_a_cluster_is_faster_than_the_others(
    door: Door, redis_url: str
) -> None:
    files = RemoteFiles(door.client)

    async def fetcher_looks() -> None:
        mark = await files.marks.of(CONVERSATION)
        if not await files.waiting(CONVERSATION):
            await files.marks.forget(CONVERSATION, mark)

    async with client_of(redis_url) as client:
        first_in_trips(client, keys.REMOTE_FILES, fetcher_looks)
        await replace(door, client=client).come(received("image", {"id": "media-1"}))
    assert await files.marks.due(NOON, 1) == [CONVERSATION]


def first_in_trips(client: redis.Redis, key: str, deed: Callable[[], Awaitable[None]]) -> None:
    """Have the commands on a key precede the others of their trip, and something done between them."""
    begin = client.pipeline

    def pipeline(transaction: bool = True) -> Any:
        trip: Any = begin(transaction)
        execute = trip.execute

        async def execute_apart() -> list[Any]:
            asked = trip.command_stack
            trip.command_stack = [command for command in asked if key in command[0]]
            first = await execute()
            await deed()
            trip.command_stack = [command for command in asked if key not in command[0]]
            return [*first, *await execute()]

        trip.execute = execute_apart
        return trip

    client.pipeline = pipeline  # type: ignore[method-assign]


@pytest.mark.parametrize("word", ["STOP", "baja", "¡Alto!", "Darme de baja.", "cancelar suscripcion"])
async def test_word_of_the_protocol_withdraws_consent_and_is_confirmed_once(door: Door, word: str) -> None:
    [first] = await door.come(a_text(word, 1, at=int(NOON) - 9))
    assert (first.is_note, first.metadata["consent"]) == (True, "out")
    assert (await Consents(door.client).of(CONVERSATION)).is_withdrawn
    [repeated] = await door.come(a_text(word, 1, at=int(NOON) - 9))
    assert repeated == first, "a webhook that Meta repeats says the same; the inbox drops it"
    [again] = await door.come(a_text(word, 2, at=int(NOON)))
    assert (again.is_note, "consent" in again.metadata) == (True, False)


async def test_consent_is_given_again_and_the_later_word_holds(door: Door) -> None:
    await door.come(a_text("BAJA", 1, at=int(NOON) - 60))
    [given] = await door.come(a_text("alta", 2, at=int(NOON)))
    assert given.metadata["consent"] == "in"
    await door.come(a_text("BAJA", 3, at=int(NOON) - 30))
    assert not (await Consents(door.client).of(CONVERSATION)).is_withdrawn


async def test_word_that_gives_what_was_never_withdrawn_is_for_the_bot(door: Door) -> None:
    [message] = await door.come(a_text("alta"))
    assert not message.is_note


@pytest.mark.parametrize("text", ["¿cómo paro el débito? stop", "quiero darme de baja del boletín", "altos"])
async def test_word_within_a_sentence_is_for_the_bot(door: Door, text: str) -> None:
    [message] = await door.come(a_text(text))
    assert not message.is_note


async def test_record_of_consent_does_not_run_out_and_does_not_tell_the_number(door: Door) -> None:
    await door.come(a_text("BAJA"))
    name = keys.ConversationKeys(CONVERSATION).consent
    assert await door.client.ttl(name) == -1
    assert "5512345678" not in name + json.dumps(await door.client.hgetall(name))


async def test_statuses_only_move_forward(door: Door) -> None:
    await door.sent("wamid.out1")
    assert await door.status("wamid.out1", "sent") == "sent"
    assert await door.status("wamid.out1", "read") == "read"
    assert await door.status("wamid.out1", "delivered") == "read"
    assert await door.status("wamid.out1", "beamed") == "read"


async def test_status_that_comes_before_the_answer_to_our_request_is_kept(door: Door) -> None:
    await door.status("wamid.out1", "delivered")
    await door.sent("wamid.out1")
    known = await Messages(door.client).get(CONVERSATION, "wamid.out1")
    assert known
    assert (known.status, known.text) == ("delivered", "Hola")


async def test_failure_that_is_final_reaches_people_once(door: Door) -> None:
    await door.sent("wamid.out1")
    for _ in range(2):
        assert await door.status("wamid.out1", "failed", 131026) == "failed"
    [entry] = await Undelivered(door.client).all()
    assert (entry.reason, entry.code, entry.text) == ("not_reachable", "131026", "Hola")


async def test_failure_that_may_pass_is_sent_again_a_few_times(door: Door) -> None:
    messages = Messages(door.client)
    await door.sent("wamid.out0")
    for number in range(3):
        await door.status(f"wamid.out{number}", "failed", 131016)
        again = (await door.waiting())[-1]
        await messages.note_sent(CONVERSATION, f"wamid.out{number + 1}", again)
    await door.status("wamid.out3", "failed", 131016)
    assert [message.id for message in await door.waiting()] == ["o1/0~1", "o1/0~2", "o1/0~3"]
    assert [entry.reason for entry in await Undelivered(door.client).all()] == ["gave_up"]


async def test_failure_that_stops_all_sending_sounds_an_alert_and_the_message_waits(door: Door) -> None:
    await door.come(a_text("hola"))
    await door.sent("wamid.out1")
    await door.status("wamid.out1", "failed", 131031)
    assert [alert.trouble for alert in await Alerts(door.client).all()] == ["blocked"]
    assert [message.id for message in await door.waiting()] == ["o1/0~1"]
    assert await Undelivered(door.client).all() == []


async def test_failure_because_the_customer_wants_no_more_is_obeyed(door: Door) -> None:
    await door.come(a_text("hola"))
    await door.sent("wamid.out1")
    await door.status("wamid.out1", "failed", 131050)
    assert (await Consents(door.client).of(CONVERSATION)).is_withdrawn
    assert [entry.reason for entry in await Undelivered(door.client).all()] == ["opted_out"]


async def test_failure_that_nobody_has_seen_to_is_told_by_the_answer_to_our_request(door: Door) -> None:
    await door.come(a_text("hola"))
    await door.status("wamid.out1", "failed", 131016)
    assert await door.waiting() == []
    messages, message = Messages(door.client), Outgoing("o1/0", CONVERSATION, "whatsapp", {}, at=NOON)
    assert await messages.note_sent(CONVERSATION, "wamid.out1", message) == Failure(131016)
    await messages.settle_failure(CONVERSATION, "wamid.out1")
    assert await messages.note_sent(CONVERSATION, "wamid.out1", message) is None
    await door.status("wamid.out1", "failed", 131016)
    assert await door.waiting() == [], "it is settled"


async def test_failure_for_a_closed_window_lets_the_message_wait_for_the_customer(door: Door) -> None:
    await door.come(a_text("hola", at=int(NOON) - 60))
    await door.sent("wamid.out1")
    await door.status("wamid.out1", "failed", 131047)
    customer = await Customers(door.client).get(CONVERSATION)
    assert customer
    assert customer.closed_for == customer.wrote_at
    assert len(await door.waiting()) == 1


async def test_row_for_more_options_is_answered_with_the_next_page_once(door: Door) -> None:
    more = [{"title": f"Opción {number}", "payload": f"/topic_{number}"} for number in range(3)]
    await door.sent("wamid.out1", more=more)
    row = {"type": "list_reply", "list_reply": {"id": "more", "title": "Más opciones"}}
    pressed = received("interactive", row, 2) | {"context": {"id": "wamid.out1"}}
    for _ in range(2):
        assert await door.come(pressed) == []
    [page] = await door.waiting()
    assert [row["id"] for row in page.body["interactive"]["action"]["sections"][0]["rows"]] == [
        "/topic_0",
        "/topic_1",
        "/topic_2",
    ]


async def test_what_waited_for_the_customer_may_go_when_they_write(door: Door) -> None:
    queue = OutgoingQueue(door.client)
    await queue.add([Outgoing("o1", CONVERSATION, "whatsapp", {}, NOON)], NOON + 999)
    await door.come(a_text("aquí estoy"))
    assert await queue.marks.due(NOON, 10) == [CONVERSATION]
