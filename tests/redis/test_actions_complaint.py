"""Taking a complaint: what is asked, what is kept, and what the customer leaves with."""

from __future__ import annotations

import re

import pytest
import redis.asyncio as redis
from builders import NOON, local_time
from dialogue import Dialogue, Reply, last_folio, services_of

from actions.complaint import MAX_DESCRIPTION_CHARACTERS
from actions.services import Services
from relevo.cases.case import Case
from relevo.protocol import LANGUAGES, Language, Protocol

STORY = "El sillón que compré llegó con una pata rota y la tela rasgada, lo abrimos hoy"
SUNDAY = local_time("2025-11-30 12:00")


@pytest.fixture
def services(redis_client: redis.Redis, protocol: Protocol) -> Services:
    return services_of(redis_client, protocol)


@pytest.fixture
def dialogue(services: Services) -> Dialogue:
    return Dialogue(services)


async def begins(dialogue: Dialogue, text: str = "quiero poner una queja") -> Reply:
    dialogue.customer(text, "complaint")
    return await dialogue.run("action_start_complaint") + await dialogue.begin("complaint_form")


async def files(dialogue: Dialogue, *answers: str) -> Reply:
    """The answers to all of the form's questions, and the filing."""
    for answer in answers:
        await dialogue.answer(answer)
    assert dialogue.form is None
    return await dialogue.run("action_file_complaint")


async def only_case(services: Services) -> Case:
    (case,) = await services.queue.open_cases()
    return case


async def test_form_asks_what_happened_which_order_and_where_to_answer(dialogue: Dialogue) -> None:
    reply = await begins(dialogue)
    assert reply.texts == [
        "Lamento que algo haya salido mal. Cuéntame qué pasó, con tus palabras; "
        "el área encargada lo leerá tal como lo escribas."
    ]
    assert (await dialogue.answer(STORY)).responses == ["ask_complaint_order"]
    assert (await dialogue.answer("es el cj 483920")).responses == ["ask_complaint_contact"]
    assert (await dialogue.answer("ana@example.com")).responses == []
    assert dialogue.form is None


async def test_customer_leaves_with_a_folio_and_their_masked_contact(
    dialogue: Dialogue, redis_client: redis.Redis
) -> None:
    await begins(dialogue)
    reply = await files(dialogue, STORY, "CJ-483920", "55 1234 5678")
    folio = await last_folio(redis_client)
    assert reply.texts[-1:] == [
        f"Gracias por decírnoslo. Tu queja quedó registrada con el folio {folio}; Atención a clientes te "
        "responde en …5678 a más tardar el jueves 4 de diciembre a las 12:00. Guarda este mensaje: es tu "
        "acuse de recibo. Puedes preguntarme cómo va con ese folio y tu contacto."
    ]


async def test_complaint_of_a_known_cause_is_answered_by_its_apology_and_its_remedy(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    reply = await files(dialogue, STORY, "CJ-483920", "55 1234 5678")
    assert reply.texts[:-1] == [
        "Lamento que te haya llegado dañado. Debió llegar como nuevo.",
        "Con una foto del producto y una del empaque lo recogemos sin costo, y tú eliges: uno nuevo o tu "
        "dinero de vuelta. En un día hábil acordamos contigo la fecha.",
        "También pedí esto para compensarte: Recolección sin costo. No te lo puedo prometer; lo decide "
        "Atención a clientes y te avisa.",
    ]
    case = await only_case(services)
    assert (case.area, case.priority, case.rank) == ("customer_care", "high", 1)


async def test_remedy_is_told_in_the_customers_language(services: Services) -> None:
    dialogue = Dialogue(services, language="en")
    await begins(dialogue, "I want to file a complaint")
    reply = await files(dialogue, "it says delivered but i never got it", "CJ-483920", "ana@example.com")
    assert reply.texts[0] == "I'm sorry. It's upsetting to read \"delivered\" and find nothing at your door."


async def test_priority_is_that_of_the_cause_and_target_that_of_the_procedure(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    await files(dialogue, "llevo 3 semanas esperando mi sala", "CJ-483920", "55 1234 5678")
    case = await only_case(services)
    assert (case.area, case.priority, case.rank) == ("customer_care", "normal", 2)
    assert case.cause == "late_delivery", "the desk shows its apology, remedy and offers"
    assert case.target_at == services.protocol.complaint_answer_by("customer_care", NOON)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_complaint_by_email_is_answered_in_the_register_of_letters(
    services: Services, language: Language
) -> None:
    dialogue = Dialogue(services, language=language)
    dialogue.channel = "email"
    begun = await begins(dialogue)
    reply = begun + await files(dialogue, STORY, "CJ-483920", "55 1234 5678")
    assert len(reply.texts) == 5, "question, apology, remedy, offer, confirmation"
    words = {"en": (r"[’']", "We are sorry that it reached you damaged."), "es": (r"\b(te|tu|tú)\b", "usted")}
    never, somewhere = words[language]
    assert not [text for text in reply.texts if re.search(never, text)]
    assert somewhere in " ".join(reply.texts)


async def test_complaint_like_no_cause_promises_nothing_but_the_answer(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue)
    reply = await files(dialogue, "el volcán tapó las estrellas anoche", "CJ-483920", "55 1234 5678")
    assert reply.responses == ["complaint_filed"]
    assert len(reply.texts) == 1
    case = await only_case(services)
    assert (case.area, case.priority, case.rank) == ("senior_care", "high", 1)


UNCLEAR = "El sillón llegó con una pata rota y me lo cobraron dos veces"
"""It has several causes."""


async def asked(dialogue: Dialogue) -> list[str]:
    """The payloads of the buttons under the question for the cause."""
    await begins(dialogue)
    reply = await dialogue.answer(UNCLEAR)
    assert reply.responses == ["ask_complaint_cause"]
    return [button["payload"] for button in reply.messages[0]["buttons"]]


async def test_who_may_mean_several_causes_is_asked_once_with_buttons(
    dialogue: Dialogue, services: Services
) -> None:
    *causes, none_of_them = await asked(dialogue)
    assert 1 <= len(causes) <= 3
    assert none_of_them == "/deny"
    reply = await dialogue.answer(causes[-1], causes[-1].removeprefix("/"))
    assert reply.responses == ["ask_complaint_order"]
    reply = await files(dialogue, "CJ-483920", "55 1234 5678")
    name = causes[-1].removeprefix("/cause_")
    assert reply.texts[0] == services.protocol.complaints.causes[name].apology.es
    assert (await only_case(services)).cause == name


@pytest.mark.parametrize(
    ("answer", "topic", "cause"),
    [
        ("/deny", "deny", ""),
        ("no sé", "nlu_fallback", ""),
        ("sí", "affirm", ""),
        ("LLEGO DAÑADO", "nlu_fallback", "damaged_on_arrival"),
        ("la mesa llegó con una pata rota", "nlu_fallback", "damaged_on_arrival"),
        ("/cause_of_something_else", "nlu_fallback", ""),
    ],
)
async def test_any_answer_to_the_cause_goes_on_with_the_next_question(
    dialogue: Dialogue, services: Services, answer: str, topic: str, cause: str
) -> None:
    await asked(dialogue)
    assert (await dialogue.answer(answer, topic)).responses == ["ask_complaint_order"]
    await files(dialogue, "CJ-483920", "55 1234 5678")
    case = await only_case(services)
    assert case.cause == cause
    assert case.description.startswith(UNCLEAR)


@pytest.mark.parametrize(
    ("answer", "next_question"),
    [("no lo tengo a la mano", "ask_complaint_contact"), ("ninguno", "ask_complaint_order")],
)
async def test_who_has_no_order_number_may_say_so_already_at_the_cause(
    dialogue: Dialogue, answer: str, next_question: str
) -> None:
    await asked(dialogue)
    assert (await dialogue.answer(answer, "deny")).responses == [next_question]


async def test_order_told_instead_of_the_cause_is_kept(dialogue: Dialogue) -> None:
    await asked(dialogue)
    assert (await dialogue.answer("es el CJ-483920")).responses == ["ask_complaint_contact"]


async def test_who_wants_to_stop_at_the_cause_is_let_go(dialogue: Dialogue) -> None:
    await asked(dialogue)
    await dialogue.answer("olvídalo", "stop")
    assert (await dialogue.run("action_file_complaint")).responses == ["stopped"]


async def test_complaint_waits_in_its_area_word_for_word(services: Services) -> None:
    dialogue = Dialogue(services, "c7", "en")
    await begins(dialogue, "I want to file a complaint")
    await dialogue.answer("My sofa's leg is broken 😡\nand nobody answers", tone="frustrated")
    await dialogue.answer("cj483920")
    await dialogue.answer("ana@example.com", tone="calm")
    await dialogue.run("action_file_complaint")
    case = await only_case(services)
    assert case == Case(
        folio=case.folio,
        kind="complaint",
        conversation="c7",
        channel="webchat",
        language="en",
        area="senior_care",
        priority="high",
        rank=1,
        opened_at=NOON,
        target_at=services.protocol.complaint_answer_by("senior_care", NOON),
        resolution_by=services.protocol.resolution_by("high", "senior_care", NOON),
        topic="complaint",
        tone="calm",
        description="My sofa's leg is broken 😡\nand nobody answers",
        order_number="CJ-483920",
        contact="ana@example.com",
        opened_by=case.opened_by,
    )


async def test_filing_neither_silences_the_bot_nor_waits_for_anyone(dialogue: Dialogue) -> None:
    await begins(dialogue)
    reply = await files(dialogue, STORY, "CJ-483920", "55 1234 5678")
    assert {event["event"] for event in reply.events} == {"slot"}
    assert {name: dialogue.slots[name] for name in dialogue.slots if name.startswith("complaint_")} == {
        "complaint_description": None,
        "complaint_cause": None,
        "complaint_order": None,
        "complaint_contact": None,
    }


async def test_who_has_told_what_happened_is_not_asked_again(dialogue: Dialogue, services: Services) -> None:
    assert (await begins(dialogue, STORY)).responses == ["ask_complaint_order"]
    await files(dialogue, "CJ-483920", "55 1234 5678")
    assert (await only_case(services)).description == STORY


async def test_order_and_contact_of_the_first_message_are_kept(
    dialogue: Dialogue, services: Services
) -> None:
    text = f"{STORY}, es el pedido CJ-483920, mi correo es ana@example.com"
    assert (await begins(dialogue, text)).responses == []
    await files(dialogue)
    case = await only_case(services)
    assert (case.order_number, case.contact) == ("CJ-483920", "ana@example.com")


async def test_order_in_the_story_is_not_asked_again(dialogue: Dialogue) -> None:
    await begins(dialogue)
    assert (await dialogue.answer(f"{STORY} (pedido 483920)")).responses == ["ask_complaint_contact"]


async def test_complaint_without_an_order_is_taken(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, STORY)
    assert (await dialogue.answer("no", "deny")).responses == ["ask_complaint_contact"]
    await files(dialogue, "55 1234 5678")
    assert (await only_case(services)).order_number == ""


async def test_what_is_no_order_number_is_asked_for_again(dialogue: Dialogue) -> None:
    await begins(dialogue, STORY)
    assert (await dialogue.answer("es el 12")).responses == ["complaint_order_not_understood"]
    assert (await dialogue.answer("CJ-483920")).responses == ["ask_complaint_contact"]


async def test_what_is_no_contact_is_asked_for_again(dialogue: Dialogue) -> None:
    await begins(dialogue, STORY)
    await dialogue.answer("CJ-483920")
    assert (await dialogue.answer("55 1234")).responses == ["contact_not_understood"]
    assert (await dialogue.answer("55 1234 5678")).responses == []


async def test_bare_word_is_no_story(dialogue: Dialogue) -> None:
    await begins(dialogue)
    assert (await dialogue.answer("pésimo servicio")).responses == ["complaint_description_too_short"]
    assert (await dialogue.answer("llegó roto ayer")).responses == ["ask_complaint_order"]


async def test_two_failures_in_a_row_end_the_form(dialogue: Dialogue, services: Services) -> None:
    await begins(dialogue, STORY)
    await dialogue.answer("asdf")
    assert (await dialogue.answer("qwer")).responses == []
    assert (dialogue.form, dialogue.slots["form_failures"]) == (None, 2)
    assert await services.queue.open_cases() == []


async def test_question_in_the_midst_is_answered_before_the_form_asks_again(dialogue: Dialogue) -> None:
    await begins(dialogue)
    reply = await dialogue.answer("¿y cuánto tiempo de garantía tiene?", "warranty")
    assert reply.responses == ["warranty", "ask_complaint_description"]
    reply = await dialogue.answer("llegó roto y sin garantía", "warranty")
    assert reply.responses == ["ask_complaint_order"]


@pytest.mark.parametrize("answers", [[], [STORY], [STORY, "CJ-483920"]])
async def test_customer_can_stop_at_any_question(
    dialogue: Dialogue, services: Services, answers: list[str]
) -> None:
    await begins(dialogue)
    for answer in answers:
        await dialogue.answer(answer)
    await dialogue.answer("no, olvida todo esto", "stop")
    assert dialogue.form is None
    assert (await dialogue.run("action_file_complaint")).responses == ["stopped"]
    assert await services.queue.open_cases() == []


async def test_message_that_is_handled_twice_files_one_complaint(
    dialogue: Dialogue, services: Services
) -> None:
    await begins(dialogue, STORY)
    await dialogue.answer("CJ-483920")
    await dialogue.answer("55 1234 5678")
    first, again = await files(dialogue.twin()), await files(dialogue)
    assert again.texts == first.texts
    await only_case(services)


async def test_second_complaint_of_a_conversation_is_another_case(
    dialogue: Dialogue, services: Services
) -> None:
    for story in (STORY, f"{STORY} y ahora además me cobraron dos veces"):
        await begins(dialogue, story)
        await files(dialogue, "CJ-483920", "55 1234 5678")
    assert len(await services.queue.open_cases()) == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_endless_story_is_cut(dialogue: Dialogue, services: Services, at_once: bool) -> None:
    story = "llegó roto " * 10_000
    await begins(dialogue, story if at_once else "queja")
    if not at_once:
        await dialogue.answer(story)
    await files(dialogue, "CJ-483920", "55 1234 5678")
    assert len((await only_case(services)).description) == MAX_DESCRIPTION_CHARACTERS


async def test_two_working_days_to_answer_count_from_the_next_opening(
    redis_client: redis.Redis, protocol: Protocol
) -> None:
    services = services_of(redis_client, protocol, SUNDAY)
    dialogue = Dialogue(services)
    await begins(dialogue, STORY)
    await files(dialogue, "CJ-483920", "55 1234 5678")
    case = await only_case(services)
    assert (case.opened_at, case.target_at) == (SUNDAY, local_time("2025-12-02 20:00"))


async def test_what_the_assistant_may_grant_is_granted_and_nothing_asked_for(
    dialogue: Dialogue, services: Services
) -> None:
    granted = services.protocol.contingency.recovery["call_at_chosen_time"]
    assert granted.granted_by == "assistant"
    await begins(dialogue)
    reply = await files(dialogue, "les escribí cuatro veces y nadie me contesta", "CJ-483920", "55 1234 5678")
    assert (await only_case(services)).cause == "no_answer"
    assert granted.words.es in reply.texts
    assert reply.responses == ["complaint_filed"]


# --- patience ----------------------------------------------------------------------------------------------


async def order_is_asked(dialogue: Dialogue) -> None:
    await begins(dialogue)
    assert (await dialogue.answer(STORY)).responses == ["ask_complaint_order"]


async def test_announcement_is_not_taken_for_the_story(dialogue: Dialogue) -> None:
    announced = (
        "buenas tardes, quisiera levantar una queja formal sobre un vendedor de su tienda de monterrey"
    )
    assert (await begins(dialogue, announced)).responses == ["ask_complaint_description"]


async def test_more_of_the_story_is_added_and_the_order_asked_again(
    dialogue: Dialogue, services: Services
) -> None:
    await order_is_asked(dialogue)
    for more in ("además el chofer le gritó a mi mamá", "y dejó la caja afuera en la lluvia"):
        assert (await dialogue.answer(more)).responses == ["complaint_order_after_story"]
    assert dialogue.slots["form_failures"] == 0
    await files(dialogue, "CJ-483920", "ana@example.com")
    assert (await only_case(services)).description == (
        f"{STORY}\nademás el chofer le gritó a mi mamá\ny dejó la caja afuera en la lluvia"
    )


async def test_contact_told_instead_of_the_order_is_kept_and_the_order_asked_once_more(
    dialogue: Dialogue, services: Services
) -> None:
    await order_is_asked(dialogue)
    assert (await dialogue.answer("mi correo es ana@example.com")).responses == ["ask_complaint_order"]
    assert dialogue.slots["form_failures"] == 0
    await files(dialogue, "perdí el ticket")
    case = await only_case(services)
    assert (case.order_number, case.contact) == ("", "ana@example.com")


@pytest.mark.parametrize("answer", ["84120", "si, es el 84120", "order #84120", "El pedido es el 84120"])
async def test_number_that_looks_like_none_of_ours_is_kept_as_it_was_told(
    dialogue: Dialogue, services: Services, answer: str
) -> None:
    await order_is_asked(dialogue)
    assert (await dialogue.answer(answer)).responses == ["ask_complaint_contact"]
    await files(dialogue, "55 1234 5678")
    assert (await only_case(services)).order_number == "84120"


async def test_corrected_order_number_counts(dialogue: Dialogue) -> None:
    await order_is_asked(dialogue)
    await dialogue.answer("CJ-734499 perdón CJ-734949")
    assert dialogue.slots["complaint_order"] == "CJ-734949"


async def test_who_looks_for_the_number_is_given_time(dialogue: Dialogue) -> None:
    await order_is_asked(dialogue)
    for _ in range(3):
        assert (await dialogue.answer("espérame, lo busco")).responses == ["take_your_time"]
    assert (await dialogue.answer("CJ-734949")).responses == ["ask_complaint_contact"]
