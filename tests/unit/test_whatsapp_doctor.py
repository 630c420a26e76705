"""The doctor finds each thing that is broken, says how to mend it, and finds nothing where all is well."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from graph_api import NUMBER, VERIFY_TOKEN, VERSION, Served, account, serve_graph_api
from typer.testing import CliRunner

from relevo.cli import app
from relevo.ports import free_port
from relevo.whatsapp.credentials import WEBHOOK_PATH, Credentials
from relevo.whatsapp.doctor.configuration import examine_configuration
from relevo.whatsapp.doctor.examination import examine
from relevo.whatsapp.doctor.finding import Finding
from relevo.whatsapp.doctor.templates import WantedTemplate
from relevo.whatsapp.stand_in.account import Subscription, Token
from relevo.whatsapp.stand_in.templates import Template

TEXT = "Casa Jacaranda has a message for you. Answer here to read it."
WANTED = WantedTemplate("message_waiting", "en_US", TEXT, "channels.yml: whatsapp.messaging.template")
DAY = 86_400.0


@pytest.fixture
async def graph() -> AsyncIterator[Served]:
    sound = account(templates=[Template("message_waiting", "en_US", TEXT)])
    async with serve_graph_api(sound) as served:
        yield served


def credentials_of(graph: Served, **values: Any) -> Credentials:
    """The credentials of a served account."""
    sound = graph.api.account
    plain = Credentials(
        sound.token.value, sound.app_secret, VERIFY_TOKEN, (NUMBER,), sound.id, graph.url, VERSION
    )
    return replace(plain, **values)


async def findings_of(
    graph: Served, wanted: WantedTemplate = WANTED, bot_url: str = "", **values: Any
) -> list[Finding]:
    """What the doctor finds, by a clock that agrees with the API's."""
    own = bot_url or graph.webhook.url.removesuffix(WEBHOOK_PATH)
    return await examine(credentials_of(graph, **values), own, [wanted], graph.clock)


async def test_sound_account_has_nothing_to_mend(graph: Served) -> None:
    findings = await findings_of(graph)
    assert {finding.severity for finding in findings} == {"ok"}, findings
    assert [finding.about for finding in findings] == [
        *("clock", "token", f"number {NUMBER}", "template message_waiting (en_US)", "subscription"),
        "own webhook",
    ]
    assert "Casa Jacaranda, 80 messages a second, quality green" in findings[2].message


Break = Callable[[Served], Any]


def set_on(name: str, attribute: str, value: Any) -> Break:
    """Breaks one thing of the account."""

    def apply(graph: Served) -> None:
        sound = graph.api.account
        target = {"account": sound, "token": sound.token, "number": sound.numbers[NUMBER]}.get(
            name, sound.subscription
        )
        setattr(target, attribute, value)

    return apply


def with_template(**values: Any) -> Break:
    def apply(graph: Served) -> None:
        sound = graph.api.account
        sound.templates = [replace(sound.templates[0], **values)]

    return apply


@pytest.mark.parametrize(
    ("break_it", "about", "severity", "message"),
    [
        (set_on("token", "expires_at", 1.0), "token", "error", "it has expired"),
        (set_on("token", "is_revoked", True), "token", "error", "it is not valid"),
        (set_on("token", "scopes", ()), "token", "error", "lacks the permission whatsapp_business_messaging"),
        (
            set_on("token", "scopes", ("whatsapp_business_messaging",)),
            "token",
            "error",
            "lacks the permission whatsapp_business_management",
        ),
        (set_on("number", "quality", "RED"), f"number {NUMBER}", "warning", "quality red"),
        (set_on("number", "status", "BANNED"), f"number {NUMBER}", "error", "its status is BANNED"),
        (set_on("number", "name_status", "DECLINED"), f"number {NUMBER}", "warning", "is not approved"),
        (set_on("number", "verification", "EXPIRED"), f"number {NUMBER}", "warning", "not verified"),
        (set_on("number", "throughput", "NOT_APPLICABLE"), f"number {NUMBER}", "warning", "throughput"),
        (set_on("account", "numbers", {}), f"number {NUMBER}", "error", "no such number"),
        (
            set_on("account", "app_is_subscribed", False),
            "subscription",
            "error",
            "not subscribed to the account",
        ),
        (set_on("subscription", "is_active", False), "subscription", "error", "switched off"),
        (set_on("subscription", "fields", ("account_update",)), "subscription", "error", "field messages"),
        (set_on("account", "templates", []), WANTED.about, "error", "the account has none"),
        (with_template(language="es_MX"), WANTED.about, "error", "in this language, only in es_MX"),
        (with_template(status="PAUSED"), WANTED.about, "error", "it is paused"),
        (with_template(status="PENDING"), WANTED.about, "error", "it is pending"),
        (with_template(category="MARKETING"), WANTED.about, "warning", "category is marketing"),
        (with_template(body="Hello {{1}}"), WANTED.about, "error", "takes 1 parameters"),
        (with_template(body="Another text"), WANTED.about, "warning", "its text is another"),
    ],
)
async def test_each_broken_thing_is_found(
    graph: Served, break_it: Break, about: str, severity: str, message: str
) -> None:
    break_it(graph)
    found = [finding for finding in await findings_of(graph) if message in finding.message]
    assert [(finding.about, finding.severity) for finding in found] == [(about, severity)]
    assert found[0].advice


async def test_token_that_expires_within_a_week_is_renewed_in_time(graph: Served) -> None:
    graph.api.account.token.expires_at = graph.clock.now + 6 * DAY
    (found,) = [finding for finding in await findings_of(graph) if finding.about == "token"]
    assert (found.severity, found.message) == ("warning", "it expires on 2025-11-30 16:00 UTC")


async def test_wrong_token_is_told_apart_from_an_expired_one(graph: Served) -> None:
    (found,) = [one for one in await findings_of(graph, token="other") if one.about == "token"]
    assert found.message.startswith("it is not valid")


async def test_number_of_another_account_and_forgotten_number_are_named(graph: Served) -> None:
    found = await findings_of(graph, account="999999999999")
    assert "account 999999999999" in [finding.about for finding in found if finding.severity == "error"]
    other = "206540352242923"
    graph.api.account.numbers[other] = replace(graph.api.account.numbers[NUMBER], id=other)
    (forgotten,) = [finding for finding in await findings_of(graph) if finding.about == f"number {other}"]
    assert (forgotten.severity, "the settings don't" in forgotten.message) == ("warning", True)


async def test_account_without_any_webhook_is_told_where_to_enter_it(graph: Served) -> None:
    graph.api.account.subscription = None
    assert "the app has no webhook" in [finding.message for finding in await findings_of(graph)]


async def test_webhook_at_another_address_is_examined_too(graph: Served) -> None:
    gone = f"http://127.0.0.1:{free_port()}/hooks"
    graph.api.account.subscription = Subscription(gone, VERIFY_TOKEN)
    told = {(finding.about, finding.severity): finding.message for finding in await findings_of(graph)}
    assert "its address ends in /hooks" in told["subscription", "error"]
    assert told["public webhook", "error"] == f"{gone} does not answer"
    assert ("own webhook", "ok") in told


async def test_secret_of_another_app_is_found_at_the_api_and_at_the_webhook(graph: Served) -> None:
    found = {finding.about: finding for finding in await findings_of(graph, app_secret="another secret")}
    assert "is not the secret of the app" in found["WHATSAPP_APP_SECRET"].message
    assert "refuses what is rightly signed" in found["own webhook"].message


async def test_verify_token_that_the_bot_does_not_know_is_found(graph: Served) -> None:
    found = {finding.about: finding for finding in await findings_of(graph, verify_token="another token")}
    assert "refuses the verify token (HTTP 403)" in found["own webhook"].message


async def test_webhook_that_takes_anything_is_found(graph: Served) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=request.query.get("hub.challenge", ""))

    careless = web.Application()
    careless.router.add_route("*", WEBHOOK_PATH, echo)
    async with TestServer(careless) as server:
        found = await findings_of(graph, bot_url=str(server.make_url("")))
    messages = [finding.message for finding in found if finding.about == "own webhook"]
    assert messages == ["it takes any verify token", "it takes what is wrongly signed (HTTP 200)"]


async def test_bot_without_the_channel_is_told_from_one_that_does_not_run(graph: Served) -> None:
    async with TestServer(web.Application()) as server:
        url = str(server.make_url(""))
        (nothing,) = [one for one in await findings_of(graph, bot_url=url) if one.about == "own webhook"]
    (stopped,) = [one for one in await findings_of(graph, bot_url=url) if one.about == "own webhook"]
    assert "there is nothing at" in nothing.message
    assert "does not answer" in stopped.message


async def test_clock_that_is_wrong_is_told_by_how_much(graph: Served) -> None:
    for ahead, severity in ((30, "warning"), (-600, "error")):
        clock = replace(graph.clock, now=graph.clock.now + ahead)
        (found,) = [
            finding
            for finding in await examine(credentials_of(graph), "http://127.0.0.1:1", [], clock)
            if finding.about == "clock"
        ]
        assert (found.severity, f"{abs(ahead)} s" in found.message) == (severity, True)


async def test_api_that_can_not_be_reached_is_told_and_the_own_webhook_examined(graph: Served) -> None:
    found = await findings_of(graph, url=f"http://127.0.0.1:{free_port()}")
    assert [(finding.about, finding.severity) for finding in found] == [
        ("api", "error"),
        ("own webhook", "ok"),
    ]


SOUND = Credentials("token", "0123456789abcdef" * 2, "x" * 32, (NUMBER,), "102290129340398")


def test_complete_settings_are_in_order_and_secrets_are_never_shown() -> None:
    (finding,) = examine_configuration(SOUND)
    assert finding.severity == "ok"
    assert SOUND.app_secret not in repr(SOUND)


@pytest.mark.parametrize(
    ("values", "about", "severity"),
    [
        ({"token": ""}, "WHATSAPP_TOKEN", "error"),
        ({"app_secret": ""}, "WHATSAPP_APP_SECRET", "error"),
        ({"app_secret": "EAAG-a-token"}, "WHATSAPP_APP_SECRET", "error"),
        ({"verify_token": ""}, "WHATSAPP_VERIFY_TOKEN", "error"),
        ({"verify_token": "secret"}, "WHATSAPP_VERIFY_TOKEN", "warning"),
        ({"numbers": ()}, "WHATSAPP_PHONE_NUMBER_ID", "error"),
        ({"numbers": ("+52 55 5555 0142",)}, "WHATSAPP_PHONE_NUMBER_ID", "error"),
        ({"account": ""}, "WHATSAPP_WABA_ID", "error"),
        ({"account": "casa"}, "WHATSAPP_WABA_ID", "error"),
        ({"version": "21"}, "WHATSAPP_API_VERSION", "error"),
        ({"url": "http://graph.example"}, "WHATSAPP_API_URL", "error"),
    ],
)
def test_setting_that_is_missing_or_malformed_is_named(values: dict, about: str, severity: str) -> None:
    assert [(one.about, one.severity) for one in examine_configuration(replace(SOUND, **values))] == [
        (about, severity)
    ]


def test_credentials_are_read_from_the_environment_and_written_back() -> None:
    environment = SOUND.to_environment()
    assert Credentials.from_environment(environment) == SOUND
    several = {**environment, "WHATSAPP_PHONE_NUMBER_IDS": "10000001, 10000002"}
    assert Credentials.from_environment(several).numbers == ("10000001", "10000002")
    single = {"WHATSAPP_PHONE_NUMBER_ID": "10000001"}
    assert Credentials.from_environment(single).numbers == ("10000001",)


async def test_command_tells_people_and_programs_and_fails_if_something_must_be_mended(
    graph: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.clock.now = time.time()
    graph.api.account.token = Token("EAAG-a-token", expires_at=1.0)
    secret = "0123456789abcdef" * 2
    for name, value in credentials_of(graph, app_secret=secret).to_environment().items():
        monkeypatch.setenv(name, value)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["whatsapp", "doctor"])
    assert told.exit_code == 1
    assert "token: error: it has expired; make one for a system user" in told.output
    assert "WhatsApp can't work" in told.output
    report = json.loads(
        (await asyncio.to_thread(CliRunner().invoke, app, ["whatsapp", "doctor", "--json"])).output
    )
    assert report["errors"] == len([one for one in report["findings"] if one["severity"] == "error"]) > 0


def test_command_without_settings_names_each_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SOUND.to_environment():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("WHATSAPP_PHONE_NUMBER_ID", raising=False)
    told = CliRunner().invoke(app, ["whatsapp", "doctor"])
    assert told.exit_code == 1
    assert told.output.count("error: it is not set") == 5
