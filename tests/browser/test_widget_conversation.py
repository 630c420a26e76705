"""What a customer sees and does in the chat, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from chat_page import ChatPage, open_chat
from playwright.async_api import BrowserContext, expect
from widget_site import GREETINGS, WidgetSite

pytest_plugins = ["widget_fixtures"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_nothing_is_asked_of_the_server_before_the_chat_is_opened(
    customer: BrowserContext, widget_site: WidgetSite
) -> None:
    chat = await open_chat(customer, widget_site.page(language="es"))
    await expect(chat.part("launcher")).to_have_accessible_name("Abrir el chat")
    assert widget_site.conversations == {}
    await chat.part("launcher").click()
    await expect(chat.messages("bot")).to_contain_text(GREETINGS["es"])
    await expect(chat.part("input")).to_be_focused()


async def test_languages_switch_live_and_the_greeting_too_while_nothing_else_was_said(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await expect(chat.messages("bot")).to_contain_text(GREETINGS["en"])
    await chat.part("language-es").click()
    await expect(chat.messages("bot")).to_contain_text(GREETINGS["es"])
    await expect(chat.part("person")).to_have_text("Hablar con una persona")
    await chat.say("¿y mi pedido?")
    await chat.part("language-en").click()
    await expect(chat.part("input")).to_have_attribute("placeholder", "Write a message…")
    await expect(chat.messages("bot")).to_contain_text(GREETINGS["es"])  # what was said was said
    assert len(widget_site.conversations) == 2
    assert widget_site.posted("messages")[0]["language"] == "es"


async def test_formatting_and_links_are_shown_and_markup_is_only_text(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    text = "*Today* and _soon_, 2*3*4\n- a <b>b</b>\n- <img src=x onerror=alert(1)>\nSee https://shop.example/a_b_c."
    widget_site.say(text)
    bubble = chat.messages("bot").last.locator(".bubble")
    await expect(bubble.locator("strong")).to_have_text("Today")
    await expect(bubble.locator("em")).to_have_text("soon")
    await expect(bubble.locator("li")).to_have_text(["a <b>b</b>", "<img src=x onerror=alert(1)>"])
    await expect(bubble.locator("a")).to_have_attribute("href", "https://shop.example/a_b_c")
    await expect(bubble.locator("a")).to_have_attribute("rel", "noopener noreferrer")
    assert await bubble.locator("b, img, script").count() == 0
    await chat.say("*not* bold, javascript:alert(1) http://no.example https://yes.example")
    own = chat.messages("customer").locator(".bubble")
    await expect(own.locator("strong")).to_have_count(0)
    await expect(own.locator("a")).to_have_text(["https://yes.example"])


async def test_a_quick_reply_sends_its_topic_once_and_goes(chat: ChatPage, widget_site: WidgetSite) -> None:
    widget_site.say("Is that all?", quick_replies=[{"title": "Yes", "payload": "/affirm"}])
    await chat.part("quick-reply").click()
    await expect(chat.messages("customer").get_by_test_id("tick")).to_have_count(1)
    await expect(chat.part("quick-reply")).to_have_count(0)
    await expect(chat.part("input")).to_be_focused()
    assert [(m["text"], m["payload"]) for m in widget_site.posted("messages")] == [("Yes", "/affirm")]


async def test_a_person_is_one_press_away_and_says_who_they_are(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await chat.part("person").click()
    await expect(chat.messages("customer").get_by_test_id("tick")).to_have_count(1)
    assert widget_site.posted("messages")[0]["payload"] == "/contact_human_agent"
    talk = widget_site.conversation
    talk.keep({"type": "status", "status": "waiting", "folio": "RV-7K3M-9QXT", "place": 3})
    await expect(chat.part("state")).to_contain_text("number 3 in line")
    await expect(chat.part("line")).to_contain_text("RV-7K3M-9QXT")
    await expect(chat.part("person")).to_be_hidden()
    talk.tell({"type": "place", "position": 1, "wait_minutes": 4})
    await expect(chat.part("state")).to_contain_text("Number 1 in line, about 4 min")
    talk.keep({"type": "status", "status": "claimed", "agent": "Ana", "folio": "RV-7K3M-9QXT"})
    talk.keep({"type": "agent", "name": "Ana", "joined": True})
    widget_site.say("Hello, I'm Ana.", author="agent", agent="Ana")
    await expect(chat.messages("agent")).to_contain_text("Ana")
    await expect(chat.part("state")).to_contain_text("You are talking with Ana")
    await expect(chat.part("line").filter(has_text="talking with Ana")).to_have_count(1)
    talk.keep({"type": "agent", "name": "Ana", "joined": False})
    talk.keep({"type": "status", "status": "bot"})
    await expect(chat.part("line").last).to_contain_text("virtual assistant again")
    await expect(chat.part("person")).to_be_visible()


async def test_typing_ends_with_the_message_or_after_six_seconds(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await chat.page.clock.install()
    await chat.page.clock.pause_at(await chat.page.evaluate("Date.now()") / 1_000 + 10)
    widget_site.conversation.tell({"type": "typing", "author": "agent"})
    await expect(chat.part("typing")).to_be_visible()
    widget_site.say("Here it is", author="agent", agent="Ana")
    await expect(chat.part("typing")).to_be_hidden()
    widget_site.conversation.tell({"type": "typing", "author": "bot"})
    await expect(chat.part("typing")).to_be_visible()
    await chat.page.clock.run_for(timedelta(seconds=5.5).total_seconds() * 1000)
    await expect(chat.part("typing")).to_be_visible()
    await chat.page.clock.run_for(1000)
    await expect(chat.part("typing")).to_be_hidden()


async def test_ticks_turn_when_a_person_has_read(chat: ChatPage, widget_site: WidgetSite) -> None:
    await chat.say("first")
    await chat.say("second")
    ticks = chat.part("tick")
    widget_site.conversation.tell({"type": "read", "position": widget_site.conversation.position(2)})
    await expect(ticks.first).to_have_accessible_name("Read")
    await expect(ticks.last).to_have_accessible_name("Delivered")


async def test_unread_messages_are_counted_until_they_are_seen(
    chat: ChatPage, widget_site: WidgetSite
) -> None:
    await chat.say("hello")
    await chat.part("close").click()
    widget_site.say("one")
    newest = widget_site.say("two")
    await expect(chat.part("launcher")).to_have_accessible_name("Open the chat. New messages: 2")
    assert newest not in [body["position"] for body in widget_site.posted("read")]
    async with chat.page.expect_response("**/read"):
        await chat.part("launcher").click()
    await expect(chat.part("unread")).to_be_hidden()
    assert widget_site.posted("read")[-1] == {"position": newest}


async def test_a_follow_up_has_a_card_with_its_calendar_file(chat: ChatPage, widget_site: WidgetSite) -> None:
    widget_site.files["calendar"] = b"BEGIN:VCALENDAR"
    card = {"folio": "RV-7K3M-9QXT", "starts_at": 1_764_000_000, "calendar_url": "attachments/calendar"}
    widget_site.conversation.keep({"type": "follow_up", "label": "Monday at 10:00", **card})
    widget_site.conversation.keep({"type": "follow_up", "label": "Tuesday at 17:00", **card})
    await expect(chat.part("card")).to_have_count(1)
    await expect(chat.part("card")).to_contain_text("Tuesday at 17:00")
    async with chat.page.expect_download() as download:
        await chat.part("calendar").click()
    assert (await download.value).suggested_filename == "RV-7K3M-9QXT.ics"
    assert not [address for address in widget_site.addresses if "token" in address]


async def test_a_calendar_elsewhere_never_gets_the_token(chat: ChatPage, widget_site: WidgetSite) -> None:
    elsewhere = f"{widget_site.pages_origin}/webhooks/webchat/attachments/calendar"
    card = {"folio": "RV-7K3M-9QXT", "starts_at": 1_764_000_000, "calendar_url": elsewhere}
    widget_site.conversation.keep({"type": "follow_up", "label": "Monday", **card})
    await chat.part("calendar").click()
    await expect(chat.part("line")).to_contain_text("couldn't be fetched")
    assert "/webhooks/webchat/attachments/calendar" not in widget_site.addresses


async def test_a_rating_is_sent_once_and_stays_given(chat: ChatPage, widget_site: WidgetSite) -> None:
    await chat.say("thanks")
    widget_site.conversation.keep({"type": "rating", "folio": "RV-7K3M-9QXT"})
    await chat.page.get_by_label("4 of 5 stars").check()
    await chat.part("comment").fill("Quick!")
    await chat.part("rate").click()
    await expect(chat.part("card")).to_have_text("Thank you for your rating!")
    await expect(chat.part("input")).to_be_focused()
    await chat.page.reload()
    await expect(chat.part("card")).to_have_text("Thank you for your rating!")
    assert widget_site.posted("rating") == [{"score": 4, "comment": "Quick!"}]


async def test_entries_of_a_later_version_are_passed_over(chat: ChatPage, widget_site: WidgetSite) -> None:
    widget_site.conversation.keep({"type": "hologram", "text": "?"})
    widget_site.conversation.keep({"type": "status", "status": "dancing"})
    widget_site.say("still here")
    await expect(chat.messages("bot").last).to_contain_text("still here")
    await expect(chat.part("state")).to_have_text("Virtual assistant")
