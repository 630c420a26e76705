"""The stand-in of WhatsApp's API takes what the real one takes, and refuses the rest with its codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from graph_api import (
    LUPE,
    NUMBER,
    VERSION,
    Served,
    account,
    buttons,
    listed,
    serve_graph_api,
    text,
    typed,
)

from relevo.whatsapp.stand_in.account import PhoneNumber, Token


@pytest.fixture
async def graph() -> AsyncIterator[Served]:
    async with serve_graph_api() as served:
        served.says()
        yield served


@pytest.mark.parametrize(
    "body",
    [
        text("x" * 4096),
        text(recipient_type="individual"),
        buttons(1, title="x" * 20, body="x" * 1024),
        buttons(3),
        listed(10, titled=False),
        listed(5, 5),
        typed("image", {"link": "https://example.com/a.png", "caption": "A lamp"}),
        typed("location", {"latitude": 20.67, "longitude": -103.35, "name": "Store"}),
        text(to="525512345678"),
        text(to="+5215512345678"),
    ],
)
async def test_messages_at_the_limits_are_taken(graph: Served, body: Any) -> None:
    answer = await graph.post(body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["messaging_product"] == "whatsapp"
    assert told["contacts"] == [{"input": body["to"], "wa_id": LUPE}]
    assert told["messages"][0]["id"].startswith("wamid.")


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (131009, text("x" * 4097)),
        (131009, text(" ")),
        (131009, buttons(4)),
        (131009, buttons(1, title="x" * 21)),
        (131009, buttons(2, title="twice the same")),
        (131009, buttons(1, body="x" * 1025)),
        (131009, listed(11)),
        (131009, listed(6, 5)),
        (131009, listed(5, 5, titled=False)),
        (131009, text(to="nobody")),
        (131009, typed("image", {"id": "1", "link": "https://example.com/a.png"})),
        (131009, typed("location", {"latitude": 91, "longitude": 0})),
        (131009, typed("text", {"body": 5})),
        (131008, typed("text", {})),
        (131008, {"messaging_product": "whatsapp", "type": "text", "text": {"body": "hi"}}),
        (131008, {"messaging_product": "whatsapp", "to": LUPE, "type": "image"}),
        (131051, typed("poll", {"question": "?"}) | {"poll": None}),
        (100, text(colour="red")),
        (100, typed("text", {"body": "hi", "bold": True})),
        (100, text() | {"image": {"link": "https://example.com/a.png"}}),
        (100, [1, 2]),
        (131021, text(to="525555550142")),
        (131009, text(context={"message_id": "wamid.unknown"})),
    ],
)
async def test_what_breaks_a_limit_is_refused_with_its_code(graph: Served, code: int, body: Any) -> None:
    if isinstance(body, dict):
        body.pop("poll", None)
    answer = await graph.post(body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] == code, error
    assert error["message"].startswith(f"(#{code}) ")
    assert error["error_data"]["details"]
    assert error["fbtrace_id"]
    assert not [
        one for one in graph.api.chat(LUPE, NUMBER).messages.values() if one.direction == "to_customer"
    ]


async def test_body_that_is_not_json_is_refused(graph: Served) -> None:
    answer = await graph.http.post(f"/{VERSION}/{NUMBER}/messages", content=b'{"to": ')
    assert answer.json()["error"]["code"] == 100


@pytest.mark.parametrize(
    ("token", "header", "status", "code", "subcode"),
    [
        (Token("other"), None, 401, 190, 467),
        (Token("EAAG-a-token", expires_at=1.0), None, 401, 190, 463),
        (Token("EAAG-a-token", is_revoked=True), None, 401, 190, 467),
        (Token("EAAG-a-token", scopes=("whatsapp_business_management",)), None, 403, 10, None),
        (Token("EAAG-a-token"), "", 401, 0, None),
    ],
)
async def test_without_a_valid_token_nothing_is_sent(
    token: Token, header: str | None, status: int, code: int, subcode: int | None
) -> None:
    async with serve_graph_api(account(token=token)) as graph:
        graph.says()
        answer = await graph.post(text(), **({} if header is None else {"Authorization": header}))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error.get("error_subcode")) == (status, code, subcode)


async def test_unknown_number_and_unknown_version_are_told(graph: Served) -> None:
    for path in (f"/{VERSION}/1/messages", f"/21/{NUMBER}/messages"):
        error = (await graph.http.post(path, json=text())).json()["error"]
        assert error["code"] == 100


async def test_each_number_has_chats_of_its_own() -> None:
    other = "206540352242923"
    numbers = {NUMBER: PhoneNumber(NUMBER), other: PhoneNumber(other, "+1 800 555 0199")}
    async with serve_graph_api(account(numbers=numbers)) as graph:
        graph.says()
        await graph.send(text("for the first number's chat"))
        assert len(graph.api.chat(LUPE, NUMBER).messages) == 2
        assert not graph.api.chat(LUPE, other).messages


async def test_read_mark_turns_the_ticks_and_shows_typing_for_25_seconds(graph: Served) -> None:
    message = graph.says("¿y mi pedido?")
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": message.id}
    answer = await graph.post({**mark, "typing_indicator": {"type": "text"}})
    assert answer.json() == {"success": True}
    chat = graph.api.chat(LUPE, NUMBER)
    assert {one.progress for one in chat.messages.values()} == {"read"}
    assert chat.typing_until == graph.clock.now + 25
    await graph.send(text("it is on its way"))
    assert chat.typing_until == 0, "a message ends the typing"
    assert await graph.code({**mark, "message_id": "wamid.unknown"}) == 100
    assert await graph.code({**mark, "status": "seen"}) == 131009


async def test_quoted_message_must_be_one_of_the_chat(graph: Served) -> None:
    asked = graph.says("which lamp?")
    sent = await graph.send(text("this one", context={"message_id": asked.id}))
    assert graph.api.chat(LUPE, NUMBER).messages[sent].quotes == asked.id
