"""A morning compressed to seconds, with clocks killed in the middle: every promise is accounted for."""

from __future__ import annotations

from tests.bench.day import simulate


async def test_no_promise_of_a_busy_morning_is_lost_or_kept_twice(redis_url: str) -> None:
    day = await simulate(redis_url, hours=2.0, kills=3, customers_a_minute=0.8)
    made = {row.promise: row.made for row in day.ledger}
    assert min(made.values()) > 0, "something of each kind must have been promised"
    assert sum(row.late for row in day.ledger) > 0, "and some must have been late"
    assert day.clocks_killed == 3
    assert day.is_accounted_for, day.ledger
