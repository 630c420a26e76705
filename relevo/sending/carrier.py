"""What carries messages to a network, and what may come of a try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from relevo.sending.outgoing import Outgoing

Reason = Literal[
    "window_closed",
    "no_answer",
    "opted_out",
    "not_reachable",
    "template_refused",
    "rejected",
    "gave_up",
    "unknown_customer",
    "spam_limit",
    "bot_refused",
    "address_refused",
    "returned",
    "returned_for_now",
    "overtaken",
]
"""Why something could not be delivered, as the desk's locale files name it."""


@dataclass(frozen=True)
class Sent:
    """The network has it, or nobody misses it."""


@dataclass(frozen=True)
class Later:
    """Not now: again at a time (UTC epoch seconds)."""

    at: float
    is_failure: bool = False
    """Whether it counts as a failed try, after many of which a message is given up."""


@dataclass(frozen=True)
class Refused:
    """Never: a person must see to it."""

    reason: Reason
    code: str = ""
    """What the network called it."""


Outcome = Sent | Later | Refused


class Carrier(Protocol):
    """Carries the messages of one channel."""

    async def carry(self, message: Outgoing, tries: int, now: float) -> Outcome:
        """Try to send a message that has failed `tries` times. `now`: UTC epoch seconds."""
