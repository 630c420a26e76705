"""Messages as the Cloud API takes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.channels.whatsapp.reading import MORE
from relevo.channels.whatsapp.writing import Writer, sign, template_body
from relevo.errors import ConfigurationError
from relevo.protocol import Protocol


@pytest.fixture(scope="module")
def writer(protocol: Protocol) -> Writer:
    return Writer(protocol)


def options(count: int, title: str = "Opción {}") -> list[dict[str, str]]:
    return [{"title": title.format(number), "payload": f"/topic_{number}"} for number in range(count)]


def rows(body: dict[str, Any]) -> list[dict[str, str]]:
    [section] = body["interactive"]["action"]["sections"]
    found: list[dict[str, str]] = section["rows"]
    return found


def test_a_text_is_sent_as_it_is(writer: Writer) -> None:
    [written] = writer.write("Hola")
    assert written.body == {"type": "text", "text": {"body": "Hola", "preview_url": False}}


def test_up_to_three_options_are_buttons(writer: Writer) -> None:
    [written] = writer.write("¿Qué necesitas?", options(3))
    assert written.body["interactive"]["type"] == "button"
    replies = [button["reply"] for button in written.body["interactive"]["action"]["buttons"]]
    assert replies[0] == {"id": "/topic_0", "title": "Opción 0"}
    assert written.text == "¿Qué necesitas?\n[Opción 0] [Opción 1] [Opción 2]"


def test_four_options_are_a_list(writer: Writer) -> None:
    [written] = writer.write("¿Qué necesitas?", options(4))
    assert written.body["interactive"]["type"] == "list"
    assert written.body["interactive"]["action"]["button"] == "Ver opciones"
    assert len(rows(written.body)) == 4


def test_titles_that_buttons_would_cut_are_told_whole_in_a_list(writer: Writer) -> None:
    [written] = writer.write("¿Cuál?", options(2, "Cambiar la dirección de entrega {}"))
    assert rows(written.body)[1] == {
        "id": "/topic_1",
        "title": "Cambiar la dirección de…",
        "description": "Cambiar la dirección de entrega 1",
    }


def test_more_than_ten_options_are_paged_without_losing_one(writer: Writer) -> None:
    [written] = writer.write("¿Cuál?", options(25))
    seen = [row["id"] for row in rows(written.body)]
    while written.more:
        assert (len(seen) % 9, seen.pop()) == (1, MORE), "nine and the way to the others"
        written = writer.write_more(written.more)
        seen += [row["id"] for row in rows(written.body)]
    assert seen == [option["payload"] for option in options(25)]


def test_list_speaks_the_language_of_its_options(writer: Writer, protocol: Protocol) -> None:
    names = ("track_order", "cancel_order", "get_invoice", "warranty")
    english = [{"title": protocol.topics[name].title.en, "payload": f"/{name}"} for name in names]
    [written] = writer.write("Which?", english)
    assert written.body["interactive"]["action"]["button"] == "See options"


def test_options_stand_under_the_last_part_of_a_long_text(writer: Writer) -> None:
    sentence = "Esta frase tiene unas cuantas palabras más. "
    first, last = writer.write(sentence * 30, options(2))
    assert first.body["type"] == "text"
    assert last.body["type"] == "interactive"
    assert first.body["text"]["body"].endswith("más.")


def test_option_that_the_api_would_refuse_is_left_out(writer: Writer) -> None:
    [written] = writer.write("¿Cuál?", [{"title": "Largo", "payload": "/" + "x" * 200}])
    assert written.body["type"] == "text"


@given(text=st.text(max_size=3_000), count=st.integers(0, 40), title=st.text(min_size=1, max_size=90))
def test_limits_of_the_cloud_api_hold(writer: Writer, text: str, count: int, title: str) -> None:
    for written in writer.write(text, options(count, title.replace("{", "").replace("}", "") + " {}")):
        body = written.body
        if body["type"] == "text":
            assert 0 < len(body["text"]["body"]) <= 4_096
            continue
        assert 0 < len(body["interactive"]["body"]["text"]) <= 1_024
        action = body["interactive"]["action"]
        if body["interactive"]["type"] == "button":
            titles = [button["reply"]["title"] for button in action["buttons"]]
            assert len(titles) <= 3
            assert len(set(titles)) == len(titles)
            assert all(0 < len(each) <= 20 for each in titles)
        else:
            assert len(rows(body)) <= 10
            assert all(0 < len(row["title"]) <= 24 for row in rows(body))
            assert all(len(row.get("description", "")) <= 72 for row in rows(body))


def test_template_is_named_in_the_customers_language(writer: Writer) -> None:
    assert writer.messaging.template
    body = template_body(writer.messaging.template, "es")
    assert body == {
        "type": "template",
        "template": {"name": "message_waiting", "language": {"code": "es_MX"}},
    }


def test_read_mark_may_show_that_we_are_typing() -> None:
    assert "typing_indicator" not in sign("c1", "wamid.1", 1.0, is_typing=False).body
    assert sign("c1", "wamid.1", 1.0, is_typing=True).body["typing_indicator"] == {"type": "text"}


def test_whatsapp_needs_its_part_of_the_protocol(protocol: Protocol) -> None:
    without = protocol.copy(update={"channels": {"webchat": protocol.channels["webchat"]}})
    with pytest.raises(ConfigurationError, match=r"channels\.yml"):
        Writer(without)
