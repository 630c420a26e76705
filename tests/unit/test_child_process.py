"""A child process that is kept running."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from builders import eventually

from relevo import child_process
from relevo.child_process import MAX_LINE_BYTES, ChildProcess, Program

SERVES_UNTIL_TOLD = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print("tidied up", flush=True), sys.exit(0)))
print("ready", flush=True)
while True:
    signal.pause()
"""


class Output:
    """What a process has printed, and what is said about it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def show(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    @property
    def texts(self) -> list[str]:
        return [line for _, line in self.lines]

    async def shows(self, text: str, times: int = 1) -> None:
        """Returns once a text was shown so many times."""
        await eventually(lambda: self.texts.count(text) >= times)

    @property
    def pauses(self) -> list[str]:
        """The pauses between a program's end and its next start, seconds."""
        return [found[1] for text in self.texts if (found := re.search(r"again in ([\d.]+) s", text))]


@pytest.fixture
def output() -> Output:
    return Output()


@pytest.fixture
def a_child(tmp_path: Path, output: Output) -> Callable[..., ChildProcess]:
    """Builds a child that runs the given code as a module."""

    def build(code: str, **environment: str) -> ChildProcess:
        (tmp_path / "tiny.py").write_text(code, encoding="utf-8")
        return ChildProcess(
            Program("tiny", "tiny", {"PYTHONPATH": str(tmp_path), **environment}), output.show
        )

    return build


@asynccontextmanager
async def kept_running(child: ChildProcess) -> AsyncIterator[asyncio.Task[None]]:
    """The child runs for the length of the block."""
    running = asyncio.create_task(child.run())
    try:
        yield running
    finally:
        await child.stop()
        await asyncio.wait_for(running, 10)


async def test_every_line_is_shown_in_order_under_the_programs_name(
    a_child: Callable[..., ChildProcess], output: Output
) -> None:
    code = """
import os, sys
print(os.environ["GREETING"], flush=True)
print("a warning", file=sys.stderr, flush=True)
os.write(1, b"not UTF-8: \\xff, and no line's end")
"""
    async with kept_running(a_child(code, GREETING="¡Hola, señora!", PYTHONIOENCODING="utf-8")):
        await eventually(lambda: len(output.lines) > 3)
    assert output.lines[:3] == [
        ("tiny", "¡Hola, señora!"),
        ("tiny", "a warning"),
        ("tiny", "not UTF-8: \ufffd, and no line's end"),
    ]


async def test_line_without_an_end_does_not_stop_the_output(
    a_child: Callable[..., ChildProcess], output: Output
) -> None:
    code = f'print("a" * {2 * MAX_LINE_BYTES})\nprint("and on")\n'
    async with kept_running(a_child(code)):
        await output.shows("and on")


async def test_program_that_ends_is_started_again_after_pauses_that_grow_to_a_limit(
    a_child: Callable[..., ChildProcess], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(child_process, "LONGEST_PAUSE_SECONDS", 0.2)
    async with kept_running(a_child("print('begun'); raise SystemExit(3)")):
        await eventually(lambda: len(output.pauses) >= 3)
    assert output.pauses[:3] == ["0.1", "0.2", "0.2"]
    assert output.texts[1].startswith("ended with code 3")


async def test_program_that_ran_well_is_started_again_soon(
    a_child: Callable[..., ChildProcess], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(child_process, "STABLE_SECONDS", 0.0)
    async with kept_running(a_child("print('begun')")):
        await output.shows("begun", times=3)
    assert set(output.pauses) == {"0.1"}


async def test_killed_program_is_started_again(
    a_child: Callable[..., ChildProcess], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "FIRST_PAUSE_SECONDS", 0.01)
    child = a_child(SERVES_UNTIL_TOLD)
    async with kept_running(child):
        await output.shows("ready")
        assert child.pid
        os.kill(child.pid, signal.SIGKILL)
        await output.shows("ready", times=2)
    assert output.texts[1].startswith("ended with code -9")


async def test_stopped_program_may_tidy_up_and_is_not_started_again(
    a_child: Callable[..., ChildProcess], output: Output
) -> None:
    child = a_child(SERVES_UNTIL_TOLD)
    async with kept_running(child) as running:
        await output.shows("ready")
        await child.stop()
        await asyncio.wait_for(running, 5)
    assert output.texts == ["ready", "tidied up"]


async def test_program_that_will_not_stop_is_killed(
    a_child: Callable[..., ChildProcess], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "STOP_SECONDS", 0.1)
    child = a_child(SERVES_UNTIL_TOLD.replace("sys.exit(0)", "None"))
    async with kept_running(child) as running:
        await output.shows("ready")
        await child.stop()
        await asyncio.wait_for(running, 5)
    assert output.texts[-1] == "did not end in time and was killed"


async def test_stopping_does_not_wait_for_the_next_start(
    a_child: Callable[..., ChildProcess], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "FIRST_PAUSE_SECONDS", 60.0)
    child = a_child("raise SystemExit(1)")
    async with kept_running(child) as running:
        await eventually(lambda: output.pauses)
        await child.stop()
        await asyncio.wait_for(running, 5)


async def test_program_that_is_stopped_while_it_starts_does_not_run_on(
    a_child: Callable[..., ChildProcess],
) -> None:
    child = a_child(SERVES_UNTIL_TOLD)
    running = asyncio.create_task(child.run())
    await asyncio.sleep(0)  # The start is under way, there is no process yet.
    assert child.pid is None
    await child.stop()
    await asyncio.wait_for(running, 5)
    assert child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
