"""What a mail server's report says of a letter, whatever it is made of."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_server import a_mail, a_report

from relevo.channels.email.reports import Bounce, read_bounce

LETTER = a_mail("Ya va en camino.")
REPORT = a_report(LETTER)


def read(raw: bytes) -> Bounce | None:
    return read_bounce(message_from_bytes(raw))


def test_report_tells_which_letter_came_back_and_why() -> None:
    assert read(REPORT) == Bounce("<1@example.com>", "5.1.1")
    assert read(a_report(LETTER, status="4.4.7 (delivery time expired)", whole=False)) == Bounce(
        "<1@example.com>", "4.4.7"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"multipart/report", b"multipart/mixed"),
        (b"message/delivery-status", b"text/plain"),
        (b"message/rfc822", b"text/plain"),
        (b"Action: failed", b"Action: delayed"),
        (b"Action: failed", b"X: failed"),
        (b"Status: 5.1.1", b"Status: no"),
        (b"Message-ID: <1@example.com>", b"Message-ID: 1@example.com"),
    ],
)
def test_report_that_lacks_something_is_none(before: bytes, after: bytes) -> None:
    assert before in REPORT
    assert read(REPORT.replace(before, after)) is None


def test_only_the_returned_letter_is_what_came_back() -> None:
    """The report's own id, and ids that it quotes in words, may be anybody's."""
    other = REPORT.replace(b"<1@example.com>", b"").replace(
        b"Subject:", b"Message-ID: <2@example.com>\nSubject:", 1
    )
    assert read(other.replace(b"I'm sorry", b"Message-ID: <3@example.com>\n\nI'm sorry")) is None


@given(st.integers(0, len(REPORT)), st.integers(0, 200), st.binary(max_size=40))
def test_no_report_fails_whatever_is_wrong_with_it(start: int, length: int, instead: bytes) -> None:
    read(REPORT[:start] + instead + REPORT[start + length :])
