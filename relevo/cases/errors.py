"""Why a change of a case was not made."""

from __future__ import annotations

from relevo.errors import RelevoError


class CaseError(RelevoError):
    """A case can't be changed that way."""


class UnknownCase(CaseError):
    """There is no case with this folio."""


class CaseTaken(CaseError):
    """Another person has the case."""


class CaseNotYours(CaseError):
    """The case is not claimed by this person (any more)."""


class CaseClosed(CaseError):
    """The case is resolved or closed."""


class HandsFull(CaseError):
    """The person has as many cases in hand as they may."""


class CaseBarred(CaseError):
    """The person has resolved this case before; a claim is decided anew by somebody else."""


class CannotMerge(CaseError):
    """These two cases can't be merged that way."""


class UnknownChoice(CaseError):
    """The protocol doesn't know this area or reason."""


class CaseBusy(CaseError):
    """The case was changed by others again and again while this was tried."""


_ERRORS: dict[str, tuple[type[CaseError], str]] = {
    "unknown": (UnknownCase, "there is no case with this folio"),
    "taken": (CaseTaken, "another person has this case"),
    "closed_case": (CaseClosed, "this case is closed"),
    "not_yours": (CaseNotYours, "this case is not yours; claim it first"),
    "full": (HandsFull, "this person has as many cases in hand as they may"),
    "barred": (CaseBarred, "this person resolved the case; somebody else must decide on the claim"),
    "other_way": (CannotMerge, "the customer waits in the chat: merge the complaint into the hand-off"),
}


def raise_for(outcome: str) -> None:
    """Raise the error that an outcome of a script stands for, if it stands for one."""
    if outcome in _ERRORS:
        error, message = _ERRORS[outcome]
        raise error(message)
