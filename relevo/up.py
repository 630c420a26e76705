"""`relevo up`: the whole system on one machine, with an embedded Redis unless there is another.

Starts Redis, then bot, actions, desk and clock as child processes, shows their output in one log, says when
all is ready, and stops everything in order.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import redis.asyncio as redis
from rich.console import Console
from rich.text import Text

from relevo.child_process import ChildProcess, Program
from relevo.desk.first_user import FIRST_DISPLAY_NAME, FIRST_USER
from relevo.desk.passwords import generate_password
from relevo.desk.users import UserDirectory
from relevo.embedded_redis import FOLDER, EmbeddedRedis
from relevo.errors import ConfigurationError, RelevoError
from relevo.model import present_model, quiet_environment, train
from relevo.ports import is_taken
from relevo.protocol import load_protocol
from relevo.settings import Settings
from relevo.store.connection import connect

READY_SECONDS = 180.0
POLL_SECONDS = 0.25
COLOURS = {
    "bot": "cyan",
    "actions": "magenta",
    "desk": "green",
    "clock": "yellow",
    "phone": "blue",
    "relevo": "bold",
}
NAME_WIDTH = 8


class Log:
    """One log for all processes, each line with its process's name and colour."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def show(self, name: str, line: str) -> None:
        prefix = Text(f"{name:<{NAME_WIDTH}}│ ", style=COLOURS.get(name, ""))
        self._console.print(prefix + Text(line))

    def say(self, line: str) -> None:
        self.show("relevo", line)


@dataclass(frozen=True)
class Companion:
    """A program that runs beside the system, and whose environment the other programs share."""

    program: Program
    port_setting: str
    port: int
    welcome: str
    """What people are told when all is ready."""


def up(settings: Settings, *companions: Companion) -> None:
    """Run everything until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: a port is taken.
        RelevoError: the protocol is wrong, training failed, or a process did not become ready.
    """
    log = Log()
    load_protocol(settings.protocol_dir)
    _require_free_ports(settings, companions)
    model = present_model(settings)
    if not model.exists():
        log.say("Training the model for the present data; this takes about a minute, once.")
        train(settings)
    with _store(settings) as redis_url:
        local = replace(
            settings, redis_url=redis_url, secret=settings.secret or kept_secret(settings.data_dir)
        )
        asyncio.run(_run(local, model, log, companions))
    log.say("Everything has stopped.")


async def _run(settings: Settings, model: Path, log: Log, companions: Sequence[Companion]) -> None:
    children = [ChildProcess(program, log.show) for program in _programs(settings, model, companions)]
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, stopping.set)
    password = await _first_password(settings)
    running = [asyncio.create_task(child.run()) for child in children]
    try:
        waiting = asyncio.create_task(_wait_until_ready([child.program for child in children]))
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
            _welcome(settings, password, log, companions)
            await stopped
        waiting.cancel()
    finally:
        log.say("Stopping …")
        await asyncio.gather(*(child.stop() for child in children))
        await asyncio.gather(*running, return_exceptions=True)


def _programs(settings: Settings, model: Path, companions: Sequence[Companion]) -> list[Program]:
    environment = {
        **quiet_environment(settings),
        "PYTHONUNBUFFERED": "1",
        "REDIS_URL": settings.require_redis_url(),
        "RELEVO_SECRET": settings.secret or "",
        "RELEVO_MODEL": str(model),
        "RELEVO_BOT_URL": settings.bot_url,
        "RELEVO_ACTIONS_URL": settings.actions_url,
    }
    for companion in companions:
        environment |= companion.program.environment
    local = "http://127.0.0.1"
    return [
        *(replace(companion.program, environment=environment) for companion in companions),
        Program("actions", "actions.server", environment, f"{local}:{settings.actions_port}/health"),
        Program("desk", "relevo.desk", environment, f"{local}:{settings.desk_port}/health"),
        Program("clock", "relevo.clock.clock", environment),
        Program("bot", "relevo.bot", environment, f"{local}:{settings.bot_port}/webhooks/webchat/health"),
    ]


def _require_free_ports(settings: Settings, companions: Sequence[Companion]) -> None:
    ports = {
        "RELEVO_BOT_PORT": settings.bot_port,
        "RELEVO_ACTIONS_PORT": settings.actions_port,
        "RELEVO_DESK_PORT": settings.desk_port,
        **{companion.port_setting: companion.port for companion in companions},
    }
    for name, port in ports.items():
        if is_taken(port, settings.host):
            raise ConfigurationError(
                f"Port {port} is taken by another program. Stop it, or choose another port: {name}=… make run"
            )


@contextmanager
def _store(settings: Settings) -> Iterator[str]:
    """The address of the Redis to use: the configured one, or an embedded one for the length of the block."""
    if settings.redis_url:
        yield settings.redis_url
        return
    with EmbeddedRedis(settings.data_dir / FOLDER) as server:
        yield server.url


def kept_secret(data_dir: Path) -> str:
    """The secret of this installation: made once, readable by its owner only."""
    file = data_dir / "secret"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii").strip()


async def _first_password(settings: Settings) -> str | None:
    """A password for the first supervisor, if there is no user yet; None if there is, or one was given."""
    client: redis.Redis = connect(settings.require_redis_url())
    try:
        users = UserDirectory(client)
        if await users.names():
            return None
        password = settings.desk_password or generate_password()
        await users.add(FIRST_USER, FIRST_DISPLAY_NAME, password, "supervisor")
        return None if settings.desk_password else password
    finally:
        await client.close()


async def _wait_until_ready(programs: list[Program]) -> None:
    """Return when every program that serves a port answers.

    Raises:
        RelevoError: one does not in time.
    """
    deadline = time.monotonic() + READY_SECONDS
    missing = {program.name: program.health_url for program in programs if program.health_url}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while missing:
            if time.monotonic() > deadline:
                raise RelevoError(
                    f"Not ready after {READY_SECONDS:.0f} s: {', '.join(missing)}; see the log above."
                )
            for name, address in list(missing.items()):
                if address and await _answers(session, address):
                    del missing[name]
            await asyncio.sleep(POLL_SECONDS if missing else 0)


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as reply:
            return reply.status == 200  # noqa: PLR2004
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return False


def _welcome(settings: Settings, password: str | None, log: Log, companions: Sequence[Companion]) -> None:
    log.say("Relevo is ready.")
    log.say(f"  Customers:   http://127.0.0.1:{settings.bot_port}/webhooks/webchat/")
    log.say(f"  Supervisors: http://127.0.0.1:{settings.desk_port}/")
    for companion in companions:
        log.say(companion.welcome)
    if password:
        log.say(f"  The first user is {FIRST_USER!r} with the password {password}")
        log.say(f"  It is shown this once; `relevo user password {FIRST_USER}` sets another.")
    log.say("  Ctrl-C stops everything.")
