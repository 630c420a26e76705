"""Parses messages: a process of its own, since it imports Rasa (`relevo.parsing.command` runs it).

Usage: `python -m relevo.parsing.process MODEL`; lines in at standard input, lines out at standard output.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from relevo.quiet import silence_libraries, silence_rasa

silence_libraries()

from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import UserMessage  # noqa: E402
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402

from relevo.parsing.lines import LineParser, chunks_of_lines, understood  # noqa: E402
from relevo.parsing.typed import TypedText  # noqa: E402

MESSAGES_AT_ONCE = 64
SOME_LINES_WERE_BAD = 1
CONVERSATION = "parse"


class Parser:
    """A trained model, applied to single messages as the bot's server applies it."""

    def __init__(self, model: Path) -> None:
        self._processor = Agent.load(model).processor

    def parse(self, messages: Sequence[TypedText]) -> list[dict[str, Any]]:
        """What each message means, in their order."""
        inputs = {
            PLACEHOLDER_MESSAGE: [UserMessage(message.words) for message in messages],
            PLACEHOLDER_TRACKER: DialogueStateTracker.from_events(CONVERSATION, []),
        }
        target = self._processor.model_metadata.nlu_target
        parsed = self._processor.graph_runner.run(inputs=inputs, targets=[target])[target]
        return [
            understood(message, {"entities": [], **result.as_dict(only_output_properties=True)})
            for message, result in zip(messages, parsed, strict=True)
        ]


def main() -> None:
    """Answer all lines; ends with 1 if some were bad."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as `| head` expects
    with _standard_output_for_results_alone() as results:
        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
        silence_rasa(logging.WARNING)
        parser = LineParser(Parser(Path(sys.argv[1])).parse)
        for lines in chunks_of_lines(sys.stdin.buffer, MESSAGES_AT_ONCE):
            results.writelines(parser.answer(lines))
            results.flush()
    sys.exit(SOME_LINES_WERE_BAD if parser.bad_lines else 0)


def _standard_output_for_results_alone() -> BinaryIO:
    """Standard output; what libraries print there goes to standard error from now on."""
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return results


if __name__ == "__main__":
    main()
