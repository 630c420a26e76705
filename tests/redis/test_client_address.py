"""Whose address counts: behind a reverse proxy that of the customer, else the one that connects."""

from __future__ import annotations

import pytest
import redis.asyncio as redis

from relevo.desk.throttle import FREE_TRIES
from relevo.errors import ConfigurationError
from relevo.settings import Settings
from tests.desk_site import Site, serve_desk

OFFICE, HOME = "203.0.113.9", "198.51.100.7"
ENOUGH = FREE_TRIES + 1
"""Wrong passwords after which an address has to wait."""


async def guess(site: Site, address: str, name: str) -> int:
    """The answer to a wrong password for a name."""
    browser = site.browser(**{"X-Forwarded-For": f"192.0.2.1, {address}"})
    return (await browser.sign_in(name, "not it")).status_code


async def test_behind_a_proxy_one_address_s_guesses_do_not_slow_another(
    redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEVO_PROXIES", "1")
    async with serve_desk(redis_client) as site:
        for number in range(ENOUGH):
            await guess(site, OFFICE, f"name{number}")
        assert await guess(site, OFFICE, "ana") == 429
        assert await guess(site, HOME, "ana") == 401


async def test_without_a_proxy_nobody_escapes_by_claiming_another_address(
    redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RELEVO_PROXIES", raising=False)
    async with serve_desk(redis_client) as site:
        for number in range(ENOUGH):
            await guess(site, f"203.0.113.{number}", f"name{number}")
        assert await guess(site, HOME, "ana") == 429


@pytest.mark.parametrize("value", ["-1", "10", "one", "0x1"])
def test_a_number_of_proxies_that_is_none_is_told(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_PROXIES", value)
    with pytest.raises(ConfigurationError, match="RELEVO_PROXIES"):
        Settings.from_environment()
