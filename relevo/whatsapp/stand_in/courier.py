"""Takes webhooks to the business: posts them, and again later when they are not answered with 200."""

from __future__ import annotations

import asyncio
import secrets

import aiohttp

from relevo.whatsapp.signature import HEADER
from relevo.whatsapp.stand_in.graph import GraphApi
from relevo.whatsapp.stand_in.webhooks import Delivery

TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.05
OK = 200


class Courier:
    """Delivers what the account's subscription wants to hear."""

    def __init__(self, api: GraphApi, session: aiohttp.ClientSession) -> None:
        self._api = api
        self._session = session
        self._waiting: list[Delivery] = []
        self.outcomes: list[int] = []
        """The HTTP status of each try, 0 where there was no answer."""

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await self.deliver_due()
            await asyncio.sleep(POLL_SECONDS)

    async def deliver_due(self) -> None:
        """Deliver what is due; what is refused is tried again later, each time after a longer while."""
        subscription = self._api.account.subscription
        if subscription is None or not subscription.is_active or not self._api.account.app_is_subscribed:
            return
        now = self._api.now()
        self._waiting += self._api.webhooks.take(now)
        due = [delivery for delivery in self._waiting if delivery.due_at <= now]
        self._waiting = [delivery for delivery in self._waiting if delivery.due_at > now]
        for delivery in due:
            if await self._post(subscription.callback_url, delivery):
                for change in delivery.changes:
                    self._api.note_arrival(change)
            elif delivery.postpone(now):
                self._waiting.append(delivery)

    async def _post(self, url: str, delivery: Delivery) -> bool:
        headers = {
            "Content-Type": "application/json",
            HEADER: delivery.signature,
            "User-Agent": "facebookexternalua",
        }
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with self._session.post(
                url, data=delivery.body, headers=headers, timeout=timeout
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, asyncio.TimeoutError):
            status = 0
        self.outcomes.append(status)
        return status == OK


async def verify(session: aiohttp.ClientSession, url: str, verify_token: str) -> bool:
    """Whether a webhook answers the challenge, as is asked for when it is subscribed."""
    challenge = str(secrets.randbelow(10**9))
    query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with session.get(url, params=query, timeout=timeout) as answer:
            return answer.status == OK and (await answer.text()).strip() == challenge
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return False
