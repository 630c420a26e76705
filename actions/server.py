"""The action server: runs our actions for the bot.

rasa-sdk's own server sends a failing action's request back in its answer, from where the bot would log it
with all that the customer wrote; this one says only that the action failed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress

import redis.asyncio as redis
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

import actions
from actions.services import shared_services
from relevo.cases.cause import warm_up
from relevo.settings import Settings
from relevo.store.model_protocol import warn_if_other

logger = logging.getLogger("relevo.actions")


def create_app() -> Sanic:
    """The server's application with all actions of the package.

    Raises:
        ConfigurationError, ProtocolError
    """
    shared_services()
    app = Sanic("relevo_actions", configure_logging=False)
    executor = ActionExecutor()
    executor.register_package(actions)

    @app.get("/health")
    async def health(request: Request) -> HTTPResponse:
        return response.json({"status": "ok", "protocol": shared_services().protocol.hash})

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        return await _run(executor, request)

    @app.after_server_start
    async def learn_causes(app: Sanic, loop: object) -> None:
        app.add_task(asyncio.to_thread(warm_up, shared_services().protocol.complaints))

    @app.before_server_start
    async def compare_protocols(app: Sanic, loop: object) -> None:
        services = shared_services()
        with suppress(redis.RedisError):
            await warn_if_other(services.client, services.protocol.hash, logger)

    return app


async def _run(executor: ActionExecutor, request: Request) -> HTTPResponse:
    call = json.loads(request.body)
    name = str(call.get("next_action"))
    try:
        return response.json(await executor.run(call))
    except ActionExecutionRejection as rejection:
        return response.json({"error": rejection.message, "action_name": name}, status=400)
    except ActionNotFoundException:
        logger.error("The bot asked for an unknown action: %s", name)
        return response.json({"error": "unknown action", "action_name": name}, status=404)
    except redis.RedisError as error:
        logger.error("%s failed: Redis is away (%s)", name, type(error).__name__)
        return response.json({"error": "the store is away", "action_name": name}, status=503)


def main() -> None:
    """Run the server until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    settings = Settings.from_environment()
    create_app().run(host=settings.host, port=settings.actions_port, access_log=False, workers=1)


if __name__ == "__main__":
    main()
