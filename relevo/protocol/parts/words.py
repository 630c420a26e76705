"""`words.yml`: what the assistant says around answers."""

from __future__ import annotations

from pydantic import Field

from relevo.protocol.parts.base import Wordings
from relevo.protocol.parts.channels import ChannelName, on_channel


class Words(Wordings):
    """One message; some channels may have other words for it."""

    channels: dict[ChannelName, Wordings] = Field(default_factory=dict)

    def on(self, channel: str) -> Wordings:
        """What is said on a channel."""
        return on_channel(self.channels, channel) or self
