"""`topics/*.yml`: what customers ask, and what is answered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, validator

from relevo.protocol.parts.base import LANGUAGES, Name, Part, PlacedError, Text, Wordings
from relevo.protocol.parts.channels import ChannelName, on_channel

MAX_BUTTON_CHARACTERS = 20
"""WhatsApp Cloud API: a reply button's title has at most 20 characters."""
MAX_QUICK_REPLIES = 3
"""WhatsApp Cloud API: at most 3 reply buttons under a message."""

Detail = Literal["order_number", "date", "amount", "email", "phone"]


class Topic(Part):
    """Something that customers ask. Without answers, an action answers it."""

    title: Text
    answers: Wordings | None = None
    channels: dict[ChannelName, Wordings] = Field(default_factory=dict)
    """Other answers for some channels."""
    quick_replies: list[Name] = Field(default_factory=list, max_items=MAX_QUICK_REPLIES)
    asks_for: list[Detail] = Field(default_factory=list)
    """What a person needs to go on, and the answers tell the customer to have at hand."""
    is_small_talk: bool = False
    """Greetings and the like: never what a customer came for."""

    def answers_on(self, channel: str) -> Wordings | None:
        """What is answered on a channel."""
        return on_channel(self.channels, channel) or self.answers

    @validator("title")
    def _title_fits_a_button(cls, title: Text) -> Text:
        for language in LANGUAGES:
            if len(title.in_language(language)) > MAX_BUTTON_CHARACTERS:
                message = f"the title is also a button and has {len(title.in_language(language))} characters"
                raise PlacedError(f"{message}; write at most {MAX_BUTTON_CHARACTERS}", language)
        return title
