"""How far what was said on a messenger has come, from what is known of its messages."""

from __future__ import annotations

import pytest

from relevo.sending.ticks import by_key

KEY = "wamid.HBgN/NTIx+w==:0"
"""Ids of messages hold slashes and plus signs."""


@pytest.mark.parametrize(
    ("kept", "state"),
    [
        ({"0": "sent"}, "sent"),
        ({"0": "read", "1": "delivered"}, "delivered"),
        ({"0": "read", "1": "failed rejected"}, "failed"),
        ({"0": "failed gave_up", "0+1764-0": "delivered"}, "delivered"),
        ({"0": "sent", "0~1": "sent", "0~2": "failed not_reachable"}, "sent"),
        ({"0": "failed gave_up", "0~1+17-0+18-1": "read"}, "read"),
    ],
)
def test_slowest_part_counts_by_its_best_try(kept: dict[str, str], state: str) -> None:
    ticks = by_key({f"{KEY}/{part}": text for part, text in kept.items()})
    assert {key: tick.state for key, tick in ticks.items()} == {KEY: state}


def test_failure_tells_its_reason() -> None:
    assert by_key({f"{KEY}/0": "failed opted_out"})[KEY].reason == "opted_out"


def test_what_says_nothing_itself_has_no_tick() -> None:
    others = {f"{KEY}/0:template": "read", "wamid.in1:more": "sent", "typing:wamid.in1": "sent"}
    assert by_key(others) == {}
