"""Graph component: products of the shop that a message names, learned from the lookup table `product`.
The table `not_product` has phrases in which their words mean something else ("help desk").

Words are compared without accents, and plurals are known by their endings. spaCy's lookup lemmas
don't serve here: they make "mesar" of "mesa" and "dry" of "dryer", and know no word without its accents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans
from spacy.vocab import Vocab

from relevo.nlu.component import FittedComponent
from relevo.nlu.entities import add_entities, read_text
from relevo.nlu.spans import PlainText, Span

PRODUCT = "product"
NOT_PRODUCT = "not_product"
OTHER_WORD = "_"
_WORD = re.compile(r"[^\W_]+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ProductExtractor(FittedComponent):
    """Stands after the other extractors: what they found (an e-mail address, say) holds no products."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings: the products are training data."""
        return {}

    def train(self, training_data: TrainingData) -> Resource:
        return self.keep((_lookup(training_data, PRODUCT), _lookup(training_data, NOT_PRODUCT)))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        if isinstance(self.model, tuple):
            self.model = ProductNames(*self.model)
        return self.for_each(messages, self._extract)

    def _extract(self, message: Message) -> None:
        spans = self.model.find(PlainText.of(read_text(message)))
        found = [entity for entity in message.get(ENTITIES, []) if "start" in entity]
        free = [span for span in spans if not any(span.overlaps(e["start"], e["end"]) for e in found)]
        add_entities(message, free, type(self).__name__)


class ProductNames:
    """Finds names of products in texts, in the singular and plural, the longest where several fit.

    Example:
        >>> [span.value for span in ProductNames(["sillón", "air fryer"]).find(PlainText.of("2 sillones"))]
        ['sillón']
    """

    def __init__(self, names: Iterable[str], other_phrases: Iterable[str] = ()) -> None:
        self._vocabulary = Vocab()
        self._matcher = PhraseMatcher(self._vocabulary)
        self._names: dict[str, list[str]] = {}
        """The names that are alike without accents, by what they are then."""
        for name in names:
            self._names.setdefault(_plain(name), []).append(name)
        phrases = {*self._names, *map(_plain, other_phrases)}
        for phrase in sorted(phrases):
            self._matcher.add(phrase, [Doc(self._vocabulary, words=phrase.split())])
        words = {word for phrase in phrases for word in phrase.split()}
        self._singulars = {plural: word for word in words for plural in _plurals(word)}
        self._singulars.update({word: word for word in words})

    def find(self, plain: PlainText) -> Iterator[Span]:
        words = list(_WORD.finditer(plain.text))
        # Words of no product are all one, as spaCy keeps each new word for ever.
        singulars = [self._singulars.get(word[0], OTHER_WORD) for word in words]
        matches = self._matcher(Doc(self._vocabulary, words=singulars), as_spans=True)
        for match in filter_spans(matches):
            if match.label_ in self._names:
                start, end = plain.typed_as(words[match.start].start(), words[match.end - 1].end())
                yield Span(PRODUCT, self._name(match.label_, plain.typed[start:end]), start, end)

    def _name(self, plain: str, typed: str) -> str:
        """Of "sofa" and "sofá", the one with accents if they were typed."""
        return min(self._names[plain], key=lambda name: name.isascii() != typed.isascii())


def _lookup(training_data: TrainingData, name: str) -> list[str]:
    """What the lookup tables of a name have; each file has one of its own."""
    tables = (table["elements"] for table in training_data.lookup_tables if table["name"] == name)
    return list(dict.fromkeys(element for elements in tables for element in elements))


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(PlainText.of(name).text))


def _plurals(word: str) -> Iterator[str]:
    """What may be its plural in English or Spanish."""
    yield f"{word}s"
    yield f"{word}es"
    if word.endswith("y"):
        yield f"{word[:-1]}ies"
