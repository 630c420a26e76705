"""The page's addresses: what a customer does reaches the business, and nothing of others is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from builders import eventually
from graph_api import JOHN, LUPE, NUMBER, ServedPhone, buttons, listed, serve_phone, template, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relevo.whatsapp.phone.simulation import MAX_CUSTOMERS

PICTURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def served() -> AsyncIterator[ServedPhone]:
    async with serve_phone() as running:
        yield running


@pytest.fixture
async def page(served: ServedPhone) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.url) as http:
        yield http


async def taken(page: httpx.AsyncClient, name: str = "Lupe", number: str = "+52 1 55 1234 5678") -> str:
    """The address of a customer's phone."""
    answer = await page.post("/phone/phones", json={"name": name, "number": number})
    assert answer.status_code == 201, answer.text
    return f"/phone/phones/{answer.json()['phone']}"


async def act(page: httpx.AsyncClient, phone: str, deed: str, **values: Any) -> int:
    return (await page.post(f"{phone}/deeds", json={"deed": deed, **values})).status_code


async def chat(page: httpx.AsyncClient, phone: str) -> dict[str, Any]:
    return (await page.get(phone)).json()


async def heard(served: ServedPhone, count: int) -> list[dict[str, Any]]:
    """The messages that reached the business, as soon as there are so many."""
    await eventually(lambda: len(served.webhook.messages) >= count)
    return served.webhook.messages


async def test_text_reaches_the_business_and_gets_its_ticks(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    assert await act(page, phone, "write", text="¿dónde está mi pedido?") == 204
    (message,) = await heard(served, 1)
    assert (message["from"], message["text"]["body"]) == (LUPE, "¿dónde está mi pedido?")
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": message["id"]}
    await served.business.post(f"/v21.0/{NUMBER}/messages", json=mark)
    (shown,) = (await chat(page, phone))["messages"]
    assert (shown["mine"], shown["progress"]) == (True, "read")


@pytest.mark.parametrize(
    ("body", "option", "kind", "said"),
    [
        (buttons(2), "/topic_1", "interactive", {"id": "/topic_1", "title": "Option 1"}),
        (listed(3), "/0_2", "interactive", {"id": "/0_2", "title": "Row 2", "description": "more"}),
        (template("Lupe", "A-1"), "Gracias", "button", "Gracias"),
    ],
)
async def test_tap_is_told_as_whatsapp_tells_it(
    served: ServedPhone, page: httpx.AsyncClient, body: Any, option: str, kind: str, said: Any
) -> None:
    phone = await taken(page)
    await act(page, phone, "write", text="hola")
    asked = await served.answer(body)
    assert await act(page, phone, "choose", message=asked, option="/another") == 404
    assert await act(page, phone, "choose", message=asked, option=option) == 204
    reply = (await heard(served, 2))[1]
    assert (reply["type"], reply["context"]["id"]) == (kind, asked)
    content = reply[kind]
    assert said in (content.get("payload"), content.get("button_reply"), content.get("list_reply"))


async def test_all_else_that_customers_send_reaches_the_business(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    await act(page, phone, "write", text="hola")
    first = (await heard(served, 1))[0]["id"]
    await act(page, phone, "place", latitude=19.4, longitude=-99.1, name="Ángel")
    await act(page, phone, "contact", name="Ana", number="+52 55 8765 4321")
    await act(page, phone, "unsupported")
    await act(page, phone, "react", message=first, emoji="👍")
    await act(page, phone, "write", text="este", quotes=first)
    files = [
        ("a.png", "image/png"),
        ("nota.ogg", "audio/ogg; codecs=opus"),
        ("factura.pdf", "application/pdf"),
    ]
    for name, mime_type in files:
        answer = await page.post(f"{phone}/files", files={"file": (name, PICTURE, mime_type)})
        assert answer.status_code == 204, answer.text
    types = [message["type"] for message in await heard(served, 9)]
    assert types == [
        *("text", "location", "contacts", "unsupported", "reaction", "text"),
        *("image", "audio", "document"),
    ]
    assert served.webhook.messages[7]["audio"]["voice"] is True
    assert served.webhook.messages[5]["context"]["id"] == first


async def test_file_that_is_too_large_is_refused_with_the_reason(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    large = {"file": ("a.png", b"x" * (5 * 1024 * 1024 + 1), "image/png")}
    answer = await page.post(f"{phone}/files", files=large)
    assert answer.status_code == 413
    assert "5242880" in answer.json()["error"]


async def test_file_is_shown_on_its_own_phone_only_and_never_as_a_page(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    lupe, john = await taken(page), await taken(page, "John", f"+{JOHN}")
    await page.post(f"{lupe}/files", files={"file": ("a.html", b"<script>", "text/html")})
    (shown,) = (await chat(page, lupe))["messages"]
    answer = await page.get(f"{lupe}/files/{shown['file']}")
    assert answer.content == b"<script>"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await page.get(f"{john}/files/{shown['file']}")).status_code == 404


async def test_25_hours_later_the_window_is_closed_and_a_text_does_not_arrive(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    await act(page, phone, "write", text="hola")
    assert (await chat(page, phone))["window_is_open"]
    assert (await page.post("/phone/clock", json={"hours": 25})).status_code == 204
    view = await chat(page, phone)
    assert (view["window_is_open"], view["shift_hours"]) == (False, 25)
    await served.answer(text("too late"))
    await served.answer(template("Lupe", "A-1"))
    assert [message["kind"] for message in (await chat(page, phone))["messages"]] == ["text", "template"]


async def test_message_shows_when_the_phone_is_on_and_is_read_when_it_is_looked_at(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    await act(page, phone, "write", text="hola")
    await act(page, phone, "set", is_reachable=False, accepts_marketing=True)
    sent = await served.answer(text("hola, Lupe"))
    assert len((await chat(page, phone))["messages"]) == 1
    await act(page, phone, "set", is_reachable=True, accepts_marketing=True)
    assert len((await chat(page, phone))["messages"]) == 2
    await act(page, phone, "look")
    await eventually(lambda: served.webhook.statuses(sent) == ["sent", "delivered", "read"])


async def test_open_page_hears_at_once_that_something_has_changed(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    await act(page, phone, "write", text="hola")
    async with page.stream("GET", f"{phone}/events") as stream:
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("data: ")
        await served.answer(text("hola, Lupe"))
        told = await asyncio.wait_for(anext(line async for line in lines if line), 10)
        assert told.startswith("data: ")


async def test_faults_are_scripted_and_taken_back(served: ServedPhone, page: httpx.AsyncClient) -> None:
    phone = await taken(page)
    await act(page, phone, "write", text="hola")
    await page.post("/phone/faults", json={"kind": "error", "code": 131016, "times": 3})
    assert (await chat(page, phone))["faults"] == 3
    await page.post("/phone/faults", json={"kind": "none"})
    await served.answer(text())
    for wrong in ({"kind": "error", "code": 42}, {"kind": "rain"}, {"kind": "latency", "seconds": 999}):
        assert (await page.post("/phone/faults", json=wrong)).status_code == 400


async def test_another_sites_page_can_not_act(served: ServedPhone, page: httpx.AsyncClient) -> None:
    phone = await taken(page)
    body = {"deed": "write", "text": "not me"}
    answer = await page.post(f"{phone}/deeds", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert (await chat(page, phone))["messages"] == []


async def test_page_forbids_scripts_of_others(page: httpx.AsyncClient) -> None:
    for path in ("/", "/phone/static/phone.js", "/phone/static/es.json"):
        answer = await page.get(path)
        assert answer.status_code == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert (await page.get("/phone/static/..%2fapp.py")).status_code == 404


async def test_texts_are_the_same_in_both_languages(page: httpx.AsyncClient) -> None:
    english, spanish = [(await page.get(f"/phone/static/{name}.json")).json() for name in ("en", "es")]
    assert list(english) == list(spanish)
    assert not [key for key in english if english[key].count("{") != spanish[key].count("{")]


async def test_nobody_plays_more_customers_than_fit(served: ServedPhone, page: httpx.AsyncClient) -> None:
    for number in range(MAX_CUSTOMERS):
        await taken(page, number=f"+5215500{number:06}")
    assert (
        await page.post("/phone/phones", json={"name": "x", "number": "+5215599999999"})
    ).status_code == 429
    await taken(page, number="+5215500000000")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
DEEDS = st.fixed_dictionaries(
    {"deed": st.sampled_from(["write", "choose", "react", "place", "contact", "look", "set", "?"])},
    optional=dict.fromkeys(("text", "quotes", "message", "option", "emoji", "latitude", "name"), ANYTHING),
)


async def test_whatever_is_posted_gets_an_answer_and_no_fault(
    served: ServedPhone, page: httpx.AsyncClient
) -> None:
    phone = await taken(page)
    bodies: list[bytes] = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.binary(max_size=60), (ANYTHING | DEEDS).map(lambda one: json.dumps(one).encode())))
    def gather(body: bytes) -> None:
        bodies.append(body)

    gather()
    for body in bodies:
        for path in (
            f"{phone}/deeds",
            "/phone/phones",
            "/phone/clock",
            "/phone/manner",
            f"/v21.0/{NUMBER}/messages",
        ):
            answer = await served.business.post(path, content=body)
            assert answer.status_code < 500, (path, body)
    assert (await page.get(phone)).status_code == 200
