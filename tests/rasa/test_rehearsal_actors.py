"""Actions in the bot's own process, and an output that keeps what is said."""

from __future__ import annotations

from typing import Any

import pytest
import redis.asyncio as redis
from builders import NOON
from dialogue import services_of
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

import actions
from relevo.protocol import Protocol
from relevo.rehearsal.actors import ActionsHere, KeptOutput, executor_with


def call(name: str) -> dict[str, Any]:
    """What Rasa sends to the action server."""
    tracker = {"sender_id": "c1", "slots": {"language": "en"}, "latest_message": {}, "events": []}
    return {"next_action": name, "sender_id": "c1", "tracker": tracker}


async def test_action_runs_in_this_process(redis_client: redis.Redis, protocol: Protocol) -> None:
    faults: list[str] = []
    here = ActionsHere(services_of(redis_client, protocol), lambda what, error: faults.append(what))
    answered = await here.request(json=call("action_repeat"), method="post", timeout=10, compress=False)
    assert [said["response"] for said in answered["responses"]] == ["utter_nothing_to_repeat"]
    assert faults == []


async def test_action_that_fails_is_reported(redis_client: redis.Redis, protocol: Protocol) -> None:
    faults: list[tuple[str, Exception]] = []
    here = ActionsHere(services_of(redis_client, protocol), lambda *fault: faults.append(fault))
    with pytest.raises(ActionNotFoundException):
        await here.request(json=call("action_unknown"))
    ((what, error),) = faults
    assert what == "action_unknown"
    assert isinstance(error, ActionNotFoundException)


async def test_rejection_reaches_rasa_as_it_does_from_the_server(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    faults: list[str] = []
    here = ActionsHere(services_of(redis_client, protocol), lambda what, error: faults.append(what))

    def reject(dispatcher: CollectingDispatcher, tracker: Any, domain: Any) -> None:
        raise ActionExecutionRejection("form", "nothing was understood")

    here._executor.register_function("form", reject)
    with pytest.raises(ClientResponseError) as rejected:
        await here.request(json=call("form"))
    assert rejected.value.status == 400
    assert '"action_name": "form"' in rejected.value.text
    assert faults == []


def test_all_actions_of_the_server_are_here(redis_client: redis.Redis, protocol: Protocol) -> None:
    here = executor_with(services_of(redis_client, protocol))
    server = ActionExecutor()
    server.register_package(actions)
    assert set(here.actions) == set(server.actions)


async def test_time_of_the_actions_is_that_of_their_services(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    executor = executor_with(services_of(redis_client, protocol, now=NOON + 5))
    assert executor.actions["action_hand_off"].__self__.services.now() == NOON + 5


async def test_output_keeps_texts_and_buttons_under_its_channels_name() -> None:
    output = KeptOutput("whatsapp")
    await output.send_text_message("c1", "Hola")
    button = {"title": "Rastrear", "payload": "/track_order"}
    await output.send_text_with_buttons("c1", "¿Qué sigue?", [button])
    await output.send_custom_json("c1", {"type": "status", "status": "waiting"})
    assert output.name() == "whatsapp"
    assert output.lines == ["Hola", "¿Qué sigue?", "[Rastrear]"]
    assert output.posted == 3, "a status is an answer too"
