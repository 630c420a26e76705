"""What to do about an error of the Graph API, by its code: the table of Meta's documentation."""

from __future__ import annotations

from enum import Enum


class Remedy(Enum):
    """What to do about an error."""

    STOP_TOKEN = "token"  # noqa: S105 - a name, no secret
    STOP_PERMISSION = "permission"
    STOP_BLOCKED = "blocked"
    STOP_PROACTIVE = "spam"
    SLOW_DOWN = "slow down"
    WAIT_FOR_PAIR = "wait for pair"
    TRY_AGAIN = "try again"
    WINDOW_CLOSED = "window closed"
    NOT_REACHABLE = "not reachable"
    OPTED_OUT = "opted out"
    TEMPLATE_REFUSED = "template refused"
    REJECTED = "rejected"


_BY_CODE: dict[int, Remedy] = {
    **dict.fromkeys((0, 190), Remedy.STOP_TOKEN),
    **dict.fromkeys((3, 10, *range(200, 300)), Remedy.STOP_PERMISSION),
    **dict.fromkeys((368, 131031), Remedy.STOP_BLOCKED),
    131048: Remedy.STOP_PROACTIVE,
    **dict.fromkeys((4, 80007, 130429), Remedy.SLOW_DOWN),
    131056: Remedy.WAIT_FOR_PAIR,
    **dict.fromkeys((1, 2, 131000, 131016), Remedy.TRY_AGAIN),
    131047: Remedy.WINDOW_CLOSED,
    131026: Remedy.NOT_REACHABLE,
    131050: Remedy.OPTED_OUT,
    **dict.fromkeys((132000, 132001, 132005, 132007, 132012, 132015, 132016), Remedy.TEMPLATE_REFUSED),
    **dict.fromkeys((100, 131008, 131009, 131051), Remedy.REJECTED),
}
UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


def remedy_for(code: int | None, status: int = 400) -> Remedy:
    """What to do about an error code; without one, or with one that is not known, by the HTTP status."""
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    if status >= SERVER_ERROR:
        return Remedy.TRY_AGAIN
    if status == UNAUTHORIZED:
        return Remedy.STOP_TOKEN
    return Remedy.SLOW_DOWN if status == TOO_MANY_REQUESTS else Remedy.REJECTED
