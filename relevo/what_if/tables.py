"""The comparison as it is read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from relevo.protocol.opening_hours import OpeningHours
from relevo.what_if.comparison import Change, Comparison
from relevo.what_if.course import Decided

BOT = "the bot goes on"


def tables(compared: Comparison, hours: OpeningHours, titles: Mapping[str, str]) -> Iterator[RenderableType]:
    """Everything to print, from top to bottom.

    Args:
        hours: by which times are told.
        titles: what each area is called.
    """
    if compared.changes:
        yield _changes(compared, hours)
    old, new = compared.loads
    if old.areas | new.areas:
        yield _load(compared, titles)
    yield Text(
        f"{compared.conversations:,} conversations with {compared.messages:,} messages: "
        f"{len(compared.changes):,} decisions would change, in {compared.changed_conversations:,} "
        f"conversations; cases for people: {old.total:,} → {new.total:,}.",
        style="bold",
    )


def _changes(compared: Comparison, hours: OpeningHours) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Decisions that would change", title_justify="left")
    for heading in ("conversation", "message", "time", "understood as", "present plan", "changed plan"):
        table.add_column(heading)
    for change in compared.changes:
        table.add_row(*_row(change, hours))
    return table


def _row(change: Change, hours: OpeningHours) -> list[Text]:
    time = hours.local(change.heard.at)
    understood = f"{change.heard.topic}, {change.heard.tone}"
    told = (change.conversation, str(change.message), f"{time:%Y-%m-%d %H:%M}", understood)
    return [*map(Text, told), _decision(change.old), _decision(change.new)]


def _decision(decided: Decided | None) -> Text:
    if decided is None:
        return Text(BOT, "dim")
    return Text.assemble(
        (decided.trigger, "bold"), f"\n{decided.outcome}, {decided.area}, {decided.priority}"
    )


def _load(compared: Comparison, titles: Mapping[str, str]) -> Table:
    """Per area a row for each plan; a column for each hour that has any cases."""
    old, new = compared.loads
    hours = sorted(old.busy_hours | new.busy_hours)
    table = Table(box=box.SIMPLE_HEAD, title="Cases by area and hour", title_justify="left")
    for heading in ("area", "plan", "all"):
        table.add_column(heading, no_wrap=True, justify="right" if heading == "all" else "left")
    for hour in hours:
        table.add_column(f"{hour:02}", justify="right")
    for area in (area for area in titles if area in old.areas | new.areas):
        for plan, load in (("present", old), ("changed", new)):
            counts = load.of(area)
            cells = [str(counts[hour] or "·") for hour in hours]
            name = titles[area] if plan == "present" else ""
            table.add_row(name, plan, str(sum(counts)), *cells, style="" if plan == "present" else "bold")
        table.add_section()
    return table
