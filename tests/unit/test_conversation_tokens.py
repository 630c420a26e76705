"""A browser reads and writes only the conversation that it was given."""

from __future__ import annotations

import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.channels.webchat.tokens import LIFE_SECONDS, TokenSigner

KEY = "k" * 64


@pytest.fixture
def signer() -> TokenSigner:
    return TokenSigner(KEY)


def test_token_opens_the_conversation_it_was_issued_for(signer: TokenSigner) -> None:
    issued = signer.issue(time.time())
    assert signer.conversation(issued.token) == issued.conversation


def test_another_server_with_the_same_key_knows_the_token(signer: TokenSigner) -> None:
    issued = signer.issue(time.time())
    assert TokenSigner(KEY).conversation(issued.token) == issued.conversation


def test_conversations_can_not_be_guessed(signer: TokenSigner) -> None:
    conversations = {signer.issue(0).conversation for _ in range(100)}
    assert len(conversations) == 100
    assert all(len(conversation) >= len("web-") + 32 for conversation in conversations)


def test_token_tells_when_it_expires(signer: TokenSigner) -> None:
    assert signer.issue(1_000.9).expires_at == 1_000 + LIFE_SECONDS


def test_token_lasts_until_it_expires_and_no_longer(signer: TokenSigner) -> None:
    now = time.time()
    assert signer.conversation(signer.issue(now - LIFE_SECONDS + 60).token)
    assert signer.conversation(signer.issue(now - LIFE_SECONDS - 1).token) is None


def test_token_of_another_server_opens_nothing(signer: TokenSigner) -> None:
    assert signer.conversation(TokenSigner("another key" * 6).issue(time.time()).token) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "web-1"},
        {"sub": "web-1", "aud": "bot"},
        {"aud": "webchat"},
        {"sub": 7, "aud": "webchat"},
        {"sub": ["web-1"], "aud": "webchat"},
    ],
)
def test_token_for_another_purpose_opens_nothing(signer: TokenSigner, claims: dict[str, object]) -> None:
    assert signer.conversation(jwt.encode(claims, KEY, "HS256")) is None


def test_token_without_a_signature_opens_nothing(signer: TokenSigner) -> None:
    claims = {"sub": "web-1", "aud": "webchat", "exp": time.time() + 60}
    assert signer.conversation(jwt.encode(claims, None, "none")) is None


def test_changed_token_opens_nothing(signer: TokenSigner) -> None:
    mine, theirs = signer.issue(time.time()).token, signer.issue(time.time()).token
    head, _, signature = mine.split(".")
    assert signer.conversation(f"{head}.{theirs.split('.')[1]}.{signature}") is None


@given(st.text(st.characters(), max_size=80))
def test_any_other_text_opens_nothing(text: str) -> None:
    assert TokenSigner(KEY).conversation(text) is None
