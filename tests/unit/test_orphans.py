"""A child process ends with its parent."""

from __future__ import annotations

import sys

import pytest
from builders import another_process

PARENT = """
import subprocess, sys, time
from relevo.orphans import die_with_parent
child = "import time; print('running', flush=True); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True, preexec_fn=die_with_parent)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part in it is Linux's")
async def test_child_ends_when_its_parent_was_killed() -> None:
    async with another_process(PARENT) as parent:
        assert await parent.line() == "running"
        await parent.kill()
        # Both hold the same pipe: it ends when the last of them does.
        assert await parent.line() == ""
