"""Mail from a real mailbox: kept once, in a conversation that hides the address; robots are not heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from builders import eventually, settings_for_tests
from mail_server import ANA, AUTHENTICATOR, COMPANY, LocalMail, a_mail
from PIL import Image

from relevo.channels.accept import InboxMessage
from relevo.channels.email.fetching import MailReader
from relevo.channels.email.mailbox import LoginRefused, Mailbox, MailboxAway
from relevo.channels.email.receiving import OF_SENDER, Receiver
from relevo.letters import conversation_with
from relevo.privacy.records import find_customer
from relevo.protocol import Protocol
from relevo.sending.alerts import Alerts
from relevo.settings import Settings
from relevo.store import keys
from relevo.store.attachment_book import AttachmentBook
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.customers import Customers
from relevo.store.lease import Lease


@dataclass
class Desk:
    """The mailbox with its reader."""

    client: redis.Redis
    mail: LocalMail
    settings: Settings
    mailbox: Mailbox
    protocol: Protocol

    @property
    def reader(self) -> MailReader:
        reader = MailReader.of(self.client, self.settings, self.protocol)
        assert reader
        return reader

    def conversation(self, address: str = ANA) -> str:
        return conversation_with(self.settings.key_for("email"), address)

    async def read(self) -> list[InboxMessage]:
        """The reader reads; all that lies in inboxes."""
        await self.reader.read_new(self.mailbox)
        waiting = [
            await self.client.lrange(keys.ConversationKeys(conversation).inbox, 0, -1)
            for conversation in await self.client.zrange(keys.INBOXES, 0, -1)
        ]
        return [InboxMessage(**json.loads(text)) for texts in waiting for text in texts]


@pytest.fixture
async def desk(
    redis_client: redis.Redis, redis_url: str, tmp_path: Path, protocol: Protocol
) -> AsyncIterator[Desk]:
    async with LocalMail().up() as mail:
        settings = settings_for_tests(redis_url=redis_url, email=mail.settings, data_dir=tmp_path)
        async with Mailbox(mail.settings.imap, mail.settings.password) as mailbox:
            yield Desk(redis_client, mail, settings, mailbox, protocol)


def a_picture(tmp_path: Path) -> bytes:
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    return (tmp_path / "a.png").read_bytes()


async def test_mail_is_taken_in_under_a_conversation_that_hides_the_address(desk: Desk) -> None:
    await desk.mail.send(a_mail("¿Dónde está?\n\n-- \nAna"))
    [message] = await desk.read()
    assert (message.conversation, message.channel) == (desk.conversation(), "email")
    assert message.text == "Mi pedido\n¿Dónde está?"
    names = await desk.client.keys("*")
    assert not [name for name in names if "ana" in name.casefold()]
    assert await desk.mail.flags() == [{"Seen"}]


async def test_customer_is_known_by_their_address_and_found_by_it(desk: Desk) -> None:
    await desk.mail.send(a_mail(References="<0@example.com>", Subject="RE: RV: Mi pedido"))
    await desk.read()
    customer = await Customers(desk.client).get(desk.conversation())
    assert customer
    assert (customer.address, customer.contact, customer.name) == (ANA, "", "Ana López")
    assert (customer.subject, customer.references) == ("Mi pedido", "<0@example.com> <1@example.com>")
    assert ANA not in repr(customer)


@pytest.mark.parametrize(
    ("results", "is_confirmed"),
    [
        (f"{AUTHENTICATOR}; spf=pass; dmarc=pass header.from=example.com", True),
        (f"{AUTHENTICATOR} 1; DMARC = Pass", True),
        (f"{AUTHENTICATOR}; spf=pass; dmarc=none", False),
        (f"{AUTHENTICATOR}.example; dmarc=pass", False),
        (f"mx.elsewhere.example; x={AUTHENTICATOR}; dmarc=pass", False),
        ("", False),
    ],
)
async def test_sender_is_confirmed_only_where_our_mail_server_has_proved_them(
    desk: Desk, results: str, is_confirmed: bool
) -> None:
    await desk.mail.send(a_mail(Authentication_Results=results))
    await desk.read()
    known = await ConfirmedContacts(desk.client).of(desk.conversation())
    assert [how.kind for how in known.values()] == (["email"] if is_confirmed else [])


async def test_data_of_an_unproved_sender_are_found_by_their_address(desk: Desk) -> None:
    await desk.mail.send(a_mail())
    await desk.read()
    await desk.client.zadd(keys.CONVERSATIONS, {desk.conversation(): 1, "another": 2})
    assert (await find_customer(desk.client, ANA)).conversations == (desk.conversation(),)


async def test_same_person_has_one_conversation_however_they_write_their_address(desk: Desk) -> None:
    await desk.mail.send(a_mail(), a_mail(sender="ANA@Example.com", Message_ID="<2@example.com>"))
    assert {message.conversation for message in await desk.read()} == {desk.conversation()}


async def test_mail_that_comes_again_is_kept_once(desk: Desk) -> None:
    await desk.mail.send(a_mail(), a_mail("Otra vez"))
    assert len(await desk.read()) == 1
    assert len(await desk.read()) == 1


async def test_mail_stays_unseen_until_it_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_away(*_: Any) -> None:
        raise redis.ConnectionError

    await desk.mail.send(a_mail())
    with monkeypatch.context() as patched:
        patched.setattr("relevo.channels.email.receiving.accept", is_away)
        with pytest.raises(redis.ConnectionError):
            await desk.read()
    assert await desk.mail.flags() == [set()]
    assert len(await desk.read()) == 1


async def test_files_are_kept_by_what_they_are_and_the_words_are_answered(desk: Desk, tmp_path: Path) -> None:
    mail = a_mail("Así llegó")
    mail.add_attachment(a_picture(tmp_path), maintype="application", subtype="octet-stream", filename="f.png")
    mail.add_attachment(b"MZ", maintype="image", subtype="png", filename="virus.png")
    await desk.mail.send(mail)
    words, file = await desk.read()
    assert (words.text, words.is_note) == ("Mi pedido\nAsí llegó", False)
    assert (file.text, file.is_note, file.metadata["with_words"]) == ("f.png", True, True)
    book = AttachmentBook.of_folder(desk.client, tmp_path)
    assert await book.find(file.conversation, file.metadata["attachment"]["id"])
    assert await desk.mail.flags() == [{"Seen", "Flagged"}], "people find what was not taken"


async def test_file_without_words_is_a_note_that_is_answered(desk: Desk, tmp_path: Path) -> None:
    mail = a_mail("", Subject="")
    mail.add_attachment(a_picture(tmp_path), maintype="image", subtype="png")
    await desk.mail.send(mail)
    [file] = await desk.read()
    assert (file.is_note, file.metadata["with_words"]) == (True, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Precedence": "Bulk"},
        {"List_Id": "<offers.example.com>"},
        {"List_Unsubscribe": "<mailto:x@example.com>"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"sender": "MAILER-DAEMON@example.com"},
        {"sender": "no-reply@example.com"},
        {"sender": COMPANY},
    ],
)
async def test_robots_and_lists_and_our_own_mail_are_not_heard(desk: Desk, headers: dict[str, str]) -> None:
    await desk.mail.send(a_mail(**headers))
    assert await desk.read() == []
    assert await desk.mail.flags() == [{"Seen"}]


async def test_mail_that_says_it_is_no_robots_is_heard(desk: Desk) -> None:
    await desk.mail.send(a_mail(Auto_Submitted="no"))
    assert len(await desk.read()) == 1


async def test_report_of_an_undelivered_letter_is_not_answered(desk: Desk) -> None:
    report = EmailMessage()
    report["From"], report["To"] = "Mail system <system@example.com>", COMPANY
    report.set_content("Your message could not be delivered.")
    report.make_mixed()
    report.replace_header("Content-Type", 'multipart/report; report-type=delivery-status; boundary="x"')
    await desk.mail.send(report)
    assert await desk.read() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"From: ana@example.com\n\n",
        b"From: nobody\n\nHola",
        b"From: ana@example.com\nAuthentication-Results: mx.example; dmarc=FAIL\n\nHola",
        b"From: ana@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text",
    ],
)
async def test_mail_that_says_nothing_or_is_forged_is_left_to_people(desk: Desk, raw: bytes) -> None:
    await desk.mail.put(raw or b"\n", a_mail().as_bytes())
    assert [message.text for message in await desk.read()] == ["Mi pedido\nHola"]
    assert await desk.mail.flags() == [{"Seen", "Flagged"}, {"Seen"}]


async def test_fault_of_our_own_stops_no_other_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(raw: bytes) -> None:
        raise KeyError("x")

    await desk.mail.send(a_mail())
    monkeypatch.setattr("relevo.channels.email.fetching.read_mail", fails)
    await desk.read()
    assert await desk.mail.flags() == [{"Seen", "Flagged"}]


async def test_who_floods_us_is_heard_no_further(desk: Desk) -> None:
    conversation = desk.conversation()
    for _ in range(OF_SENDER.count):
        await OF_SENDER.allows(desk.client, conversation)
    await desk.mail.send(a_mail(), a_mail(sender="luis@example.com"))
    assert [message.conversation for message in await desk.read()] == [desk.conversation("luis@example.com")]


async def test_large_mail_is_read_as_far_as_the_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relevo.channels.email.mailbox.MAX_MAIL_BYTES", 20_000)
    mail = a_mail("Va mi archivo")
    mail.add_attachment(b"%PDF-" + b"x" * 100_000 + b"%%EOF", maintype="application", subtype="pdf")
    await desk.mail.send(mail)
    [message] = await desk.read()
    assert message.text == "Mi pedido\nVa mi archivo"
    assert await desk.mail.flags() == [{"Seen", "Flagged"}]


async def test_wrong_password_is_told_apart_from_a_server_that_is_away(desk: Desk) -> None:
    with pytest.raises(LoginRefused):
        async with Mailbox(desk.mail.settings.imap, "wrong"):
            pass
    desk.mail.imap_port += 1
    with pytest.raises(MailboxAway):
        async with Mailbox(desk.mail.settings.imap, "wrong"):
            pass


@asynccontextmanager
async def reading(reader: MailReader) -> AsyncIterator[None]:
    """A reader runs for the length of the block."""
    task = asyncio.create_task(reader.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_one_of_several_readers_reads(desk: Desk) -> None:
    await desk.mail.send(a_mail())
    holder = Lease(desk.client, keys.MAILBOX, 30)
    assert await holder.take()
    await desk.reader._read_safely()
    assert await desk.mail.flags() == [set()]
    await holder.release()
    async with reading(desk.reader):
        await eventually(lambda: desk.client.zcard(keys.INBOXES))
    assert await desk.client.get(keys.MAILBOX) is None, "another may read at once"


async def test_refused_login_sounds_an_alert_until_the_mailbox_opens(desk: Desk) -> None:
    alerts = Alerts(desk.client)
    wrong = replace(desk.mail.settings, password="wrong")
    async with reading(MailReader(desk.client, wrong, Receiver(desk.client, desk.settings, desk.protocol))):
        [alert] = await eventually(alerts.all)
    assert (alert.what, alert.trouble) == ("email:imap", "mailbox_login")
    async with reading(desk.reader):
        await eventually(lambda: _is_over(alerts))


async def _is_over(alerts: Alerts) -> bool:
    return not await alerts.all()
