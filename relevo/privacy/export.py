"""A copy of all that is kept of one customer, as one JSON object.

It holds notes of staff and what was understood of each message: whoever answers the request reads it before
it is handed over.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

import redis.asyncio as redis

from relevo.learning.suggestions import SuggestionBox, message_name
from relevo.privacy.records import CustomerRecords, stream_entries
from relevo.sending.undelivered import Undeliverable
from relevo.store import keys
from relevo.store.confirmed_contacts import ConfirmedContacts
from relevo.store.outbox import OutboxMessage
from relevo.store.transcript import read_transcript


async def export_customer(client: redis.Redis, records: CustomerRecords, now: float) -> dict[str, Any]:
    """The copy; `now` is UTC epoch seconds, as all times in it are."""
    return {
        "exported_at": datetime.fromtimestamp(now, timezone.utc).isoformat(),
        "conversations": [await _conversation(client, name) for name in records.conversations],
        "cases": [
            {**case.to_mapping(), "history": await _fields(client, keys.history(case.folio))}
            for case in records.cases
        ],
        "follow_ups": [asdict(follow_up) for follow_up in records.follow_ups],
        "events": await _events(client, records),
        "to_be_sent": await _to_be_sent(client, records),
        "undelivered": await _undelivered(client, records),
    }


async def _conversation(client: redis.Redis, conversation: str) -> dict[str, Any]:
    names = keys.ConversationKeys(conversation)
    confirmed = await ConfirmedContacts(client).of(conversation)
    lines = await read_transcript(client, conversation)
    corrections = await SuggestionBox(client).of(message_name(conversation, line.position) for line in lines)
    return {
        "id": conversation,
        "messages": [asdict(line) for line in lines],
        "log": [json.loads(fields["e"]) async for _, fields in stream_entries(client, names.log)],
        "page": [json.loads(fields["e"]) async for _, fields in stream_entries(client, names.out)],
        "remembered": json.loads(await client.hget(names.snapshot, "state") or "null"),
        "attachments": [json.loads(text) for text in await client.hvals(names.attachments)],
        "not_handled_yet": [json.loads(text) for text in await client.lrange(names.inbox, 0, -1)],
        "corrections": [asdict(correction) for correction in corrections.values()],
        "messenger": await _messenger(client, names),
        "confirmed_contacts": [asdict(how) for how in confirmed.values()],
    }


async def _messenger(client: redis.Redis, names: keys.ConversationKeys) -> dict[str, Any]:
    """What is kept of a customer who writes on a messenger."""
    messages = await client.hgetall(names.messages)
    return {
        "customer": await client.hgetall(names.customer),
        "consent": await client.hgetall(names.consent),
        "ticks": await client.hgetall(names.ticks),
        "letters": [json.loads(text) for text in await client.hvals(names.letters)],
        "files": [json.loads(text) for text in await client.hvals(names.remote_files)],
        "messages": {message: json.loads(text) for message, text in messages.items()},
        "not_sent_yet": [json.loads(text) for text in await client.lrange(names.outgoing, 0, -1)],
    }


async def _fields(client: redis.Redis, stream: str) -> list[dict[str, str]]:
    return [fields async for _, fields in stream_entries(client, stream)]


async def _events(client: redis.Redis, records: CustomerRecords) -> list[dict[str, str]]:
    """What the desk's stream tells of the customer."""
    entries = stream_entries(client, keys.DESK_EVENTS)
    return [fields async for _, fields in entries if is_about(fields, records)]


async def _to_be_sent(client: redis.Redis, records: CustomerRecords) -> list[dict[str, Any]]:
    messages = [OutboxMessage.from_fields(fields) async for _, fields in stream_entries(client, keys.OUTBOX)]
    return [asdict(message) for message in messages if message.conversation in records.conversations]


async def _undelivered(client: redis.Redis, records: CustomerRecords) -> list[dict[str, Any]]:
    entries = stream_entries(client, keys.UNDELIVERED)
    refused = [Undeliverable.from_fields(position, fields) async for position, fields in entries]
    return [asdict(message) for message in refused if message.conversation in records.conversations]


def is_about(event: dict[str, str], records: CustomerRecords) -> bool:
    """Whether an event of the desk's stream is about this customer."""
    return event.get("folio") in records.folios or event.get("conversation") in records.conversations
