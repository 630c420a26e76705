"""Digests of files and folders: equal digests mean equal contents."""

from __future__ import annotations

import hashlib
from pathlib import Path

IGNORED = {"__pycache__"}


def digest(*paths: Path) -> str:
    """A hexadecimal digest of files and of all files below folders, names included."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not IGNORED & set(file.parts):
                content = file.read_bytes()
                total.update(f"{file.relative_to(path.parent)}\0{len(content)}\0".encode() + content)
    return total.hexdigest()
