"""`relevo privacy export` and `relevo privacy erase`, as they are typed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from click.testing import Result
from customers import ROSA, live, open_hand_off
from store_contents import contents
from typer.testing import CliRunner

from relevo.cli import app
from relevo.protocol import Protocol
from relevo.store.connection import connect


class Officer:
    """Someone who types commands."""

    def __init__(self, url: str) -> None:
        self.url = url

    def types(self, *arguments: str, answers: str = "") -> Result:
        return CliRunner().invoke(app, ["privacy", *arguments], input=answers, env={"REDIS_URL": self.url})

    def does(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            client = connect(self.url)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(run())

    def holds(self, words: str) -> bool:
        return words in repr(self.does(contents))


@pytest.fixture
def officer(redis_url: str, protocol: Protocol) -> Officer:
    redis.Redis.from_url(redis_url).flushall()
    officer = Officer(redis_url)
    officer.does(lambda client: live(client, protocol, ROSA))
    return officer


def test_copy_is_written_for_its_owner_only_and_never_over_a_file(officer: Officer, tmp_path: Path) -> None:
    out = tmp_path / "rosa.json"
    done = officer.types("export", "55 1234 5678", "--out", str(out))
    assert done.exit_code == 0
    assert "1 conversation, 3 cases, 1 follow-up" in done.output
    assert ROSA.secret in json.dumps(json.loads(out.read_text()), ensure_ascii=False)
    assert out.stat().st_mode & 0o777 == 0o600
    again = officer.types("export", "55 1234 5678", "--out", str(out))
    assert again.exit_code == 1
    assert "can't be written" in again.output


def test_erasing_asks_and_a_no_erases_nothing(officer: Officer) -> None:
    refused = officer.types("erase", ROSA.conversation, "--with-open-cases", answers="n\n")
    assert refused.exit_code == 1
    assert "RV-7777-0001" in refused.output, "a promise that nobody will keep is told"
    assert officer.holds(ROSA.secret)
    done = officer.types("erase", ROSA.conversation, "--with-open-cases", answers="y\n")
    assert done.exit_code == 0
    assert not officer.holds(ROSA.secret)


def test_open_cases_are_told_and_keep_it_from_being_erased(officer: Officer, protocol: Protocol) -> None:
    folio = officer.does(lambda client: open_hand_off(client, protocol, ROSA))
    refused = officer.types("erase", ROSA.contact, "--yes")
    assert refused.exit_code == 1
    assert folio in refused.output and "--with-open-cases" in refused.output
    assert officer.holds(ROSA.secret)


@pytest.mark.parametrize("command", [["erase", "--yes"], ["export", "--out", "x.json"]])
def test_unknown_customer_is_said_to_be_unknown(
    officer: Officer, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, *options = command
    done = officer.types(name, "ivan@example.com", *options)
    assert done.exit_code == 1
    assert "Nothing is kept" in done.output and "ivan" not in done.output
    assert list(tmp_path.iterdir()) == []
