"""A child process that is kept running: started, watched, started again with growing pauses, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from relevo.orphans import die_with_parent

STOP_SECONDS = 15.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STABLE_SECONDS = 60.0
"""A process that ran this long was well: its next pause is the first one again."""

MAX_LINE_BYTES = 2**20


@dataclass(frozen=True)
class Program:
    """What to run: a Python module with its environment, on a port if it serves one."""

    name: str
    module: str
    environment: dict[str, str]
    health_url: str | None = None


class ChildProcess:
    """Runs a program until it is told to stop; whatever it prints goes line by line to `show`."""

    def __init__(self, program: Program, show: Callable[[str, str], None]) -> None:
        """`show(name, line)` is called for every line."""
        self.program = program
        self._show = show
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Keep the program running; returns after `stop`."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > STABLE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._show(self.program.name, f"ended with code {code}; starting again in {pause:.1f} s")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def stop(self) -> None:
        """Ask the program to end; kill it if it does not in time."""
        self._stopping.set()
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except asyncio.TimeoutError:
            self._show(self.program.name, "did not end in time and was killed")
            self._process.kill()

    async def _run_once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.program.module,
            env={**os.environ, **self.program.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches the parent alone, which then stops all in order.
            start_new_session=True,
            preexec_fn=die_with_parent,
            limit=MAX_LINE_BYTES,
        )
        if self._stopping.is_set():  # `stop` came while the program was being started
            self._process.terminate()
        if self._process.stdout is not None:
            await self._show_lines(self._process.stdout)
        return await self._process.wait()

    async def _show_lines(self, output: asyncio.StreamReader) -> None:
        while not output.at_eof():
            try:
                line = await output.readline()
            except ValueError:
                line = f"(more than {MAX_LINE_BYTES} bytes without a line's end)".encode()
            if line:
                self._show(self.program.name, line.decode(errors="replace").rstrip())
