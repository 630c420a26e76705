"""The stand-in's window, rates, templates and opt-out, and its faults on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from graph_api import JOHN, LUPE, NUMBER, REMINDER, Served, account, serve_graph_api, template, text

from relevo.whatsapp.stand_in.customers import Customer
from relevo.whatsapp.stand_in.faults import Fault

HOUR = 3600.0


@pytest.fixture
async def graph() -> AsyncIterator[Served]:
    async with serve_graph_api() as served:
        served.says()
        yield served


async def failed_with(graph: Served, message_id: str) -> int:
    """The code with which a message failed later; 0 if it did not."""
    await graph.courier.deliver_due()
    told = [status for value in graph.webhook.values for status in value.get("statuses", [])]
    return next((one["errors"][0]["code"] for one in told if one["id"] == message_id and "errors" in one), 0)


async def test_24_hours_after_the_customers_last_message_only_templates_arrive(graph: Served) -> None:
    graph.clock.now += 24 * HOUR - 1
    assert await failed_with(graph, await graph.send(text())) == 0
    graph.clock.now += 1
    assert await failed_with(graph, await graph.send(text())) == 131047
    assert await failed_with(graph, await graph.send(template("Lupe", "A-1"))) == 0
    graph.says()
    assert await failed_with(graph, await graph.send(text())) == 0


async def test_business_may_not_write_freely_to_someone_who_never_wrote(graph: Served) -> None:
    assert await failed_with(graph, await graph.send(text(to=JOHN))) == 131047


async def test_closed_window_may_be_told_at_once_too() -> None:
    async with serve_graph_api(told_later=frozenset()) as graph:
        assert await graph.code(text(to=JOHN)) == 131047
        assert await graph.code(text(to="4915112345678")) == 131026


async def test_number_without_whatsapp_fails_later(graph: Served) -> None:
    graph.api.add_customer(Customer("5215500000000", "Nadie", has_whatsapp=False))
    assert await failed_with(graph, await graph.send(text(to="5215500000000"))) == 131026


async def test_bursts_to_one_customer_are_paid_back_and_others_do_not_wait(graph: Served) -> None:
    graph.api.say(JOHN, NUMBER, "text", {"body": "hello"})
    for _ in range(45):
        await graph.send(text())
    assert await graph.code(text()) == 131056
    await graph.send(text(to=JOHN))
    graph.clock.now += 6
    await graph.send(text())
    assert await graph.code(text()) == 131056


async def test_number_sends_80_messages_a_second(graph: Served) -> None:
    for _ in range(40):
        graph.api.say(JOHN, NUMBER, "text", {"body": "hello"})
        await graph.send(text())
        await graph.send(text(to=JOHN))
    assert await graph.code(text(to="4915112345678")) == 130429
    graph.clock.now += 0.1
    await graph.send(text(to="4915112345678"))


async def test_template_reaches_the_customer_filled_in(graph: Served) -> None:
    sent = await graph.send(template("Lupe", "A-1"))
    content = graph.api.chat(LUPE, NUMBER).messages[sent].content
    assert content["text"] == "Hola Lupe, tu pedido A-1 está listo."
    assert content["buttons"] == [["Gracias", "Gracias"]]


@pytest.mark.parametrize(
    ("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001), ("REJECTED", 132001)]
)
async def test_template_that_is_not_approved_can_not_be_sent(status: str, code: int) -> None:
    templates = [replace(REMINDER, status=status)]  # type: ignore[arg-type]
    async with serve_graph_api(account(templates=templates)) as graph:
        assert await graph.code(template("Lupe", "A-1")) == code


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (132001, template("Lupe", "A-1", name="unknown")),
        (132001, template("Lupe", "A-1", language="en_US")),
        (132000, template("Lupe")),
        (132000, template("Lupe", "A-1", "and more")),
        (132000, template()),
        (132012, template("Lupe", "two\nlines")),
        (132012, template("Lupe", "")),
        (132005, template("Lupe", "x" * 1020)),
    ],
)
async def test_template_with_wrong_parameters_is_refused(graph: Served, code: int, body: dict) -> None:
    assert await graph.code(body) == code


async def test_who_stopped_marketing_gets_only_what_is_useful() -> None:
    offer = replace(REMINDER, name="offer", category="MARKETING")
    async with serve_graph_api(account(templates=[REMINDER, offer])) as graph:
        graph.api.customers[LUPE].accepts_marketing = False
        assert await failed_with(graph, await graph.send(template("Lupe", "A-1", name="offer"))) == 131050
        assert await failed_with(graph, await graph.send(template("Lupe", "A-1"))) == 0


async def test_next_answers_fail_as_scripted_and_then_all_is_well(graph: Served) -> None:
    graph.api.faults.script(Fault("error", 131016), times=2)
    graph.api.faults.script(Fault("error", 131048))
    assert [await graph.code(text()) for _ in range(3)] == [131016, 131016, 131048]
    await graph.send(text())


async def test_fault_may_come_later_by_a_status(graph: Served) -> None:
    graph.api.faults.script(Fault("late_error", 131026))
    assert await failed_with(graph, await graph.send(text())) == 131026


async def test_closed_connection_leaves_the_message_unsent_and_a_lost_answer_does_not(graph: Served) -> None:
    chat = graph.api.chat(LUPE, NUMBER)
    for kind, sent in (("closed", 0), ("answer_lost", 1)):
        graph.api.faults.script(Fault(kind))  # type: ignore[arg-type]
        with pytest.raises(httpx.RemoteProtocolError):
            await graph.post(text())
        assert len(chat.messages) == 1 + sent


async def test_answer_may_take_longer_than_a_client_waits(graph: Served) -> None:
    graph.api.faults.script(Fault("latency", seconds=5))
    with pytest.raises(httpx.ReadTimeout):
        await graph.http.post(f"/v21.0/{NUMBER}/messages", json=text(), timeout=0.05)


def test_fault_that_no_api_has_is_not_scripted() -> None:
    for values in ({"code": 42}, {"seconds": 1e9}):
        with pytest.raises(ValueError, match=r"error|seconds"):
            Fault("error", **values)
