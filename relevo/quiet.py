"""Quiet libraries: warnings that nobody here can act on, and log lines that would hold customers' words."""

from __future__ import annotations

import logging
import os


def silence_libraries() -> None:
    """Send Python's and TensorFlow's warnings nowhere; to be called before Rasa is imported.

    Filters don't help: some of those libraries reset them when they are imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)


def silence_rasa(level: int) -> None:
    """Let Rasa log from `level` on; below it Rasa writes customers' messages into its log."""
    from rasa.utils.common import configure_logging_and_warnings  # noqa: PLC0415 - only where Rasa runs
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    configure_logging_and_warnings(log_level=level)
    configure_structlog(level)
    for chatty in ("spacy", "matplotlib"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
