"""The training data is as wide as customers are: enough of everything, nothing twice, no templates.

How alike two lines are: the Jaccard index of their sets of folded words, that is the words that they share
divided by all words of both. Lines of up to three words are left out, as "cancel my order" has few neighbours
that differ in more than a word. Lines from a template ("I want to buy a sofa", "I want to buy a lamp") share
most words; so pairs of one topic or tone that share over 80 % count as near-duplicates. Of some eight million
pairs none did when this was written.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache

import pytest
import yaml
from builders import ROOT

from relevo.nlu.examples import plain_text, read_examples
from relevo.nlu.text import fold, words
from relevo.protocol import LANGUAGES, Language, Protocol
from relevo.protocol.required import CONTEXT_INTENTS

MIN_UTTERANCES = 80
MIN_TONE_LINES = 250
MAX_SHARED = 0.8
SHORT_LINE_WORDS = 3
MAX_NEAR_DUPLICATES = 1e-6
"""Of all pairs within a topic or tone."""
TONES = {"calm", "frustrated", "angry", "abusive", "threat"}
UNSPOKEN = {"nlu_fallback", *CONTEXT_INTENTS}

Groups = dict[tuple[Language, str], list[str]]


@lru_cache(maxsize=1)
def topics() -> Groups:
    """The utterances by language and topic."""
    groups: Groups = defaultdict(list)
    for example in read_examples(ROOT / "data" / "nlu"):
        groups[example.language, example.topic].append(example.text)
    return dict(groups)


@lru_cache(maxsize=1)
def tones() -> Groups:
    """The lines of `data/tone` by language and tone."""
    return {
        (language, tone): [str(text) for text in texts]
        for language in LANGUAGES
        for tone, texts in yaml.load(
            (ROOT / "data" / "tone" / f"{language}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
        ).items()
    }


def compared(text: str) -> str:
    """A text without what typing habits change, and without punctuation; emoji count as words do."""
    plain = "".join(" " if unicodedata.category(sign)[0] == "P" else sign for sign in fold(text))
    return " ".join(plain.split()) or fold(text)


def near_duplicates(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs that share more than `MAX_SHARED` of their words.

    By size, so that the search ends where the longer line has too many words to be like the shorter one.
    """
    long_enough = [text for text in texts if len(words(text)) > SHORT_LINE_WORDS]
    by_size = sorted(((frozenset(words(text)), text) for text in long_enough), key=lambda pair: len(pair[0]))
    for number, (few, text) in enumerate(by_size):
        for many, other in by_size[number + 1 :]:
            if len(few) <= MAX_SHARED * len(many):
                break
            if len(few & many) > MAX_SHARED * len(few | many):
                yield text, other


def topics_of(protocol: Protocol) -> set[str]:
    """All that a customer may mean: answered topics, and those that an action or the plan takes."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return ({*protocol.topics} | {name for intent in domain["intents"] for name in intent}) - UNSPOKEN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_enough_utterances(language: Language, protocol: Protocol) -> None:
    counts = {topic: len(topics().get((language, topic), [])) for topic in topics_of(protocol)}
    assert {topic: count for topic, count in counts.items() if count < MIN_UTTERANCES} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tone_has_enough_lines(language: Language) -> None:
    counts = {tone: len(tones().get((language, tone), [])) for tone in TONES}
    assert {tone: count for tone, count in counts.items() if count < MIN_TONE_LINES} == {}


@pytest.mark.parametrize("groups", [topics, tones])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_stands_there_twice(groups: Callable[[], Groups], language: Language) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for (its_language, group), texts in groups().items():
        for text in texts if its_language == language else []:
            places[compared(text)].append(group)
    assert {text: found for text, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("groups", [topics, tones])
def test_hardly_any_two_lines_are_nearly_the_same(groups: Callable[[], Groups]) -> None:
    near = [pair for texts in groups().values() for pair in near_duplicates(texts)]
    pairs = sum(len(texts) * (len(texts) - 1) // 2 for texts in groups().values())
    assert len(near) <= MAX_NEAR_DUPLICATES * pairs, near


def test_lines_of_one_template_are_near_duplicates() -> None:
    lines = [f"I would like to buy a new {product}" for product in ("sofa", "lamp")]
    assert list(near_duplicates([*lines, "buy a sofa", "I want my money back now please"])) == []
    longer = [f"{line} for my house" for line in lines]
    assert list(near_duplicates(longer)) == [tuple(longer)]


@pytest.mark.parametrize(
    ("example", "text"),
    [
        ("where is [CJ-483920](order_number)", "where is CJ-483920"),
        ("[sofá](product) y [45 dólares](amount)", "sofá y 45 dólares"),
        ('[fridge]{"entity": "product", "value": "refrigerator"} broke', "fridge broke"),
        ("[sic] (and so on)", "[sic] (and so on)"),
        ("", ""),
    ],
)
def test_annotated_examples_are_read_as_plain_text(example: str, text: str) -> None:
    assert plain_text(example) == text
