"""The bot's server: Rasa with our channels and stores, its API behind a signed token.

Started instead of `rasa run`, which would fall back to memory when a store can't be loaded, answer 200
without a model, and take its API token in URLs.
"""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from relevo.quiet import silence_libraries, silence_rasa

silence_libraries()

from rasa.core.agent import Agent  # noqa: E402
from rasa.core.run import (  # noqa: E402
    close_resources,
    configure_app,
    create_http_input_channels,
    load_agent_on_start,
)
from rasa.core.tracker_store import FailSafeTrackerStore  # noqa: E402
from rasa.core.utils import AvailableEndpoints  # noqa: E402
from rasa.utils.common import update_sanic_log_level  # noqa: E402
from sanic import Sanic  # noqa: E402

from relevo.action_server import ActionServer  # noqa: E402
from relevo.bot_api import ALGORITHM, api_key  # noqa: E402
from relevo.dialogue.contingency_policy import ContingencyPolicy  # noqa: E402
from relevo.errors import ConfigurationError, RelevoError  # noqa: E402
from relevo.model import present_model  # noqa: E402
from relevo.protocol import load_protocol  # noqa: E402
from relevo.request_heads import refuse_malformed_heads  # noqa: E402
from relevo.settings import PROJECT_ROOT, Settings  # noqa: E402
from relevo.store.connection import connect  # noqa: E402
from relevo.store.lock_store import RedisLockStore  # noqa: E402
from relevo.store.model_protocol import announce, warn_if_other  # noqa: E402
from relevo.store.tracker_store import RedisTrackerStore  # noqa: E402

MAX_REQUEST_BYTES = 12_000_000
"""No request of a customer's or of our own is larger than an attached PDF; Sanic's limit is 100 MB."""

logger = logging.getLogger("relevo.bot")


def build(settings: Settings, model: Path) -> Sanic:
    """The server's application; it loads the model when it starts.

    Raises:
        ConfigurationError: the model, Redis or the secret is missing.
    """
    if not model.is_file():
        raise ConfigurationError(f"There is no trained model at {model}; `make train` makes it.")
    settings.require_redis_url()
    os.environ["RELEVO_ACTIONS_URL"] = settings.actions_url
    endpoints = AvailableEndpoints.read_endpoints(str(PROJECT_ROOT / "endpoints.yml"))
    endpoints.action = ActionServer(endpoints.action.url, **endpoints.action.kwargs)
    channels = create_http_input_channels(None, str(PROJECT_ROOT / "credentials.yml"))
    app = configure_app(
        channels, enable_api=True, jwt_secret=api_key(settings), jwt_method=ALGORITHM, endpoints=endpoints
    )
    refuse_malformed_heads(app)
    app.config.PROXIES_COUNT = settings.proxies
    app.config.REQUEST_MAX_SIZE = MAX_REQUEST_BYTES
    app.register_listener(partial(load_agent_on_start, str(model), endpoints, None), "before_server_start")
    app.register_listener(_use_own_stores, "before_server_start")
    app.register_listener(_warm_up, "before_server_start")
    app.register_listener(partial(_announce_protocol, settings), "after_server_start")
    app.register_listener(close_resources, "after_server_stop")
    return app


async def _use_own_stores(app: Sanic, loop: Any) -> None:
    """Refuse to run on stores that lose or overwrite conversations, and take off Rasa's in-memory fallback.

    Rasa replaces a tracker store that can't be imported by one in memory, with a warning only, and wraps
    ours so that messages would go to memory while Redis is away: they must stay in the inbox instead.
    """
    agent: Agent = app.ctx.agent
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store
    problems = {
        "the model could not be loaded": not agent.is_ready(),
        "the tracker store is not RedisTrackerStore": not isinstance(store, RedisTrackerStore),
        "the lock store is not RedisLockStore": not isinstance(agent.lock_store, RedisLockStore),
    }
    found = [problem for problem, is_there in problems.items() if is_there]
    if found:
        logger.critical("The bot refuses to start: %s. See endpoints.yml.", "; ".join(found))
        # Sanic would log a listener's exception and go on serving.
        os._exit(1)
    agent.tracker_store = store
    if agent.processor:
        agent.processor.tracker_store = store


async def _warm_up(app: Sanic, loop: Any) -> None:
    """Load what the first message of each language would: the first customer waits no longer than others."""
    for text in ("hello, where is my order?", "hola, ¿dónde está mi pedido?"):
        await app.ctx.agent.parse_message(text)


async def _announce_protocol(settings: Settings, app: Sanic, loop: Any) -> None:
    """Tell the other processes which protocol the model carries, and warn if the folder holds another."""
    schema = app.ctx.agent.processor.model_metadata.predict_schema
    configurations = [
        node.config for node in schema.nodes.values() if node.uses.__name__ == ContingencyPolicy.__name__
    ]
    client = connect(settings.require_redis_url())
    await announce(client, configurations[0]["protocol"])
    await warn_if_other(client, load_protocol(settings.protocol_dir).hash, logger)
    await client.close()


def main() -> None:
    """Run the server until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stdout)
    silence_rasa(logging.WARNING)
    logger.setLevel(logging.INFO)
    settings = Settings.from_environment()
    try:
        app = build(settings, Path(os.environ.get("RELEVO_MODEL") or present_model(settings)))
    except RelevoError as error:
        sys.exit(str(error))
    update_sanic_log_level()
    app.run(host=settings.host, port=settings.bot_port, access_log=False, workers=1)


if __name__ == "__main__":
    main()
