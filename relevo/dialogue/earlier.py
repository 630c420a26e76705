"""When a customer's earlier cases were opened: in this conversation, and in others that are surely theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relevo.protocol.parts.contingency import CASES_ELSEWHERE


def earlier_cases(slot: Any, metadata: Mapping[str, Any] | None) -> tuple[float, ...]:
    """All of them, UTC epoch seconds; what is no time is left out.

    The same time twice is one case, which has gone on in another conversation with its turn.

    Args:
        slot: the conversation's own, as its slot keeps them.
        metadata: of the customer's latest message.
    """
    return tuple(sorted({*_instants(slot), *_instants((metadata or {}).get(CASES_ELSEWHERE))}))


def _instants(value: Any) -> tuple[float, ...]:
    return tuple(float(at) for at in value if isinstance(at, int | float)) if isinstance(value, list) else ()
