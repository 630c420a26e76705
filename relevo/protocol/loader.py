"""Read a protocol folder for use. Whatever is wrong is told with file, line and how to mend it."""

from __future__ import annotations

from pathlib import Path

from relevo.errors import RelevoError
from relevo.protocol.check import check_protocol
from relevo.protocol.schema import Protocol


class ProtocolError(RelevoError):
    """The protocol can't be used; each line of the message names a file, a line and what is wrong."""


def load_protocol(folder: Path) -> Protocol:
    """Read and validate the protocol in `folder`. What is only unwise is not told here: `relevo check` does.

    Raises:
        ProtocolError: a file is missing, unreadable or says something that can't be.
    """
    report = check_protocol(folder, today=None)
    if report.errors or report.protocol is None:
        raise ProtocolError("\n".join(map(str, report.errors)))
    return report.protocol
