"""A chat as the page shows it: plain values, no markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from relevo.whatsapp.phone.simulation import Simulation
from relevo.whatsapp.stand_in.app import Logged
from relevo.whatsapp.stand_in.customers import Chat, ChatMessage

MAX_LOG = 40
MAX_QUOTED = 120


def view_chat(simulation: Simulation, chat: Chat, log: Iterable[Logged]) -> dict[str, Any]:
    """All that the page shows of a customer's chat."""
    now, customer = simulation.clock(), chat.customer
    number = simulation.account.numbers[chat.number]
    return {
        "now": now,
        "shift_hours": round(simulation.clock.shift_seconds / 3600, 2),
        "business": {"name": number.verified_name, "number": number.display},
        "customer": {
            "name": customer.name,
            "number": f"+{customer.wa_id}",
            "is_reachable": customer.is_reachable,
            "accepts_marketing": customer.accepts_marketing,
        },
        "window_closes_at": chat.window_closes_at(),
        "window_is_open": chat.window_is_open(now),
        "is_connected": simulation.account.subscription is not None,
        "is_typing": chat.typing_until > now,
        "messages": [_message(chat, message) for message in chat.messages.values() if _has_arrived(message)],
        "log": [_logged(entry) for entry in list(log)[-MAX_LOG:]],
        "faults": len(simulation.api.faults) + len(simulation.api.media_faults),
    }


def _has_arrived(message: ChatMessage) -> bool:
    return message.direction == "to_business" or message.progress in ("delivered", "read")


def _message(chat: Chat, message: ChatMessage) -> dict[str, Any]:
    quoted = chat.messages.get(message.quotes)
    return {
        "id": message.id,
        "mine": message.direction == "to_business",
        "kind": message.type,
        "at": message.at,
        "progress": message.progress,
        "quote": {"mine": quoted.direction == "to_business", "text": text_of(quoted)[:MAX_QUOTED]}
        if quoted
        else None,
        "reactions": [emoji for emoji in message.reactions.values() if emoji],
        **_content(message),
    }


def _content(message: ChatMessage) -> dict[str, Any]:
    """What is particular to the message's type."""
    content = message.content or {}
    if message.type in ("image", "audio", "video", "document", "sticker"):
        return {
            "text": content.get("caption", ""),
            "file": content.get("id"),
            "link": content.get("link"),
            "filename": content.get("filename", ""),
            "mime_type": content.get("mime_type", ""),
        }
    if message.type == "interactive" and message.direction == "to_customer":
        return {"text": text_of(message), **_frame(content), **_choices(content["action"])}
    if message.type == "template":
        buttons = [{"id": payload, "title": title} for payload, title in content["buttons"]]
        return {"text": content["text"], "header": content["header"], "buttons": buttons}
    if message.type == "location":
        return {"text": text_of(message), "latitude": content["latitude"], "longitude": content["longitude"]}
    return {"text": text_of(message)}


def _frame(content: dict[str, Any]) -> dict[str, Any]:
    header, footer = content.get("header") or {}, content.get("footer") or {}
    return {"header": header.get("text", ""), "footer": footer.get("text", "")}


def _choices(action: dict[str, Any]) -> dict[str, Any]:
    if "buttons" in action:
        return {"buttons": [button["reply"] for button in action["buttons"]]}
    return {"list": {"button": action["button"], "sections": action["sections"]}}


def text_of(message: ChatMessage) -> str:
    """What can be read of a message, empty for one without words."""
    content = message.content
    match message.type:
        case "text":
            return str(content["body"])
        case "button" | "template":
            return str(content["text"])
        case "interactive" if message.direction == "to_customer":
            return str(content["body"]["text"])
        case "interactive":
            return str(content[content["type"]]["title"])
        case "location":
            return "\n".join(filter(None, (content.get("name"), content.get("address"))))
        case "contacts":
            return "\n".join(str(card["name"]["formatted_name"]) for card in content)
        case "image" | "video" | "document":
            return str(content.get("caption") or content.get("filename") or "")
    return ""


def _logged(entry: Logged) -> dict[str, Any]:
    return {
        "at": entry.at,
        "request": f"{entry.method} {entry.path}",
        "status": entry.status,
        "code": entry.code,
    }
