"""The files in docker/: which services there are, what each may do, what the images are made of."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from relevo.model import INGREDIENTS

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SCHEMA = Path(__file__).with_name("compose_spec.json")
"""The public schema of the Compose Specification (Apache-2.0), as the package check-jsonschema ships it."""
DOCKERFILES = sorted(DOCKER.glob("*.Dockerfile"))
FRONTS = ["plain", "tls"]
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[-?][^}]*)?\}")

each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
each_dockerfile = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.name)


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile in order, each as its word and the rest."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(words[0], words[1]) for line in joined.splitlines() if (words := line.split(None, 1))]


def copied(dockerfile: Path) -> list[str]:
    """What a Dockerfile copies from the repository."""
    copies = [shlex.split(rest) for word, rest in instructions(dockerfile) if word == "COPY"]
    from_repository = [words for words in copies if not any(w.startswith("--from") for w in words)]
    return [path for words in from_repository for path in words[:-1] if not path.startswith("--")]


def test_compose_keeps_to_the_public_schema() -> None:
    jsonschema.validate(COMPOSE, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_services_are_those_of_relevo_with_their_store_and_a_proxy() -> None:
    assert set(SERVICES) == {"redis", "actions", "bot", "clock", "desk", "proxy"}


def test_only_the_proxy_publishes_ports_and_by_default_on_this_machine_only() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    defaults = [VARIABLE.sub(lambda found: (found[2] or "")[2:], port) for port in SERVICES["proxy"]["ports"]]
    assert defaults == ["127.0.0.1:8000:8000", "127.0.0.1:8080:8080"]


def test_only_the_proxy_is_in_a_network_that_leads_outside_and_it_reaches_bot_and_desk_alone() -> None:
    leads_outside = {name for name, network in COMPOSE["networks"].items() if not network.get("internal")}
    with_a_way_out = [name for name, service in SERVICES.items() if leads_outside & set(service["networks"])]
    assert with_a_way_out == ["clock", "proxy"]
    assert not set(SERVICES["clock"]["networks"]) & set(SERVICES["proxy"]["networks"]), (
        "nobody reaches the clock"
    )
    reachable = set(SERVICES["proxy"]["networks"])
    assert {n for n, service in SERVICES.items() if reachable & set(service["networks"])} == {
        "proxy",
        "bot",
        "desk",
    }


@each_service
def test_a_service_has_no_rights_that_it_does_not_need(service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service)


@each_service
def test_a_service_does_not_run_as_root(service: dict[str, Any]) -> None:
    """Our images say so themselves, see below."""
    assert "build" in service or service["user"] not in ("root", "0")


@each_service
def test_a_service_comes_back_and_says_whether_it_is_well(service: dict[str, Any]) -> None:
    assert service["restart"] == "unless-stopped"
    assert "healthcheck" in service or _dockerfile_of(service, "HEALTHCHECK")


@each_service
def test_a_service_waits_for_what_it_needs_to_be_well(service: dict[str, Any]) -> None:
    needed = service.get("depends_on", {})
    assert all(condition == {"condition": "service_healthy"} for condition in needed.values())
    assert "redis" in needed or service in (SERVICES["redis"], SERVICES["proxy"])


def test_the_secret_is_required_and_only_those_who_sign_have_it() -> None:
    having = {name for name, service in SERVICES.items() if "RELEVO_SECRET" in service.get("environment", {})}
    assert having == {"bot", "clock"}
    for name in having:
        assert SERVICES[name]["environment"]["RELEVO_SECRET"].startswith("${RELEVO_SECRET:?")


def test_the_first_password_is_for_the_desk_alone_and_not_in_any_file() -> None:
    having = [
        n for n, service in SERVICES.items() if "RELEVO_DESK_PASSWORD" in service.get("environment", {})
    ]
    assert having == ["desk"]
    assert SERVICES["desk"]["environment"]["RELEVO_DESK_PASSWORD"] == "${RELEVO_DESK_PASSWORD:-}"
    example = dict(_examples())
    assert (example["RELEVO_SECRET"], example["RELEVO_DESK_PASSWORD"]) == ("", "")


def test_the_example_names_every_variable_that_compose_reads_and_no_other() -> None:
    text = (DOCKER / "compose.yml").read_text(encoding="utf-8")
    assert {name for name, _ in _examples()} == {name for name, _ in VARIABLE.findall(text)}


def test_every_setting_that_a_service_is_given_is_one_that_relevo_reads() -> None:
    files = [ROOT / "relevo" / name for name in ("settings.py", "email_settings.py")]
    known = {name for file in files for name in re.findall(r"[A-Z_]{6,}", file.read_text(encoding="utf-8"))}
    for service in SERVICES.values():
        assert set(service.get("environment", {})) <= known


def test_the_bot_and_the_clock_find_each_other_where_they_listen() -> None:
    assert SERVICES["bot"]["environment"]["RELEVO_ACTIONS_URL"] == "http://actions:5055/webhook"
    assert SERVICES["clock"]["environment"]["RELEVO_BOT_URL"] == "http://bot:5005"
    for name in ("actions", "bot", "clock", "desk"):
        assert SERVICES[name]["environment"]["RELEVO_PROXIES"] == "1"


def test_redis_keeps_what_it_was_told_and_refuses_rather_than_forgets() -> None:
    options = dict(pairwise(SERVICES["redis"]["command"].split()))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "everysec"
    assert options["--maxmemory-policy"] == "noeviction"
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert "redis" in COMPOSE["volumes"]


@each_service
def test_every_file_that_a_service_mounts_is_there(service: dict[str, Any]) -> None:
    for volume in service.get("volumes", []):
        for front in FRONTS:
            source = volume.replace("${RELEVO_FRONT:-plain}", front)
            source = VARIABLE.sub(lambda found: (found[2] or "")[2:], source).split(":")[0]
            assert not source.startswith(".") or (DOCKER / source).exists()


def _examples() -> list[tuple[str, str]]:
    """The variables of the example with their values, those that are commented out included."""
    text = (DOCKER / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE)


def _dockerfile_of(service: dict[str, Any], word: str) -> list[str]:
    """The instructions of that word in the Dockerfile of a service."""
    file = ROOT / service["build"]["dockerfile"]
    return [rest for name, rest in instructions(file) if name == word]


def test_each_image_is_built_from_a_dockerfile_that_is_there() -> None:
    built = {ROOT / service["build"]["dockerfile"] for service in SERVICES.values() if "build" in service}
    assert built == set(DOCKERFILES)


@each_dockerfile
def test_an_image_is_made_of_files_that_exist_and_reach_the_builder(dockerfile: Path) -> None:
    for path in copied(dockerfile):
        assert (ROOT / path).exists(), f"{path} does not exist"
        assert reaches_the_builder(path), f".dockerignore keeps {path} back"


@pytest.mark.parametrize(
    "path",
    [
        "var/secret",
        "docker/.env",
        ".git/config",
        ".venv/bin/python",
        "models/relevo-1.tar.gz",
        "relevo/__pycache__/x",
    ],
)
def test_secrets_data_and_leftovers_never_reach_the_builder(path: str) -> None:
    assert not reaches_the_builder(path)


@each_dockerfile
def test_an_image_ends_as_a_user_who_is_not_root(dockerfile: Path) -> None:
    stages = [index for index, (word, _) in enumerate(instructions(dockerfile)) if word == "FROM"]
    users = [rest for word, rest in instructions(dockerfile)[stages[-1] :] if word == "USER"]
    assert users
    assert int(users[-1]) > 0


@each_dockerfile
def test_an_image_installs_only_what_lock_files_name_with_their_digests(dockerfile: Path) -> None:
    commands = [
        c for word, rest in instructions(dockerfile) if word == "RUN" for c in re.split(r"&&|;", rest)
    ]
    installing = [
        shlex.split(command) for command in commands if re.search(r"\b(install|sync|add)\b", command)
    ]
    assert len(installing) == 2
    for words in installing:
        assert "--require-hashes" in words
        locks = [word for word in words if word.endswith(".lock")]
        assert locks
        assert all(_is_locked(ROOT / lock) for lock in locks)


@each_dockerfile
def test_an_image_has_the_python_that_relevo_runs_on(dockerfile: Path) -> None:
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    bases = {rest.split()[0] for word, rest in instructions(dockerfile) if word == "FROM"}
    assert bases <= {f"python:{version}-slim-bookworm", "relevo"}


def test_the_bot_carries_the_data_that_its_model_is_named_after() -> None:
    carried = copied(DOCKER / "bot.Dockerfile")
    for ingredient in (*INGREDIENTS, "protocol", "endpoints.yml", "credentials.yml", "actions"):
        assert any(ingredient == path or ingredient.startswith(f"{path}/") for path in carried), ingredient


def test_the_bot_s_model_is_trained_from_the_stage_that_the_image_is_made_of() -> None:
    steps = instructions(DOCKER / "bot.Dockerfile")
    trained = steps.index(("RUN", "relevo train"))
    assert steps[trained - 1] == ("FROM", "relevo AS model")
    assert steps[trained + 1 : trained + 3] == [
        ("FROM", "relevo"),
        ("COPY", "--from=model /app/models models"),
    ]


def reaches_the_builder(path: str) -> bool:
    """Whether .dockerignore lets a path through; as in Docker, the last pattern that fits decides."""
    is_let_in = True
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in (line.strip() for line in lines):
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        if any(_fits(part, pattern) for part in (path, *map(str, Path(path).parents))):
            is_let_in = line.startswith("!")
    return is_let_in


def _fits(path: str, pattern: str) -> bool:
    is_anywhere = pattern.startswith("**/")
    return fnmatch(Path(path).name, pattern[3:]) if is_anywhere else pattern in (path, "*")


def _is_locked(file: Path) -> bool:
    """Whether every requirement of a lock file is of one version and has its digests."""
    requirements = re.split(
        r"^(?=[a-z0-9])", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.IGNORECASE
    )
    named = [text for text in requirements if text and not text.startswith("#")]
    return bool(named) and all("==" in text.splitlines()[0] and "--hash=sha256:" in text for text in named)
