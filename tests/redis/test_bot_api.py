"""Calls of the bot's API: signed, and their failures told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator

import jwt
import pytest
import redis.asyncio as redis
from builders import NOON, Bot, settings_for_tests

from relevo import bot_api
from relevo.bot_api import ALGORITHM, BotApi, BotRefused, BotUnavailable, api_key
from relevo.store.outbox import OutboxWriter, says

EVENTS = (
    OutboxWriter("c1", "webchat").message([says("Su pedido sale hoy.", agent="Ana")], "o1", now=NOON).events
)


@pytest.fixture
async def bot(redis_client: redis.Redis) -> AsyncIterator[Bot]:
    async with Bot(redis_client).up() as bot:
        yield bot


@pytest.fixture
async def api(bot: Bot) -> AsyncIterator[BotApi]:
    async with BotApi(settings_for_tests(bot_url=bot.url)) as api:
        yield api


async def test_events_reach_the_conversation_with_their_channel(api: BotApi, bot: Bot) -> None:
    await api.append_events("c1", "webchat", EVENTS)
    [delivered] = bot.delivered
    assert (delivered.conversation, delivered.channel, delivered.events) == ("c1", "webchat", EVENTS)


async def test_call_is_signed_for_a_short_time_and_its_token_is_not_in_the_address(
    api: BotApi, bot: Bot
) -> None:
    await api.append_events("c1", "webchat", EVENTS)
    [delivered] = bot.delivered
    scheme, _, token = delivered.authorization.partition(" ")
    claims = jwt.decode(token, api_key(settings_for_tests()), algorithms=[ALGORITHM])
    assert scheme == "Bearer"
    assert claims["user"]["role"] == "admin"
    assert token not in delivered.address
    assert "Su pedido" not in delivered.address


@pytest.mark.parametrize("status", [500, 502, 503, 401, 403, 408, 409, 429])
async def test_failure_that_may_be_mended_is_told_as_unavailable(api: BotApi, bot: Bot, status: int) -> None:
    bot.statuses["c1"] = [status]
    with pytest.raises(BotUnavailable, match=str(status)):
        await api.append_events("c1", "webchat", EVENTS)


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_message_that_the_bot_will_never_take_is_told_as_refused(
    api: BotApi, bot: Bot, status: int
) -> None:
    bot.statuses["c1"] = [status]
    with pytest.raises(BotRefused, match=str(status)):
        await api.append_events("c1", "webchat", EVENTS)


async def test_bot_that_is_not_there_is_told_as_unavailable(redis_client: redis.Redis) -> None:
    async with BotApi(settings_for_tests(bot_url=Bot(redis_client).url)) as api:
        with pytest.raises(BotUnavailable) as told:
            await api.append_events("c1", "webchat", EVENTS)
    assert "Su pedido" not in str(told.value)


async def test_bot_that_does_not_answer_in_time_is_told_as_unavailable(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot_api, "TIMEOUT_SECONDS", 0.1)
    bot.may_reply.clear()
    async with BotApi(settings_for_tests(bot_url=bot.url)) as api:
        with pytest.raises(BotUnavailable):
            await api.append_events("c1", "webchat", EVENTS)


async def test_client_must_be_opened_first() -> None:
    with pytest.raises(RuntimeError):
        await BotApi(settings_for_tests()).append_events("c1", "webchat", EVENTS)
