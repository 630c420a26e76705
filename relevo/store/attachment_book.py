"""What is known of customers' files: which conversation has which, and when they are forgotten.

A file is read through its conversation, so that whoever may see a conversation sees its files and no others.
It lives as long as a transcript after its last word, counted from when the file came.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.attachments import FOLDER, Attachment, Attachments

BATCH = 100
_SEPARATOR = "/"


class AttachmentBook:
    """The attachments of all conversations."""

    def __init__(self, client: redis.Redis, files: Attachments) -> None:
        self._redis = client
        self.files = files

    @classmethod
    def of_folder(cls, client: redis.Redis, data_dir: Path) -> AttachmentBook:
        """The book of the files beneath the folder of data."""
        return cls(client, Attachments(data_dir / FOLDER))

    async def enter(self, conversation: str, attachment: Attachment) -> None:
        """Note a kept file as its conversation's."""
        await self.will_forget(conversation, attachment)
        names = keys.ConversationKeys(conversation)
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hset(names.attachments, attachment.id, json.dumps(asdict(attachment)))
            pipeline.expire(names.attachments, keys.TRANSCRIPT_SECONDS)
            await pipeline.execute()

    async def will_forget(self, conversation: str, attachment: Attachment) -> None:
        """Note when a kept file is forgotten; before all else, as one that nobody knows of would stay."""
        member = f"{conversation}{_SEPARATOR}{attachment.id}"
        await self._redis.zadd(keys.ATTACHMENTS, {member: attachment.at + keys.TRANSCRIPT_SECONDS})

    async def find(self, conversation: str, attachment_id: str) -> Attachment | None:
        """A conversation's file; None if it has none of this id."""
        text = await self._redis.hget(keys.ConversationKeys(conversation).attachments, attachment_id)
        return Attachment(**json.loads(text)) if text else None

    async def strike(self, conversation: str, attachment_id: str) -> None:
        """Forget a file, first what it contains."""
        await self.files.remove(attachment_id)
        await self._redis.hdel(keys.ConversationKeys(conversation).attachments, attachment_id)
        await self._redis.zrem(keys.ATTACHMENTS, f"{conversation}{_SEPARATOR}{attachment_id}")

    @staticmethod
    async def let_go(client: redis.Redis, conversation: str) -> None:
        """Let the clock forget a conversation's files at its next round; until then nobody can read them."""
        ids = await client.hkeys(keys.ConversationKeys(conversation).attachments)
        if ids:
            await client.zadd(keys.ATTACHMENTS, {f"{conversation}{_SEPARATOR}{name}": 0 for name in ids})

    async def forget_old(self, now: float) -> int:
        """Forget a batch of files whose time is over; how many. `now` is UTC epoch seconds."""
        due = await self._redis.zrangebyscore(keys.ATTACHMENTS, "-inf", now, start=0, num=BATCH)
        for member in due:
            conversation, _, attachment_id = member.rpartition(_SEPARATOR)
            await self.strike(conversation, attachment_id)
        await self.files.remove_unfinished(now)
        return len(due)
