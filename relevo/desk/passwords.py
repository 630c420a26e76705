"""Passwords that the system makes for people."""

from __future__ import annotations

import secrets

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or digit that is mistaken for another when copied by hand."""
GROUPS = 4
GROUP_CHARACTERS = 4


def generate_password() -> str:
    """A random password of 19 characters (79 bits) such as `k7m3-9qxt-4hbn-2wcz`."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS))
    return "-".join(groups)
