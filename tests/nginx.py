"""The proxy's configuration: read as directives, and run for real before servers of a test."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from relevo.ports import free_port

PROXY = Path(__file__).resolve().parents[1] / "docker" / "proxy"
TOKEN = re.compile(r"""\s+|\#[^\n]*|"((?:\\.|[^"])*)"|'([^']*)'|([;{}])|([^\s;{}"'#]\S*?(?=[\s;{}]))""")


@dataclass
class Directive:
    """`name arguments;` or `name arguments { block }`."""

    name: str
    arguments: list[str]
    block: list[Directive] = field(default_factory=list)

    def all(self, name: str) -> list[Directive]:
        """The directives of this name directly in the block."""
        return [directive for directive in self.block if directive.name == name]

    def value(self, name: str) -> str | None:
        """The arguments of the only directive of this name, if there is one."""
        found = self.all(name)
        assert len(found) <= 1, f"{name} is there more than once"
        return " ".join(found[0].arguments) if found else None


def read_configuration(front: str) -> Directive:
    """The http block of the configuration with `plain.conf` or `tls.conf`, includes put in."""
    main = Directive("main", [], _read("nginx.conf", front))
    return main.all("http")[0]


def _read(file: str, front: str) -> list[Directive]:
    text = (PROXY / file.replace("front.conf", f"{front}.conf")).read_text(encoding="utf-8")
    return list(_block(_tokens(text), front))


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Words and whether they are punctuation."""
    for match in TOKEN.finditer(text):
        if match[3]:
            yield match[3], True
        elif words := [word for word in (match[1], match[2], match[4]) if word is not None]:
            yield words[0], False


def _block(tokens: Iterator[tuple[str, bool]], front: str) -> Iterator[Directive]:
    words: list[str] = []
    for token, is_punctuation in tokens:
        if not is_punctuation:
            words.append(token)
            continue
        if token == "}":
            return
        name, *arguments = words
        words = []
        if token == "{":
            yield Directive(name, arguments, list(_block(tokens, front)))
        elif name == "include":
            yield from _read(arguments[0], front)
        else:
            yield Directive(name, arguments)


@dataclass
class Proxy:
    """A running nginx with our configuration."""

    customers: int
    desk: int
    folder: Path

    async def logged(self, lines: int) -> str:
        """The access log as soon as it has so many lines: nginx writes them after its answer."""
        log = self.folder / "access.log"
        for _ in range(500):
            if len(text := log.read_text(encoding="utf-8").splitlines()) >= lines:
                break
            await asyncio.sleep(0.01)
        return "\n".join(text)


@asynccontextmanager
async def running_proxy(folder: Path, bot: int, desk: int) -> AsyncIterator[Proxy]:
    """nginx on free ports of this machine, before a bot and a desk on the given ones."""
    proxy = Proxy(free_port(), free_port(), folder)
    replaced = {
        "/tmp/": f"{folder}/",  # noqa: S108 - first of all: the folder may lie in /tmp
        "listen 8000;": f"listen 127.0.0.1:{proxy.customers};",
        "listen 8080;": f"listen 127.0.0.1:{proxy.desk};",
        "127.0.0.1:8079": f"127.0.0.1:{free_port()}",
        "http://bot:5005": f"http://127.0.0.1:{bot}",
        "http://desk:8080": f"http://127.0.0.1:{desk}",
        "/dev/stdout": f"{folder}/access.log",
    }
    for file in PROXY.iterdir():
        text = file.read_text(encoding="utf-8")
        for old, new in replaced.items():
            text = text.replace(old, new)
        (folder / file.name).write_text(text, encoding="utf-8")
    shutil.copy(folder / "plain.conf", folder / "front.conf")
    process = await asyncio.create_subprocess_exec(
        "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off; master_process off;"
    )
    try:
        await _wait_until_it_listens(proxy.customers)
        yield proxy
    finally:
        process.terminate()
        await process.wait()


async def _wait_until_it_listens(port: int, seconds: float = 5.0) -> None:
    async def connected() -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                return writer.close()
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)

    await asyncio.wait_for(connected(), seconds)
