"""What a browser may send: whatever it sends, it is taken in well-formed or refused with a reason."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relevo.channels.webchat.incoming import (
    MAX_BODY_BYTES,
    MAX_TEXT_CHARACTERS,
    NewConversation,
    NewMessage,
    Refused,
    clean,
    parse,
)

PROBLEMS = {"malformed", "empty", "too_large"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ANY_TEXT = st.text(st.characters(), max_size=60)
"""Of all characters, surrogates and unassigned ones too."""


def a_body(**values: Any) -> bytes:
    """A message as the widget sends it."""
    return json.dumps({"id": "message-1", "text": "Hola", **values}).encode()


def message_of(**values: Any) -> NewMessage:
    message: NewMessage = parse(a_body(**values), NewMessage)
    return message


def refusal(body: bytes) -> tuple[int, str]:
    """Status and problem with which a body is refused."""
    with pytest.raises(Refused) as refused:
        parse(body, NewMessage)
    return refused.value.status, refused.value.problem


def is_well_formed(text: str) -> bool:
    hidden = {"Cc", "Cf", "Cs", "Co"}
    return (
        text == text.strip()
        and unicodedata.is_normalized("NFC", text)
        and all(c in "\n\t\u200d\ufe0f" or unicodedata.category(c) not in hidden for c in text)
    )


def test_message_is_taken_as_it_was_typed() -> None:
    message = message_of(text="¿Dónde está mi pedido?\n¡Ya! 👩‍👧 ❤️", language="en")
    assert message.text == "¿Dónde está mi pedido?\n¡Ya! 👩‍👧 ❤️"
    assert (message.id, message.language, message.payload) == ("message-1", "en", None)


def test_language_is_spanish_unless_the_page_says_otherwise() -> None:
    assert parse(b"{}", NewConversation).language == "es"
    assert parse(b'{"language": "en"}', NewConversation).language == "en"


@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"[" * 20_000)
@example(b"1" * 5_000)
@example(b'{"id": ' + b"9" * 5_000 + b"}")
@example(b"null")
@example(b"NaN")
@example(b'{"__pydantic_self__": 1}')
def test_any_bytes_are_parsed_or_refused_with_a_known_problem(body: bytes) -> None:
    for model in (NewMessage, NewConversation):
        try:
            parse(body, model)
        except Refused as refused:
            assert refused.problem in PROBLEMS


@given(st.dictionaries(st.sampled_from(["id", "text", "payload", "language", "sender_id"]), JSON))
def test_any_json_is_parsed_or_refused_with_a_known_problem(record: dict[str, Any]) -> None:
    try:
        message: NewMessage = parse(json.dumps(record).encode(), NewMessage)
    except Refused as refused:
        assert (refused.status, refused.problem) in {(400, "malformed"), (400, "empty")}
    else:
        assert is_well_formed(message.text)
        assert message.text


@given(ANY_TEXT)
@example("e\u200b\u0301")
@example("\ud800 hola")
@example("\u202eoirartnoc la")
def test_any_text_is_taken_in_well_formed(text: str) -> None:
    cleaned = clean(text)
    assert is_well_formed(cleaned)
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(whitelist_categories=["Lu", "Ll", "Nd", "Po"]), min_size=1))
def test_visible_text_is_kept(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("emoji", ["🫶", "🫠", "🥹", "👍🏽", "🏳️‍🌈"])
def test_emoji_are_kept_even_those_newer_than_this_python(emoji: str) -> None:
    assert message_of(text=emoji).text == emoji


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\ue000", "\uffff", "\ufeff"]
)
def test_hidden_characters_are_taken_out(hidden: str) -> None:
    assert message_of(text=f"ho{hidden}la").text == "hola"


@given(ANY_TEXT)
@example("//restart")
@example("/\u00a0/restart")
@example(" \u2003/ /restart")
@example("/\u200d/restart")
@example("\u200d/restart")
def test_typed_text_is_never_a_command_to_the_bot(text: str) -> None:
    try:
        words = message_of(text=text).words_for_bot({"track_order"})
    except Refused as refused:
        assert refused.problem in {"empty", "malformed"}
    else:
        # Rasa strips a text before it looks for a slash.
        assert not words.strip().startswith("/")
        assert words


def test_slash_before_words_is_taken_off_and_the_words_stay() -> None:
    assert message_of(text="/ 50/50 y/o nada").words_for_bot(set()) == "50/50 y/o nada"


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u202e", "\x00"])
def test_text_without_anything_in_it_is_refused_as_empty(text: str) -> None:
    assert refusal(a_body(text=text)) == (400, "empty")


@pytest.mark.parametrize("text", ["/", " / / ", "/\u00a0/"])
def test_nothing_but_slashes_is_refused_as_empty(text: str) -> None:
    with pytest.raises(Refused, match="empty"):
        message_of(text=text).words_for_bot(set())


def test_pressed_button_gives_its_topic() -> None:
    message = message_of(text="Rastrear pedido", payload="/track_order")
    assert message.words_for_bot({"track_order"}) == "/track_order"


@pytest.mark.parametrize(
    "payload",
    ["/restart", "track_order", '/track_order{"a": "b"}', "", "/track_order\n", "//"],
)
def test_button_that_the_protocol_does_not_have_is_refused(payload: str) -> None:
    with pytest.raises(Refused, match="malformed"):
        message_of(payload=payload).words_for_bot({"track_order"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [("America/Tijuana", {"time_zone": "America/Tijuana"}), ("Moon/Base", {}), ("../etc", {}), ("", {})],
)
def test_browsers_time_zone_is_kept_if_it_is_one(given: str, kept: dict[str, str]) -> None:
    assert message_of(time_zone=given).metadata == kept


def test_longest_text_is_taken_and_a_longer_one_is_too_large() -> None:
    assert len(message_of(text="á" * MAX_TEXT_CHARACTERS).text) == MAX_TEXT_CHARACTERS
    assert refusal(a_body(text="a" * (MAX_TEXT_CHARACTERS + 1))) == (413, "too_large")


def test_text_is_measured_after_it_was_cleaned() -> None:
    assert message_of(text="a" + " " * MAX_TEXT_CHARACTERS).text == "a"


def test_longest_body_is_looked_at_and_a_longer_one_is_too_large() -> None:
    filled = a_body() + b" " * (MAX_BODY_BYTES - len(a_body()))
    assert parse(filled, NewMessage).text == "Hola"
    assert refusal(filled + b" ") == (413, "too_large")


@pytest.mark.parametrize(
    "identifier",
    ["short", "a" * 65, "con espacio", "méssage-1", "message:1", "message-1\n", "", None, 7],
)
def test_message_needs_a_plain_id(identifier: object) -> None:
    assert refusal(a_body(id=identifier)) == (400, "malformed")


@pytest.mark.parametrize(
    "values", [{"text": None}, {"text": ["a"]}, {"language": "fr"}, {"sender_id": "c2"}, {"payload": {}}]
)
def test_message_of_another_shape_is_refused(values: dict[str, Any]) -> None:
    assert refusal(a_body(**values)) == (400, "malformed")


def test_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(Refused) as refused:
        parse(a_body(text="mi secreto", id="!"), NewMessage)
    assert "secreto" not in str(refused.value)
