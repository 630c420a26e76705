"""The chat widget's one file: small enough for slow phones, and made from the source that lies beside it."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["widget_fixtures"]

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "relevo" / "channels" / "webchat" / "widget" / "relevo.js"
MOST_BYTES = 12_000
"""All that a page loads for the chat, gzipped: script, styles, and the texts of both languages."""


def test_the_widget_is_small(report: Callable[[str], None]) -> None:
    size = len(gzip.compress(BUNDLE.read_bytes(), 9))
    report(f"{size:,} bytes gzipped, of at most {MOST_BYTES:,}")
    assert size <= MOST_BYTES


def test_the_bundle_is_the_sources(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or not (ROOT / "node_modules" / "esbuild").exists():
        if os.environ.get("RELEVO_BROWSER_REQUIRED"):
            pytest.fail("the bundler is not installed (npm ci)")
        pytest.skip("the bundler is not installed (npm ci)")
    fresh = tmp_path / "relevo.js"
    subprocess.run([npm, "run", "--silent", "build", "--", str(fresh)], cwd=ROOT, check=True, timeout=60)
    assert fresh.read_bytes() == BUNDLE.read_bytes(), "make widget has not been run after a change"
