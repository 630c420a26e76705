"""Whether customers' messages find their way: subscription, address, verification, signature."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from relevo.whatsapp.credentials import WEBHOOK_PATH, Credentials
from relevo.whatsapp.doctor.configuration import WHERE
from relevo.whatsapp.doctor.finding import Finding, error, ok
from relevo.whatsapp.doctor.graph_client import GraphClient, GraphRefused
from relevo.whatsapp.signature import HEADER, sign

SUBSCRIPTION = "subscription"
OBJECT: Final = "whatsapp_business_account"
FIELD: Final = "messages"
TIMEOUT_SECONDS: Final = 10.0
OK: Final = 200
REFUSED: Final = (401, 403)
NOT_FOUND: Final = 404
UNANSWERED: Final = 0
SETTINGS_PAGE: Final = "in the app's dashboard: WhatsApp → Configuration → Webhook"


async def examine_subscription(
    client: GraphClient, credentials: Credentials, app_id: str
) -> tuple[list[Finding], str]:
    """The findings, and the address to which webhooks go, empty if that stays unknown.

    Raises:
        GraphUnreachable
    """
    findings = await _examine_account(client, credentials, app_id)
    token = f"{app_id}|{credentials.app_secret}"
    try:
        told = (await client.get(f"{app_id}/subscriptions", token=token)).get("data", [])
    except GraphRefused:
        message = f"it is not the secret of the app {app_id}, which the token belongs to"
        return [*findings, error("WHATSAPP_APP_SECRET", message, WHERE["WHATSAPP_APP_SECRET"])], ""
    ours = next((one for one in told if one.get("object") == OBJECT), None)
    if ours is None:
        return [
            *findings,
            error(SUBSCRIPTION, "the app has no webhook", f"enter the address {SETTINGS_PAGE}"),
        ], ""
    findings += _judge(ours)
    url = str(ours.get("callback_url", ""))
    return findings or [ok(SUBSCRIPTION, f"messages go to {url}")], url


async def _examine_account(client: GraphClient, credentials: Credentials, app_id: str) -> list[Finding]:
    advice = f"POST /{credentials.account}/subscribed_apps with the token, or subscribe it {SETTINGS_PAGE}"
    try:
        apps = await client.list(f"{credentials.account}/subscribed_apps")
    except GraphRefused as refused:
        return [error(SUBSCRIPTION, f"the account's apps can't be read: {refused}", advice)]
    ids = [str(app.get("whatsapp_business_api_data", {}).get("id")) for app in apps]
    return [] if app_id in ids else [error(SUBSCRIPTION, "the app is not subscribed to the account", advice)]


def _judge(told: dict[str, Any]) -> Iterator[Finding]:
    fields = [field.get("name") if isinstance(field, dict) else field for field in told.get("fields", [])]
    if not told.get("active"):
        yield error(SUBSCRIPTION, "it is switched off", f"verify the address again {SETTINGS_PAGE}")
    if FIELD not in fields:
        yield error(SUBSCRIPTION, f"the field {FIELD} is not subscribed", f"subscribe it {SETTINGS_PAGE}")
    path = urlsplit(str(told.get("callback_url", ""))).path
    if path.rstrip("/") != WEBHOOK_PATH:
        message = f"its address ends in {path or '/'}, and the bot listens at {WEBHOOK_PATH}"
        yield error(SUBSCRIPTION, message, f"correct the address {SETTINGS_PAGE}")


async def examine_webhook(
    session: aiohttp.ClientSession, credentials: Credentials, about: str, url: str
) -> list[Finding]:
    """Whether the webhook at an address knows the verify token and the app's secret; its work is not touched.

    The deliveries that are sent tell nothing, one with a right signature and one with a wrong one.
    """
    probe = _Probe(session, url)
    status, _ = await probe.verify(credentials.verify_token)
    if status == UNANSWERED:
        return [error(about, f"{url} does not answer", "start Relevo, and see that the proxy leads there")]
    if status == NOT_FOUND:
        advice = "see that credentials.yml names the WhatsApp channel and that the proxy passes /webhooks/ on"
        return [error(about, f"there is nothing at {url}", advice)]
    findings = [
        *await _examine_verification(probe, about, credentials.verify_token),
        *await _examine_signature(probe, about, credentials.app_secret),
    ]
    return findings or [ok(about, f"{url} verifies, takes what is signed and refuses what is forged")]


async def _examine_verification(probe: _Probe, about: str, verify_token: str) -> list[Finding]:
    status, is_echoed = await probe.verify(verify_token)
    if not is_echoed:
        advice = "start the bot with the same WHATSAPP_VERIFY_TOKEN as this command"
        return [error(about, f"it refuses the verify token (HTTP {status})", advice)]
    status, is_echoed = await probe.verify(f"not-{verify_token}")
    if is_echoed:
        return [error(about, "it takes any verify token", "see what answers there: it is not this connector")]
    return []


async def _examine_signature(probe: _Probe, about: str, app_secret: str) -> list[Finding]:
    findings = []
    status = await probe.deliver(app_secret)
    if status != OK:
        advice = "start the bot with the same WHATSAPP_APP_SECRET as this command"
        findings.append(error(about, f"it refuses what is rightly signed (HTTP {status})", advice))
    status = await probe.deliver(f"not-{app_secret}")
    if status not in REFUSED:
        advice = "see what answers there: anyone could write in customers' names"
        findings.append(error(about, f"it takes what is wrongly signed (HTTP {status})", advice))
    return findings


class _Probe:
    """Asks a webhook as WhatsApp does."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        self.url = url

    async def verify(self, verify_token: str) -> tuple[int, bool]:
        """The status, and whether the challenge came back."""
        challenge = str(secrets.randbelow(10**9))
        query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
        try:
            async with self._session.get(self.url, params=query, timeout=self._timeout) as answer:
                return answer.status, (await answer.text()).strip() == challenge
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError):
            return UNANSWERED, False

    async def deliver(self, app_secret: str) -> int:
        """The status of a delivery that tells nothing."""
        body = json.dumps({"object": OBJECT, "entry": []}).encode()
        headers = {HEADER: sign(body, app_secret), "Content-Type": "application/json"}
        try:
            async with self._session.post(
                self.url, data=body, headers=headers, timeout=self._timeout
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return UNANSWERED
