"""A customer's page with the chat on it, as a person sees and uses it."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, Locator, Page, expect


@dataclass
class ChatPage:
    """One tab; errors in scripts and breaches of the page's content policy are collected."""

    page: Page
    failures: list[str] = field(default_factory=list)

    def part(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    def messages(self, author: str) -> Locator:
        return self.page.locator(f'[part="message"][data-author="{author}"]')

    def bubble(self, text: str) -> Locator:
        """The messages with just this text."""
        return self.page.locator(".bubble").get_by_text(text, exact=True)

    async def type(self, text: str) -> None:
        """Write and send, whether or not it arrives."""
        await self.part("input").fill(text)
        await self.part("input").press("Enter")

    async def say(self, text: str) -> None:
        """Write and send, and wait until the server has it."""
        await self.type(text)
        await expect(self.messages("customer").filter(has_text=text).get_by_test_id("tick")).to_be_visible()


async def open_chat(context: BrowserContext, address: str) -> ChatPage:
    """A new tab with a page that has the chat."""
    page = await context.new_page()
    chat = ChatPage(page)
    page.on("pageerror", lambda error: chat.failures.append(str(error)))
    page.on("console", lambda line: chat.failures.append(line.text) if "Policy" in line.text else None)
    await page.goto(address)
    return chat
