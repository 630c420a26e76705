"""The examination of an account, in the order in which one thing rests on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import aiohttp

from relevo.whatsapp.credentials import WEBHOOK_PATH, Credentials
from relevo.whatsapp.doctor.finding import Finding, error, ok, warning
from relevo.whatsapp.doctor.graph_client import GraphClient, GraphUnreachable
from relevo.whatsapp.doctor.numbers import examine_numbers
from relevo.whatsapp.doctor.templates import WantedTemplate, examine_templates
from relevo.whatsapp.doctor.token import examine_token
from relevo.whatsapp.doctor.webhook import examine_subscription, examine_webhook

SKEW_SECONDS: Final = 5.0
"""What the way of an answer explains."""
MAX_SKEW_SECONDS: Final = 300.0


async def examine(
    credentials: Credentials, bot_url: str, wanted: Sequence[WantedTemplate], now: Callable[[], float]
) -> list[Finding]:
    """The findings about an account whose settings are complete.

    Args:
        bot_url: where the own bot listens.
        wanted: the templates that the protocol names.
        now: this machine's clock, UTC epoch seconds.
    """
    findings: list[Finding] = []
    async with aiohttp.ClientSession() as session:
        client = GraphClient(session, credentials, now)
        own = f"{bot_url.rstrip('/')}{WEBHOOK_PATH}"
        try:
            told, callback = await _examine_account(client, credentials, wanted, now())
            findings += told
        except GraphUnreachable as problem:
            findings.append(error("api", f"{credentials.url}: {problem}", "see that this machine reaches it"))
            callback = ""
        findings += await examine_webhook(session, credentials, "own webhook", own)
        if callback and callback != own:
            findings += await examine_webhook(session, credentials, "public webhook", callback)
    return findings


async def _examine_account(
    client: GraphClient, credentials: Credentials, wanted: Sequence[WantedTemplate], now: float
) -> tuple[list[Finding], str]:
    """What the API says of the account, and where it sends webhooks to."""
    findings, app_id = await examine_token(client, credentials.token, now)
    findings = [*_examine_clock(client.clock_ahead_seconds), *findings]
    if not app_id:
        return findings, ""
    findings += await examine_numbers(client, credentials)
    findings += await examine_templates(client, credentials.account, wanted)
    told, callback = await examine_subscription(client, credentials, app_id)
    return [*findings, *told], callback


def _examine_clock(ahead: float | None) -> list[Finding]:
    if ahead is None:
        return []
    if abs(ahead) < SKEW_SECONDS:
        return [ok("clock", "it agrees with the API's")]
    message = f"it is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the API's"
    judge = error if abs(ahead) > MAX_SKEW_SECONDS else warning
    return [judge("clock", message, "let the machine keep its time by NTP: windows and targets depend on it")]
