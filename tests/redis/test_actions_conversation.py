"""Saying it again, and changing the language."""

from __future__ import annotations

import pytest
import redis.asyncio as redis
from dialogue import Dialogue, services_of

from actions.services import Services
from relevo.protocol import Language, Protocol


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


async def test_whole_last_answer_is_said_again(services: Services) -> None:
    dialogue = Dialogue(services).customer("hola", "greet").bot("¡Hola!")
    dialogue.customer("envíos", "delivery_options").bot("Enviamos a todo México.", "Y a Texas.")
    reply = await dialogue.customer("¿cómo?", "repeat").run("action_repeat")
    assert reply.texts == ["Enviamos a todo México.", "Y a Texas."]
    assert reply.events == []


async def test_what_was_said_again_can_be_said_once_more(services: Services) -> None:
    dialogue = Dialogue(services).customer("hola", "greet").bot("¡Hola!")
    dialogue.customer("otra vez", "repeat").bot("¡Hola!")
    assert (await dialogue.customer("otra vez", "repeat").run("action_repeat")).texts == ["¡Hola!"]


async def test_answer_before_a_silence_is_said_again(services: Services) -> None:
    dialogue = Dialogue(services).customer("hola", "greet").bot("¡Hola!").customer("ok", "affirm")
    assert (await dialogue.customer("¿cómo?", "repeat").run("action_repeat")).texts == ["¡Hola!"]


async def test_status_of_the_page_is_not_said_again(services: Services) -> None:
    dialogue = Dialogue(services).customer("hola", "greet").bot("¡Hola!")
    dialogue.events.append({"event": "bot", "text": None, "data": {"custom": {"type": "status"}}})
    assert (await dialogue.customer("¿cómo?", "repeat").run("action_repeat")).texts == ["¡Hola!"]


async def test_bot_that_has_said_nothing_says_so(services: Services) -> None:
    reply = await Dialogue(services).customer("¿cómo?", "repeat").run("action_repeat")
    assert reply.texts == ["Todavía no te he dicho nada. ¿En qué te puedo ayudar?"]


@pytest.mark.parametrize(
    ("now", "text", "wanted"),
    [
        ("es", "in English please", "en"),
        ("es", "me puedes hablar en inglés?", "en"),
        ("es", "INGLES", "en"),
        ("en", "español por favor", "es"),
        ("en", "do you speak Spanish?", "es"),
        ("en", "ESPANOL!!!", "es"),
        ("en", "can we go on in English", "en"),
        ("es", "sigamos en español", "es"),
        ("es", "¿hablas otro idioma?", "en"),
        ("en", "another language please", "es"),
        ("es", "no hablo español, English please", "en"),
        ("en", "Spanglish", "es"),
    ],
)
async def test_named_language_is_set_else_the_other_one(
    services: Services, now: Language, text: str, wanted: Language
) -> None:
    dialogue = Dialogue(services, language=now).customer(text, "change_language")
    await dialogue.run("action_change_language")
    assert dialogue.slots["language"] == wanted


async def test_conversation_whose_language_is_unknown_has_the_companys(services: Services) -> None:
    dialogue = Dialogue(services).customer("other language", "change_language")
    dialogue.slots["language"] = None
    await dialogue.run("action_change_language")
    assert dialogue.slots["language"] == "en"
