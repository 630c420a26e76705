"""Media: uploads of either side, read by id and fetched from an address that lives five minutes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from relevo.whatsapp.stand_in.errors import INVALID_PARAMETER, MEDIA_UPLOAD, NO_OBJECT_SUBCODE, GraphError

URL_SECONDS: Final = 300.0
MEGABYTE: Final = 1024 * 1024
MAX_BYTES: Final = {
    "image": 5 * MEGABYTE,
    "audio": 16 * MEGABYTE,
    "video": 16 * MEGABYTE,
    "document": 100 * MEGABYTE,
    "sticker": 500 * 1024,
}
MIME_TYPES: Final = {
    "image": ("image/jpeg", "image/png"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "video": ("video/mp4", "video/3gpp"),
    "sticker": ("image/webp",),
}
"""What may be sent; a document may be of any type."""


@dataclass(frozen=True)
class Media:
    """One file."""

    id: str
    kind: str
    """image, audio, video, document or sticker."""
    mime_type: str
    data: bytes

    def content(self) -> dict[str, Any]:
        """What a webhook tells of it."""
        return {"mime_type": self.mime_type, "sha256": self._digest, "id": self.id}

    def view(self, url: str) -> dict[str, Any]:
        """As the API reads it."""
        size = len(self.data)
        told = {"url": url, "mime_type": self.mime_type, "sha256": self._digest, "file_size": size}
        return {"messaging_product": "whatsapp", **told, "id": self.id}

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class MediaStore:
    """All files, and the addresses from which they can be fetched."""

    def __init__(self) -> None:
        self._files: dict[str, Media] = {}
        self._addresses: dict[str, tuple[str, float]] = {}

    def keep(self, data: bytes, mime_type: str, kind: str) -> Media:
        """Take a file.

        Raises:
            GraphError: it is empty, too large, or of a type that WhatsApp does not take.
        """
        plain = mime_type.partition(";")[0].strip().lower()
        if kind not in MAX_BYTES or plain not in MIME_TYPES.get(kind, (plain,)) or "/" not in plain:
            raise GraphError(INVALID_PARAMETER, f"{mime_type!r} can't be sent as {kind}")
        if not 0 < len(data) <= MAX_BYTES[kind]:
            raise GraphError(MEDIA_UPLOAD, f"{kind}: 1 to {MAX_BYTES[kind]} bytes, not {len(data)}")
        media = Media(str(secrets.randbelow(9 * 10**15) + 10**15), kind, mime_type, data)
        self._files[media.id] = media
        return media

    def get(self, media_id: str) -> Media:
        """Raises GraphError if there is no such file."""
        if media_id not in self._files:
            raise GraphError(
                INVALID_PARAMETER, f"object with ID {media_id!r} does not exist", NO_OBJECT_SUBCODE
            )
        return self._files[media_id]

    def __contains__(self, media_id: str) -> bool:
        return media_id in self._files

    def address(self, media_id: str, now: float) -> str:
        """A new secret part of an address, which opens the file for five minutes."""
        key = secrets.token_urlsafe(24)
        self._addresses = {name: entry for name, entry in self._addresses.items() if entry[1] > now}
        self._addresses[key] = (media_id, now + URL_SECONDS)
        return key

    def open(self, key: str, now: float) -> Media | None:
        """The file behind an address; None if the address has expired or never was."""
        media_id, expires_at = self._addresses.get(key, ("", 0.0))
        return self._files.get(media_id) if now < expires_at else None


def kind_of(mime_type: str) -> str:
    """What a file of this type is sent as, a document if nothing else."""
    plain = mime_type.partition(";")[0].strip().lower()
    return next((kind for kind, types in MIME_TYPES.items() if plain in types), "document")
