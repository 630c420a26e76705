"""Which of the two languages a message is in, and whether that is sure.

lingua is right on sentences and unsure on short ones ("gracias", "asap"). The words of the training data
know those: each word adds its log-odds of standing in English or Spanish utterances. Addresses and numbers
say nothing. What stays unsure ("ok", "no", an order number) is left to the conversation.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lingua import Language as LinguaLanguage
from lingua import LanguageDetectorBuilder

from relevo.nlu.text import MAX_CHARACTERS, words

Language = Literal["en", "es"]
SURE_LOG_ODDS = 2.2
"""From here on (odds of 9 to 1) a message decides the conversation's language. A bare "no" stays below."""
MAX_WORD_LOG_ODDS = 2.5
LINGUA_LOG_ODDS_PER_WORD = 0.75
MAX_LINGUA_LOG_ODDS = 3.0
_SMOOTHING = 0.5
_NOT_WORDS = re.compile(r"\S*[@\d]\S*|https?://\S+|\w+\.\w+\S*")


@dataclass(frozen=True)
class Verdict:
    """The likelier language, and how sure that is (0.5 … 1)."""

    language: Language
    confidence: float
    is_sure: bool


class LanguageModel:
    """Log-odds of words, beside lingua."""

    def __init__(self, word_log_odds: dict[str, float]) -> None:
        """`word_log_odds`: folded word → log-odds that it is English rather than Spanish."""
        self.word_log_odds = word_log_odds
        languages = (LinguaLanguage.ENGLISH, LinguaLanguage.SPANISH)
        self._lingua = LanguageDetectorBuilder.from_languages(*languages).build()

    @classmethod
    def learn(cls, examples: Iterable[tuple[str, Language]]) -> LanguageModel:
        """Learn words from (utterance, language) pairs."""
        counts: dict[Language, Counter[str]] = {"en": Counter(), "es": Counter()}
        for text, language in examples:
            counts[language].update(set(words(_NOT_WORDS.sub(" ", text))))
        english, spanish = counts["en"], counts["es"]
        return cls(
            {
                word: math.log((english[word] + _SMOOTHING) / (spanish[word] + _SMOOTHING))
                for word in english | spanish
            }
        )

    def log_odds(self, text: str) -> float:
        """Log-odds of English against Spanish: above 0 is English, 0 says nothing."""
        wording = _NOT_WORDS.sub(" ", text[:MAX_CHARACTERS])
        said = words(wording)
        if not said:
            return 0.0
        english = self._lingua.compute_language_confidence(wording, LinguaLanguage.ENGLISH)
        odds = math.log(max(english, 1e-6) / max(1 - english, 1e-6))
        by_lingua = _clip(odds, min(MAX_LINGUA_LOG_ODDS, LINGUA_LOG_ODDS_PER_WORD * len(said)))
        return by_lingua + sum(_clip(self.word_log_odds.get(word, 0.0), MAX_WORD_LOG_ODDS) for word in said)

    def judge(self, text: str) -> Verdict:
        """The language of a message."""
        odds = self.log_odds(text)
        confidence = 1 / (1 + math.exp(-min(abs(odds), 50.0)))
        return Verdict("en" if odds > 0 else "es", confidence, abs(odds) >= SURE_LOG_ODDS)


def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
