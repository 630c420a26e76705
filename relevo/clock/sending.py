"""Sender and fetcher in the clock's process: what goes to networks that aren't ours, and comes from them.

They live here and not in the bot: they must go on while a model is loaded or the bot is busy understanding,
one process at a time holds the access token's quota, and only this process needs a way out of the company's
network. Each has a lease of its own, so that a slow network holds up none of the clock's other duties.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import redis.asyncio as redis

from relevo.channels.email.carrier import EmailCarrier
from relevo.channels.email.writing import Writer as LetterWriter
from relevo.channels.whatsapp.carrier import WhatsAppCarrier
from relevo.channels.whatsapp.fetching import Fetcher
from relevo.channels.whatsapp.graph_api import GraphApi
from relevo.channels.whatsapp.writing import CHANNEL as WHATSAPP
from relevo.channels.whatsapp.writing import Writer
from relevo.protocol import Protocol
from relevo.protocol.parts.channels import EMAIL
from relevo.sending.carrier import Carrier
from relevo.sending.case_news import CaseNews
from relevo.sending.failures import Failures
from relevo.sending.sender import Sender
from relevo.settings import Settings
from relevo.store.attachment_book import AttachmentBook


@asynccontextmanager
async def sender_of(
    settings: Settings, client: redis.Redis, protocol: Protocol
) -> AsyncIterator[Sender | None]:
    """The sender for all channels that are set up; None if there is none.

    Raises:
        ConfigurationError: a channel is set up that the protocol doesn't have.
    """
    carriers: dict[str, Carrier] = {}
    async with AsyncExitStack() as stack:
        if settings.whatsapp:
            api = await stack.enter_async_context(GraphApi(settings.whatsapp))
            template, language = Writer(protocol).messaging.template, protocol.company.default_language
            carriers[WHATSAPP] = WhatsAppCarrier(
                client, api, template, CaseNews(client, protocol), default_language=language
            )
        if settings.email:
            letters = LetterWriter(protocol, settings.email.address)
            carriers[EMAIL] = EmailCarrier(client, settings.email, letters)
        yield Sender(client, carriers, Failures(client, protocol)) if carriers else None


@asynccontextmanager
async def fetcher_of(
    settings: Settings, client: redis.Redis, book: AttachmentBook
) -> AsyncIterator[Fetcher | None]:
    """The fetcher of what customers send on WhatsApp; None where that isn't set up."""
    if settings.whatsapp is None:
        yield None
        return
    async with GraphApi(settings.whatsapp) as api:
        yield Fetcher(client, api, book)
