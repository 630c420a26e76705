"""Customers who have lived through everything, so that there is something of them in every store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import redis.asyncio as redis
from builders import NOON, a_case, a_message

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue
from relevo.channels.accept import InboxMessage
from relevo.channels.inbox import Inbox
from relevo.channels.whatsapp.carrier import PAIR
from relevo.channels.whatsapp.messages import Messages
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.follow_up import FollowUp
from relevo.learning.suggestions import Suggestion, SuggestionBox, message_name
from relevo.protocol import Protocol
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.sending.undelivered import Undeliverable, Undelivered
from relevo.store import keys
from relevo.store.consent import Consent, Consents
from relevo.store.customers import Customer as MessengerCustomer
from relevo.store.customers import Customers
from relevo.store.out_stream import OutStream
from relevo.store.outbox import OutboxWriter, says


@dataclass(frozen=True)
class Customer:
    """One customer: a conversation, a contact, words that nobody else uses."""

    conversation: str
    contact: str
    secret: str
    number: int

    @property
    def traces(self) -> list[str]:
        """What must be found nowhere once the customer is erased."""
        return [self.conversation, self.contact, self.secret]


ROSA = Customer("conversation-rosa", "+525512345678", "jacarandas moradas", 1)
IVAN = Customer("conversation-ivan", "ivan@example.com", "bugambilias rojas", 2)


async def live(client: redis.Redis, protocol: Protocol, customer: Customer) -> list[str]:
    """Everything happens to a customer; the folios of closed and resolved case, complaint and promise."""
    queue = CaseQueue(client, protocol)
    await _chat(client, customer)
    folios = [await _hand_off(queue, customer, ends=ends) for ends in ("closed", "resolved")]
    complaint = a_case(kind="complaint", description=customer.secret, contact=customer.contact)
    folios.append((await queue.open(_of(complaint, customer), f"{customer.conversation}:m3"))[0].folio)
    folios.append(await _promise(client, customer))
    await write_on_messenger(client, customer)
    return folios


async def open_hand_off(client: redis.Redis, protocol: Protocol, customer: Customer) -> str:
    """A person has a case of the customer, and has just answered."""
    return await _hand_off(CaseQueue(client, protocol), customer, ends="never")


async def _chat(client: redis.Redis, customer: Customer) -> None:
    names = keys.ConversationKeys(customer.conversation)
    for number in range(1, 4):
        event = {
            "event": "user",
            "text": f"{customer.secret} {number}",
            "message_id": f"m{number}",
            "timestamp": NOON + number,
            "parse_data": {"intent": {"name": "greet"}},
        }
        await client.xadd(names.log, {"e": json.dumps(event)}, id=f"{number}-0")
    await client.hset(
        names.snapshot, mapping={"start": "1-0", "state": json.dumps({"said": customer.secret})}
    )
    await client.sadd(names.handled, "m1")
    await client.zadd(keys.CONVERSATIONS, {customer.conversation: NOON})
    await OutStream(client, customer.conversation).post("m1:0", {"text": customer.secret})
    message = a_message(4, customer.conversation, text=customer.secret)
    inbox = Inbox(client, _never, _never)
    await inbox.accept(message, {"text": customer.secret})
    await inbox.stop()
    correction = Suggestion(
        message_name(customer.conversation, "2-0"),
        customer.secret,
        "es",
        "hours",
        "",
        "greet",
        "calm",
        "Ana",
        NOON,
    )
    box = SuggestionBox(client)
    await box.keep(correction, folio="RV-0000-0009", conversation=customer.conversation)


async def _hand_off(queue: CaseQueue, customer: Customer, *, ends: str) -> str:
    case = _of(a_case(description=customer.secret), customer)
    opened, _ = await queue.open(case, f"{customer.conversation}:{ends}")
    folio = opened.folio
    await queue.claim(folio, "Ana", NOON, person="daniel_olvera")
    await queue.answer(folio, "Ana", f"Sobre {customer.secret}", NOON)
    await queue.note(folio, "Ana", f"Ojo: {customer.secret}", NOON)
    if ends == "never":
        return folio
    await queue.resolve(folio, "Ana", NOON, "solved")
    if ends == "closed":
        await queue.accept_resolution(folio, NOON)
    return folio


async def _promise(client: redis.Redis, customer: Customer) -> str:
    promise = FollowUp(
        folio=f"RV-7777-000{customer.number}",
        conversation=customer.conversation,
        channel="webchat",
        language="es",
        method="call",
        contact=customer.contact,
        topic="track_order",
        due_at=NOON + 60,
        created_at=NOON,
        cause=f"{customer.conversation}:m2",
    )
    return (await Agenda(client).book(promise)).folio


def _of(case: Case, customer: Customer) -> Case:
    return replace(case, conversation=customer.conversation)


async def write_on_messenger(client: redis.Redis, customer: Customer) -> None:
    """The customer writes on a messenger, too, withdraws their consent, and can't be reached."""
    name = customer.conversation
    known = MessengerCustomer("whatsapp", "1055", customer.contact, NOON, contact=customer.contact)
    await Customers(client).note(name, known)
    await Consents(client).change(name, Consent("out", NOON, "baja", f"wamid.{customer.contact}"))
    body = {"text": {"body": customer.secret}}
    reply = Outgoing(f"{name}:1", name, "whatsapp", body, NOON, text=customer.secret)
    await OutgoingQueue(client).add([reply], NOON)
    await OutgoingQueue(client).note_failure(name)
    await Messages(client).note_sent(name, f"wamid.{customer.number}", reply)
    await PAIR.take(client, keys.ConversationKeys(name).pair, NOON)
    undelivered = Undelivered(client)
    await undelivered.add(Undeliverable.of(reply, "not_reachable", "131026", NOON))
    message = OutboxWriter(name, "webchat").message([says(customer.secret)], now=NOON)
    refused = Undeliverable(message.id, name, "webchat", "bot_refused", message.to_json(), source="outbox")
    await undelivered.add(refused)


async def _never(message: InboxMessage) -> None:
    raise AssertionError("nobody handles messages here")
