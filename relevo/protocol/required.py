"""What the product needs of every protocol, because its code says it, hears it or refers to it by name.

A test compares these lists with the code: whoever makes an action say something new adds it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.protocol.parts.contingency import Outcome

if TYPE_CHECKING:
    from relevo.protocol.schema import Protocol

REQUIRED_WORDS: dict[str, tuple[str, ...]] = {
    # conversation
    "not_understood": (),
    "also_asked": ("topic",),
    "also_asked_note": ("topic",),
    "answer_noted": (),
    "bare_order_number": ("order_number",),
    "bare_contact": ("contact",),
    "bare_date": (),
    "technical_problem": (),
    "file_received": (),
    "language_changed": (),
    "nothing_to_repeat": (),
    "stopped": (),
    "notice_over": (),
    # hand-off
    "hand_off_goes_on": (),
    "place_in_line": ("folio", "place", "minutes"),
    "place_in_line_unknown_wait": ("folio", "place", "target_minutes"),
    "place_in_line_closed": ("folio", "place", "opens"),
    "answered_by_email": ("folio", "answered_by"),
    "claimed": ("agent",),
    "case_closed": ("folio",),
    "place_in_line_changed": ("folio", "place", "minutes"),
    "case_back_in_line": ("folio",),
    "case_transferred": ("folio", "area"),
    "case_merged": ("folio", "other"),
    "not_delivered_note": ("text",),
    # while a hand-off waits
    "noted_while_waiting": ("folio",),
    "may_be_cancelled": (),
    "never_mind": (),
    "hand_off_cancelled": ("folio",),
    # follow-up
    "ask_follow_up_time": (),
    "follow_up_time_not_understood": (),
    "follow_up_time_closed": ("proposed",),
    "ask_follow_up_method": (),
    "follow_up_method_not_understood": (),
    "ask_follow_up_contact": (),
    "contact_not_understood": (),
    "contact_wrong_kind_phone": (),
    "contact_wrong_kind_email": (),
    "follow_up_time_past": ("proposed",),
    "follow_up_time_too_far": ("days",),
    "follow_up_hour_there": ("proposed",),
    "follow_up_booked": ("when", "method", "contact", "folio"),
    "follow_up_booked_chat": ("when", "folio"),
    "follow_up_in_calendar": ("company", "method"),
    "follow_up_begins": ("folio",),
    "follow_up_written_note": ("folio",),
    "follow_up_cancelled": ("when",),
    "follow_up_to_change": ("when",),
    "no_follow_up": (),
    "method_call": (),
    "method_whatsapp": (),
    "method_email": (),
    "method_chat": (),
    # in any of the steps
    "take_your_time": (),
    # complaint
    "ask_complaint_description": (),
    "complaint_description_too_short": (),
    "ask_complaint_cause": (),
    "no_complaint_cause": (),
    "ask_complaint_order": (),
    "complaint_order_not_understood": (),
    "complaint_order_after_story": (),
    "complaint_contact_after_story": (),
    "ask_complaint_contact": (),
    "complaint_filed": ("folio", "area", "contact", "answered_by"),
    "acknowledgement_sent": ("contact",),
    "recovery_asked_for": ("offer", "area"),
    "resolution_accepted": ("folio",),
    "complaint_closed": ("folio",),
    # personal data
    "privacy_filed": ("folio",),
    "ask_privacy_right": (),
    "privacy_right_not_understood": (),
    "ask_privacy_name": (),
    "privacy_name_not_understood": (),
    "ask_privacy_contact": (),
    "privacy_registered": (
        *("folio", "right", "law", "contact", "answered_by", "carried_out_by"),
        *("answer_days", "carry_out_days"),
    ),
    "privacy_withdrawn": ("folio",),
    # status of a case
    "ask_case_folio": (),
    "case_folio_not_understood": (),
    "case_folio_missing": (),
    "ask_case_contact": (),
    "case_not_found": (),
    "case_waiting": ("folio", "opened", "area", "agent"),
    "case_claimed": ("folio", "opened", "area", "agent"),
    "case_waits_for_customer": ("folio", "opened", "area", "agent"),
    "case_resolved": ("folio", "opened", "resolved", "area", "agent"),
    "case_is_closed": ("folio", "opened", "closed", "area", "agent"),
}
"""Words that the code says, with the placeholders that it fills; a text need not use them all."""

NOT_BY_EMAIL = (
    *("place_in_line", "place_in_line_unknown_wait", "place_in_line_closed", "place_in_line_changed"),
    *("claimed", "offer_follow_up_nobody"),
)
"""Words for who sits waiting for an answer; by e-mail nobody does."""

BY_EMAIL_ONLY = ("answered_by_email",)
"""Words that are said by e-mail instead."""

TRIGGER_PLACEHOLDERS: dict[Outcome, tuple[str, ...]] = {
    "hand_off": (),
    "offer_follow_up": (),
    "answer_and_stay": (),
    "reopen_as_claim": ("folio",),
    "escalate": ("folio",),
}
"""Placeholders that are filled in the words of a trigger, by its outcome."""

FOLLOW_UP_NOTES: dict[str, tuple[str, ...]] = {
    "retry_note": ("method", "when", "folio"),
    "final_note": ("method", "attempts", "folio"),
}
"""Placeholders that are filled in what customers are told after a try that nobody answered."""

CLOSING = "closing"
"""The name under which the model keeps the channels' closings."""

NOTICE_PREFIX = "notice_"
"""What stands before a notice's name where the model keeps it: as an intent and as a response."""

REQUIRED_TRIGGER = "asks_for_person"
"""The trigger of a hand-off that the customer asked for, or that has no reason of its own."""

REQUIRED_CHANNELS = ("webchat",)
"""Channels on which the assistant greets."""

MESSENGERS = ("whatsapp",)
"""Channels that need the rules of a messenger, where the protocol has them."""

ACTED_TOPICS = (
    "contact_human_agent",
    "complaint",
    "check_case",
    "schedule_follow_up",
    "change_follow_up",
    "cancel_follow_up",
    "privacy_request",
)
"""Topics that are needed as titles of buttons only: the contingency plan or an action answers them."""

STEPWISE_TOPICS = ("complaint", "check_case", "schedule_follow_up", "change_follow_up", "privacy_request")
"""Topics that an action takes up step by step; it says a trigger's words first where the plan wants that."""

REQUIRED_TOPICS = (
    # account
    "create_account",
    "delete_account",
    "edit_account",
    "switch_account",
    "recover_password",
    "registration_problems",
    # order
    "place_order",
    "change_order",
    "cancel_order",
    "track_order",
    "check_cancellation_fee",
    # delivery and address
    "delivery_options",
    "delivery_period",
    "set_up_shipping_address",
    "change_shipping_address",
    # payment and invoice
    "check_payment_methods",
    "payment_issue",
    "check_invoice",
    "get_invoice",
    # refund
    "check_refund_policy",
    "get_refund",
    "track_refund",
    # the company
    "newsletter_subscription",
    "opening_hours",
    "store_location",
    "warranty",
    "about_company",
    "review",
    "contact_customer_service",
    # conversation
    "greet",
    "goodbye",
    "thank",
    "affirm",
    "deny",
    "bot_challenge",
    "out_of_scope",
    *ACTED_TOPICS,
)
"""What customers ask and the language model recognises."""

PRODUCT_INTENTS = (
    "change_language",
    "repeat",
    "stop",
    "report_safety_incident",
    "report_fraud",
    "self_harm",
    "press_or_authority",
    "nlu_fallback",
)
"""What is recognised besides topics; a trigger may name it."""

NOT_ANSWERED = "not_answered"
"""The customer says that the last answer was none; a trigger may name it."""

CAUSE_PREFIX = "cause_"
"""What stands before the name of a complaint's cause where a button says it."""

NEVER_MIND = "stop"
"""What a button may say besides topics and causes."""

CONTEXT_INTENTS = ("bare_answer", NOT_ANSWERED)
"""What a message is only in its conversation: known by its words, so there is nothing to learn."""


def names_on_buttons(protocol: Protocol) -> set[str]:
    """What a button may mean, as its payload says it behind the slash."""
    causes = (f"{CAUSE_PREFIX}{name}" for name in protocol.complaints.causes)
    return {*protocol.topics, *causes, NEVER_MIND}
