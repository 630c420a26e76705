"""What the browser hears: the entries of a conversation's event stream, in one place.

`GET events` answers with server-sent events; each one's `data` is one of these JSON objects. What has an `id` is
kept in the conversation's durable stream and comes again to whoever reads from before it (`Last-Event-ID`);
what has none is said once to the browsers that are open. A browser passes over types that it doesn't know.
Times are UTC epoch seconds; a position is an event's id. `relevo.store.live_entries` makes what is said once.

| kept | entry |
| --- | --- |
| yes | `{"type": "message", "author": "customer" \\| "bot" \\| "agent", "text", "at"}`; besides, `client_id` on the customer's own, `agent` (a name) on a person's, `quick_replies: [{"title", "payload"}]` |
| yes | `{"type": "attachment", "id", "name", "kind": "image" \\| "pdf", "size" (bytes), "url", "client_id", "author": "customer", "at"}`: `url` is relative to the connector's base and is fetched with the token in its header |
| yes | `{"type": "status", "status": "waiting" \\| "claimed" \\| "bot"}`; `folio`, `agent`, `place` where they are known |
| yes | `{"type": "agent", "name", "joined": true \\| false}`: a person takes the conversation over, or leaves it |
| yes | `{"type": "follow_up", "folio", "starts_at", "label", "calendar_url"}`: a promise with a time |
| yes | `{"type": "rating", "folio"}`: a case has ended; how was it? (`POST rating`) |
| no | `{"type": "place", "position": n, "wait_minutes": m \\| null}`: the place in line, whenever it changes and when a stream opens |
| no | `{"type": "typing", "author": "bot" \\| "agent"}`: until the next message, or for six seconds |
| no | `{"type": "read", "position"}`: a person has read all that stands up to there |

What the browser sends, each with `Authorization: Bearer TOKEN`:

| request | body |
| --- | --- |
| `POST messages` | `{"id", "text", "payload"?, "language", "time_zone"?}`; a repeated id changes nothing |
| `POST attachments` | the file as it is; headers `X-File-Name` (percent-encoded) and `X-Client-Id` (as a message's id; a repeat changes nothing) |
| `GET attachments/ID` | |
| `POST read` | `{"position"}`: the customer has seen all up to there |
| `POST rating` | `{"score": 1…5, "comment"?}` |
"""

from __future__ import annotations

from typing import Any

from relevo.store.attachments import Attachment

Entry = dict[str, Any]


def own_message(text: str, at: float, client_id: str) -> Entry:
    """What the customer has written; `client_id` is the browser's own id of it."""
    return {"type": "message", "author": "customer", "text": text, "client_id": client_id, "at": at}


def attachment(kept: Attachment, client_id: str) -> Entry:
    """A file that the customer has sent."""
    return {
        "type": "attachment",
        "author": "customer",
        "id": kept.id,
        "name": kept.name,
        "kind": kept.kind,
        "size": kept.size,
        "url": f"attachments/{kept.id}",
        "client_id": client_id,
        "at": kept.at,
    }
