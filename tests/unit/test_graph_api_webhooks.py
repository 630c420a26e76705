"""What the stand-in tells the business, and in which manner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from graph_api import LUPE, NUMBER, TOKEN, VERIFY_TOKEN, VERSION, Served, fetch, serve_graph_api, text

from relevo.whatsapp.stand_in.account import APP_ID, Subscription
from relevo.whatsapp.stand_in.webhooks import Manner


@pytest.fixture
async def graph() -> AsyncIterator[Served]:
    async with serve_graph_api() as served:
        yield served


async def test_customers_message_comes_signed_in_the_documented_shape(graph: Served) -> None:
    message = graph.says("hola")
    await graph.courier.deliver_due()
    (body,) = graph.webhook.bodies
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "525555550142", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Lupe Hernández"}, "wa_id": LUPE}],
        "messages": [
            {
                "from": LUPE,
                "id": message.id,
                "timestamp": str(int(graph.clock.now)),
                "type": "text",
                "text": {"body": "hola"},
            }
        ],
    }
    entry = {"id": graph.api.account.id, "changes": [{"field": "messages", "value": value}]}
    assert body == {"object": "whatsapp_business_account", "entry": [entry]}
    assert graph.api.chat(LUPE, NUMBER).messages[message.id].progress == "delivered"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("interactive", {"type": "button_reply", "button_reply": {"id": "/affirm", "title": "Sí"}}),
        ("button", {"payload": "/affirm", "text": "Sí"}),
        ("location", {"latitude": 19.4, "longitude": -99.1}),
        ("contacts", [{"name": {"formatted_name": "Ana"}}]),
        ("order", {"catalog_id": "1", "product_items": []}),
        ("system", {"body": "Lupe changed her number", "type": "user_changed_number"}),
    ],
)
async def test_all_types_of_messages_are_told(graph: Served, kind: str, content: Any) -> None:
    asked = graph.says("first")
    graph.api.say(LUPE, NUMBER, kind, content, quotes=asked.id)
    await graph.courier.deliver_due()
    told = graph.webhook.messages[-1]
    assert (told["type"], told[kind], told["context"]["id"]) == (kind, content, asked.id)


async def test_unsupported_message_carries_its_error(graph: Served) -> None:
    graph.api.say(LUPE, NUMBER, "unsupported", None)
    await graph.courier.deliver_due()
    assert graph.webhook.messages[0]["errors"][0]["code"] == 131051


async def test_reaction_stands_on_its_message_and_goes_again(graph: Served) -> None:
    message = graph.says()
    graph.api.say(LUPE, NUMBER, "reaction", {"message_id": message.id, "emoji": "👍"})
    chat = graph.api.chat(LUPE, NUMBER)
    assert chat.messages[message.id].reactions["to_business"] == "👍"
    assert len(chat.messages) == 1
    graph.api.say(LUPE, NUMBER, "reaction", {"message_id": message.id})
    assert chat.messages[message.id].reactions["to_business"] == ""


async def test_media_is_read_by_id_and_fetched_with_the_token_within_five_minutes(graph: Served) -> None:
    media = graph.api.media.keep(b"a picture", "image/png", "image")
    graph.api.say(LUPE, NUMBER, "image", {**media.content(), "caption": "roto"})
    await graph.courier.deliver_due()
    told = graph.webhook.messages[0]["image"]
    view = (await graph.http.get(f"/{VERSION}/{told['id']}")).json()
    assert (view["mime_type"], view["sha256"], view["file_size"]) == ("image/png", told["sha256"], 9)
    assert (await graph.http.get(view["url"])).content == b"a picture"
    assert await fetch(view["url"]) == 401
    assert await fetch(view["url"], Authorization=f"Bearer {TOKEN}") == 200
    graph.clock.now += 300
    assert await fetch(view["url"], Authorization=f"Bearer {TOKEN}") == 404


async def test_upload_is_kept_and_its_type_must_fit_the_message(graph: Served) -> None:
    graph.says()
    files = {"file": ("a.png", b"png", "image/png")}
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    answer = await graph.http.post(f"/{VERSION}/{NUMBER}/media", data=form, files=files)
    media = answer.json()["id"]
    base = {"messaging_product": "whatsapp", "to": LUPE}
    assert await graph.send({**base, "type": "image", "image": {"id": media}})
    assert await graph.code({**base, "type": "audio", "audio": {"id": media}}) == 131009
    assert await graph.code({**base, "type": "image", "image": {"id": "1"}}) == 100
    too_large = {"file": ("a.png", b"x" * (5 * 1024 * 1024 + 1), "image/png")}
    answer = await graph.http.post(f"/{VERSION}/{NUMBER}/media", data=form, files=too_large)
    assert answer.json()["error"]["code"] == 131053


async def test_message_goes_from_sent_to_delivered_to_read(graph: Served) -> None:
    graph.says()
    sent = await graph.send(text())
    graph.api.read(LUPE, NUMBER)
    await graph.courier.deliver_due()
    assert graph.webhook.statuses(sent) == ["sent", "delivered", "read"]


async def test_phone_that_is_off_gets_its_messages_when_it_is_on_again(graph: Served) -> None:
    graph.says()
    graph.api.reach(LUPE, False)
    sent = await graph.send(text())
    graph.api.read(LUPE, NUMBER)
    await graph.courier.deliver_due()
    assert graph.webhook.statuses(sent) == ["sent"]
    graph.api.reach(LUPE, True)
    await graph.courier.deliver_due()
    assert graph.webhook.statuses(sent) == ["sent", "delivered"]


async def test_refused_webhook_comes_again_after_growing_pauses(graph: Served) -> None:
    graph.webhook.answers = [500, 401]
    message = graph.says()
    for _ in range(3):
        await graph.courier.deliver_due()
    assert graph.courier.outcomes == [500], "it waits before it comes again"
    graph.clock.now += 1
    await graph.courier.deliver_due()
    graph.clock.now += 1
    await graph.courier.deliver_due()
    assert graph.courier.outcomes == [500, 401]
    graph.clock.now += 1
    await graph.courier.deliver_due()
    assert graph.courier.outcomes == [500, 401, 200]
    assert [one["id"] for one in graph.webhook.messages] == [message.id]


async def told_in(manner: Manner) -> tuple[list[str], list[int]]:
    """The texts as they were told, and how many came in each delivery."""
    async with serve_graph_api() as graph:
        graph.api.webhooks.behave(manner)
        for number in range(30):
            graph.says(str(number))
        await graph.courier.deliver_due()
        sizes = [sum(len(entry["changes"]) for entry in body["entry"]) for body in graph.webhook.bodies]
        return [message["text"]["body"] for message in graph.webhook.messages], sizes


async def test_deliveries_are_batched_repeated_and_shuffled_alike_for_a_seed() -> None:
    manner = Manner(seed=7, batch=4, repeated=0.5, shuffled=True)
    texts, sizes = await told_in(manner)
    assert set(texts) == {str(number) for number in range(30)}
    assert len(texts) > 30
    assert texts[:30] != [str(number) for number in range(30)]
    assert max(sizes) == 4
    assert (texts, sizes) == await told_in(manner)
    assert texts != (await told_in(Manner(seed=8, batch=4, repeated=0.5, shuffled=True)))[0]


async def test_plain_manner_tells_each_once_and_in_order() -> None:
    assert await told_in(Manner()) == ([str(number) for number in range(30)], [1] * 30)


async def test_webhook_is_subscribed_only_if_it_answers_the_challenge(graph: Served) -> None:
    app = {"Authorization": f"Bearer {graph.api.account.app_token}"}
    form = {"object": "whatsapp_business_account", "callback_url": graph.webhook.url, "fields": "messages"}
    path = f"/{VERSION}/{APP_ID}/subscriptions"
    graph.api.account.subscription = None
    refused = await graph.http.post(path, data={**form, "verify_token": "wrong"}, headers=app)
    assert refused.json()["error"]["code"] == 100
    assert graph.api.account.subscription is None
    taken = await graph.http.post(path, data={**form, "verify_token": VERIFY_TOKEN}, headers=app)
    assert taken.json() == {"success": True}
    assert (await graph.http.get(path, headers=app)).json()["data"][0]["callback_url"] == graph.webhook.url
    assert (await graph.http.get(path)).status_code == 401, "only the app itself may ask"


async def test_without_a_subscription_nothing_is_told(graph: Served) -> None:
    graph.api.account.subscription = Subscription(graph.webhook.url, VERIFY_TOKEN, is_active=False)
    graph.says()
    await graph.courier.deliver_due()
    assert graph.webhook.bodies == []


async def test_reads_of_the_account_come_in_pages_and_by_fields(graph: Served) -> None:
    account = graph.api.account
    account.templates *= 30
    first = (await graph.http.get(f"/{VERSION}/{account.id}/message_templates")).json()
    assert len(first["data"]) == 25
    assert len((await graph.http.get(first["paging"]["next"])).json()["data"]) == 5
    number = (await graph.http.get(f"/{VERSION}/{NUMBER}", params={"fields": "status"})).json()
    assert number == {"status": "CONNECTED", "id": NUMBER}
    token = (await graph.http.get(f"/{VERSION}/debug_token", params={"input_token": TOKEN})).json()["data"]
    assert token["is_valid"]
    assert token["app_id"] == APP_ID
