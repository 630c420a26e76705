"""The webhooks' bodies, and in which pieces they are sent: batched, repeated and out of order on demand."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from relevo.whatsapp.signature import sign
from relevo.whatsapp.stand_in.changes import Change

FIRST_RETRY_SECONDS: Final = 1.0
LONGEST_RETRY_SECONDS: Final = 3600.0
GIVEN_UP_SECONDS: Final = 7 * 86_400.0


@dataclass(frozen=True)
class Manner:
    """How deliveries arrive. The same seed gives the same pieces."""

    seed: int = 0
    batch: int = 1
    """Changes in one delivery, at most."""
    repeated: float = 0.0
    """The share of changes that are told twice."""
    shuffled: bool = False


@dataclass
class Delivery:
    """One POST to the business's webhook."""

    body: bytes
    signature: str
    changes: tuple[Change, ...]
    first_at: float
    tries: int = 0
    due_at: float = 0.0

    def postpone(self, now: float) -> bool:
        """Try again later, each time after a longer while; False if it has been tried for days."""
        self.tries += 1
        self.due_at = now + min(FIRST_RETRY_SECONDS * 2 ** (self.tries - 1), LONGEST_RETRY_SECONDS)
        return now - self.first_at < GIVEN_UP_SECONDS


@dataclass
class WebhookQueue:
    """Changes that are still to be told."""

    account: str
    app_secret: str
    manner: Manner = field(default_factory=Manner)
    _changes: list[Change] = field(default_factory=list)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.behave(self.manner)

    def behave(self, manner: Manner) -> None:
        """Deliver in this manner from now on."""
        self.manner = manner
        self._random = random.Random(manner.seed)  # noqa: S311 - chance that can be repeated, not a secret

    def add(self, changes: Iterable[Change]) -> None:
        self._changes += changes

    def take(self, now: float) -> list[Delivery]:
        """What waits, as deliveries; nothing waits any more then."""
        changes, self._changes = self._changes, []
        told = changes + [change for change in changes if self._random.random() < self.manner.repeated]
        if self.manner.shuffled:
            self._random.shuffle(told)
        size = max(1, self.manner.batch)
        return [self._delivery(told[at : at + size], now) for at in range(0, len(told), size)]

    def _delivery(self, changes: Sequence[Change], now: float) -> Delivery:
        body = payload(self.account, changes, self._random)
        return Delivery(body, sign(body, self.app_secret), tuple(changes), first_at=now)


def payload(account: str, changes: Sequence[Change], chance: random.Random) -> bytes:
    """The body that tells some changes, in one or several entries."""
    entries: list[dict[str, Any]] = []
    for change in changes:
        if not entries or chance.random() < 0.5:  # noqa: PLR2004 - either is right
            entries.append({"id": account, "changes": []})
        entries[-1]["changes"].append({"field": "messages", "value": change.value()})
    record = {"object": "whatsapp_business_account", "entry": entries}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
