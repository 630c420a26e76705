"""No orphans: a child process ends when its parent does, even if that was killed."""

from __future__ import annotations

import ctypes
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_C_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to end this process with its parent; for `preexec_fn`. Linux only, elsewhere nothing."""
    if _C_LIBRARY is not None:
        _C_LIBRARY.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
