"""What happened to a case, and whom it suits, in words of the desk's language."""

from __future__ import annotations

from typing import Any

from relevo.cases.case import Case
from relevo.cases.lines import Happening
from relevo.cases.routing import Route
from relevo.desk.locale import Locale
from relevo.desk.titles import Titles

MAX_NAMES = 3
SECONDS_PER_MINUTE = 60


def happening(event: Happening, case: Case, titles: Titles, locale: Locale) -> str:
    """One entry of a case's history as a sentence; a kind that the locale doesn't know is named as it is."""
    kind = event.kind
    if kind == "case_released":
        own = event.details.get("from") in (None, event.by)
        kind += f"_{event.details['why']}" if "why" in event.details else "" if own else "_by_other"
    key = f"history.{kind}"
    by = titles.actor(event.by)
    if key not in locale.texts:
        return locale.text("history.other", by=by, kind=titles.readable(kind.removeprefix("case_")))
    return locale.text(key, by=by, **_values(event, case, titles))


def _values(event: Happening, case: Case, titles: Titles) -> dict[str, Any]:
    details = event.details
    return {
        "from": details.get("from", ""),
        "area": titles.area(details.get("area", case.area)),
        "reason": titles.closing_reason(details.get("reason", ""), case),
        "trigger": titles.trigger(details.get("trigger", case.trigger)),
        "person": titles.person(details.get("person", "")),
        "other": details.get("other", ""),
        "place": details.get("place", ""),
        "late": titles.lateness(details.get("target", ""), details.get("late", "")),
        "score": details.get("score", ""),
        "minutes": max(1, round(float(details.get("wait", 0)) / SECONDS_PER_MINUTE)),
    }


def nobody_there(case: Case, route: Route, titles: Titles, locale: Locale) -> str:
    """That a waiting case's area has nobody for it right now, and who comes next; "" if it has someone."""
    if route.lack is None:
        return ""
    values = {"area": titles.area(case.area), "language": titles.language(case.language)}
    lack = locale.text(f"routing.lack.{route.lack}", channel=titles.channel(case.channel), **values)
    if not route.people:
        return f"{lack} {locale.text('routing.nobody')}"
    people = ", ".join(titles.person(name) for name in route.people[:MAX_NAMES])
    return f"{lack} {locale.text(f'routing.next.{route.step}', people=people)}"
