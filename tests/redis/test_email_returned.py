"""Letters that come back after they were sent: people's task, and never taken for a customer's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import redis.asyncio as redis
from builders import NOON, a_case, settings_for_tests
from dialogue import Dialogue, services_of
from mail_server import ANA, COMPANY, LocalMail, a_mail, a_report
from test_letters import complains
from test_promises import FOLIO, promised

from relevo.cases.queue import CaseQueue
from relevo.channels.email.carrier import GATHER_SECONDS, EmailCarrier
from relevo.channels.email.fetching import MailReader
from relevo.channels.email.mailbox import Mailbox
from relevo.channels.email.writing import Writer
from relevo.desk.related import known_of
from relevo.follow_ups.agenda import Agenda
from relevo.follow_ups.keeping import Keeping
from relevo.letters import LetterWriter, conversation_with
from relevo.privacy.erasure import erase_conversation
from relevo.protocol import Protocol
from relevo.sending.failures import Failures
from relevo.sending.outgoing import Outgoing, OutgoingQueue
from relevo.sending.sender import Sender
from relevo.sending.ticks import Ticks
from relevo.sending.undelivered import Undeliverable, Undelivered
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.customers import Customer, Customers
from relevo.store.unreachable import UnreachableContacts


@dataclass
class Office:
    """Sender and reader with a mailbox, and a customer to whom one letter was sent."""

    client: redis.Redis
    protocol: Protocol
    mail: LocalMail
    settings: Settings
    mailbox: Mailbox

    @property
    def conversation(self) -> str:
        return conversation_with(self.settings.key_for("email"), ANA)

    async def send(self, now: float = NOON, text: str = "Ya va en camino.") -> None:
        letter = Outgoing(
            "o1/0", self.conversation, "email", {"text": text}, at=now, text=text, together="t1"
        )
        await OutgoingQueue(self.client).add([letter], now)
        await self.go(now)

    async def go(self, now: float) -> None:
        """A sender does what is due when the letter's pieces are gathered."""
        carrier = EmailCarrier(self.client, self.mail.settings, Writer(self.protocol, COMPANY))
        failures = Failures(self.client, self.protocol)
        sender = Sender(self.client, {"email": carrier}, failures, now=lambda: now + GATHER_SECONDS)
        await sender.visit_due()

    async def gets(self, *raws: bytes) -> None:
        """Mail comes to the company's mailbox and is read."""
        await self.mail.put(*raws)
        reader = MailReader.of(self.client, self.settings, self.protocol)
        assert reader
        await reader.read_new(self.mailbox)

    async def returned(self) -> list[Undeliverable]:
        return await Undelivered(self.client).all()


@pytest.fixture
async def office(
    redis_client: redis.Redis, redis_url: str, protocol: Protocol, tmp_path: Path
) -> AsyncIterator[Office]:
    async with LocalMail().up() as mail:
        settings = settings_for_tests(
            redis_url=redis_url, email=mail.settings, email_address=COMPANY, data_dir=tmp_path
        )
        async with Mailbox(mail.settings.imap, mail.settings.password) as mailbox:
            office = Office(redis_client, protocol, mail, settings, mailbox)
            customer = Customer("email", COMPANY, ANA, NOON, contact=ANA, language="es")
            await Customers(redis_client).note(office.conversation, customer)
            await office.send()
            yield office


@pytest.mark.parametrize("whole", [True, False], ids=["the whole letter", "its headers"])
@pytest.mark.parametrize(
    ("status", "reason"), [("5.1.1", "returned"), ("4.4.7", "returned_for_now")], ids=["for good", "for now"]
)
async def test_letter_that_comes_back_is_a_task_and_stands_in_the_case(
    office: Office, status: str, reason: str, *, whole: bool
) -> None:
    queue = CaseQueue(office.client, office.protocol)
    case, _ = await queue.open(a_case(conversation=office.conversation, channel="email"), "cause")
    await office.gets(a_report(office.mail.received[0], status=status, whole=whole))
    [entry] = await office.returned()
    assert (entry.reason, entry.code, entry.text) == (reason, status, "Ya va en camino.")
    assert [tick.reason for tick in (await Ticks(office.client).all(office.conversation)).values()] == [
        reason
    ]
    assert "Ya va en camino." in (await queue.history(case.folio))[-1].details["note"]
    assert await office.client.zcard(keys.INBOXES) == 0, "nobody wrote it"
    assert await office.mail.flags() == [{"Seen"}]


async def test_report_that_comes_twice_is_told_once(office: Office) -> None:
    report = a_report(office.mail.received[0])
    await office.gets(report, report)
    assert len(await office.returned()) == 1


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
async def test_letter_that_is_not_given_up_is_no_task(office: Office, action: str) -> None:
    await office.gets(a_report(office.mail.received[0], action=action, status="4.4.1"))
    assert await office.returned() == []
    await office.gets(a_report(office.mail.received[0]))
    assert len(await office.returned()) == 1, "it may come back later"


async def test_report_of_a_letter_that_we_did_not_send_says_nothing(office: Office) -> None:
    letter = office.mail.received[0]
    del letter["Message-ID"]
    letter["Message-ID"] = "<somebody.elses@example.com>"
    await office.gets(
        a_report(letter), a_report(letter, status="5.9.9.9"), b"Content-Type: multipart/report\n\n"
    )
    assert await office.returned() == []
    assert not await UnreachableContacts(office.client).holds(ANA)


async def test_letter_that_came_back_can_be_sent_again_and_come_back_again(office: Office) -> None:
    await office.gets(a_report(office.mail.received[0]))
    [entry] = await office.returned()
    await Undelivered(office.client).retry(entry.position, "Teresa", NOON + 60)
    await office.go(NOON + 60)
    first, second = office.mail.received
    assert first["Message-ID"] != second["Message-ID"]
    await office.gets(a_report(second))
    assert [entry.reason for entry in await office.returned()] == ["returned"]


async def test_address_that_takes_nothing_is_promised_nothing_until_its_owner_writes(office: Office) -> None:
    services = replace(services_of(office.client, office.protocol), has_email=True)
    queue, unreachable = services.queue, UnreachableContacts(office.client)
    await office.gets(a_report(office.mail.received[0], status="4.2.2"))
    assert not await unreachable.holds(ANA), "a full mailbox may be emptied"
    await office.send(NOON + 60)
    await office.client.delete(keys.ConversationKeys(office.conversation).queued)
    await office.send(NOON + 60)
    await office.gets(a_report(office.mail.received[-1]))
    assert await unreachable.holds("Ana@Example.com")
    assert "acknowledgement_sent" not in await complains(Dialogue(services), ANA)
    [case] = await queue.open_cases()
    assert (await known_of(office.client, case)).unreachable == {keys.digest_of(ANA)}
    await office.gets(a_mail("Ya tengo espacio").as_bytes())
    assert not await unreachable.holds(ANA)


async def test_contact_by_email_to_such_an_address_waits_for_a_person(office: Office) -> None:
    letters = LetterWriter.of(office.client, office.protocol, office.settings)
    await UnreachableContacts(office.client).note(ANA, NOON)
    await Agenda(office.client).book(promised(method="email", contact=ANA))
    await Keeping(office.client, office.protocol, letters).see_to(NOON)
    promise = await Agenda(office.client).get(FOLIO)
    assert promise and promise.state == "due"
    assert await office.client.xlen(keys.OUTBOX) == 0


async def test_nothing_of_it_outlives_the_customers_data(office: Office) -> None:
    await office.gets(a_report(office.mail.received[0]))
    await erase_conversation(office.client, office.conversation)
    assert not await UnreachableContacts(office.client).holds(ANA)
    await office.send(NOON + 60)
    assert not await office.client.exists(keys.ConversationKeys(office.conversation).letters)
