"""Whether a text tells what happened, or only announces that the customer has a complaint.

«I'd like to leave a formal complaint about someone in your store» is long and tells nothing yet. What is left
of a text without the words of an announcement decides.
"""

from __future__ import annotations

import re

from relevo.dialogue.vocabulary import vocabulary
from relevo.nlu.text import words

TELLING_WORDS = 4
"""So many words that are none of an announcement tell something."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def tells_story(text: str) -> bool:
    """Whether a text tells what happened; what it asks besides tells nothing.

    Example:
        >>> tells_story("I want to complain about a lamp"), tells_story("la lámpara llegó rota y sin foco")
        (False, True)
    """
    return len(left_of(text)) >= TELLING_WORDS


def left_of(text: str) -> list[str]:
    """The words of a text, questions apart, that are none of an announcement."""
    told = [sentence for sentence in _SENTENCE.findall(text) if not sentence.endswith("?")]
    return [word for word in words(" ".join(told)) if word not in vocabulary().announcing]
