"""By when the law wants a request for personal data answered and carried out."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from relevo.protocol.parts.privacy import Terms


class LegalDates(NamedTuple):
    """The last days on which it is still in time."""

    answer: date
    carry_out: date


def legal_dates(received: date, terms: Terms) -> LegalDates:
    """The dates for a request received on a day, which itself doesn't count.

    By the law's calendar, not the company's: a holiday elsewhere, or a Saturday at work, moves nothing.
    """
    calendar = holidays.country_holidays(terms.holidays)
    answer = calendar.get_nth_working_day(received, terms.answer)
    return LegalDates(answer, calendar.get_nth_working_day(answer, terms.carry_out))


def end_of_day(day: date, zone: ZoneInfo) -> float:
    """The last second of a day, UTC epoch seconds."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).timestamp()
