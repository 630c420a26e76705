"""The bot's line to the action server: a restart is waited for, anything else ends soon and isn't hidden."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from builders import eventually
from rasa.utils.endpoints import ClientResponseError

from relevo import action_server
from relevo.action_server import ActionServer, calls_of_turn
from relevo.ports import free_port

CALL = {"next_action": "action_hand_off"}


@dataclass
class Actions:
    """An action server on a port of its own."""

    port: int = field(default_factory=free_port)
    statuses: list[int | str] = field(default_factory=list)
    """What the next calls get: a status, "cut" for a closed connection, "hang" for no answer; then 200."""
    calls: int = 0

    @property
    def line(self) -> ActionServer:
        return ActionServer(f"http://127.0.0.1:{self.port}/webhook")

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Serve for the length of the block."""
        app = web.Application()
        app.router.add_post("/webhook", self._run)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, shutdown_timeout=0.1).start()
        try:
            yield
        finally:
            await runner.cleanup()

    async def _run(self, request: web.Request) -> web.Response:
        self.calls += 1
        status = self.statuses.pop(0) if self.statuses else 200
        if status == "hang":
            await asyncio.Event().wait()
        if status == "cut":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return web.json_response({"events": [], "called": await request.json()}, status=int(status))


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> Actions:
    monkeypatch.setattr(action_server, "PAUSE_SECONDS", 0.01)
    return Actions()


@pytest.mark.parametrize("answer", ["cut", 503])
async def test_call_that_a_restart_cuts_off_is_made_again(actions: Actions, answer: int | str) -> None:
    actions.statuses = [answer, answer]
    async with actions.up():
        assert (await actions.line.request(json=CALL))["called"] == CALL
    assert actions.calls == 3


async def test_server_that_is_not_there_yet_is_waited_for(
    actions: Actions, caplog: pytest.LogCaptureFixture
) -> None:
    with calls_of_turn() as calls:
        waiting = asyncio.create_task(actions.line.request(json=CALL))
        await eventually(lambda: "The action server is away" in caplog.text)
        async with actions.up():
            assert (await waiting)["called"] == CALL
    assert not calls.have_failed


@pytest.mark.parametrize(("status", "is_failure"), [(400, False), (404, True), (500, True)])
async def test_what_the_server_refuses_is_not_asked_again(
    actions: Actions, status: int, is_failure: bool
) -> None:
    actions.statuses = [status]
    async with actions.up():
        with calls_of_turn() as calls, pytest.raises(ClientResponseError):
            await actions.line.request(json=CALL)
    assert (actions.calls, calls.have_failed) == (1, is_failure)


async def test_all_calls_of_a_turn_share_its_time(actions: Actions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_server, "TURN_SECONDS", 0.3)
    monkeypatch.setattr(action_server, "LAST_CALL_SECONDS", 0.25)
    began = time.monotonic()
    with calls_of_turn() as calls:
        for _ in range(10):
            with pytest.raises(aiohttp.ClientConnectionError):
                await actions.line.request(json=CALL)
    assert calls.have_failed
    assert 0.25 < time.monotonic() - began < 10 * 0.3


async def test_server_that_hangs_is_waited_for_as_long(
    actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(action_server, "TURN_SECONDS", 0.1)
    monkeypatch.setattr(action_server, "LAST_CALL_SECONDS", 0.01)
    actions.statuses = ["hang", "hang"]
    async with actions.up():
        with calls_of_turn() as calls:
            for _ in range(2):
                call = asyncio.create_task(actions.line.request(json=CALL))
                await asyncio.wait([call], timeout=30)
                assert call.done()
                assert isinstance(call.exception(), asyncio.TimeoutError)
    assert (calls.have_failed, actions.calls) == (True, 2)
