"""Which of the two languages a message is in, and whether that is sure.

lingua is right on sentences and unsure on short ones ("gracias", "asap"). The words of the training data
know those: each word adds its log-odds of standing in English or Spanish utterances. Addresses and numbers
say nothing. What stays unsure ("ok", "no", an order number) is left to the conversation; so is what is in
another language: most of its words are strange to both.
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
COMMON_TIMES = 5
"""A word that stands in so many utterances is none of another language."""
FEWEST_FOREIGN_WORDS = 3
MOST_COMMON_WORDS = 0.45
"""A message of whose words more are common ones is in English or Spanish, or in a mixture of them."""
FOREIGN_CONFIDENCE = 0.5
OURS = (LinguaLanguage.ENGLISH, LinguaLanguage.SPANISH)
FOREIGN = (
    LinguaLanguage.FRENCH,
    LinguaLanguage.PORTUGUESE,
    LinguaLanguage.ITALIAN,
    LinguaLanguage.GERMAN,
)
"""Other languages of people who shop in Mexico and the United States, as far as they are taken for ours."""
_NOT_WORDS = re.compile(r"\S*[@\d]\S*|https?://\S+|\w+\.\w+\S*")


@dataclass(frozen=True)
class Verdict:
    """The likelier language, how sure that is (0.5 … 1), and whether it seems to be neither of the two."""

    language: Language
    confidence: float
    is_sure: bool
    is_foreign: bool = False


class LanguageModel:
    """Log-odds of words, beside lingua."""

    def __init__(self, word_log_odds: dict[str, float], common_words: frozenset[str]) -> None:
        """`word_log_odds`: folded word → log-odds that it is English rather than Spanish. `common_words`:
        those that many utterances hold."""
        self.word_log_odds = word_log_odds
        self.common_words = common_words
        self._lingua = LanguageDetectorBuilder.from_languages(*OURS).build()
        self._lingua_of_all = LanguageDetectorBuilder.from_languages(*OURS, *FOREIGN).build()

    @classmethod
    def learn(cls, examples: Iterable[tuple[str, Language]]) -> LanguageModel:
        """Learn words from (utterance, language) pairs."""
        counts: dict[Language, Counter[str]] = {"en": Counter(), "es": Counter()}
        for text, language in examples:
            counts[language].update(set(words(_NOT_WORDS.sub(" ", text))))
        english, spanish = counts["en"], counts["es"]
        said = english + spanish
        log_odds = {
            word: math.log((english[word] + _SMOOTHING) / (spanish[word] + _SMOOTHING)) for word in said
        }
        return cls(log_odds, frozenset(word for word, times in said.items() if times >= COMMON_TIMES))

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
        is_foreign = self._is_foreign(text[:MAX_CHARACTERS])
        is_sure = abs(odds) >= SURE_LOG_ODDS and not is_foreign
        return Verdict("en" if odds > 0 else "es", confidence, is_sure, is_foreign)

    def _is_foreign(self, text: str) -> bool:
        said = words(text)
        if len(said) < FEWEST_FOREIGN_WORDS:
            return False
        if sum(word in self.common_words for word in said) > MOST_COMMON_WORDS * len(said):
            return False
        likeliest = self._lingua_of_all.compute_language_confidence_values(text)[0]
        return likeliest.language in FOREIGN and likeliest.value >= FOREIGN_CONFIDENCE


def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
