"""What the bot works with on the stage: actions in its own process, and an output that keeps what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import isabstract
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action, ActionExecutionRejection
from rasa_sdk.utils import all_subclasses

import actions
from actions.action import WithServices
from actions.services import Services
from relevo.channels.accept import InboxMessage
from relevo.channels.channel import CustomerChannel
from relevo.channels.output import ChannelOutput, Entry
from relevo.protocol import Protocol
from relevo.protocol.parts.channels import ChannelName

REJECTED = 400


class ActionsHere(EndpointConfig):
    """Stands for the action server: runs our actions in this process.

    Calls and answers pass through JSON, as they do on the way to the server and back.
    """

    def __init__(self, services: Services, report_fault: Callable[[str, Exception], None]) -> None:
        """`report_fault(what, error)` is called for an action that fails."""
        super().__init__(enable_selective_domain=True)
        self._executor = executor_with(services)
        self._report_fault = report_fault

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Run the action that is called for.

        Raises:
            ClientResponseError: the action rejects its execution.
        """
        call = json.loads(json.dumps(kwargs["json"]))
        try:
            return json.loads(json.dumps(await self._executor.run(call)))
        except ActionExecutionRejection as rejection:
            told = {"error": rejection.message, "action_name": rejection.action_name}
            raise ClientResponseError(REJECTED, rejection.message, json.dumps(told)) from rejection
        except Exception as error:  # Rasa logs it and goes on as if nothing had been said
            self._report_fault(call["next_action"], error)
            raise


def executor_with(services: Services) -> ActionExecutor:
    """Runs all our actions with these services."""
    executor = ActionExecutor()
    executor.register_package(actions)
    for kind in all_subclasses(WithServices):
        if issubclass(kind, Action) and not isabstract(kind):
            executor.register_action(kind(services))
    return executor


class KeptOutput(ChannelOutput):
    """Keeps what is said in one turn instead of sending it."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel
        self.lines: list[str] = []

    def name(self) -> str:  # type: ignore[override]
        """The channel that it stands for."""
        return self._channel

    async def deliver(self, conversation: str, key: str, entry: Entry, metadata: dict[str, Any]) -> None:
        if entry.get("text"):
            self.lines.append(entry["text"])
        titles = " ".join(f"[{button['title']}]" for button in entry.get("quick_replies", ()))
        if titles:
            self.lines.append(titles)


class KeptChannel(CustomerChannel):
    """Stands for any channel whose greeting has been read; what the bot says in a turn is kept."""

    def __init__(self, channel: ChannelName, protocol: Protocol) -> None:
        self.channel = channel  # type: ignore[misc]
        self._protocol = protocol
        self._output = KeptOutput(channel)

    def begin(self) -> None:
        """A new turn begins."""
        self._output = KeptOutput(self.channel)

    @property
    def said(self) -> str:
        """What the bot said in this turn: texts and buttons, a line each; empty if it was silent."""
        return "\n".join(self._output.lines)

    def output_for(self, turn: str | None) -> KeptOutput:
        return self._output

    def greets(self, message: InboxMessage) -> bool:
        return False
