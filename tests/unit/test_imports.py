"""Imports go one way, and only the bot's own process loads Rasa."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from builders import ROOT

WITHOUT_RASA = [
    *("relevo.desk.app", "actions.server", "relevo.clock.clock", "relevo.cli", "relevo.protocol"),
    *("relevo.channels.whatsapp.receiving", "relevo.sending.sender", "relevo.learning.review"),
    "relevo.channels.email.fetching",
    *("relevo.whatsapp.phone.__main__", "relevo.whatsapp.doctor.examination"),
]
MAY_IMPORT_RASA = [
    *("relevo/nlu/", "relevo/dialogue/", "relevo/channels/", "relevo/store/tracker_store.py"),
    *("relevo/store/lock_store.py", "relevo/protocol/importer.py", "relevo/bot.py", "relevo/training.py"),
    "relevo/action_server.py",
    *("relevo/quiet.py", "relevo/rehearsal/actors.py", "relevo/rehearsal/stage.py"),
    "relevo/parsing/process.py",
]
IMPORTER = "relevo.protocol.importer"
MUST_NOT_IMPORT = {
    "relevo.protocol": [
        *(
            "relevo.cases",
            "relevo.follow_ups",
            "actions",
            "relevo.channels",
            "relevo.desk",
            "relevo.dialogue",
        ),
        *("relevo.store", "relevo.clock", "relevo.nlu"),
    ],
    "relevo.cases": [
        *("actions", "relevo.channels", "relevo.desk", "relevo.dialogue", "relevo.clock", "relevo.learning"),
    ],
    "relevo.follow_ups": [
        *("actions", "relevo.channels", "relevo.desk", "relevo.dialogue", "relevo.clock", "relevo.learning"),
    ],
    "relevo.privacy": ["actions", "relevo.channels", "relevo.desk", "relevo.dialogue", "relevo.clock"],
    "relevo.store": ["actions", "relevo.cases", "relevo.follow_ups", "relevo.channels", "relevo.desk"],
    "relevo.nlu": ["actions", "relevo.channels", "relevo.desk", "relevo.dialogue", "relevo.clock"],
    "relevo.dialogue": ["actions", "relevo.channels", "relevo.desk", "relevo.cases", "relevo.store"],
    "relevo.desk": ["actions", "relevo.channels", "relevo.dialogue", "relevo.nlu", "relevo.clock"],
    # The clock sends: of the channels it may use what carries messages, and is free of Rasa.
    "relevo.clock": [
        *("actions", "relevo.channels.webchat.connector", "relevo.channels.inbox", "relevo.channels.turns"),
        *("relevo.channels.channel", "relevo.channels.output", "relevo.channels.whatsapp.connector"),
        *("relevo.channels.whatsapp.output", "relevo.channels.email.connector"),
        *("relevo.channels.email.output", "relevo.channels.queued_output"),
        *("relevo.desk", "relevo.dialogue", "relevo.nlu"),
    ],
    "relevo.sending": [
        *("actions", "relevo.channels", "relevo.clock", "relevo.desk", "relevo.dialogue", "relevo.nlu"),
    ],
    "relevo.channels": ["actions", "relevo.desk", "relevo.dialogue", "relevo.clock"],
    "relevo.learning": ["actions", "relevo.channels", "relevo.desk", "relevo.dialogue", "relevo.clock"],
    "relevo.whatsapp": ["actions", "relevo.channels", "relevo.clock", "relevo.dialogue", "relevo.nlu"],
    "relevo.parsing": ["actions", "relevo.desk", "relevo.clock", "relevo.store", "relevo.evaluation"],
    "relevo.evaluation": ["actions", "relevo.channels", "relevo.desk", "relevo.clock", "relevo.nlu"],
    # Of the dialogue, actions may use what is pure: how the plan decides.
    "actions": ["relevo.channels", "relevo.desk", "relevo.dialogue.contingency_policy", "relevo.clock"],
}
IMPORTS_ONE = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    loaded = {module.split(".")[0] for module in sys.modules}
    print(name, *sorted(loaded & {"rasa", "tensorflow", "spacy", "sklearn"}))
"""


@lru_cache(maxsize=1)
def sources() -> dict[str, Path]:
    """Our modules by their names."""
    files = [file for folder in ("relevo", "actions") for file in (ROOT / folder).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}


@lru_cache(maxsize=512)
def imports(module: str) -> frozenset[str]:
    """All that a module imports, at its top or inside a function; `from a import b` counts as a and a.b."""
    tree = ast.parse(sources()[module].read_text(encoding="utf-8"))
    return frozenset(name for node in ast.walk(tree) for name in _imported(node))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports name the whole path"
        yield str(node.module)
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def breaches(package: str, forbidden: list[str]) -> list[str]:
    """Imports of a package's modules that lie in forbidden packages."""
    modules = [name for name in sources() if is_within(name, package)]
    assert modules, f"there is no package {package}"
    return [
        f"{module} imports {name}"
        for module in modules
        for name in sorted(imports(module))
        if any(is_within(name, other) for other in forbidden)
    ]


def test_processes_beside_the_bot_load_neither_rasa_nor_tensorflow() -> None:
    command = [sys.executable, "-W", "ignore", "-c", IMPORTS_ONE, *WITHOUT_RASA]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == [*WITHOUT_RASA, ""]


@pytest.mark.parametrize("package", MUST_NOT_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    assert breaches(package, MUST_NOT_IMPORT[package]) == []


def test_rasa_is_imported_only_where_the_bot_runs() -> None:
    users = {
        str(sources()[module].relative_to(ROOT))
        for module in sources()
        if any(is_within(name, "rasa") for name in imports(module))
    }
    assert users, "the search finds nothing at all"
    assert {user for user in users if not user.startswith(tuple(MAY_IMPORT_RASA))} == set()


def test_importer_is_not_loaded_with_the_protocol() -> None:
    users = [module for module in sources() if any(is_within(name, IMPORTER) for name in imports(module))]
    assert users == [], "Rasa finds it by its name in config.yml"


def test_search_sees_imports_inside_functions() -> None:
    assert "rasa.utils.common" in imports("relevo.quiet")
