"""Whether the numbers can send, under which name, how fast, and how customers judge them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from relevo.whatsapp.credentials import Credentials
from relevo.whatsapp.doctor.configuration import WHERE
from relevo.whatsapp.doctor.finding import Finding, error, ok, warning
from relevo.whatsapp.doctor.graph_client import NO_OBJECT_SUBCODE, GraphClient, GraphRefused

FIELDS: Final = (
    "verified_name,display_phone_number,quality_rating,status,name_status,throughput,code_verification_status"
)
SPEEDS: Final = {"STANDARD": "80 messages a second", "HIGH": "up to 1,000 messages a second"}
FEWER: Final = "write to fewer people who didn't ask, and see what they block or report"


async def examine_numbers(client: GraphClient, credentials: Credentials) -> list[Finding]:
    """The findings of every number.

    Raises:
        GraphUnreachable
    """
    findings = [finding for number in credentials.numbers for finding in await _examine(client, number)]
    try:
        listed = await client.list(f"{credentials.account}/phone_numbers", fields="display_phone_number")
    except GraphRefused as refused:
        about = f"account {credentials.account}"
        return [*findings, error(about, f"it can't be read: {refused}", WHERE["WHATSAPP_WABA_ID"])]
    return findings + list(_compare(credentials, {str(entry["id"]): entry for entry in listed}))


async def _examine(client: GraphClient, number: str) -> list[Finding]:
    about = f"number {number}"
    try:
        told = await client.get(number, fields=FIELDS)
    except GraphRefused as refused:
        if refused.subcode == NO_OBJECT_SUBCODE:
            message = "there is no such number for this token"
            return [
                error(about, message, f"{WHERE['WHATSAPP_PHONE_NUMBER_ID']}; it is not the number itself")
            ]
        return [
            error(
                about, f"it can't be read: {refused}", "give the system user the account, and renew the token"
            )
        ]
    findings = list(_judge(about, told))
    speed = SPEEDS.get(str(told.get("throughput", {}).get("level")), "")
    summary = ", ".join(filter(None, (told.get("display_phone_number"), told.get("verified_name"), speed)))
    return findings or [ok(about, f"{summary}, quality {str(told.get('quality_rating')).lower()}")]


def _judge(about: str, told: dict[str, Any]) -> Iterator[Finding]:
    status, quality = told.get("status"), told.get("quality_rating")
    if status != "CONNECTED":
        advice = "register it (POST /{phone-number-id}/register), or see what the WhatsApp Manager says of it"
        yield error(about, f"it can't send: its status is {status}", advice)
    if quality in ("YELLOW", "RED"):
        yield warning(about, f"customers judge its messages badly: quality {str(quality).lower()}", FEWER)
    if told.get("name_status") not in ("APPROVED", "AVAILABLE_WITHOUT_REVIEW"):
        message = f"its name “{told.get('verified_name')}” is not approved, and customers see the number only"
        yield warning(about, message, "ask for a review of the display name in the WhatsApp Manager")
    if told.get("code_verification_status") != "VERIFIED":
        advice = "ask for a code (POST /{phone-number-id}/request_code) and enter it"
        yield warning(about, "it is not verified, and can't be registered anew", advice)
    level = told.get("throughput", {}).get("level")
    if level not in SPEEDS:
        yield warning(
            about, f"its throughput is {level}", "see in the WhatsApp Manager whether it is registered"
        )


def _compare(credentials: Credentials, listed: dict[str, Any]) -> Iterator[Finding]:
    """Numbers that the settings and the account don't have in common."""
    for number in credentials.numbers:
        if number not in listed:
            message = f"it belongs to another account than {credentials.account}"
            yield error(f"number {number}", message, "correct WHATSAPP_WABA_ID or WHATSAPP_PHONE_NUMBER_IDS")
    for number in listed.keys() - set(credentials.numbers):
        message = f"the account has it ({listed[number].get('display_phone_number')}), and the settings don't"
        yield warning(
            f"number {number}", message, "add it to WHATSAPP_PHONE_NUMBER_IDS if customers write to it"
        )
