"""Messages on their way to WhatsApp: in order, within window and rates, again after errors, or to people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, after_each_command, client_of
from small_graph import LINE, SmallGraph, whatsapp_settings

from relevo.cases.queue import CaseQueue
from relevo.channels.whatsapp.carrier import PAIR, WhatsAppCarrier
from relevo.channels.whatsapp.graph_api import GraphApi
from relevo.channels.whatsapp.late_failures import LateFailures
from relevo.channels.whatsapp.messages import Messages
from relevo.channels.whatsapp.writing import Writer, sign
from relevo.protocol import Protocol
from relevo.sending import visitor
from relevo.sending.alerts import Alerts
from relevo.sending.case_news import CaseNews
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Head, Outgoing, OutgoingQueue
from relevo.sending.sender import Sender
from relevo.sending.undelivered import Undeliverable, Undelivered
from relevo.store import keys
from relevo.store.consent import Consent, Consents
from relevo.store.customers import Customer, Customers
from relevo.store.lease import Lease

DAY = 86_400.0


@dataclass
class Post:
    """The sender with its queue, a customer, the stand-in and a clock that goes only when told."""

    client: redis.Redis
    protocol: Protocol
    graph: SmallGraph
    api: GraphApi
    now: float = NOON
    has_template: bool = True
    number: int = field(default=0)

    @property
    def queue(self) -> OutgoingQueue:
        return OutgoingQueue(self.client)

    async def say(self, *texts: str, conversation: str = "c1", **values: Any) -> None:
        """Texts are queued."""
        for text in texts:
            self.number += 1
            body = {"type": "text", "text": {"body": text}}
            message = Outgoing(f"o{self.number}", conversation, "whatsapp", body, self.now, text, **values)
            await self.queue.add([message], self.now)

    def sender(self) -> Sender:
        """A sender as it is when its process has just started."""
        template = Writer(self.protocol).messaging.template if self.has_template else None
        news = CaseNews(self.client, self.protocol)
        carrier = WhatsAppCarrier(self.client, self.api, template, news, jitter=lambda: 1.0)
        failures = Failures(self.client, self.protocol)
        return Sender(self.client, {"whatsapp": carrier}, failures, now=lambda: self.now)

    async def go(self, seconds: float = 0.0) -> None:
        """Time passes, and the sender does what is due."""
        self.now += seconds
        await self.sender().visit_due()

    async def writes(self, conversation: str = "c1", sender: str = "5215512345678") -> None:
        """The customer writes now."""
        customer = Customer("whatsapp", LINE, sender, self.now, last_message="wamid.in1", language="es")
        await Customers(self.client).note(conversation, customer)
        await self.queue.hasten([conversation], self.now)

    async def undelivered(self) -> list[Undeliverable]:
        return await Undelivered(self.client).all()

    async def reasons(self) -> list[str]:
        return [entry.reason for entry in await self.undelivered()]


@pytest.fixture
async def post(redis_client: redis.Redis, protocol: Protocol) -> AsyncIterator[Post]:
    async with SmallGraph().up() as graph, GraphApi(whatsapp_settings(graph.url)) as api:
        post = Post(redis_client, protocol, graph, api)
        await post.writes()
        yield post


async def test_messages_are_sent_in_order_and_leave_the_queue(post: Post) -> None:
    await post.say("uno", "dos", "tres")
    await post.go()
    assert post.graph.texts == ["uno", "dos", "tres"]
    assert {(body["to"], body["line"]) for body in post.graph.posted} == {("5215512345678", LINE)}
    assert await post.client.keys("*outgoing*") == [keys.OUTGOING_WAKE]


async def test_message_with_a_known_id_is_not_queued_again(post: Post) -> None:
    await post.say("uno")
    await post.go()
    post.number = 0
    await post.say("uno")
    await post.go()
    assert post.graph.texts == ["uno"]


async def test_message_is_sent_whenever_the_sender_looks_while_it_is_queued(
    post: Post, redis_url: str
) -> None:
    body = {"type": "text", "text": {"body": "uno"}}
    async with client_of(redis_url) as client:
        after_each_command(client, post.go)
        await OutgoingQueue(client).add([Outgoing("o1", "c1", "whatsapp", body, post.now, "uno")], post.now)
    await post.go()
    assert post.graph.texts == ["uno"]


async def test_what_was_sent_is_known_by_whatsapps_id(post: Post) -> None:
    await post.say("uno", author="agent")
    await post.go()
    known = await Messages(post.client).get("c1", "wamid.out1")
    assert known
    assert (known.author, known.text) == ("agent", "uno")


@pytest.mark.parametrize("refusal", [(500, 131016), (503, None), (400, 130429), (429, None), "cut"])
async def test_temporary_error_is_tried_again_after_growing_pauses(post: Post, refusal: Any) -> None:
    post.graph.refusals = [refusal, refusal, refusal]
    await post.say("uno", "dos")
    await post.go()
    for pause in (1.0, 2.0, 4.0):
        assert post.graph.texts == []
        await post.go(pause - 0.01)
        assert post.graph.texts == []
        await post.go(0.02)
    assert post.graph.texts == ["uno", "dos"]


async def test_failure_told_before_metas_answer_is_tried_again_as_one_told_at_once(post: Post) -> None:
    await Messages(post.client).note_status("c1", "wamid.out1", "failed", NOON, 131016)
    await post.say("uno", "dos")
    await post.go()
    assert post.graph.texts == ["uno"]
    await post.go(1.1)
    assert post.graph.texts == ["uno", "uno", "dos"]
    assert await post.undelivered() == []


async def test_final_failure_told_before_metas_answer_is_a_task(post: Post) -> None:
    await Messages(post.client).note_status("c1", "wamid.out1", "failed", NOON, 131026)
    await post.say("uno", "dos")
    await post.go()
    assert post.graph.texts == ["uno", "dos"]
    assert [(entry.reason, entry.code) for entry in await post.undelivered()] == [("not_reachable", "131026")]


async def test_template_that_failed_after_it_was_taken_is_sent_again_a_few_times(post: Post) -> None:
    post.now += DAY
    await post.say("uno")
    await post.go()
    for number in range(1, 5):
        message_id = f"wamid.out{number}"
        if template := await Messages(post.client).get("c1", message_id):
            assert template.sent
            await LateFailures(post.client, post.protocol).see_to(template.sent, 131016, post.now)
        await post.go(1.0)
    assert post.graph.texts == ["message_waiting"] * 4
    assert [(entry.id, entry.reason) for entry in await post.undelivered()] == [("o1:template", "gave_up")]


async def test_message_that_fails_too_often_is_given_up_and_the_next_goes_on(post: Post) -> None:
    post.graph.refusals = [(500, None)] * 20
    await post.say("uno", "dos")
    for _ in range(20):
        await post.go(601)
    assert await post.reasons() == ["gave_up"]
    assert post.graph.texts == ["dos"]


async def test_pair_limit_is_waited_out_with_powers_of_four(post: Post) -> None:
    post.graph.refusals = [(400, 131056), (400, 131056)]
    await post.say("uno")
    await post.go()
    await post.go(3.9)
    assert len(post.graph.refusals) == 1
    await post.go(0.2)
    await post.go(15.9)
    assert post.graph.texts == []
    await post.go(0.2)
    assert post.graph.texts == ["uno"]


async def test_burst_to_one_customer_is_paid_back(post: Post) -> None:
    await post.say(*(str(number) for number in range(PAIR.burst + 2)))
    await post.go()
    assert len(post.graph.texts) == PAIR.burst
    await post.go(5.9)
    assert len(post.graph.texts) == PAIR.burst
    await post.go(0.2)
    assert len(post.graph.texts) == PAIR.burst + 1


async def test_number_sends_no_more_than_its_throughput(post: Post) -> None:
    for number in range(20):
        await post.writes(f"c{number}", f"52155{number:08}")
        await post.say(*(f"{number}-{i}" for i in range(6)), conversation=f"c{number}")
    for _ in range(10):
        await post.go()
    assert len(post.graph.texts) == 80
    for _ in range(10):
        await post.go(1)
    assert len(post.graph.texts) == 120


@pytest.mark.parametrize(
    ("refusal", "trouble"), [((401, 190), "token"), ((403, 10), "permission"), ((400, 368), "blocked")]
)
async def test_trouble_with_the_account_stops_all_and_loses_nothing(
    post: Post, refusal: tuple[int, int], trouble: str
) -> None:
    post.graph.refusals = [refusal]
    await post.writes("c2", "12125550123")
    await post.say("uno")
    await post.go()
    await post.say("dos", conversation="c2")
    await post.go(10)
    assert post.graph.texts == []
    [alert] = await Alerts(post.client).all()
    assert (alert.trouble, alert.what, alert.code) == (trouble, f"whatsapp:{LINE}", str(refusal[1]))
    await post.go(3_600)
    assert sorted(post.graph.texts) == ["dos", "uno"]
    assert await Alerts(post.client).all() == []
    assert await post.undelivered() == []


async def test_spam_limit_stops_what_customers_did_not_ask_for_but_no_answers(post: Post) -> None:
    post.graph.refusals = [(400, 131048)]
    await post.say("aviso")
    await post.go()
    await post.say("otro aviso")
    await post.say("respuesta", is_reply=True)
    await post.go(1)
    assert post.graph.texts == ["respuesta"]
    assert await post.reasons() == ["spam_limit", "spam_limit"]
    assert [alert.trouble for alert in await Alerts(post.client).all()] == ["spam"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [(131026, "not_reachable"), (131009, "rejected"), (131051, "rejected"), (131050, "opted_out")],
)
async def test_final_error_reaches_people_and_the_next_message_goes_on(
    post: Post, code: int, reason: str
) -> None:
    post.graph.refusals = [(400, code)]
    await post.say("uno")
    await post.say("dos", is_reply=True)
    await post.go()
    [entry] = await post.undelivered()
    assert (entry.reason, entry.code, entry.text) == (reason, str(code), "uno")
    assert post.graph.texts == ["dos"]


async def test_undelivered_message_is_noted_in_the_customers_open_case(post: Post) -> None:
    queue = CaseQueue(post.client, post.protocol)
    case, _ = await queue.open(a_case(1, channel="whatsapp"), "cause")
    post.graph.refusals = [(400, 131026)]
    await post.say("Ya salió tu pedido.")
    await post.go()
    [note] = [event for event in await queue.history(case.folio) if event.kind == "case_noted"]
    assert "Ya salió tu pedido." in str(note.details)


async def test_outside_the_window_one_template_asks_for_an_answer_and_the_rest_follows_it(post: Post) -> None:
    post.now += DAY
    await post.say("uno", "dos")
    await post.go()
    await post.go(3_600)
    assert post.graph.texts == ["message_waiting"]
    [template] = post.graph.messages
    assert template["template"]["language"] == {"code": "es_MX"}
    await post.writes()
    await post.go()
    assert post.graph.texts == ["message_waiting", "uno", "dos"]
    assert await post.undelivered() == []


async def test_customer_who_answers_before_the_visit_with_the_template_has_ended_gets_the_rest(
    post: Post, redis_url: str
) -> None:
    async def answer_once() -> None:
        if post.graph.texts == ["message_waiting"] and not await post.client.exists("answered"):
            await post.client.set("answered", "")
            await post.writes()

    post.now += DAY
    await post.say("uno")
    async with client_of(redis_url) as client:
        after_each_command(client, answer_once)
        await replace(post, client=client).go()
    await post.go()
    assert post.graph.texts == ["message_waiting", "uno"]


async def test_within_the_window_no_template_is_sent(post: Post) -> None:
    post.now += DAY - 60
    await post.say("uno")
    await post.go()
    assert post.graph.texts == ["uno"]


async def test_window_that_is_closed_by_metas_clock_gets_the_template_too(post: Post) -> None:
    post.graph.refusals = [(400, 131047)]
    await post.say("uno")
    await post.go()
    await post.go()
    assert post.graph.texts == ["message_waiting"]


async def test_message_becomes_a_task_if_the_customer_does_not_answer_the_template(post: Post) -> None:
    post.now += DAY
    await post.say("uno")
    await post.go()
    await post.go(3 * DAY + 1)
    assert await post.reasons() == ["no_answer"]


async def test_without_a_template_a_message_outside_the_window_is_a_task_at_once(post: Post) -> None:
    post.has_template = False
    post.now += DAY
    await post.say("uno")
    await post.go()
    assert (await post.reasons(), post.graph.posted) == (["window_closed"], [])


async def test_template_that_meta_refuses_is_a_task(post: Post) -> None:
    post.graph.refusals = [(400, 132015)]
    post.now += DAY
    await post.say("uno")
    await post.go()
    assert await post.reasons() == ["template_refused"]


async def test_who_withdrew_consent_gets_answers_only(post: Post) -> None:
    await Consents(post.client).change("c1", Consent("out", NOON, "BAJA", "wamid.in1"))
    await post.say("aviso")
    await post.say("Listo, ya no te escribiremos.", is_reply=True)
    await post.go()
    assert post.graph.texts == ["Listo, ya no te escribiremos."]
    assert await post.reasons() == ["opted_out"]
    await post.go(60)
    await post.writes()
    await post.say("Soy Ana, te leo.", author="agent")
    await post.go()
    assert post.graph.texts[-1] == "Soy Ana, te leo.", "they have written again: that asks for an answer"


async def test_signs_are_tried_once_and_nobody_misses_them(post: Post) -> None:
    post.graph.refusals = [(500, None)]
    await post.queue.add([sign("c1", "wamid.in1", post.now, is_typing=True)], post.now)
    await post.say("uno")
    await post.go()
    assert [body.get("status") for body in post.graph.posted] == [None]
    await post.queue.add([sign("c1", "wamid.in2", post.now - 60, is_typing=True)], post.now)
    await post.go()
    assert len(post.graph.posted) == 1, "a sign that comes late would tell something false"
    assert await post.undelivered() == []


async def test_customer_who_is_not_known_any_more_is_a_task(post: Post) -> None:
    await post.say("uno", conversation="c9")
    await post.go()
    assert await post.reasons() == ["unknown_customer"]


async def test_sender_that_dies_leaves_all_to_the_next_one(post: Post) -> None:
    await post.say("uno", "dos")
    post.graph.refusals = ["cut"]
    await post.go()
    await post.go(1.1)  # another Sender, with what the first has left in Redis
    assert post.graph.texts == ["uno", "dos"]


async def test_message_whose_sender_died_when_it_had_handed_it_over_is_one_task(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(queue: OutgoingQueue, head: Head) -> None:
        raise redis.ConnectionError

    post.graph.refusals = [(400, 131026), (400, 131026)]
    await post.say("uno")
    with monkeypatch.context() as patch:
        patch.setattr(OutgoingQueue, "remove", dies)
        await post.go()
    await post.go()
    assert post.graph.refusals == []
    assert await post.reasons() == ["not_reachable"]
    told = await post.client.xrange(keys.DESK_EVENTS)
    assert [event["kind"] for _, event in told] == ["message_undelivered"]


async def test_person_has_an_undelivered_message_tried_again_or_settles_it(post: Post) -> None:
    post.graph.refusals = [(400, 131026), (400, 131026)]
    await post.say("uno", "dos")
    await post.go()
    undelivered = Undelivered(post.client)
    two, one = await post.undelivered()
    for _ in range(2):
        await undelivered.retry(one.position, "Ana", post.now)
    await undelivered.settle(two.position, "Ana", post.now)
    await post.go()
    assert post.graph.texts == ["uno"]
    assert await undelivered.count() == 0


async def test_running_sender_is_woken_by_what_comes_in_and_stops_when_it_is_told(post: Post) -> None:
    work = asyncio.create_task(post.sender().run())
    await post.say("uno")
    await post.graph.wait(lambda: post.graph.texts == ["uno"], seconds=5)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert await post.client.exists(keys.SENDER) == 0


async def test_second_sender_stands_by_while_the_first_works(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "WAIT_SECONDS", 0.01)
    first, second = Lease(post.client, keys.SENDER, 60.0), post.sender()
    assert await first.take()
    await post.say("uno")
    for expected in ([], ["uno"]):
        await second._round()
        await second._visits.finish()
        assert post.graph.texts == expected
        await first.release()
