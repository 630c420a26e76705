"""Follow-ups: a promise to contact a customer, with a time, that is kept.

`wish` understands when the customer wants it, `contact` how to reach them; `follow_up` is the record,
`agenda` keeps the records in Redis and says which fall due, `rules` what the protocol says of them, and
`keeping` is what the clock does for them.
"""

from relevo.follow_ups.agenda import Agenda, FolioTaken, FollowUpCancelled, NotDue, UnknownFollowUp
from relevo.follow_ups.contact import Contact, parse_contact
from relevo.follow_ups.follow_up import FollowUp
from relevo.follow_ups.wish import Wish, parse_wish

__all__ = [
    "Agenda",
    "Contact",
    "FolioTaken",
    "FollowUp",
    "FollowUpCancelled",
    "NotDue",
    "UnknownFollowUp",
    "Wish",
    "parse_contact",
    "parse_wish",
]
