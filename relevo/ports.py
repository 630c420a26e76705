"""Ports on this machine: a free one, or whether one is taken."""

from __future__ import annotations

import secrets
import socket

FREE_PORTS = range(15_000, 32_000)
"""Below those that systems give to outgoing connections (ip_local_port_range, on Linux from 32768 on): one of
these could take a port before it is listened on."""


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at the moment."""
    while is_taken(port := secrets.choice(FREE_PORTS)):
        pass
    return port


def is_taken(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something holds the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False
