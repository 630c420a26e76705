"""What is said on WhatsApp without being asked: by a follow-up, the line's news, or a person at the desk.

From where it is said, through the outbox and the bot's output, to what reaches the customer's phone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from rasa.shared.core.events import BotUttered
from small_graph import LINE, SmallGraph, whatsapp_settings

from relevo.cases.case import Case
from relevo.cases.queue import CaseQueue, Place
from relevo.channels.whatsapp.carrier import HOLD_SECONDS, WhatsAppCarrier
from relevo.channels.whatsapp.graph_api import GraphApi
from relevo.channels.whatsapp.output import WhatsAppOutput
from relevo.channels.whatsapp.writing import Writer
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.keeping import Keeping
from relevo.protocol import Protocol
from relevo.sending.case_news import OLD_SECONDS, CaseNews
from relevo.sending.failures import Failures
from relevo.sending.outgoing import OutgoingQueue
from relevo.sending.sender import Sender
from relevo.sending.ticks import Ticks
from relevo.sending.undelivered import Undelivered
from relevo.store import keys
from relevo.store.customers import Customer, Customers
from relevo.store.outbox import OutboxMessage

DAY = 86_400.0
MINUTE = 60.0


@dataclass
class Line:
    """A customer of WhatsApp with a case, who wrote last at noon."""

    client: redis.Redis
    protocol: Protocol
    graph: SmallGraph
    api: GraphApi
    case: Case
    now: float = NOON
    has_template: bool = True

    @property
    def queue(self) -> CaseQueue:
        return CaseQueue(self.client, self.protocol)

    async def writes(self) -> None:
        customer = Customer("whatsapp", LINE, "5215512345678", self.now, language="es")
        await Customers(self.client).note("c1", customer)
        await OutgoingQueue(self.client).hasten(["c1"], self.now)

    async def speaks(self, language: str) -> None:
        """The conversation goes on in a language."""
        event = {"event": "slot", "name": "language", "value": language, "timestamp": self.now}
        await self.client.xadd(keys.ConversationKeys("c1").log, {"e": json.dumps(event)})

    async def deliver(self) -> None:
        """The clock hands the outbox to the bot, whose output queues it; the sender does what is due."""
        output = WhatsAppOutput(self.client, Writer(self.protocol))
        for position, fields in await self.client.xrange(keys.OUTBOX):
            message = OutboxMessage.from_fields(fields)
            for event in message.events:
                if event["event"] == "bot" and message.conversation == "c1":
                    said = BotUttered(event.get("text"), event.get("data"), event["metadata"])
                    await output.send_response("c1", said.message())
            await self.client.xdel(keys.OUTBOX, position)
        await self.send()

    async def send(self, seconds: float = 0.0) -> None:
        self.now += seconds
        template = Writer(self.protocol).messaging.template if self.has_template else None
        news = CaseNews(self.client, self.protocol)
        carrier = WhatsAppCarrier(self.client, self.api, template, news, jitter=lambda: 1.0)
        failures = Failures(self.client, self.protocol)
        await Sender(self.client, {"whatsapp": carrier}, failures, now=lambda: self.now).visit_due()

    async def tasks(self) -> list[str]:
        return [entry.reason for entry in await Undelivered(self.client).all()]


@pytest.fixture
async def line(
    redis_client: redis.Redis, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    async with SmallGraph().up() as graph, GraphApi(whatsapp_settings(graph.url)) as api:
        case, _ = await CaseQueue(redis_client, protocol).open(a_case(1, channel="whatsapp"), "c1:first")
        line = Line(redis_client, protocol, graph, api, case)
        monkeypatch.setattr("relevo.channels.queued_output.time.time", lambda: line.now)
        await line.writes()
        yield line


async def a_person_answers(line: Line) -> str:
    await line.queue.claim(line.case.folio, "Ana", line.now)
    await line.client.delete(keys.OUTBOX)
    await line.queue.answer(line.case.folio, "Ana", "Tu silla ya salió.", line.now)
    return "Tu silla ya salió."


async def a_follow_up_begins(line: Line) -> str:
    await line.queue.cancel(line.case.folio, line.now, "no-case")
    await line.client.delete(keys.OUTBOX)
    promise = FollowUp(
        folio="RV-0000-0001",
        conversation="c1",
        channel="whatsapp",
        language="es",
        method="chat",
        contact="",
        topic="track_order",
        due_at=line.now,
        created_at=NOON,
        cause="message-1",
    )
    agenda = Agenda(line.client, line.protocol.privacy.retention.follow_ups)
    await agenda.book(promise)
    await Keeping(line.client, line.protocol).see_to(line.now + 1)
    return "Quedamos en escribirte por aquí"


async def the_wait_has_changed(line: Line) -> str:
    await line.queue.note_place_told(line.case, Place(1, 5 * MINUTE), line.now)
    for number in range(30):
        one, _ = await line.queue.open(a_case(100 + number, rank=0, opened_at=line.now), f"pace:{number}")
        await line.queue.claim(one.folio, f"Agent {number}", line.now + 20 * MINUTE)
        await line.queue.close(one.folio, f"Agent {number}", line.now + 20 * MINUTE)
    await line.client.delete(keys.OUTBOX)
    await line.queue.tell_waits(line.now + 3 * MINUTE)
    return line.case.folio


Source = Callable[[Line], Awaitable[str]]
each_source = pytest.mark.parametrize(
    "source", [a_person_answers, a_follow_up_begins, the_wait_has_changed], ids=lambda source: source.__name__
)


@each_source
async def test_within_the_window_it_is_said_as_it_is(line: Line, source: Source) -> None:
    words = await source(line)
    await line.deliver()
    assert words in " ".join(line.graph.texts)


@each_source
async def test_outside_the_window_the_template_goes_first_and_the_words_follow_the_answer(
    line: Line, source: Source
) -> None:
    line.now += DAY
    words = await source(line)
    await line.deliver()
    assert line.graph.texts == ["message_waiting"]
    line.now += MINUTE
    await line.writes()
    await line.send()
    assert words in " ".join(line.graph.texts[1:])
    assert await line.tasks() == []


async def test_place_in_line_that_waited_long_is_told_as_it_is_now(line: Line) -> None:
    line.now += DAY
    await the_wait_has_changed(line)
    await line.deliver()
    await line.queue.open(a_case(7, rank=0, opened_at=line.now), "ahead")
    line.now += OLD_SECONDS + 1
    await line.writes()
    await line.send()
    assert line.graph.texts == ["message_waiting"], "the place was another one half an hour ago"
    await line.deliver()
    told = line.graph.texts[1]
    assert line.case.folio in told
    assert "el número 2 en la fila" in told


async def test_news_that_was_overtaken_is_not_sent(line: Line) -> None:
    line.now += DAY
    await the_wait_has_changed(line)
    await line.deliver()
    await line.queue.claim(line.case.folio, "Ana", line.now)
    await line.queue.answer(line.case.folio, "Ana", "Tu silla ya salió.", line.now)
    line.now += MINUTE
    await line.writes()
    await line.deliver()
    assert "Tu silla ya salió." in line.graph.texts
    assert not [text for text in line.graph.texts if "Novedades" in text]
    states = {tick.reason for tick in (await Ticks(line.client).all("c1")).values()}
    assert states == {"", "overtaken"}, "people see that the customer did not read it"


@pytest.mark.parametrize(
    ("source", "tasks"),
    [(a_person_answers, {"no_answer"}), (the_wait_has_changed, set())],
    ids=["words", "news"],
)
async def test_words_become_a_task_if_the_template_is_not_answered_and_old_news_do_not(
    line: Line, source: Source, tasks: set[str]
) -> None:
    line.now += DAY
    await source(line)
    await line.deliver()
    await line.send(HOLD_SECONDS + MINUTE)
    assert set(await line.tasks()) == tasks
    assert await line.client.xlen(keys.OUTBOX) == 0, "nothing is said anew to who doesn't answer"


@each_source
async def test_without_a_template_it_is_a_task_at_once(line: Line, source: Source) -> None:
    line.has_template = False
    line.now += DAY
    await source(line)
    await line.deliver()
    assert (set(await line.tasks()), line.graph.messages) == ({"window_closed"}, [])


@pytest.mark.parametrize(
    ("spoken", "code"), [("en", "en_US"), ("es", "es_MX"), ("fr", "es_MX"), ("", "es_MX")]
)
async def test_template_speaks_as_the_conversation_does(line: Line, spoken: str, code: str) -> None:
    if spoken:
        await line.speaks(spoken)
    line.now += DAY
    await a_person_answers(line)
    await line.deliver()
    templates: list[dict[str, Any]] = [body["template"] for body in line.graph.messages]
    assert [template["language"]["code"] for template in templates] == [code]
