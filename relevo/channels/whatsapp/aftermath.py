"""What comes of a message that the Graph API refused, at once or by a status that came later."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

import redis.asyncio as redis

from relevo.channels.whatsapp.errors import Remedy, remedy_for
from relevo.channels.whatsapp.graph_api import GraphError
from relevo.sending.alerts import Alert, Alerts, Trouble
from relevo.sending.back_off import back_off_seconds
from relevo.sending.carrier import Later, Outcome, Refused
from relevo.sending.outgoing import Outgoing
from relevo.store.consent import Consent, Consents
from relevo.store.customers import Customer, Customers

PAIR_BACK_OFF_BASE = 4.0
STOPPED_SECONDS: dict[Trouble, float] = {"token": 300, "permission": 300, "blocked": 3600, "spam": 3600}
"""How long nothing is tried; after that one message shows whether it was mended."""
_STOPS: dict[Remedy, Trouble] = {
    Remedy.STOP_TOKEN: "token",
    Remedy.STOP_PERMISSION: "permission",
    Remedy.STOP_BLOCKED: "blocked",
}


class Aftermath:
    """Does what an error asks for, and tells what becomes of its message."""

    def __init__(self, client: redis.Redis, *, jitter: Callable[[], float] = random.random) -> None:
        """`jitter` gives numbers from 0 to 1."""
        self._customers = Customers(client)
        self._consents = Consents(client)
        self._alerts = Alerts(client)
        self._jitter = jitter

    async def of(
        self, error: GraphError, message: Outgoing, customer: Customer, tries: int, now: float
    ) -> Outcome:
        """What becomes of a message of which `tries` have failed before. `now`: UTC epoch seconds."""
        remedy, named = remedy_for(error.code, error.status), str(error.code or error.status or "")
        match remedy:
            case Remedy.STOP_TOKEN | Remedy.STOP_PERMISSION | Remedy.STOP_BLOCKED:
                return Later(await self._stop(what_sends(customer.line), _STOPS[remedy], named, now))
            case Remedy.STOP_PROACTIVE:
                await self._stop(what_sends(customer.line, "proactive"), "spam", named, now)
                return self.back_off(tries, now) if message.is_reply else Refused("spam_limit", named)
            case Remedy.SLOW_DOWN | Remedy.TRY_AGAIN:
                return self.back_off(tries, now)
            case Remedy.WAIT_FOR_PAIR:
                return Later(now + PAIR_BACK_OFF_BASE ** (min(tries, 5) + 1), is_failure=True)
            case Remedy.WINDOW_CLOSED:
                await self._customers.note_closed(message.conversation, customer.wrote_at)
                return Later(now)
            case Remedy.OPTED_OUT:
                withdrawn = Consent("out", now, named, message.id)
                await self._consents.change(message.conversation, withdrawn)
        return _refusal(remedy, named)

    def back_off(self, tries: int, now: float) -> Later:
        """Again after a pause that grows with the tries."""
        return Later(now + back_off_seconds(tries, self._jitter), is_failure=True)

    async def _stop(self, what: str, trouble: Trouble, code: str, now: float) -> float:
        """Sound an alert; when sending is tried again."""
        again_at = now + STOPPED_SECONDS[trouble]
        await self._alerts.sound(Alert(what, trouble, code, now, again_at))
        return again_at


def late_error(code: int | None) -> GraphError:
    """The error of a message that was taken at first; its code, if a status told one."""
    return GraphError(0, code)


def _refusal(remedy: Remedy, code: str) -> Refused:
    """How a final error is told at the desk."""
    match remedy:
        case Remedy.NOT_REACHABLE:
            return Refused("not_reachable", code)
        case Remedy.OPTED_OUT:
            return Refused("opted_out", code)
        case Remedy.TEMPLATE_REFUSED:
            return Refused("template_refused", code)
        case _:
            return Refused("rejected", code)


def what_sends(line: str, part: Literal["", "proactive"] = "") -> str:
    """What an alert stops: all that a number sends, or what it sends without being asked."""
    return f"whatsapp:{line}:{part}" if part else f"whatsapp:{line}"
