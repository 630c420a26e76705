"""The typos that classifiers are tested with look like people's."""

from __future__ import annotations

from bench.typos import with_typos
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.sampled_from(["where", "pedido", "está", "ok", "CJ-483920", "mañana", "ñandú", "🙏"])


def edits(first: str, second: str) -> int:
    """Levenshtein distance: letters put in, taken out or replaced."""
    distances = list(range(len(second) + 1))
    for row, letter in enumerate(first, start=1):
        diagonal, distances[0] = distances[0], row
        for column, other in enumerate(second, start=1):
            diagonal, distances[column] = (
                distances[column],
                min(distances[column] + 1, distances[column - 1] + 1, diagonal + (letter != other)),
            )
    return distances[-1]


def test_a_message_with_a_long_word_has_a_slip_of_one_letter() -> None:
    for seed in range(50):
        (typed,) = with_typos(["where is it"], seed)
        assert 1 <= edits(typed, "where is it") <= 2  # two letters swapped count as two edits
        assert typed.startswith("w")


def test_long_messages_have_more_slips() -> None:
    text = "please cancel order number seven because nobody came yesterday"
    (typed,) = with_typos([text], seed=3)
    assert sum(word != right for word, right in zip(typed.split(), text.split(), strict=True)) == 2


def test_short_words_and_order_numbers_stay() -> None:
    assert with_typos(["ok CJ-483920 a b no", ""], seed=1) == ["ok CJ-483920 a b no", ""]


def test_some_writers_leave_out_accents() -> None:
    typed = with_typos(["¿qué?"] * 20, seed=1)
    assert {"¿qué?", "¿que?"} == set(typed)


def test_the_same_seed_gives_the_same_typos() -> None:
    texts = ["where is my order", "dónde está mi pedido"]
    assert with_typos(texts, 5) == with_typos(texts, 5) != with_typos(texts, 6)


@given(st.lists(WORDS, max_size=12), st.integers(0, 1000))
def test_any_text_keeps_its_words(words: list[str], seed: int) -> None:
    (typed,) = with_typos([" ".join(words)], seed)
    assert len(typed.split()) == len(words)


@given(st.text(max_size=200), st.integers(0, 1000))
def test_any_text_can_be_mistyped(text: str, seed: int) -> None:
    assert len(with_typos([text], seed)) == 1
