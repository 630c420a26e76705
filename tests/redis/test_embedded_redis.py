"""A real Redis as a child process: one per folder, nothing lost, nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from pathlib import Path

import pytest
import redis
from builders import another_process, settings_for_tests

from relevo.embedded_redis import FOLDER, EmbeddedRedis, running_redis_url
from relevo.errors import ConfigurationError, RelevoError
from relevo.ports import is_taken

STARTS_A_SERVER = """
import os, time
from pathlib import Path
from relevo.embedded_redis import EmbeddedRedis
server = EmbeddedRedis(Path(os.environ["FOLDER"]))
server.start()
print(server.url, flush=True)
time.sleep(60)
"""


def ask(server: EmbeddedRedis) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_server_answers_while_the_block_lasts(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path, persistent=False) as server:
        assert server.is_running
        assert ask(server).ping()
    assert not server.is_running
    assert not is_taken(server.port)


def test_server_listens_on_this_machine_only(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path, persistent=False) as server:
        assert ask(server).config_get("bind") == {"bind": "127.0.0.1"}


def test_server_on_a_socket_opens_no_port() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with EmbeddedRedis(Path(folder), persistent=False, on_socket=True) as server:
            assert ask(server).ping()
            assert ask(server).config_get("port") == {"port": "0"}
            assert (Path(folder) / "redis.sock").stat().st_mode & 0o077 == 0
        assert not server.is_running


def test_data_outlive_a_restart(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:
        ask(server).set("a", "1")
    with EmbeddedRedis(tmp_path) as server:
        assert ask(server).get("a") == "1"


def test_data_outlive_a_server_that_was_killed(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    server.start()
    ask(server).set("a", "1")
    os.kill(int(ask(server).info()["process_id"]), signal.SIGKILL)
    server.stop()
    with EmbeddedRedis(tmp_path) as next_server:
        assert ask(next_server).get("a") == "1"


def test_second_server_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / FOLDER) as first:
        with pytest.raises(ConfigurationError, match="RELEVO_DATA_DIR"):
            EmbeddedRedis(tmp_path / FOLDER).start()
        assert running_redis_url(settings_for_tests(data_dir=tmp_path)) == first.url
        assert ask(first).ping()


def test_server_that_can_not_start_says_where_to_look_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RelevoError, match=r"redis\.log"):
            EmbeddedRedis(tmp_path, port=taken.getsockname()[1]).start()
    with EmbeddedRedis(tmp_path) as server:
        assert ask(server).ping()


def test_running_redis_is_found_while_it_runs(tmp_path: Path) -> None:
    settings = settings_for_tests(data_dir=tmp_path)
    with EmbeddedRedis(tmp_path / FOLDER) as server:
        assert running_redis_url(settings) == server.url
    with pytest.raises(ConfigurationError, match="not running"):
        running_redis_url(settings)


def test_configured_redis_comes_first(tmp_path: Path) -> None:
    settings = settings_for_tests(data_dir=tmp_path, redis_url="redis://redis:6379/0")
    with EmbeddedRedis(tmp_path / FOLDER):
        assert running_redis_url(settings) == "redis://redis:6379/0"


async def test_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    async with another_process(STARTS_A_SERVER, FOLDER=str(tmp_path)) as parent:
        client = redis.asyncio.Redis.from_url(await parent.line())
        gone = client.blpop("nothing comes", timeout=10)
        await parent.kill()
        with pytest.raises(redis.ConnectionError):
            await gone
        await client.close()
