"""The protocol's folder: the demo is sound, and whatever is wrong is told with its file and line."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from protocols import DEMO, SMALLEST, demo_copy, edit, smallest_protocol

from relevo.protocol import LANGUAGES, Language, Protocol, ProtocolError, load_protocol
from relevo.protocol.loader import MAX_FILE_BYTES
from relevo.protocol.schema import MAX_BUTTON_CHARACTERS, MAX_QUICK_REPLIES, Wordings

LOAD_SECONDS = 1.0
MAX_TITLE = "x" * (MAX_BUTTON_CHARACTERS + 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return smallest_protocol(tmp_path / "protocol")


def refusal(folder: Path) -> str:
    """What the person is told who has written this protocol."""
    with pytest.raises(ProtocolError) as refused:
        load_protocol(folder)
    return str(refused.value)


def test_demo_loads_in_less_than_a_second() -> None:
    started = perf_counter()
    protocol = load_protocol(DEMO)
    assert perf_counter() - started < LOAD_SECONDS
    assert protocol.company.name == "Casa Jacaranda"


def test_smallest_protocol_loads(folder: Path) -> None:
    protocol = load_protocol(folder)
    assert protocol.topics["hours"].title.in_language("es") == "Horario"
    assert protocol.contingency.trigger("person").area == "care"


def test_words_are_said_with_their_placeholders_filled(folder: Path) -> None:
    protocol = load_protocol(folder)
    assert protocol.say("passing", "es", folio="RV-1111-1111") == "Te paso, RV-1111-1111."
    assert protocol.say("passing", "en", folio="RV-1111-1111") == "I pass you on, RV-1111-1111."


def test_unknown_trigger_is_a_key_error(folder: Path) -> None:
    with pytest.raises(KeyError):
        load_protocol(folder).contingency.trigger("nothing")


def test_same_files_have_the_same_hash_and_any_change_another(folder: Path, tmp_path: Path) -> None:
    before = load_protocol(folder).hash
    assert load_protocol(smallest_protocol(tmp_path / "elsewhere")).hash == before
    edit(folder / "words.yml", "Un momento", "Un  momento")
    assert load_protocol(folder).hash != before


# --- what is wrong is told with file and line -------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SMALLEST if not name.startswith("topics/")])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refusal(folder) == (
        f"{folder / name}: can't be read (No such file or directory); every protocol needs this file"
    )


def test_missing_topics_are_told(folder: Path) -> None:
    (folder / "topics" / "all.yml").unlink()
    assert refusal(folder) == f"{folder / 'topics'}: holds no topics; add at least one .yml file"


def test_missing_folder_is_told(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere" / "company.yml") in refusal(tmp_path / "nowhere")


def test_folder_in_place_of_a_file_is_told(folder: Path) -> None:
    (folder / "words.yml").unlink()
    (folder / "words.yml").mkdir()
    assert refusal(folder).startswith(f"{folder / 'words.yml'}: can't be read (Is a directory)")


MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "broken YAML": (
        "roster",
        "areas:",
        "areas: {",
        "did not find expected ',' or '}'",
    ),
    "tab": ("channels", "  title: ", "\ttitle: ", "cannot start any token"),
    "unknown key": ("company", "assistant: Luz", "assistent: Luz", "extra fields not permitted"),
    "unknown weekday": ("company", "weekly: {monday", "weekly: {moonday", "'moonday' is no weekday"),
    "duplicate key": (
        "company",
        "assistant: Luz",
        "assistant: Luz\nassistant: Sol",
        "'assistant' is given twice",
    ),
    "missing language": (
        "company",
        "mission: {en: To sell, es: Vender}",
        "mission: {en: To sell}",
        "field required",
    ),
    "empty text": ("company", "{en: To last, es: Durar}", "{en: To last, es: ''}", "at least 1 character"),
    "no wording": ("topics/all", "en: [From 9 to 8]", "en: []", "at least 1 item"),
    "third language": ("company", "es: Vender}", "es: Vender, fr: Vendre}", "extra fields not permitted"),
    "unknown default language": ("company", "default_language: es", "default_language: fr", "permitted"),
    "unknown area": ("contingency", "area: care", "area: nobody", "unknown area 'nobody'"),
    "unknown area of complaints": ("complaints", "area: care", "area: nobody", "unknown area 'nobody'"),
    "unknown words": ("contingency", "words: passing", "words: nothing", "unknown words 'nothing'"),
    "unknown topic": (
        "topics/all",
        "quick_replies: [hours]",
        "quick_replies: [hours, ours]",
        "unknown topic 'ours'",
    ),
    "too many buttons": (
        "topics/all",
        "quick_replies: [hours]",
        f"quick_replies: [{', '.join(['hours'] * (MAX_QUICK_REPLIES + 1))}]",
        f"at most {MAX_QUICK_REPLIES} items",
    ),
    "long title": (
        "topics/all",
        "en: Hours,",
        f"en: {MAX_TITLE},",
        f"at most {MAX_BUTTON_CHARACTERS} characters (en)",
    ),
    "unknown tone": ("contingency", "{intent: contact_human_agent}", "{tone: happy}", "permitted"),
    "two conditions": (
        "contingency",
        "{intent: contact_human_agent}",
        "{tone: angry, misunderstandings: 2}",
        "give exactly one of intent, tone, misunderstandings",
    ),
    "no condition": ("contingency", "{intent: contact_human_agent}", "{}", "give exactly one of"),
    "unknown priority": ("contingency", "    priority: normal", "    priority: soon", "permitted"),
    "priority without a target": (
        "contingency",
        "    priority: normal",
        "    priority: urgent",
        "no target is given for priority 'urgent'",
    ),
    "no time at all": (
        "channels",
        "first_response_seconds: 120",
        "first_response_seconds: 0",
        "greater than 0",
    ),
    "endless time": (
        "channels",
        "first_response_seconds: 120",
        "first_response_seconds: .inf",
        "valid integer",
    ),
    "bad hours": ("company", "09:00-14:00", "9 to 14", "'9 to 14' is no period; write it like"),
    "hours after midnight": ("company", "16:00-20:00", "16:00-24:30", "'16:00-24:30' is no period"),
    "hours backwards": ("company", "09:00-14:00", "14:00-09:00", "the periods of monday overlap"),
    "hours that overlap": ("company", "09:00-14:00", "09:00-17:00", "the periods of monday overlap"),
    "unknown zone": (
        "company",
        "America/Mexico_City",
        "America/Macondo",
        "unknown time zone 'America/Macondo'",
    ),
    "folder as zone": ("company", "America/Mexico_City", "America", "unknown time zone 'America'"),
    "unknown country": ("company", "holidays: [MX]", "holidays: [XX]", "no holidays are known for 'XX'"),
    "placeholder of one language": (
        "words",
        "I pass you on, {folio}.",
        "I pass you on, {folio}, {name}.",
        "{name} is in one language only",
    ),
    "open brace": ("words", "I pass you on, {folio}.", "I pass you on, {folio.", "expected '}'"),
    "brace without a name": ("words", "I pass you on, {folio}.", "I pass you on, {}.", "a plain name"),
    "date in month 13": ("company", "name: Tienda", "name: 2025-13-01", "in quotes it is a text"),
    "wrong type": ("company", "name: Tienda", "name: !!int one", "in quotes it is a text"),
    "foreign type": ("company", "name: Tienda", "name: !!python/name:os.system x", "could not determine"),
    "alias": ("company", "name: Tienda", "name: &name [*name]", "aliases (*name) don't work here"),
    "depth": ("company", "name: Tienda", f"name: {'[' * 21}{']' * 21}", "more than 20 levels deep"),
    "bottomless": ("company", "name: Tienda", f"name: {'[' * 100_000}", "more than 20 levels deep"),
}


TOLD_LINES_LATER = {
    "broken YAML": 2,  # where YAML gives up: the end of the file
    "duplicate key": 1,
    "placeholder of one language": -1,  # at the name of the words
    "open brace": -1,
    "brace without a name": -1,
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_with_its_file_and_line(folder: Path, mistake: str) -> None:
    name, old, new, told = MISTAKES[mistake]
    file = folder / f"{name}.yml"
    line = edit(file, old, new) + TOLD_LINES_LATER.get(mistake, 0)
    (found,) = [message for message in refusal(folder).splitlines() if told in message]
    assert found.startswith(f"{file}:{line}: ")


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    edit(folder / "company.yml", "assistant: Luz", "assistent: Luz")
    edit(folder / "channels.yml", "max_characters: 600", "max_characters: many")
    told = refusal(folder).splitlines()
    assert [line.split(": ")[0] for line in told] == [
        f"{folder / 'company.yml'}:1",
        f"{folder / 'company.yml'}:2",
        f"{folder / 'channels.yml'}:6",
    ]


def test_topic_that_is_in_two_files_is_told(folder: Path) -> None:
    (folder / "topics" / "more.yml").write_text("# More.\nhours:\n  title: {en: Hours, es: Horario}\n")
    assert refusal(folder) == f"{folder / 'topics' / 'more.yml'}:2: topic 'hours' is in another file too"


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n", b"- a list\n", b"a text\n", b"~\n"])
@pytest.mark.parametrize("name", ["words.yml", "topics/all.yml"])
def test_file_without_pairs_is_told(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert refusal(folder) == f"{folder / name}:1: must hold `key: value` pairs"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: \x00", b"a: \x80", "a: ñ".encode("latin-1")])
def test_file_that_is_no_text_is_told(folder: Path, content: bytes) -> None:
    (folder / "words.yml").write_bytes(content)
    message = refusal(folder)
    assert message.startswith(f"{folder / 'words.yml'}:")
    assert "\n" not in message


def test_file_of_two_megabytes_is_refused_before_it_is_read(folder: Path) -> None:
    (folder / "words.yml").write_bytes(b"a: " + b"x" * 2 * MAX_FILE_BYTES)
    assert refusal(folder) == f"{folder / 'words.yml'}: is larger than 1,000,000 bytes; split it"


def test_second_document_in_a_file_is_told(folder: Path) -> None:
    with (folder / "complaints.yml").open("a", encoding="utf-8") as file:
        file.write("---\narea: care\n")
    assert refusal(folder).startswith(f"{folder / 'complaints.yml'}:3: but found another document")


def test_mistake_in_the_demo_is_told_with_its_line(tmp_path: Path) -> None:
    folder = demo_copy(tmp_path)
    line = edit(folder / "contingency.yml", "    area: safety\n", "    area: saftey\n")
    assert refusal(folder) == (
        f"{folder / 'contingency.yml'}:{line}: contingency.triggers.1.area: unknown area 'saftey'"
    )


# --- any text at all ---------------------------------------------------------------------------------------

SNIPPETS = st.sampled_from(
    [
        *(
            "",
            " ",
            "\n",
            "\t",
            "  ",
            ":",
            ": ",
            "- ",
            "-",
            "? ",
            "#",
            ",",
            "[",
            "]",
            "{",
            "}",
            "{}",
            "{a}",
            "'",
        ),
        *('"', "|", ">", ">-", "&a ", "*a", "!!int ", "!!binary ", "!x ", "%", "@", "`", "~", "null", "true"),
        *(
            "---\n",
            "...\n",
            "<<: ",
            "0x_",
            "1e999",
            "-1",
            "2025-02-30",
            "1:99",
            ".nan",
            "\x00",
            "\ufeff",
            "\u2028",
        ),
        *("ñ", "🙏", "\x85", "es", "en", "title", "monday", "24:00", "[[[[", "}}}}"),
    ]
)
Mutation = Callable[[str], str]


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str]:
    """A file of the smallest protocol with a few places cut, doubled, swapped or overwritten."""
    name = draw(st.sampled_from(sorted(SMALLEST)))
    text = SMALLEST[name]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        middle = draw(st.one_of(SNIPPETS, st.just(text[start:end] * 2)))
        text = text[:start] + middle + text[end:]
    return name, text


@given(mutations())
@example(("company.yml", "name: &a {b: *a}"))
@example(("words.yml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"))
@example(("topics/all.yml", "1: {title: {en: a, es: b}}\n1.0: 2025-99-99"))
@example(("roster.yml", "? [a]\n: b"))
@example(("channels.yml", "webchat: " + "9" * 5_000))
@settings(max_examples=200, deadline=None)
def test_whatever_the_files_hold_the_protocol_loads_or_the_mistake_is_told(mutated: tuple[str, str]) -> None:
    name, text = mutated
    with tempfile.TemporaryDirectory() as place:
        folder = smallest_protocol(Path(place))
        (folder / name).write_bytes(text.encode("utf-8", errors="surrogatepass"))
        try:
            protocol = load_protocol(folder)
        except ProtocolError as error:
            assert str(folder) in str(error)
        else:
            assert protocol.say(next(iter(protocol.words)), "es", folio="x", a="x")


# --- the demo's texts --------------------------------------------------------------------------------------


def wordings_of(protocol: Protocol) -> dict[str, Wordings]:
    """All that the bot can say, by name."""
    answers = {name: topic.answers for name, topic in protocol.topics.items() if topic.answers}
    return {**protocol.words, **answers}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_short_enough_for_its_channel(protocol: Protocol, language: Language) -> None:
    limit = min(channel.max_characters for channel in protocol.channels.values())
    texts = [
        (name, text) for name, said in wordings_of(protocol).items() for text in said.in_language(language)
    ]
    texts += [(name, channel.greeting.in_language(language)) for name, channel in protocol.channels.items()]
    texts += [(name, channel.closing.in_language(language)) for name, channel in protocol.channels.items()]
    assert [name for name, text in texts if not 0 < len(text.strip()) <= limit] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_fits_a_button(protocol: Protocol, language: Language) -> None:
    titles = {name: topic.title.in_language(language) for name, topic in protocol.topics.items()}
    assert {name for name, title in titles.items() if len(title) > MAX_BUTTON_CHARACTERS} == set()
    assert len(set(titles.values())) == len(titles), "two buttons read alike"


def test_every_wording_has_the_placeholders_of_all_the_others(protocol: Protocol) -> None:
    for name, said in wordings_of(protocol).items():
        texts = [text for language in LANGUAGES for text in said.in_language(language)]
        placeholders = [
            {field for _, field, _, _ in Formatter().parse(text) if field is not None} for text in texts
        ]
        assert all(found == placeholders[0] for found in placeholders), name


def test_answers_hold_no_placeholders(protocol: Protocol) -> None:
    for name, topic in protocol.topics.items():
        answers = topic.answers
        texts = [
            text for language in LANGUAGES for text in (answers.in_language(language) if answers else [])
        ]
        assert not [text for text in texts if "{" in text or "}" in text], name


def test_every_answer_of_a_topic_varies(protocol: Protocol) -> None:
    for name, topic in protocol.topics.items():
        for language in LANGUAGES:
            texts = topic.answers.in_language(language) if topic.answers else ["a", "b"]
            assert len(set(texts)) >= 2, f"{name} in {language}"


def test_button_never_leads_to_where_the_customer_is(protocol: Protocol) -> None:
    for name, topic in protocol.topics.items():
        assert name not in topic.quick_replies
        assert len(set(topic.quick_replies)) == len(topic.quick_replies)


def test_triggers_of_the_contingency_plan_have_names_of_their_own(protocol: Protocol) -> None:
    ids = [trigger.id for trigger in protocol.contingency.triggers]
    assert len(set(ids)) == len(ids)


def test_customer_can_always_ask_for_a_person(protocol: Protocol) -> None:
    (trigger,) = [t for t in protocol.contingency.triggers if t.when.intent == "contact_human_agent"]
    assert trigger.id == "asks_for_person"
