"""Whether the token opens the account, for how long, and for what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, Final

from relevo.whatsapp.doctor.configuration import WHERE
from relevo.whatsapp.doctor.finding import Finding, error, ok, warning
from relevo.whatsapp.doctor.graph_client import EXPIRED_SUBCODE, GraphClient, GraphRefused

ABOUT = "token"
SCOPES: Final = ("whatsapp_business_messaging", "whatsapp_business_management")
SOON_SECONDS: Final = 7 * 86_400.0
RENEW: Final = f"{WHERE['WHATSAPP_TOKEN']}; a system user's token need not expire; set WHATSAPP_TOKEN"


async def examine_token(client: GraphClient, token: str, now: float) -> tuple[list[Finding], str]:
    """The findings, and the id of the app that the token belongs to, empty if that stays unknown.

    Raises:
        GraphUnreachable
    """
    try:
        told = (await client.get("debug_token", input_token=token)).get("data", {})
    except GraphRefused as refused:
        expired = refused.subcode == EXPIRED_SUBCODE
        return [error(ABOUT, "it has expired" if expired else f"it is not valid: {refused}", RENEW)], ""
    findings = list(_judge(told, now))
    return findings or [ok(ABOUT, f"valid, {_life(told)}, with all permissions")], str(told.get("app_id", ""))


def _judge(told: dict[str, Any], now: float) -> Iterator[Finding]:
    expires_at = float(told.get("expires_at") or 0)
    if not told.get("is_valid"):
        yield error(ABOUT, "it is not valid any more", RENEW)
    elif expires_at and expires_at - now < SOON_SECONDS:
        yield warning(ABOUT, f"it expires on {_day(expires_at)}", RENEW)
    for scope in SCOPES:
        if scope not in told.get("scopes", []):
            advice = (
                "give the system user the app and the account, and choose this permission at “Generate token”"
            )
            yield error(ABOUT, f"it lacks the permission {scope}", advice)


def _life(told: dict[str, Any]) -> str:
    expires_at = float(told.get("expires_at") or 0)
    return f"until {_day(expires_at)}" if expires_at else "without an end"


def _day(instant: float) -> str:
    return datetime.fromtimestamp(instant, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
