"""A supervisor corrects how a message was understood. The correction waits for `relevo learn`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sanic import response
from sanic.exceptions import Forbidden, InvalidUsage, NotFound

from relevo.cases.case import Case
from relevo.learning.suggestions import TONES, Suggestion, message_name, topics_to_learn
from relevo.learning.training_text import training_text
from relevo.protocol.schema import LANGUAGES
from relevo.store.transcript import TranscriptLine

_POSITION = re.compile(r"[0-9]{1,19}-[0-9]{1,19}")
"""As large as Redis surely takes."""


async def correct(request: Any, folio: str, position: str) -> Any:
    """Keep what a message should have been understood as; a later correction replaces an earlier one.

    Raises:
        Forbidden: the user is no supervisor.
        InvalidUsage: there is no such topic or tone.
        NotFound: there is no such message, or nothing in it to learn from.
    """
    desk, user = request.app.ctx.desk, request.ctx.visit.user
    if not user.is_supervisor:
        raise Forbidden("only supervisors correct how a message was understood")
    case = await desk.queue.get(folio)
    line = await desk.line(case.conversation, position) if _POSITION.fullmatch(position) else None
    text = training_text(line.text) if line and line.is_correctable else ""
    if not line or not text:
        raise NotFound("no such message")
    suggestion = Suggestion(
        message=message_name(case.conversation, line.position),
        text=text,
        language=line.language if line.language in LANGUAGES else case.language,
        topic=_choice(request, "topic", line.topic, topics_to_learn(desk.protocol)),
        tone=_choice(request, "tone", line.tone, TONES),
        understood_topic=line.topic,
        understood_tone=line.tone,
        by=user.display_name,
        at=desk.now(),
    )
    await desk.suggestions.keep(suggestion, folio=folio, conversation=case.conversation)
    return response.redirect(f"/cases/{folio}#line-{line.position}", status=303)


async def corrections(request: Any, case: Case, lines: Iterable[TranscriptLine]) -> dict[str, Any]:
    """What the lines of a case show to supervisors: what they may choose, and what has been corrected."""
    desk, visit = request.app.ctx.desk, request.ctx.visit
    if not visit.user.is_supervisor:
        return {"case": case, "choices": None, "corrected": {}}
    names = {
        message_name(case.conversation, line.position): line.position for line in lines if line.is_correctable
    }
    suggestions = await desk.suggestions.of(names)
    return {
        "case": case,
        "choices": desk.renderer.choices(visit, topics_to_learn(desk.protocol), TONES),
        "corrected": {names[name]: suggestion for name, suggestion in suggestions.items()},
    }


def _choice(request: Any, field: str, understood: str, possible: Iterable[str]) -> str:
    """What was chosen; empty if that is what was understood."""
    chosen: str = request.form.get(field, "")
    if chosen and chosen not in possible:
        raise InvalidUsage(f"no such {field}")
    return "" if chosen == understood else chosen
