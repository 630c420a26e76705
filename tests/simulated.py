"""The whole system with WhatsApp against the stand-in, as `relevo whatsapp simulate` starts it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from relevo.ports import free_port
from relevo.settings import Settings
from relevo.whatsapp.credentials import Credentials
from relevo.whatsapp.simulate import made_up_credentials
from tests.whole_system import System

SECRET = "0123456789abcdef" * 4


class Simulated(System):
    """`relevo whatsapp simulate` as a child process, on free ports, with data of its own."""

    command = ("whatsapp", "simulate")

    def __init__(self, folder: Path, **environment: str) -> None:
        self.phone_port = free_port()
        ports = {"RELEVO_PHONE_PORT": str(self.phone_port), "RELEVO_SECRET": SECRET}
        super().__init__(folder, **ports, **environment)

    @property
    def phone(self) -> str:
        """Where the page and the stand-in are."""
        return f"http://127.0.0.1:{self.phone_port}"

    @property
    def credentials(self) -> Credentials:
        """Those that the system runs with."""
        return made_up_credentials(
            replace(Settings.from_environment(), secret=SECRET, phone_port=self.phone_port)
        )
