"""Carries messages to WhatsApp: consent, window and rate limits before a try, Meta's errors after it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import redis.asyncio as redis

from relevo.channels.whatsapp.aftermath import Aftermath, late_error, what_sends
from relevo.channels.whatsapp.graph_api import GraphApi, GraphError, GraphUnreachable
from relevo.channels.whatsapp.messages import Messages
from relevo.channels.whatsapp.writing import template_body
from relevo.protocol.parts.messaging import Template
from relevo.protocol.schema import LANGUAGES, Language
from relevo.sending.alerts import Alerts
from relevo.sending.carrier import Later, Outcome, Refused, Sent
from relevo.sending.case_news import CaseNews
from relevo.sending.outgoing import Outgoing
from relevo.sending.ticks import Ticks
from relevo.store import keys
from relevo.store.consent import Consents
from relevo.store.customers import Customer, Customers
from relevo.store.spoken_language import spoken_language
from relevo.store.token_bucket import TokenBucket

WINDOW_SECONDS = 24 * 3600
MARGIN_SECONDS = 30
"""Meta's clock and ours may differ, and a message is on its way for a while."""
HOLD_SECONDS = 3 * keys.DAY_SECONDS
"""How long a message waits for the customer's answer to a template before it becomes a task."""
SIGN_SECONDS = 20
"""A read mark or typing later than that would tell something false."""
THROUGHPUT = TokenBucket(burst=80, per_second=80)
PAIR = TokenBucket(burst=45, per_second=1 / 6)


class WhatsAppCarrier:
    """Carries the messages of all our numbers."""

    def __init__(
        self,
        client: redis.Redis,
        api: GraphApi,
        template: Template | None,
        news: CaseNews,
        *,
        default_language: Language = "es",
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """
        Args:
            template: for what must be said outside of the window.
            news: knows whether news of a case still holds.
            default_language: its language where neither the conversation nor the number tells one of ours.
            jitter: gives numbers from 0 to 1.
        """
        self._redis = client
        self._api = api
        self._template = template
        self._news = news
        self._ticks = Ticks(client)
        self._default_language = default_language
        self._aftermath = Aftermath(client, jitter=jitter)
        self._customers = Customers(client)
        self._consents = Consents(client)
        self._messages = Messages(client)
        self._alerts = Alerts(client)

    async def carry(self, message: Outgoing, tries: int, now: float) -> Outcome:
        """As `Carrier.carry`."""
        customer = await self._customers.get(message.conversation)
        if customer is None:
            return Refused("unknown_customer")
        if message.is_sign and now - message.at > SIGN_SECONDS:
            return Sent()
        stopped = await self._alerts.of(what_sends(customer.line))
        if stopped and stopped.again_at > now:
            return Later(stopped.again_at)
        if message.is_sign:
            return await self._post(message, customer, tries, now)
        if await self._news.is_overtaken(message, now, may_be_sent=_is_open(customer, now)):
            await self._ticks.note_failed(message.conversation, message.id, "overtaken")
            return Sent()
        return await self._may_not(message, customer, now) or await self._carry(message, customer, tries, now)

    async def _may_not(self, message: Outgoing, customer: Customer, now: float) -> Outcome | None:
        """What keeps a message from this customer for good; None if nothing does."""
        if message.is_reply:
            return None
        consent = await self._consents.of(message.conversation)
        if consent.is_withdrawn and customer.wrote_at <= consent.at:
            return Refused("opted_out")
        spam = await self._alerts.of(what_sends(customer.line, "proactive"))
        return Refused("spam_limit", spam.code) if spam and spam.again_at > now else None

    async def _carry(self, message: Outgoing, customer: Customer, tries: int, now: float) -> Outcome:
        if not _is_open(customer, now):
            return await self._outside_window(message, customer, tries, now)
        return await self._limited(message, customer, tries, now)

    async def _outside_window(self, message: Outgoing, customer: Customer, tries: int, now: float) -> Outcome:
        """Ask the customer by a template to answer, once; the message waits until they do."""
        if self._template is None:
            return Refused("window_closed")
        if customer.template_for == customer.wrote_at:
            held_until = message.at + HOLD_SECONDS
            return Later(held_until) if held_until > now else Refused("no_answer")
        language = await self._language(message.conversation, customer)
        body, text = template_body(self._template, language), self._template.text.in_language(language)
        asking = replace(message, id=f"{message.id}:template", body=body, text=text)
        outcome = await self._limited(asking, customer, tries, now)
        if not isinstance(outcome, Sent):
            return outcome
        await self._customers.note_template(message.conversation, customer.wrote_at)
        return Later(message.at + HOLD_SECONDS)

    async def _language(self, conversation: str, customer: Customer) -> Language:
        """That of the conversation, else what the customer's number lets one expect, else the company's."""
        told = [await spoken_language(self._redis, conversation), customer.language]
        known = [language for code in told for language in LANGUAGES if language == code]
        return known[0] if known else self._default_language

    async def _limited(self, message: Outgoing, customer: Customer, tries: int, now: float) -> Outcome:
        """Send if the rates of the number and of the pair allow it."""
        pair = keys.ConversationKeys(message.conversation).pair
        for bucket, key in ((THROUGHPUT, keys.throughput(customer.line)), (PAIR, pair)):
            if wait := await bucket.take(self._redis, key, now):
                return Later(now + wait)
        return await self._post(message, customer, tries, now)

    async def _post(self, message: Outgoing, customer: Customer, tries: int, now: float) -> Outcome:
        to = {} if message.is_sign else {"recipient_type": "individual", "to": customer.address}
        try:
            message_id = await self._api.post(customer.line, {**to, **message.body})
        except GraphUnreachable:
            return Sent() if message.is_sign else self._aftermath.back_off(tries, now)
        except GraphError as error:
            outcome = await self._aftermath.of(error, message, customer, tries, now)
            # A sign is tried once; what stops all sending stops it too.
            return Sent() if message.is_sign else outcome
        await self._alerts.end(what_sends(customer.line), now)
        return await self._note(message_id, message, customer, tries, now) if message_id else Sent()

    async def _note(
        self, message_id: str, message: Outgoing, customer: Customer, tries: int, now: float
    ) -> Outcome:
        """Remember what was sent; the status that it failed may have been faster than Meta's answer."""
        failure = await self._messages.note_sent(message.conversation, message_id, message)
        if failure is None:
            return Sent()
        outcome = await self._aftermath.of(late_error(failure.code), message, customer, tries, now)
        await self._messages.settle_failure(message.conversation, message_id)
        return outcome


def _is_open(customer: Customer, now: float) -> bool:
    """Whether the window is open in which a customer may be sent anything."""
    is_closed = customer.closed_for == customer.wrote_at
    return not is_closed and now - customer.wrote_at <= WINDOW_SECONDS - MARGIN_SECONDS
