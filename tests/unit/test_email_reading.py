"""What a mail says, in the shapes that mail programs give it; and that no bytes at all are too much."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_server import ANA, a_mail

from relevo.channels.email.reading import MAX_CHARACTERS, own_words, read_mail

REPLIES = {
    "gmail, Spanish": """Sí, es el CJ-483920.

El mar, 2 dic 2025 a las 12:00, Casa Jacaranda (<
ayuda@casajacaranda.example>) escribió:

> ¿Cuál es tu número de pedido?
""",
    "gmail, English": """Sí, es el CJ-483920.

On Tue, Dec 2, 2025 at 12:00 PM Casa Jacaranda <ayuda@casajacaranda.example>
wrote:

> What is your order number?
""",
    "outlook, Spanish": """Sí, es el CJ-483920.

________________________________
De: Casa Jacaranda <ayuda@casajacaranda.example>
Enviado: martes, 2 de diciembre de 2025 12:00
Para: Ana López <ana@example.com>
Asunto: Re: Mi pedido

¿Cuál es tu número de pedido?
""",
    "outlook, English": """Sí, es el CJ-483920.

From: Casa Jacaranda <ayuda@casajacaranda.example>
Sent: Tuesday, December 2, 2025 12:00 PM
To: Ana López <ana@example.com>
Subject: RE: order

What is your order number?
""",
    "one line": "Sí, es el CJ-483920.\n\n-----Mensaje original-----\nDe: Casa Jacaranda\n\n¿Cuál es?",
    "a signature": "Sí, es el CJ-483920.\n\n-- \nAna López\nTel. 55 1234 5678",
    "nothing else": "Sí, es el CJ-483920.",
}


@pytest.mark.parametrize("text", REPLIES.values(), ids=REPLIES)
def test_only_what_the_writer_has_added_is_read(text: str) -> None:
    assert own_words(text) == "Sí, es el CJ-483920."
    assert own_words(text.replace("\n", "\r\n")) == "Sí, es el CJ-483920."


def test_words_between_that_only_look_like_headers_are_the_writers() -> None:
    text = "El técnico me escribió el lunes:\nDe: nada.\nPara mañana, por favor."
    assert own_words(text) == text


def test_mail_passed_on_without_a_word_is_read_as_it_is() -> None:
    text = "---------- Forwarded message ---------\nFrom: X <x@example.com>\nSubject: Pedido\n\n¿Dónde está?"
    assert "¿Dónde está?" in own_words(text)


def test_text_goes_before_html_and_html_is_read_where_there_is_no_text() -> None:
    mail = a_mail("Texto")
    mail.add_alternative("<p>HTML</p>", subtype="html")
    assert read_mail(mail.as_bytes()).text == "Texto"
    mail = a_mail()
    html = "<style>p {color: red}</style><p>¿D&oacute;nde <b>est&aacute;</b>?</p><script>x()</script><p>Ana"
    mail.set_content(html, subtype="html")
    assert read_mail(mail.as_bytes()).text == "¿Dónde está?\n\nAna"


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("iso-8859-1", "¿Dónde está?".encode("latin-1")),
        ("utf-8", "¿Dónde está?".encode("windows-1252")),
        ("us-ascii", "¿Dónde está?".encode()),
        ("no-such-thing", "¿Dónde está?".encode()),
    ],
)
def test_character_set_that_is_wrong_or_unknown_spoils_no_text(charset: str, content: bytes) -> None:
    head = f"From: {ANA}\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    assert read_mail(head.encode() + content).text == "¿Dónde está?"


def test_headers_are_decoded_and_a_line_break_in_them_is_none() -> None:
    raw = (
        b"From: =?utf-8?q?Ana_L=C3=B3pez?= <ana@example.com>\n"
        b"Subject: =?utf-8?q?Mi_pedido=0D=0ABcc:_x=40example.com?=\n\nHola"
    )
    mail = read_mail(raw)
    assert (mail.name, mail.subject) == ("Ana López", "Mi pedido Bcc: x@example.com")


def test_subject_is_said_where_the_talk_begins_and_only_there() -> None:
    assert read_mail(a_mail("Hola").as_bytes()).said == "Mi pedido\nHola"
    assert read_mail(a_mail("Hola, mi pedido", Subject="Mi Pedido").as_bytes()).said == "Hola, mi pedido"
    assert read_mail(a_mail("Hola", Subject="RE: RV: Mi pedido").as_bytes()).said == "Hola"
    assert read_mail(a_mail("Hola", In_Reply_To="<0@example.com>").as_bytes()).said == "Hola"


def test_long_letter_is_cut() -> None:
    assert len(read_mail(a_mail("a b " * 50_000).as_bytes()).said) == MAX_CHARACTERS


def test_hidden_characters_and_commands_are_no_words() -> None:
    assert read_mail(a_mail("/restart\u202e", Subject="").as_bytes()).said == "restart"


PIECES = st.sampled_from(
    [
        *(b"From: a@example.com\n", b"From: =?x?y?z?=,,;:<>\n", b"From: " + b"(" * 2_000, b"\n", b"\n\n"),
        *(b"Content-Type: multipart/mixed; boundary=x\n", b"\n--x\n", b"\n--x--\n", b"<html><b>x</b>"),
        *(b"Content-Type: text/html; charset=foo\n", b'Content-Type: text/plain; charset="utf-16"\n'),
        *(b"Content-Type: message/rfc822\n", b"Content-Type: text/plain; charset=rot13\n", b"\xff\xfe\x00"),
        *(
            b"Content-Transfer-Encoding: base64\n",
            b"Content-Transfer-Encoding: uuencode\n",
            b"Message-ID: <x\n",
        ),
        *(b"Subject: =?utf-8?q?=ff?=\n", b"=?iso-8859-1?b?====?=", b"References: <a@b> <c@d>\n"),
        *(
            b"Content-Disposition: attachment; name*=utf-8''%ff\n",
            b"On x wrote:\n",
            b"> ",
            b"Message-ID: <",
        ),
    ]
)


@given(st.binary(max_size=2_000) | st.lists(PIECES, max_size=20).map(b"".join))
@settings(max_examples=300)
def test_no_bytes_at_all_are_too_much(raw: bytes) -> None:
    mail = read_mail(raw)
    assert len(mail.said) <= MAX_CHARACTERS


BUSY = {
    "nested": b"".join(b"Content-Type: multipart/x; boundary=%d\n\n--%d\n" % (i, i) for i in range(2_000)),
    "parameters": b"Content-Type: multipart/mixed" + b";" * 1_000_000 + b"\n\nHola",
    "inner parameters": b"Content-Type: multipart/x; boundary=x\n\n--x\nContent-Type: multipart/x"
    + b";" * 1_000_000,
    "senders": b"From: " + b"a," * 500_000 + b"\n\nHola",
    "references": b"References: " + b"<a@b> " * 200_000 + b"\n\nHola",
    "lines": b"\n" * 200_000,
    "quotes": b"\n\n" + b"On x\n" * 40_000,
    "words": b"\n\nOn " + b"a " * 40_000,
    "tables": b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 5_000,
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("raw", BUSY.values(), ids=BUSY)
def test_mail_that_is_made_to_keep_a_parser_busy_does_not(raw: bytes) -> None:
    assert read_mail(raw)
