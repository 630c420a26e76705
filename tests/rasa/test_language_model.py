"""Which language a message is in, with words learned from the training data."""

from __future__ import annotations

from time import process_time

import pytest
from builders import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.nlu.language import utterances
from relevo.nlu.language_model import LanguageModel

MODEL = LanguageModel.learn(utterances(ROOT / "data" / "nlu"))

ENGLISH = [
    *(
        "where is my order",
        "I want to cancel my order",
        "how do I reset my password?",
        "do you ship to Texas",
    ),
    *("WHERE THE HELL IS MY STUFF", "the couch came broken, I want my money back", "can i talk to someone"),
    *(
        "whats ur refund policy",
        "i live in san antonio, do you deliver there?",
        "My name is José and I need help",
    ),
    *(
        "thank you",
        "thanks",
        "yes please",
        "invoice",
        "refund",
        "how long does delivery take",
        "good morning",
    ),
    *("my order CJ-483920 never arrived", "write me at ana@example.com please", "talk to a human"),
]
SPANISH = [
    *("¿dónde está mi pedido?", "donde esta mi pedido", "quiero cancelar mi pedido", "NO HA LLEGADO NADA"),
    *("me cobraron doble", "q onda con mi reembolso", "necesito factura porfa", "hacen envios a texas?"),
    *("hola", "gracias", "buenas tardes", "sí por favor", "factura", "pedido", "porfa", "ya no lo quiero"),
    *(
        "mi pedido CJ-483920 no ha llegado",
        "escríbanme a ana@example.com por favor",
        "quiero hablar con alguien",
    ),
    *("me llamo John y vivo en Austin", "cuanto tarda el envio express"),
]
UNSURE = [
    *(
        "",
        " ",
        "?",
        "...",
        "🙏🙏",
        "ok",
        "no",
        "No.",
        "CJ-483920",
        "RV-7K3M-9QXT",
        "5512345678",
        "+52 55 1234 5678",
    ),
    *("ana@example.com", "john.smith@gmail.com", "https://casajacaranda.example/facturas", "www.example.com"),
    *("12/10", "$500", "3", "44100", "mmm", "\x00"),
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_surely_english(text: str) -> None:
    verdict = MODEL.judge(text)
    assert (verdict.language, verdict.is_sure) == ("en", True)


@pytest.mark.parametrize("text", SPANISH)
def test_spanish_is_surely_spanish(text: str) -> None:
    verdict = MODEL.judge(text)
    assert (verdict.language, verdict.is_sure) == ("es", True)


@pytest.mark.parametrize("text", UNSURE)
def test_what_stands_in_both_languages_decides_nothing(text: str) -> None:
    assert not MODEL.judge(text).is_sure


@pytest.mark.parametrize(
    "attached", ["CJ-483920", "ana@example.com", "https://casajacaranda.example/cuenta", "5512345678"]
)
def test_numbers_and_addresses_change_nothing(attached: str) -> None:
    plain = MODEL.log_odds("where is my order")
    assert MODEL.log_odds(f"where is my order {attached}") == pytest.approx(plain)


@pytest.mark.parametrize("text", ["donde esta mi pedido", "where is my order"])
def test_capitals_and_accents_do_not_turn_the_language(text: str) -> None:
    accented = text.replace("donde", "dónde").replace("esta", "está")
    assert MODEL.judge(text.upper()).language == MODEL.judge(accented).language == MODEL.judge(text).language


def test_training_utterances_are_hardly_ever_taken_for_the_other_language() -> None:
    examples = list(utterances(ROOT / "data" / "nlu"))[::5]
    verdicts = [(MODEL.judge(text), language) for text, language in examples]
    surely_wrong = [
        verdict for verdict, language in verdicts if verdict.is_sure and verdict.language != language
    ]
    sure = [verdict for verdict, _ in verdicts if verdict.is_sure]
    assert len(surely_wrong) <= 0.025 * len(verdicts), "more than what mixes both languages"
    assert len(sure) >= 0.9 * len(verdicts)


def test_model_learns_from_what_it_is_given() -> None:
    learned = LanguageModel.learn([("zorp blib", "en")] * 9 + [("quux flum", "es")] * 9)
    assert learned.word_log_odds["zorp"] > 0 > learned.word_log_odds["quux"]
    assert set(learned.word_log_odds) == {"zorp", "blib", "quux", "flum"}


def test_numbers_and_addresses_are_not_learned() -> None:
    learned = LanguageModel.learn([("mail ana@example.com CJ-483920 https://example.com", "en")])
    assert set(learned.word_log_odds) == {"mail"}


def test_only_the_beginning_of_a_huge_text_is_read_and_fast() -> None:
    started = process_time()
    assert MODEL.judge("where is my order " * 100_000).language == "en"
    assert process_time() - started < 1


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_has_a_verdict(text: str) -> None:
    verdict = MODEL.judge(text)
    assert verdict.language in ("en", "es")
    assert 0.5 <= verdict.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "bonjour je voudrais annuler ma commande",
        "je n'ai pas reçu mon colis",
        "vocês entregam no Brasil?",
        "não recebi meu reembolso ainda",
        "vorrei annullare il mio ordine",
        "wo ist meine Bestellung",
    ],
)
def test_another_language_does_not_decide_the_conversation_s(text: str) -> None:
    verdict = MODEL.judge(text)
    assert verdict.is_foreign
    assert not verdict.is_sure


@pytest.mark.parametrize("text", [*ENGLISH, *SPANISH])
def test_customers_of_the_two_languages_are_not_taken_for_foreigners(text: str) -> None:
    assert not MODEL.judge(text).is_foreign
