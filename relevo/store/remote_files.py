"""Customers' files that lie with a messenger until they are fetched, or can't be: what is known of them.

A file is known by the messenger's id from the moment when its message was taken in. Whoever fetches it finds
its conversation by a mark; what came of it stands beside it, so that the desk never shows a mere gap.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import redis.asyncio as redis

from relevo.store import keys
from relevo.store.attachments import Attachment
from relevo.store.connection import Script, in_one_trip
from relevo.store.marks import Marks

State = Literal["waiting", "kept", "failed"]
Problem = Literal["gone", "too_large", "wrong_type", "damaged", "gave_up"]
"""Why a file can't be fetched, as the desk's locale files name it."""

_settle = Script(Path(__file__).with_name("settle_remote_file.lua"))


@dataclass(frozen=True)
class RemoteFile:
    """One file.

    Attributes:
        kind: what the messenger calls it: image, audio, video, document, sticker.
        name: what the customer calls it; "" if they don't.
        sha256: digest of its content as the messenger tells it, in hexadecimal or Base64; "" if it doesn't.
        at: when its message was taken in, UTC epoch seconds.
        tries: how often fetching it has failed.
        again_at: when to try again, UTC epoch seconds.
        problem: a `Problem` if it has failed for good.
        attachment: what was kept.
    """

    id: str
    kind: str
    at: float
    name: str = field(default="", repr=False)
    sha256: str = ""
    state: State = "waiting"
    tries: int = 0
    again_at: float = 0.0
    problem: Problem | Literal[""] = ""
    attachment: Attachment | None = None

    @classmethod
    def from_json(cls, text: str) -> RemoteFile:
        record: dict[str, Any] = json.loads(text)
        kept = record.pop("attachment")
        return cls(**record, attachment=Attachment(**kept) if kept else None)


class RemoteFiles:
    """The files of all conversations."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self.marks = Marks(client, keys.REMOTE_FILES)

    async def expect(self, files: Sequence[tuple[str, RemoteFile]], now: float) -> None:
        """Note files of conversations that are to be fetched; one that is known already stays as it is.

        Args:
            now: UTC epoch seconds.
        """
        conversations = dict.fromkeys(conversation for conversation, _ in files)
        if not conversations:
            return

        async def note(client: redis.Redis) -> None:
            for conversation, file in files:
                names = keys.ConversationKeys(conversation)
                await client.hsetnx(names.remote_files, file.id, json.dumps(asdict(file)))
                await client.expire(names.remote_files, keys.TRANSCRIPT_SECONDS)

        async with self.marks.around(conversations, now):
            await in_one_trip(self._redis, note)
        await self.marks.hasten(conversations, now)  # One whose other file is tried again later, too.

    async def settle(self, conversation: str, file: RemoteFile) -> bool:
        """Note what came of a file, and tell the desk; False if the conversation was erased meanwhile."""
        names = keys.ConversationKeys(conversation)
        kept = file.attachment
        arguments = [
            *(file.id, json.dumps(asdict(file))),
            *((kept.id, json.dumps(asdict(kept))) if kept else ("", "")),
            *(keys.TRANSCRIPT_SECONDS, names.receipts),
        ]
        return bool(await _settle(self._redis, [names.remote_files, names.attachments], arguments))

    async def all(self, conversation: str) -> dict[str, RemoteFile]:
        """A conversation's files by the messenger's ids."""
        kept = await self._redis.hgetall(keys.ConversationKeys(conversation).remote_files)
        return {name: RemoteFile.from_json(text) for name, text in kept.items()}

    async def waiting(self, conversation: str) -> list[RemoteFile]:
        """Those that are still to be fetched, the oldest first."""
        files = (await self.all(conversation)).values()
        return sorted((file for file in files if file.state == "waiting"), key=lambda file: file.at)
