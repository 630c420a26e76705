"""Users, their passwords and their sessions."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging

import pytest
import redis.asyncio as redis
from argon2 import PasswordHasher
from click.testing import Result
from typer.testing import CliRunner

from relevo.cli import app
from relevo.desk.first_user import ensure_first_user
from relevo.desk.sessions import SESSION_SECONDS, SessionStore, is_same_token
from relevo.desk.users import UserDirectory, UserError, UserExists
from relevo.store import keys

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
NOW = 1_764_000_000.0


@pytest.fixture
def users(redis_client: redis.Redis) -> UserDirectory:
    return UserDirectory(redis_client, CHEAP)


async def test_a_user_is_known_by_the_right_password_only(users: UserDirectory) -> None:
    added = await users.add("Ana", "Ana Ruiz", "secret words")
    assert await users.check(" ANA ", "secret words") == added
    assert await users.check("ana", "secret word") is None
    assert await users.check("nobody", "secret words") is None
    assert await users.check("", "") is None


async def test_a_password_is_kept_as_an_argon2id_hash_and_never_shown(
    users: UserDirectory, redis_client: redis.Redis
) -> None:
    user = await users.add("ana", "Ana", "secret words")
    record = (await redis_client.hgetall(keys.USERS))["ana"]
    assert "secret words" not in record
    assert "$argon2id$" in record
    assert "argon2" not in repr(user)


async def test_no_two_users_share_a_name_or_a_display_name(users: UserDirectory) -> None:
    await users.add("ana", "Ana", "one")
    with pytest.raises(UserExists):
        await users.add("ANA", "Ana Two", "two")
    with pytest.raises(UserExists):
        await users.add("ana2", " Ana ", "two")
    assert await users.names() == ["ana"]


async def test_two_users_are_never_one_person_of_the_roster(users: UserDirectory) -> None:
    await users.add("ana", "Ana", "one", person="daniel_olvera")
    with pytest.raises(UserExists):
        await users.add("luis", "Luis", "two", person="daniel_olvera")
    await users.add("luis", "Luis", "two")
    await users.add("eva", "Eva", "three")
    with pytest.raises(UserExists):
        await users.set_person("luis", "daniel_olvera")
    for _ in range(2):
        await users.set_person("luis", "itzel_canul")
    await users.set_person("ana", "")
    await users.set_person("luis", "daniel_olvera")
    luis = await users.get("luis")
    assert luis is not None
    assert luis.person == "daniel_olvera"
    with pytest.raises(UserError):
        await users.set_person("nobody", "itzel_canul")


async def test_a_user_of_an_earlier_version_has_no_person(
    users: UserDirectory, redis_client: redis.Redis
) -> None:
    await users.add("ana", "Ana", "one")
    record = json.loads((await redis_client.hgetall(keys.USERS))["ana"])
    del record["person"]
    await redis_client.hset(keys.USERS, "ana", json.dumps(record))
    ana = await users.check("ana", "one")
    assert ana is not None
    assert (ana.person, ana.is_supervisor) == ("", False)


async def test_the_command_links_users_to_people_of_the_roster(
    users: UserDirectory, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["user", *arguments])

    add = ["add", "fer", "Fernanda", "--password", "a b c", "--person"]
    refused = await run(*add, "fernanda_quirog")
    assert refused.exit_code == 1
    assert await users.names() == []
    assert (await run(*add, "fernanda_quiroga")).exit_code == 0
    fernanda = await users.get("fer")
    assert fernanda is not None
    assert fernanda.person == "fernanda_quiroga"
    assert "is nobody in the roster" in (await run("person", "fer")).output
    assert "is itzel_canul" in (await run("person", "fer", "itzel_canul")).output


@pytest.mark.parametrize(
    ("name", "display_name", "password"),
    [
        ("", "A", "p"),
        ("a b", "A", "p"),
        ("a" * 41, "A", "p"),
        ("a", " ", "p"),
        ("a", "A\x00", "p"),
        ("a", "A", ""),
    ],
)
async def test_names_that_cannot_be_are_refused(
    users: UserDirectory, name: str, display_name: str, password: str
) -> None:
    with pytest.raises(UserError):
        await users.add(name, display_name, password)
    assert await users.names() == []


async def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(redis_client: redis.Redis) -> None:
    class Counting(PasswordHasher):
        hashes = 0

        def hash(self, *args: object, **more: object) -> str:
            Counting.hashes += 1
            return CHEAP.hash("x")

        def verify(self, *args: object) -> bool:
            Counting.hashes += 1
            return CHEAP.verify(args[0], args[1])  # type: ignore[arg-type]

    await UserDirectory(redis_client, CHEAP).add("ana", "Ana", "right")
    users = UserDirectory(redis_client, Counting(time_cost=1, memory_cost=64, parallelism=1))
    for name in ("ana", "nobody"):
        Counting.hashes = 0
        assert await users.check(name, "wrong") is None
        assert Counting.hashes == 1


async def test_a_hash_of_older_cost_is_renewed_at_the_login(redis_client: redis.Redis) -> None:
    await UserDirectory(redis_client, CHEAP).add("ana", "Ana", "right")
    dearer = UserDirectory(redis_client, PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    await dearer.check("ana", "wrong")
    assert "t=1" in (await redis_client.hgetall(keys.USERS))["ana"]
    user = await dearer.check("ana", "right")
    assert user is not None
    assert "t=2" in user.password_hash
    assert await dearer.get("ana") == user


async def test_the_first_start_adds_a_supervisor_and_later_ones_do_not(users: UserDirectory) -> None:
    await ensure_first_user(users, "first password")
    await ensure_first_user(users, "other password")
    user = await users.check("supervisor", "first password")
    assert user is not None
    assert user.role == "supervisor"
    assert await users.names() == ["supervisor"]


async def test_without_a_password_the_log_says_how_to_add_a_user(
    users: UserDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await ensure_first_user(users, None)
    assert "relevo user add" in caplog.text
    assert await users.names() == []


async def test_a_session_lasts_twelve_hours_and_redis_knows_only_its_digest(
    redis_client: redis.Redis,
) -> None:
    sessions = SessionStore(redis_client)
    token = await sessions.open("ana", NOW)
    session = await sessions.get(token)
    assert session is not None
    assert session.user == "ana"
    names = await redis_client.keys("*")
    assert names == [keys.session(hashlib.sha256(token.encode()).hexdigest())]
    assert SESSION_SECONDS - 5 <= await redis_client.ttl(names[0]) <= SESSION_SECONDS


async def test_a_closed_session_is_over(redis_client: redis.Redis) -> None:
    sessions = SessionStore(redis_client)
    token = await sessions.open("ana", NOW)
    await sessions.close(token)
    assert await sessions.get(token) is None


def test_an_empty_token_is_never_right() -> None:
    assert not is_same_token("", "")
    assert not is_same_token("é", "a")
    assert is_same_token("abc", "abc")
