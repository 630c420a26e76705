"""What a supervisor teaches is read by Rasa's own reader as the words that it is."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

from relevo.learning.labelled_lines import as_kept, blocks
from relevo.learning.training_text import training_text

CONTENT = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello\n    - good morning\n'
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60).map(training_text).filter(bool)


@given(text=TEXTS)
@example(text="[order](x){y}")
@example(text='[a]{"entity": 1')
@example(text="\\u12 and \\N")
@example(text="- - no")
@example(text="${HOME} | > # :")
def test_rasa_reads_a_learned_line_as_its_words(text: str) -> None:
    (block,) = blocks(CONTENT, "topic")
    data = RasaYAMLReader().reads(block.append(CONTENT, "topic", text))
    read = [message.get("text") for message in data.training_examples]
    assert read == ["hello", "good morning", as_kept(text, "topic")]
    assert not any(message.get("entities") for message in data.training_examples)
