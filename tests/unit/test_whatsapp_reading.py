"""What Meta posts, as we read it: every type, and nothing that is strange can stop the rest."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_graph import LINE, a_text, a_webhook, received

from relevo.channels.whatsapp.errors import Remedy, remedy_for
from relevo.channels.whatsapp.identity import conversation_of, language_of, normalised, phone_of
from relevo.channels.whatsapp.reading import SILENT, Reader, Reading
from relevo.channels.whatsapp.webhook import Malformed, parse_webhook
from relevo.settings import Settings, WhatsAppSettings
from relevo.whatsapp.signature import is_signed, sign

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TYPES = (
    "text",
    "image",
    "audio",
    "location",
    "contacts",
    "interactive",
    "button",
    "reaction",
    "order",
    "system",
)


def read(kind: str, content: Any, **more: Any) -> Reading:
    [part] = parse_webhook(json.dumps(a_webhook(received(kind, content, **more))).encode())
    [message] = part.messages
    return Reader({"track_order"}).read(message, "es")


def test_text_is_what_was_typed() -> None:
    reading = read("text", {"body": "  ¿Dónde está mi pedido?\u202e "})
    assert (reading.text, reading.note, reading.is_typed) == ("¿Dónde está mi pedido?", None, True)


def test_typed_slash_commands_nothing() -> None:
    assert read("text", {"body": "/restart"}).text == "restart"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "/track_order", "title": "Rastrear"}},
        ),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "/track_order", "title": "Rastrear"}}),
        ("button", {"payload": "/track_order", "text": "Rastrear"}),
    ],
)
def test_pressed_button_means_its_topic(kind: str, content: Any) -> None:
    reading = read(kind, content)
    assert (reading.text, reading.shown) == ("/track_order", "Rastrear")


def test_button_whose_topic_is_gone_means_what_stands_on_it() -> None:
    reading = read("button", {"payload": "/no_such_topic", "text": "Quiero mi factura"})
    assert (reading.text, reading.is_typed) == ("Quiero mi factura", True)


@pytest.mark.parametrize(
    ("kind", "content", "note", "shown"),
    [
        ("audio", {"id": "1", "voice": True}, "voice", "🎤 Nota de voz"),
        ("image", {"id": "1", "mime_type": "image/jpeg"}, "picture", "📷 Foto"),
        ("sticker", {"id": "1"}, "picture", "Sticker"),
        ("document", {"id": "1", "filename": "factura.pdf"}, "file", "📄 Archivo factura.pdf"),
        (
            "location",
            {"latitude": 19.4326, "longitude": -99.1332, "name": "Zócalo"},
            "place",
            "📍 Ubicación: Zócalo (19.43260, -99.13320)",
        ),
        (
            "contacts",
            [{"name": {"formatted_name": "Ana"}, "phones": [{"phone": "+52 55 1234"}]}],
            "other",
            "👤 Contacto: Ana +52 55 1234",
        ),
        ("order", {"product_items": [{}, {}]}, "other", "🛒 Pedido del catálogo (2 productos)"),
        ("reaction", {"message_id": "wamid.1", "emoji": "👍"}, SILENT, "Reaccionó con 👍"),
        ("reaction", {"message_id": "wamid.1"}, SILENT, "Quitó su reacción"),
        (
            "system",
            {"body": "Ana changed her number", "type": "x"},
            SILENT,
            "WhatsApp: Ana changed her number",
        ),
        ("unsupported", None, "other", "Un mensaje que no se puede mostrar aquí"),
        ("hologram", {"depth": 3}, "other", "Un mensaje que no se puede mostrar aquí"),
        (
            "interactive",
            {"type": "nfm_reply", "nfm_reply": {}},
            "other",
            "Un mensaje que no se puede mostrar aquí",
        ),
        ("text", {"body": "\u200b"}, "other", "Un mensaje que no se puede mostrar aquí"),
    ],
)
def test_what_the_bot_cannot_read_is_told_to_people(kind: str, content: Any, note: str, shown: str) -> None:
    reading = read(kind, content)
    assert (reading.note, reading.text) == (note, shown)


def test_words_under_a_picture_are_for_the_bot_and_the_picture_goes_along() -> None:
    reading = read("image", {"id": "media-7", "mime_type": "image/jpeg", "caption": "llegó roto"})
    assert (reading.text, reading.note) == ("llegó roto", None)
    assert reading.metadata["about"] == "📷 Foto"
    assert reading.metadata["media"]["id"] == "media-7"


def test_messages_of_a_batch_come_in_the_order_in_which_they_were_written() -> None:
    webhook = a_webhook(a_text("b", 2, at=1_764_698_402), a_text("a", 1, at=1_764_698_401))
    [part] = parse_webhook(json.dumps(webhook).encode())
    assert [message.id for message in part.messages] == ["wamid.in1", "wamid.in2"]


def test_strange_message_does_not_hold_up_its_neighbours() -> None:
    webhook = a_webhook(a_text("a"), {"from": "1", "id": "", "timestamp": "soon"})
    [part] = parse_webhook(json.dumps(webhook).encode())
    assert (len(part.messages), part.strange) == (1, 1)


def test_lists_within_lists_are_no_fault_however_deep() -> None:
    """Somewhere lies a depth that JSON can just read and pydantic can't."""
    plain = json.dumps(a_webhook(received("text", {"body": "@"}), a_text("sigo aquí", 2)))
    for depth in range(100, 1_000, 5):
        body = plain.replace('"@"', "[" * depth + "]" * depth).encode()
        with suppress(Malformed):
            [part] = parse_webhook(body)
            assert [message.id for message in part.messages][-1:] == ["wamid.in2"]


def test_changes_of_other_fields_are_passed_over() -> None:
    webhook = {"entry": [{"changes": [{"field": "account_alerts", "value": {"alert": 1}}]}]}
    assert parse_webhook(json.dumps(webhook).encode()) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"nul", b"\xff", b"[" * 100_000, b"9" * 5_000])
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_webhook(body)


@given(JSON)
def test_no_json_is_too_strange_for_the_parser(record: Any) -> None:
    for body in (record, {"entry": record}, {"entry": [{"changes": [{"value": record}]}]}):
        try:
            parse_webhook(json.dumps(body).encode())
        except Malformed:
            assert not isinstance(body, dict)


@given(st.sampled_from(TYPES), JSON, JSON)
def test_no_content_is_too_strange_for_the_reader(kind: str, content: Any, context: Any) -> None:
    webhook = a_webhook(received(kind, content, context=context))
    for part in parse_webhook(json.dumps(webhook).encode()):
        for message in part.messages:
            assert Reader({"track_order"}).read(message, "en").text


def test_signature_is_that_of_the_raw_body() -> None:
    assert is_signed(b"{}", sign(b"{}", "secret"), "secret")
    assert not is_signed(b"{} ", sign(b"{}", "secret"), "secret")
    assert not is_signed(b"{}", sign(b"{}", "other"), "secret")
    for forged in (None, "", "sha256=", sign(b"{}", "secret")[:-1], "sha256=ñ\udcff"):
        assert not is_signed(b"{}", forged, "secret")


def test_mexican_number_is_one_customer_with_and_without_the_old_one() -> None:
    assert normalised("5215512345678") == normalised("525512345678") == "525512345678"
    assert normalised("5491112345678") == "5491112345678"
    assert conversation_of("k", LINE, "5215512345678") == conversation_of("k", LINE, "525512345678")


def test_conversation_tells_neither_the_number_nor_that_it_is_the_same_on_another_line() -> None:
    conversation = conversation_of("k", LINE, "525512345678")
    assert "5512345678" not in conversation
    assert conversation != conversation_of("k", "2066", "525512345678")
    assert conversation != conversation_of("another key", LINE, "525512345678")


@pytest.mark.parametrize(
    ("sender", "phone", "language"),
    [
        ("5215512345678", "+525512345678", "es"),
        ("12125550123", "+12125550123", "en"),
        ("442079460123", "+442079460123", "en"),
        ("ana.lopez", "", None),
        ("US.13491208655302741918", "", None),
        ("٥٢١٥٥١٢٣٤٥٦٧٨", "", None),
    ],
)
def test_number_tells_a_contact_and_a_language_and_a_name_tells_neither(
    sender: str, phone: str, language: str | None
) -> None:
    assert (phone_of(sender), language_of(sender)) == (phone, language)


@pytest.mark.parametrize(
    ("code", "status", "remedy"),
    [
        (190, 401, Remedy.STOP_TOKEN),
        (10, 403, Remedy.STOP_PERMISSION),
        (200, 403, Remedy.STOP_PERMISSION),
        (130429, 400, Remedy.SLOW_DOWN),
        (131056, 400, Remedy.WAIT_FOR_PAIR),
        (131048, 400, Remedy.STOP_PROACTIVE),
        (131016, 500, Remedy.TRY_AGAIN),
        (131047, 400, Remedy.WINDOW_CLOSED),
        (131026, 400, Remedy.NOT_REACHABLE),
        (131050, 400, Remedy.OPTED_OUT),
        (131009, 400, Remedy.REJECTED),
        (132001, 404, Remedy.TEMPLATE_REFUSED),
        (368, 400, Remedy.STOP_BLOCKED),
        (131031, 400, Remedy.STOP_BLOCKED),
        (None, 502, Remedy.TRY_AGAIN),
        (None, 401, Remedy.STOP_TOKEN),
        (None, 429, Remedy.SLOW_DOWN),
        (999_999, 400, Remedy.REJECTED),
    ],
)
def test_each_error_has_its_remedy(code: int | None, status: int, remedy: Remedy) -> None:
    assert remedy_for(code, status) is remedy


def test_settings_are_whole_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "APP_SECRET", "VERIFY_TOKEN", "PHONE_NUMBER_IDS", "PHONE_NUMBER_ID"):
        monkeypatch.delenv(f"WHATSAPP_{name}", raising=False)
    assert WhatsAppSettings.from_environment() is None
    monkeypatch.setenv("WHATSAPP_TOKEN", "very secret")
    with pytest.raises(
        Exception, match="WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN, WHATSAPP_PHONE_NUMBER_IDS"
    ):
        Settings.from_environment()
    for name in ("APP_SECRET", "VERIFY_TOKEN"):
        monkeypatch.setenv(f"WHATSAPP_{name}", "very secret")
    monkeypatch.setenv("WHATSAPP_PHONE_NUMBER_IDS", "1055, 2066")
    settings = Settings.from_environment().whatsapp
    assert settings
    assert settings.numbers == ("1055", "2066")
    assert "very secret" not in repr(settings)
