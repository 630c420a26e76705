"""The people who work at the desk. Their passwords are kept as Argon2id hashes and never logged.

A display name is what customers read ("Ana is with you now") and what a case is claimed by, so no two users
share one.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

import redis.asyncio as redis
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from relevo.errors import RelevoError
from relevo.store import keys
from relevo.store.connection import Script

Role = Literal["agent", "supervisor"]

MAX_DISPLAY_NAME_CHARACTERS = 60
MAX_PASSWORD_CHARACTERS = 200
HASHES_AT_ONCE = 2
"""Each takes 64 MiB and a core for a moment: a burst of logins must not take the machine down."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")

_add = Script(Path(__file__).with_name("add_user.lua"))
_replace = Script(Path(__file__).with_name("replace_user.lua"))
_link = Script(Path(__file__).with_name("link_user.lua"))


class UserError(RelevoError):
    """A user can't be added that way."""


class UserExists(UserError):
    """There is a user with this name, display name or person already."""


@dataclass(frozen=True)
class User:
    """Someone who may sign in with `name`; colleagues and customers read `display_name`."""

    name: str
    display_name: str
    password_hash: str = field(repr=False)
    role: Role
    person: str = ""
    """Who that is in the protocol's roster, if they are in it: cases that suit them are suggested to them."""

    @property
    def is_supervisor(self) -> bool:
        return self.role == "supervisor"

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, record: str) -> User:
        return cls(**json.loads(record))


class UserDirectory:
    """All users, in Redis."""

    def __init__(self, client: redis.Redis, hasher: PasswordHasher | None = None) -> None:
        """`hasher` sets the cost of a hash; the library's present recommendation unless given."""
        self._redis = client
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(HASHES_AT_ONCE)

    async def add(
        self, name: str, display_name: str, password: str, role: Role = "agent", *, person: str = ""
    ) -> User:
        """Add a user; `person` is who they are in the roster.

        Raises:
            UserError: a name or the password has characters or a length that can't be.
            UserExists: the name, the display name or the person is taken.
        """
        name, display_name = _plain(name), " ".join(display_name.split())
        _check_form(name, display_name, password)
        user = User(name, display_name, await self._hash(password), role, person)
        outcome = await _add(self._redis, [keys.USERS], [name, display_name, user.to_json(), person])
        if outcome != "added":
            raise UserExists(f"there is a user with this {outcome} already; choose another")
        return user

    async def set_password(self, name: str, password: str) -> None:
        """Give a user another password.

        Raises:
            UserError: there is no such user, or the password has a length that can't be.
        """
        user = await self.get(name)
        if user is None:
            raise UserError("there is no user with this name")
        _check_form(user.name, user.display_name, password)
        await self._rehash(user, password)

    async def set_person(self, name: str, person: str) -> None:
        """Link a user to someone of the roster, or to nobody.

        Raises:
            UserError: there is no such user.
            UserExists: another user is linked to this person.
        """
        user = await self.get(name)
        if user is None:
            raise UserError("there is no user with this name")
        linked = replace(user, person=person)
        outcome = await _link(
            self._redis, [keys.USERS], [user.name, user.to_json(), linked.to_json(), person]
        )
        if outcome == "changed":
            raise UserError("this user was changed meanwhile; try again")
        if outcome != "linked":
            raise UserExists("another user is linked to this person already; choose another")

    async def get(self, name: str) -> User | None:
        """The user with this name, if there is one."""
        record = await self._redis.hget(keys.USERS, _plain(name))
        return User.from_json(record) if record else None

    async def names(self) -> list[str]:
        """The names of all users, sorted."""
        return sorted(await self._redis.hkeys(keys.USERS))

    async def people(self) -> set[str]:
        """The people of the roster who may sign in."""
        users = map(User.from_json, await self._redis.hvals(keys.USERS))
        return {user.person for user in users if user.person}

    async def check(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs. Takes the same time whether or not the name exists."""
        password = password[: MAX_PASSWORD_CHARACTERS + 1]
        user = await self.get(name)
        if user is None:
            await self._hash(password)  # Costs what a verification does, so that time doesn't tell names.
            return None
        if not await self._is_password_of(user, password):
            return None
        if self._hasher.check_needs_rehash(user.password_hash):
            return await self._rehash(user, password)
        return user

    async def _is_password_of(self, user: User, password: str) -> bool:
        async with self._turns:
            try:
                return await asyncio.to_thread(self._hasher.verify, user.password_hash, password)
            except (VerificationError, InvalidHashError):
                return False

    async def _rehash(self, user: User, password: str) -> User:
        renewed = replace(user, password_hash=await self._hash(password))
        await _replace(self._redis, [keys.USERS], [user.name, user.to_json(), renewed.to_json()])
        return renewed

    async def _hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)


def _plain(name: str) -> str:
    return name.strip().lower()


def _check_form(name: str, display_name: str, password: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError("a user name has 1 to 40 letters a-z, digits, dots, dashes or underscores")
    if not 0 < len(display_name) <= MAX_DISPLAY_NAME_CHARACTERS or not display_name.isprintable():
        raise UserError(f"a display name has 1 to {MAX_DISPLAY_NAME_CHARACTERS} printable characters")
    if not 0 < len(password) <= MAX_PASSWORD_CHARACTERS:
        raise UserError(f"a password has 1 to {MAX_PASSWORD_CHARACTERS} characters")
