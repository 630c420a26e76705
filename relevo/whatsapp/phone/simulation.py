"""What the page works on: the stand-in, a clock that can be moved, and who has a page open."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field

from relevo.errors import RelevoError
from relevo.whatsapp.stand_in.account import Account
from relevo.whatsapp.stand_in.customers import Chat, Customer
from relevo.whatsapp.stand_in.graph import GraphApi

MAX_CUSTOMERS = 200


class TooManyCustomers(RelevoError):
    """Nobody tries out that many at once."""


class UnknownPhone(RelevoError):
    """There is no such phone; the simulation was perhaps started anew."""


@dataclass
class MovableClock:
    """The machine's time, moved by what people want to see."""

    shift_seconds: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.shift_seconds


class Changes:
    """Wakes the pages of a customer when their chat has changed."""

    def __init__(self) -> None:
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def tell(self, wa_id: str) -> None:
        """The chat of this customer has changed."""
        self._versions[wa_id] += 1
        for event in self._waiting[wa_id]:
            event.set()

    def tell_all(self) -> None:
        """Something that all see has changed, such as the time."""
        for wa_id in list(self._waiting):
            self.tell(wa_id)

    async def wait(self, wa_id: str, seen: int, seconds: float) -> int:
        """The version of a chat as soon as it is another than the one seen, or after some seconds."""
        if self._versions[wa_id] == seen:
            event = asyncio.Event()
            self._waiting[wa_id].add(event)
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except asyncio.TimeoutError:
                pass
            finally:
                self._waiting[wa_id].discard(event)
        return self._versions[wa_id]


@dataclass
class Simulation:
    """One account with its customers' phones."""

    account: Account
    clock: MovableClock = field(default_factory=MovableClock)
    changes: Changes = field(default_factory=Changes)
    _phones: dict[str, str] = field(default_factory=dict)
    """wa_ids by the random name of the phone, which stands in addresses instead of a number."""
    api: GraphApi = field(init=False)

    def __post_init__(self) -> None:
        self.api = GraphApi(self.account, now=self.clock, changed=self.changes.tell)

    @property
    def number(self) -> str:
        """The id of the business's number."""
        return next(iter(self.account.numbers))

    def open_phone(self, name: str, wa_id: str) -> str:
        """The random name of a customer's phone; the same customer has one phone only.

        Raises:
            TooManyCustomers
        """
        if wa_id not in self.api.customers:
            if len(self.api.customers) >= MAX_CUSTOMERS:
                raise TooManyCustomers("too many customers; start the simulation anew")
            self.api.add_customer(Customer(wa_id, name))
            self._phones[secrets.token_urlsafe(12)] = wa_id
        self.api.customers[wa_id].name = name
        return next(phone for phone, owner in self._phones.items() if owner == wa_id)

    def chat(self, phone: str) -> Chat:
        """The chat on a phone.

        Raises:
            UnknownPhone
        """
        if phone not in self._phones:
            raise UnknownPhone("there is no such phone")
        return self.api.chat(self._phones[phone], self.number)

    def move_clock(self, hours: float) -> None:
        """Let time pass."""
        self.clock.shift_seconds += hours * 3600
        self.changes.tell_all()
