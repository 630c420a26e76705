"""spaCy's tokens and lemmas, in the message's language.

Blank English and Spanish pipelines with lookup lemmas from `spacy-lookups-data`: nothing is downloaded.
"""

from __future__ import annotations

from functools import lru_cache

import spacy
from spacy.language import Language

from relevo.nlu.text import MAX_CHARACTERS, fold


@lru_cache(maxsize=2)
def pipeline(language: str) -> Language:
    """spaCy's blank pipeline of a language with lookup lemmas; made once per process (about a second)."""
    nlp = spacy.blank(language)
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    return nlp


def lemmas(text: str, language: str) -> str:
    """The folded lemmas of a text, space-separated.

    Example:
        >>> lemmas("cancelling my orders", "en")
        'cancel my order'
    """
    return " ".join(fold(token.lemma_ or token.text) for token in pipeline(language)(text[:MAX_CHARACTERS]))
