"""Every Redis key that Relevo uses, with its type, its meaning and its life.

Keys that change together in one script share a hash tag (the part in braces), so that they lie in one
slot of a Redis Cluster. A conversation's keys carry the conversation's id; what the desk works on (cases,
follow-ups, the outbox, the feed of events) carries `{desk}`.

| key | type | holds | life |
| --- | --- | --- | --- |
| `relevo:{C}:log` | stream | every tracker event of conversation C, in order: the transcript | as the protocol says, by the clock; 400 days after the last at most |
| `relevo:{C}:snapshot` | hash | state folded up to the working window's start (`start`, `state`) | as the log |
| `relevo:{C}:handled` | set | ids of messages and outbox items whose effects are in the log | 7 days after the last |
| `relevo:{C}:out` | stream | what the customer's page shows, in order | as the log |
| `relevo:{C}:posted` | hash | positions of the entries in `out` by their keys, so that a repeat is harmless | 7 days after the last |
| `relevo:{C}:news` | channel | wakes the pages that are open: "" for a new entry in `out`, else an entry that is kept nowhere (JSON) | none |
| `relevo:{C}:seen` | hash | positions in `out`: up to where the customer's browser has had it (`delivered`), the customer (`read`) and a person at the desk (`agent`) have read | as the log |
| `relevo:{C}:receipts` | channel | tells the desk that `seen`, `ticks` or `remote_files` has changed | none |
| `relevo:{C}:attachments` | hash | files that the customer sent, by their ids (JSON) | as the log |
| `relevo:{C}:remote_files` | hash | by a messenger's id, a file that the customer sent there: whether it waits to be fetched, was kept (under which id of `attachments`) or can't be had, as JSON | as the log |
| `relevo:{C}:inbox` | list | accepted messages that wait for the bot | until handled, 7 days at most |
| `relevo:{C}:accepted` | set | ids of accepted messages: a repeat is dropped | 7 days after the last |
| `relevo:{C}:drain` | string | lease of the bot that empties the inbox | 30 seconds, renewed |
| `relevo:{C}:delivery` | string | lease of the clock that delivers from the outbox | 5 seconds, renewed |
| `relevo:{C}:customer` | hash | who writes in conversation C on a messenger: `channel`, `line` (which of our numbers), `address` (where answers go), `contact`, `name`, `wrote_at`, `last_message`, `language`, `subject`, `references`, `template_for`, `closed_for` | as the log |
| `relevo:{C}:consent` | hash | that the customer withdrew consent to be written to, or gave it again: `state`, `at`, `word`, `message` | until it is erased with the log |
| `relevo:{C}:messages` | hash | by the messenger's message id: author, text and, of what we sent, its status, as JSON | 30 days after the last |
| `relevo:{C}:letters` | hash | by the digest of its Message-ID, a letter that was sent, as JSON, so that one that comes back is known | 7 days after the last |
| `relevo:{C}:ticks` | hash | by the id in `outgoing`, how far a message to the messenger has come: `sent`, `delivered`, `read`, or `failed` and why | 30 days after the last |
| `relevo:{C}:outgoing` | list | messages to the customer's messenger that wait to be sent, in order | until sent, 30 days at most |
| `relevo:{C}:queued` | set | ids of all that was put into `outgoing`, so that a repeat is harmless | 7 days after the last |
| `relevo:{C}:tries` | string | how often sending the first of `outgoing` has failed | until it is sent, 30 days at most |
| `relevo:{C}:pair` | hash | bucket of the messages that one of our numbers may send to this customer: `tokens`, `at` | until full again |
| `relevo:{C}:lock` | string | token of the turn that holds the conversation | its lifetime, renewed |
| `relevo:{C}:waiters` | sorted set | tokens that wait for the lock, by ticket | 1 hour after the last |
| `relevo:{C}:waiters:seen` | hash | when each waiter was last seen, milliseconds | 1 hour after the last |
| `relevo:{C}:waiters:next` | string | ticket counter | 1 hour after the last |
| `relevo:{C}:wake:T` | list | wakes the waiter with token T | 10 seconds |
| `relevo:{desk}:case:F` | hash | the case with folio F | until it is closed, and as the protocol says |
| `relevo:{desk}:history:F` | stream | what happened to case F, notes of staff included | as the case |
| `relevo:{desk}:changes:F` | set | ids of the changes that case F has had: a repeat is dropped | 7 days after the last |
| `relevo:{desk}:cases_of:D` | set | folios, not closed, of the customer whose conversation or contact has digest D | as its members |
| `relevo:{desk}:records_of:D` | sorted set | `case:F` and `follow_up:F`, ended ones too, of the customer whose conversation or contact has digest D, and `conversation:C` of each one in which a contact with digest D is confirmed, by when it was noted | 800 days after the last |
| `relevo:{desk}:contacts_of:C` | hash | confirmed contacts of conversation C by their digests, as JSON (`kind`, `source`, `by`, `at`): the way back to `records_of` | 800 days after the last |
| `relevo:{desk}:case_of:K` | string | folio that cause K opened (idempotence) | 30 days |
| `relevo:{desk}:rated_of:C` | string | folio of the case that conversation C's customer may rate: the last one that ended | 30 days |
| `relevo:{desk}:hand_off_of:C` | string | folio of conversation C's open hand-off | until it closes |
| `relevo:{desk}:waiting:A` | sorted set | folios waiting for area A, by priority, then target | as its members |
| `relevo:{desk}:open` | set | folios of all cases that a person must see to: waiting, claimed, waiting for the customer | as its members |
| `relevo:{desk}:claimed` | sorted set | folios of cases that people have (claimed, waiting for the customer), by when they took them | as its members |
| `relevo:{desk}:in_hand:P` | set | folios that the person with display name P has and that wait for them | as its members |
| `relevo:{desk}:lapses` | sorted set | folios by when their person has been silent too long (UTC epoch seconds) | as its members |
| `relevo:{desk}:resolved` | sorted set | folios of resolved cases, by when they are closed for good | as its members |
| `relevo:{desk}:targets` | sorted set | folios of cases that a person must see to, by when the clock must look at their targets: when the next step of an escalation is due (UTC epoch seconds), below 0 for at once | as its members |
| `relevo:{desk}:told` | sorted set | folios that wait in the chat, by when their customer may hear again how long | as its members |
| `relevo:{desk}:present` | sorted set | people at the desk, by their last sign of life | until they are gone |
| `relevo:{desk}:persons` | hash | who they are in the roster, by display name | as `present` |
| `relevo:{desk}:watch` | hash | since when the clock has watched without a gap (`began`, `last`) | none |
| `relevo:{desk}:waits:A` | list | the last waits in area A, seconds per place in line | 30 days after the last |
| `relevo:{desk}:suggestion:M` | hash | how message M should have been understood, for training; its text holds invented numbers and addresses | 90 days |
| `relevo:{desk}:suggestions` | sorted set | messages with a suggestion, by its time (UTC epoch seconds) | as its members |
| `relevo:{desk}:notifications:P` | sorted set | `case:F` and `follow_up:F` of which person P of the roster was told that they are late, until somebody has seen to it, by when (UTC epoch seconds); P is empty where nobody was found | 30 days, the last 500 |
| `relevo:{desk}:notified` | set | the people who have notifications | 30 days after the last |
| `relevo:{desk}:events` | stream | every change of a case, follow-up or suggestion: audit log and live feed | the last 100,000 |
| `relevo:{desk}:outbox` | stream | what must reach a customer, until it is delivered | until delivered |
| `relevo:{desk}:undelivered` | stream | what could not be delivered, with its reason: `relevo/sending/undelivered.py` | until a person has seen to it, the last 1,000 |
| `relevo:{desk}:alerts` | hash | what stops sending, as JSON by what it stops: `whatsapp:N` for number N, `whatsapp:N:proactive`, `email:smtp`, `email:imap` | until it is over |
| `relevo:{desk}:follow_up:F` | hash | the follow-up with folio F | until its end, and as the protocol says |
| `relevo:{desk}:follow_up_of:C` | string | folio of conversation C's booked follow-up | until it ends |
| `relevo:{desk}:follow_up_by:K` | string | folio of the follow-up that cause K booked (idempotence) | 30 days |
| `relevo:{desk}:follow_ups:booked` | sorted set | folios by due time (UTC epoch seconds) | as its members |
| `relevo:{desk}:follow_ups:due` | sorted set | folios that fell due, by due time | as its members |
| `relevo:{desk}:follow_ups:keep_by` | sorted set | folios of due ones, by when somebody above is told that they were not kept (UTC epoch seconds) | as its members |
| `relevo:{desk}:follow_ups:to_write` | sorted set | folios of due ones that the assistant begins, by due time | until it has |
| `relevo:{desk}:unreachable` | sorted set | digests of e-mail addresses from which letters came back for good, by when (UTC epoch seconds) | 90 days, or until their owner writes |
| `relevo:{desk}:to_confirm` | sorted set | folios of complaints that are to be confirmed by e-mail, by when that was asked | until they are |
| `relevo:conversations` | sorted set | conversations by last activity | trimmed with the logs |
| `relevo:tidied` | string | that the clock has lately deleted what is kept no longer | 1 hour |
| `relevo:attachments` | sorted set | `C/ID` of the files in the folder of attachments, by when they are forgotten (UTC epoch seconds) | as the files |
| `relevo:remote_files` | sorted set | conversations with files to be fetched from a messenger, by when to try (UTC epoch seconds) | until fetched |
| `relevo:fetcher` | string | lease of the fetcher that is at work | 5 seconds, renewed |
| `relevo:inboxes` | sorted set | conversations with a non-empty inbox, by time | until emptied |
| `relevo:outgoing` | sorted set | conversations with something in `outgoing`, by when to try (UTC epoch seconds) | until sent |
| `relevo:outgoing:wake` | list | wakes the sender | 10 seconds |
| `relevo:throughput:N` | hash | bucket of the messages that our number with id N may send: `tokens`, `at` | until full again |
| `relevo:sender` | string | lease of the sender that is at work | 5 seconds, renewed |
| `relevo:letter:D` | string | the conversation with whom we sent the letter whose Message-ID has digest D | 7 days |
| `relevo:mailbox` | string | lease of the process that reads the mailbox | 30 seconds, renewed |
| `relevo:clock` | string | lease of the clock that is at work | 5 seconds, renewed |
| `relevo:model:protocol` | string | digest of the protocol that the bot's model was trained with | none |
| `relevo:users` | hash | desk users, JSON by name | none |
| `relevo:session:S` | hash | a desk session, by the digest of its token | 12 hours |
| `relevo:throttle:…` | string | counted attempts (messages) | minutes |
| `relevo:throttle:{login}:…` | hash | wrong passwords of a name or address: `tries`, `until` | 30 minutes after the last |
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

DAY_SECONDS = 86_400
TRANSCRIPT_SECONDS = 400 * DAY_SECONDS
"""The longest that a protocol may keep a conversation; the clock sees to shorter periods."""
DEDUPLICATION_SECONDS = 7 * DAY_SECONDS
CLOSED_CASE_SECONDS = 400 * DAY_SECONDS
"""How long what has ended is kept where no protocol says it."""
RECORDS_SECONDS = 800 * DAY_SECONDS
"""Longer than anything open and ended is kept."""
CAUSE_SECONDS = 30 * DAY_SECONDS
WAITS_SECONDS = 30 * DAY_SECONDS
RATING_SECONDS = 30 * DAY_SECONDS
SUGGESTION_SECONDS = 90 * DAY_SECONDS
NOTIFICATION_SECONDS = 30 * DAY_SECONDS
MESSAGES_SECONDS = 30 * DAY_SECONDS
LETTER_SECONDS = 7 * DAY_SECONDS
UNREACHABLE_SECONDS = 90 * DAY_SECONDS
MAX_DESK_EVENTS = 100_000
MAX_UNDELIVERED = 1_000
MAX_NOTIFICATIONS = 500

CONVERSATIONS = "relevo:conversations"
INBOXES = "relevo:inboxes"
ATTACHMENTS = "relevo:attachments"
REMOTE_FILES = "relevo:remote_files"
FETCHER = "relevo:fetcher"
OUTGOING = "relevo:outgoing"
OUTGOING_WAKE = "relevo:outgoing:wake"
SENDER = "relevo:sender"
MAILBOX = "relevo:mailbox"
CLOCK = "relevo:clock"
TIDIED = "relevo:tidied"
USERS = "relevo:users"
MODEL_PROTOCOL = "relevo:model:protocol"

DESK_EVENTS = "relevo:{desk}:events"
OUTBOX = "relevo:{desk}:outbox"
UNDELIVERED = "relevo:{desk}:undelivered"
ALERTS = "relevo:{desk}:alerts"
OPEN_CASES = "relevo:{desk}:open"
CLAIMED_CASES = "relevo:{desk}:claimed"
LAPSES = "relevo:{desk}:lapses"
RESOLVED_CASES = "relevo:{desk}:resolved"
TARGETS = "relevo:{desk}:targets"
TOLD_WAITS = "relevo:{desk}:told"
PRESENT = "relevo:{desk}:present"
PERSONS = "relevo:{desk}:persons"
WATCH = "relevo:{desk}:watch"
FOLLOW_UPS_BOOKED = "relevo:{desk}:follow_ups:booked"
FOLLOW_UPS_DUE = "relevo:{desk}:follow_ups:due"
FOLLOW_UPS_KEEP_BY = "relevo:{desk}:follow_ups:keep_by"
FOLLOW_UPS_TO_WRITE = "relevo:{desk}:follow_ups:to_write"
TO_CONFIRM = "relevo:{desk}:to_confirm"
UNREACHABLE = "relevo:{desk}:unreachable"
SUGGESTIONS = "relevo:{desk}:suggestions"
NOTIFIED = "relevo:{desk}:notified"


def digest_of(customer: str) -> str:
    """What a customer's conversation or contact is called in keys: names of keys hold no personal data."""
    return hashlib.sha256(customer.casefold().encode()).hexdigest()[:32]


def session(token_digest: str) -> str:
    return f"relevo:session:{token_digest}"


def throughput(number: str) -> str:
    return f"relevo:throughput:{number}"


def throttle(what: str, who: str) -> str:
    return f"relevo:throttle:{what}:{who}"


def letter(digest: str) -> str:
    return f"relevo:letter:{digest}"


def case(folio: str) -> str:
    return f"relevo:{{desk}}:case:{folio}"


def history(folio: str) -> str:
    return f"relevo:{{desk}}:history:{folio}"


def changes(folio: str) -> str:
    return f"relevo:{{desk}}:changes:{folio}"


def cases_of(digest: str) -> str:
    return f"relevo:{{desk}}:cases_of:{digest}"


def records_of(digest: str) -> str:
    return f"relevo:{{desk}}:records_of:{digest}"


def contacts_of(conversation: str) -> str:
    return f"relevo:{{desk}}:contacts_of:{conversation}"


def in_hand(agent: str) -> str:
    return f"relevo:{{desk}}:in_hand:{agent}"


def case_of(cause: str) -> str:
    return f"relevo:{{desk}}:case_of:{cause}"


def hand_off_of(conversation: str) -> str:
    return f"relevo:{{desk}}:hand_off_of:{conversation}"


def rated_of(conversation: str) -> str:
    return f"relevo:{{desk}}:rated_of:{conversation}"


def waiting(area: str) -> str:
    return f"relevo:{{desk}}:waiting:{area}"


def waits(area: str) -> str:
    return f"relevo:{{desk}}:waits:{area}"


def follow_up(folio: str) -> str:
    return f"relevo:{{desk}}:follow_up:{folio}"


def follow_up_of(conversation: str) -> str:
    return f"relevo:{{desk}}:follow_up_of:{conversation}"


def follow_up_by(cause: str) -> str:
    return f"relevo:{{desk}}:follow_up_by:{cause}"


def suggestion(message: str) -> str:
    return f"relevo:{{desk}}:suggestion:{message}"


def notifications(person: str) -> str:
    return f"relevo:{{desk}}:notifications:{person}"


@dataclass(frozen=True)
class ConversationKeys:
    """The keys of one conversation; they share a slot."""

    conversation: str

    def _key(self, name: str) -> str:
        return f"relevo:{{{self.conversation}}}:{name}"

    @property
    def log(self) -> str:
        return self._key("log")

    @property
    def snapshot(self) -> str:
        return self._key("snapshot")

    @property
    def handled(self) -> str:
        return self._key("handled")

    @property
    def out(self) -> str:
        return self._key("out")

    @property
    def posted(self) -> str:
        return self._key("posted")

    @property
    def news(self) -> str:
        return self._key("news")

    @property
    def seen(self) -> str:
        return self._key("seen")

    @property
    def receipts(self) -> str:
        return self._key("receipts")

    @property
    def attachments(self) -> str:
        return self._key("attachments")

    @property
    def remote_files(self) -> str:
        return self._key("remote_files")

    @property
    def inbox(self) -> str:
        return self._key("inbox")

    @property
    def accepted(self) -> str:
        return self._key("accepted")

    @property
    def drain(self) -> str:
        return self._key("drain")

    @property
    def delivery(self) -> str:
        return self._key("delivery")

    @property
    def customer(self) -> str:
        return self._key("customer")

    @property
    def consent(self) -> str:
        return self._key("consent")

    @property
    def messages(self) -> str:
        return self._key("messages")

    @property
    def letters(self) -> str:
        return self._key("letters")

    @property
    def ticks(self) -> str:
        return self._key("ticks")

    @property
    def outgoing(self) -> str:
        return self._key("outgoing")

    @property
    def queued(self) -> str:
        return self._key("queued")

    @property
    def tries(self) -> str:
        return self._key("tries")

    @property
    def pair(self) -> str:
        return self._key("pair")

    @property
    def lock(self) -> str:
        return self._key("lock")

    @property
    def waiters(self) -> str:
        return self._key("waiters")

    @property
    def waiters_seen(self) -> str:
        return self._key("waiters:seen")

    @property
    def waiters_next(self) -> str:
        return self._key("waiters:next")

    @property
    def all(self) -> list[str]:
        """Every key of the conversation but those of waiters; found by itself, so that none is forgotten."""
        names = [name for name, value in vars(type(self)).items() if isinstance(value, property)]
        return [getattr(self, name) for name in names if name != "all"]

    def wake(self, token: str) -> str:
        return self._key(f"wake:{token}")
