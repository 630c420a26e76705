"""Letters on their way to a real mail server: one per turn, in its thread, tried again, or left to people."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON, a_case
from mail_server import ANA, COMPANY, LocalMail, text_of

from relevo.cases.queue import CaseQueue
from relevo.channels.email.carrier import GATHER_SECONDS, STOPPED_SECONDS, SUBMISSION, EmailCarrier
from relevo.channels.email.writing import Writer
from relevo.errors import ConfigurationError
from relevo.protocol import Protocol
from relevo.sending.alerts import Alerts
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.sending.sender import Sender
from relevo.sending.undelivered import Undelivered
from relevo.store.customers import Customer, Customers

CUSTOMER = Customer(
    channel="email",
    line=COMPANY,
    address=ANA,
    wrote_at=NOON,
    contact=ANA,
    language="es",
    subject="Mi pedido",
    references="<0@example.com> <1@example.com>",
)


@dataclass
class Post:
    """The sender with its queue, a customer, the mail server and a clock that goes only when told."""

    client: redis.Redis
    protocol: Protocol
    mail: LocalMail
    now: float = NOON
    number: int = 0

    async def say(self, *bodies: dict[str, Any], together: str = "t1", **values: Any) -> None:
        for body in bodies:
            self.number += 1
            plain: dict[str, Any] = {"text": body.get("text", ""), "together": together, "is_reply": True}
            message = Outgoing(f"o{self.number}", "c1", "email", body, at=self.now, **{**plain, **values})
            await OutgoingQueue(self.client).add([message], self.now)

    async def go(self, seconds: float = GATHER_SECONDS) -> None:
        """Time passes, and a sender whose process has just started does what is due."""
        self.now += seconds
        writer = Writer(self.protocol, COMPANY)
        carrier = EmailCarrier(self.client, self.mail.settings, writer, jitter=lambda: 1.0)
        failures = Failures(self.client, self.protocol)
        await Sender(self.client, {"email": carrier}, failures, now=lambda: self.now).visit_due()

    async def reasons(self) -> list[tuple[str, str]]:
        return [(entry.reason, entry.code) for entry in await Undelivered(self.client).all()]


@pytest.fixture
async def post(redis_client: redis.Redis, protocol: Protocol) -> AsyncIterator[Post]:
    await Customers(redis_client).note("c1", CUSTOMER)
    async with LocalMail().up() as mail:
        yield Post(redis_client, protocol, mail)


async def test_all_that_a_turn_says_is_one_letter_and_the_next_turn_another(post: Post) -> None:
    await post.say({"text": "uno"}, {"text": "dos"})
    await post.say({"text": "tres"}, together="t2")
    await post.go()
    assert [text.split("\n\n")[:-1] for text in post.mail.texts] == [["uno", "dos"], ["tres"]]


async def test_letter_waits_for_the_last_word_of_its_turn(post: Post) -> None:
    await post.say({"text": "uno"})
    await post.go(1.0)
    await post.say({"text": "dos"})
    await post.go(1.9)
    assert post.mail.texts == []
    await post.go(0.1)
    assert "uno\n\ndos" in post.mail.texts[0]


async def test_answer_stands_in_the_customers_thread_and_says_that_a_robot_wrote_it(post: Post) -> None:
    await post.say({"text": "Ya va en camino."})
    await post.go()
    [letter] = post.mail.received
    assert (letter["From"], letter["To"]) == (f"Casa Jacaranda <{COMPANY}>", ANA)
    assert letter["Subject"] == "Re: Mi pedido"
    assert (letter["In-Reply-To"], letter["References"]) == ("<1@example.com>", CUSTOMER.references)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert text_of(letter).endswith("\n\n-- \nLuz, asistente virtual\nCasa Jacaranda\n")


async def test_letter_of_our_own_begins_a_thread(post: Post) -> None:
    await post.say({"text": "Como quedamos…", "subject": "Como quedamos"}, is_reply=False)
    await post.go()
    [letter] = post.mail.received
    assert (letter["Subject"], letter["In-Reply-To"]) == ("Como quedamos", None)
    assert letter["Auto-Submitted"] == "auto-generated"


async def test_person_signs_their_letter_and_is_no_robot(post: Post) -> None:
    await post.say({"text": "Ya lo revisé.", "agent": "Teresa Olvera"}, author="agent", is_reply=False)
    await post.go()
    [letter] = post.mail.received
    assert letter["Auto-Submitted"] is None
    assert letter["Subject"] == "Re: Mi pedido"
    assert text_of(letter).endswith("-- \nTeresa Olvera\nCasa Jacaranda\n")


async def test_quick_replies_are_listed_in_the_customers_language(post: Post) -> None:
    await post.say({"text": "¿Qué sigue?", "options": ["Sí", "Hablar con alguien"]})
    await Customers(post.client).note_language("c1", "en")
    await post.go()
    listed = (
        "To go on, simply reply with one of these:\n• Sí\n• Hablar con alguien\n\n-- \nLuz, virtual assistant"
    )
    assert listed in post.mail.texts[0]


async def test_calendar_file_goes_along(post: Post) -> None:
    await post.say({"text": "Quedó agendado."}, {"calendar": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"})
    await post.go()
    [file] = post.mail.received[0].iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "1.ics")
    assert "BEGIN:VCALENDAR" in file.get_content()


async def test_no_header_can_be_slipped_in(post: Post) -> None:
    slip = "\r\nBcc: eva@example.com"
    forged = replace(CUSTOMER, wrote_at=NOON + 1, subject=f"Hola{slip}", references=f"<1@x>{slip}")
    await Customers(post.client).note("c1", forged)
    await post.say({"text": "Hola", "agent": "Ana\r\nBcc: eva@example.com"})
    await post.say({"text": "Hola", "subject": "Hola\nBcc: eva@example.com"}, together="t2")
    await post.go()
    assert [letter["Bcc"] for letter in post.mail.received] == [None, None]
    assert [str(letter["To"]) for letter in post.mail.received] == [ANA, ANA]


async def test_letter_that_is_sent_again_is_known_by_its_id(post: Post) -> None:
    await post.say({"text": "uno"})
    await post.go()
    sent_before = await _id_of_the_last(post)
    await post.client.delete("relevo:{c1}:queued")
    post.number = 0
    await post.say({"text": "uno"})
    await post.go()
    assert await _id_of_the_last(post) == sent_before
    assert re.fullmatch(r"<[0-9a-f]{32}@casajacaranda\.example>", sent_before)


async def _id_of_the_last(post: Post) -> str:
    return str(post.mail.received[-1]["Message-ID"])


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_temporary_error_is_tried_again_after_growing_pauses(post: Post, step: str) -> None:
    post.mail.refusals = [(step, "451 4.7.1 Greylisted")] * 2
    await post.say({"text": "uno"})
    await post.go()
    for pause in (1.0, 2.0):
        await post.go(pause - 0.01)
        assert post.mail.texts == []
        await post.go(0.02)
    assert len(post.mail.texts) == 1


async def test_server_that_is_away_is_waited_for(post: Post) -> None:
    port, post.mail.smtp_port = post.mail.smtp_port, 1
    await post.say({"text": "uno"})
    await post.go()
    post.mail.smtp_port = port
    await post.go(1.0)
    assert len(post.mail.texts) == 1
    assert await post.reasons() == []


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (("RCPT", "550 5.1.1 No such user"), ("address_refused", "550")),
        (("DATA", "554 5.6.0 Not taken"), ("rejected", "554")),
    ],
)
async def test_final_refusal_is_a_task_at_the_desk_and_stands_in_the_case(
    post: Post, refusal: tuple[str, str], reason: tuple[str, str]
) -> None:
    queue = CaseQueue(post.client, post.protocol)
    case, _ = await queue.open(a_case(conversation="c1", channel="email"), "c1:m1")
    post.mail.refusals = [refusal]
    await post.say({"text": "uno"}, {"text": "dos"})
    await post.go()
    assert await post.reasons() == [reason]
    assert [entry for entry in await queue.history(case.folio) if "uno" in str(entry)]


async def test_what_was_refused_can_be_sent_again_from_the_desk(post: Post) -> None:
    post.mail.refusals = [("DATA", "554 5.6.0 Not taken")]
    await post.say({"text": "uno"}, {"text": "dos"})
    await post.go()
    [entry] = await Undelivered(post.client).all()
    await Undelivered(post.client).retry(entry.position, "Ana", post.now)
    await post.go()
    assert "uno\n\ndos" in post.mail.texts[0]


async def test_refused_password_stops_all_letters_and_sounds_an_alert_until_it_is_mended(post: Post) -> None:
    post.mail.password = "another"
    await post.say({"text": "uno"})
    await post.go()
    [alert] = await Alerts(post.client).all()
    assert (alert.what, alert.trouble, alert.code) == (SUBMISSION, "mail_login", "535")
    post.mail.password = post.mail.settings.password
    await post.go(STOPPED_SECONDS - 1)
    assert post.mail.texts == []
    await post.go(1)
    assert len(post.mail.texts) == 1
    assert await Alerts(post.client).all() == []


async def test_address_that_is_not_known_any_more_is_a_task(post: Post) -> None:
    await Customers(post.client)._redis.delete("relevo:{c1}:customer")
    await post.say({"text": "uno"})
    await post.go()
    assert await post.reasons() == [("unknown_customer", "")]


def test_protocol_without_letters_is_told_at_the_start(protocol: Protocol) -> None:
    rules = {name: rules for name, rules in protocol.channels.items() if name != "email"}
    with pytest.raises(ConfigurationError, match="letters"):
        Writer(protocol.copy(update={"channels": rules}), COMPANY)
