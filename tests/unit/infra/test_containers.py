"""`compose.yaml` and the `Dockerfile` as an engine would read them, on a machine that has none."""

import re
import shlex
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from infra.cli.app import ServiceName
from infra.local.settings import LocalSettings
from ingest.settings import IngestSettings
from projections.api.settings import ApiSettings
from tests.servers import COMPOSE

ROOT = COMPOSE.parent
GIVEN = {"POSTGRES_PASSWORD": "letters4digits", "ACADEMY_TOKENS": "crm:a-secret-of-the-tests:ingest+read"}
"""What a person has to set; the master key goes in as a secret."""

PROCESSES = {name.value for name in ServiceName} - {ServiceName.WEB.value}
"""`web` is ingest and API together, for one machine."""

OPENS = {"ingest", "inbox", "extractor", "api", "projections"} & PROCESSES
"""What seals or opens: only these see the master key."""

SETTINGS = set(
    re.findall(r"^#(ACADEMY_\w+)=", ROOT.joinpath(".env.example").read_text("utf-8"), re.MULTILINE)
)
"""All that there are: test_shape.py holds the example to the settings' fields."""

VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


def rendered(text: str, variables: dict[str, str]) -> str:
    """Compose's interpolation, as far as it is used here; KeyError with the message where one is required."""

    def value(found: re.Match[str]) -> str:
        name, operator, rest = found.groups()
        if variables.get(name):
            return variables[name]
        if operator == "-":
            return rest
        raise KeyError(f"{name}: {rest}")

    return VARIABLE.sub(value, text)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(rendered(COMPOSE.read_text("utf-8"), GIVEN))
    return loaded


@pytest.fixture(scope="module")
def processes(project: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The containers that run one of our services."""
    return {name: one for name, one in project["services"].items() if "service" in one.get("command", ())}


def test_every_service_has_a_container_that_runs_it(processes: dict[str, dict[str, Any]]) -> None:
    assert {name: one["command"] for name, one in processes.items()} == {
        name: ["service", name] for name in PROCESSES
    }


def test_all_else_is_the_servers_and_their_preparation(project: dict[str, Any]) -> None:
    assert project["services"].keys() - PROCESSES == {"kafka", "postgres", "setup"}
    assert shlex.split(project["services"]["setup"]["command"][0]) == (
        ["academy", "topics", "apply", "&&", "academy", "db", "migrate"]
    )


def test_every_container_that_stays_is_asked_for_its_health(project: dict[str, Any]) -> None:
    staying = {name: one for name, one in project["services"].items() if one["restart"] != "no"}

    assert staying.keys() == project["services"].keys() - {"setup"}
    assert {name for name, one in staying.items() if len(one["healthcheck"]["test"]) < 3} == set()


def test_a_process_waits_for_the_servers_and_for_what_prepares_them(
    processes: dict[str, dict[str, Any]],
) -> None:
    for one in processes.values():
        assert {name: how["condition"] for name, how in one["depends_on"].items()} == {
            "kafka": "service_healthy",
            "postgres": "service_healthy",
            "setup": "service_completed_successfully",
        }


def test_health_is_asked_at_the_port_that_the_process_serves(processes: dict[str, dict[str, Any]]) -> None:
    for name, one in processes.items():
        port = "ACADEMY_PORT" if "ACADEMY_PORT" in one["environment"] else "ACADEMY_HEALTH_PORT"
        script = one["healthcheck"]["test"][-1]
        compile(script, name, "exec")
        assert f":{one['environment'][port]}/readyz" in script


def test_every_variable_is_a_setting(project: dict[str, Any]) -> None:
    ours = {**project["services"]}
    for name in ("kafka", "postgres"):
        del ours[name]

    assert {name for one in ours.values() for name in one["environment"]} - SETTINGS == set()


def test_the_settings_of_each_process_are_valid(
    processes: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {"ingest": IngestSettings, "api": ApiSettings}
    for name, one in processes.items():
        with monkeypatch.context() as patch:
            for variable, value in one["environment"].items():
                patch.setenv(variable, value)
            settings = kinds.get(name, LocalSettings)()
        assert settings.kafka == "kafka:9092"
        if isinstance(settings, IngestSettings | ApiSettings):
            assert [token.name for token in settings.rules().tokens] == ["crm"]


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_what_has_no_default_is_asked_for_in_a_sentence(missing: str) -> None:
    rest = {name: value for name, value in GIVEN.items() if name != missing}

    with pytest.raises(KeyError, match=rf"{missing}: \w+ .* \w+"):
        rendered(COMPOSE.read_text("utf-8"), rest)


def test_a_password_is_written_nowhere() -> None:
    without = VARIABLE.sub("", COMPOSE.read_text("utf-8"))

    assert re.findall(r"(?:PASSWORD|TOKENS|KEY): +[^\s*/]\S*", without) == []
    assert "academy:@postgres" in without


def test_only_who_seals_or_opens_has_the_master_key(project: dict[str, Any]) -> None:
    services = project["services"]
    holders = {name for name, one in services.items() if one.get("secrets")}

    assert holders == OPENS
    assert {name for name, one in services.items() if "ACADEMY_MASTER_KEY_FILE" in one["environment"]} == (
        holders
    )
    assert project["secrets"] == {"master_key": {"environment": "MASTER_KEY"}}
    for name in holders:
        (secret,) = services[name]["secrets"]
        user = instructions("USER")[-1].split(":")
        assert (secret["source"], [secret["uid"], secret["gid"]]) == ("master_key", user)
        mode = int(str(secret["mode"]), 8)  # YAML 1.1 reads 0o400 as text, Compose as a number
        assert mode & 0o077 == 0, "a key that others may read is refused"
        assert services[name]["environment"]["ACADEMY_MASTER_KEY_FILE"] == "/run/secrets/master_key"


def test_only_the_two_http_processes_are_reached_and_from_this_machine_only(project: dict[str, Any]) -> None:
    published = {name: one["ports"] for name, one in project["services"].items() if "ports" in one}

    assert published.keys() == {"ingest", "api"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_a_container_may_gain_no_privilege(project: dict[str, Any]) -> None:
    assert [
        name
        for name, one in project["services"].items()
        if "no-new-privileges:true" not in one.get("security_opt", [])
    ] == []
    ours = [one for name, one in project["services"].items() if name not in ("kafka", "postgres")]
    assert all(one["cap_drop"] == ["ALL"] for one in ours)


def test_every_image_is_pinned_by_its_version(project: dict[str, Any]) -> None:
    images = {one["image"] for one in project["services"].values()} | set(bases())

    assert len(images) == 4
    assert [image for image in images if not re.fullmatch(r"[\w./-]+:\d[\w.-]*", image)] == []


def test_our_image_carries_the_version_of_the_release(project: dict[str, Any]) -> None:
    (version,) = re.findall(
        r'^version = "(.+)"$', ROOT.joinpath("pyproject.toml").read_text("utf-8"), re.MULTILINE
    )

    assert project["services"]["ingest"]["image"] == f"academy-outreach:{version}"


DOCKERFILE = ROOT.joinpath("Dockerfile")
KNOWN = {"FROM", "WORKDIR", "ENV", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}


def steps() -> list[tuple[str, str]]:
    """Instruction and argument, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE))
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, argument) for name, argument in pairs]


def instructions(name: str) -> list[str]:
    return [argument for instruction, argument in steps() if instruction == name]


def bases() -> list[str]:
    return [argument.split()[0] for argument in instructions("FROM")]


def copied() -> set[str]:
    """What is taken from the checkout."""
    lines = (argument for argument in instructions("COPY") if not argument.startswith("--from="))
    return {source for line in lines for source in line.split()[:-1]}


def packages() -> set[str]:
    """Top-level packages that a wheel is made of, as far as they are there."""
    text = ROOT.joinpath("pyproject.toml").read_text("utf-8")
    (listed,) = re.findall(r"^include = \[(.+)\]$", text, re.MULTILINE)
    patterns = re.findall(r'"([^"]+)"', listed)
    return {path.parent.name for path in ROOT.glob("*/__init__.py") if _any(path.parent.name, patterns)}


def _any(name: str, patterns: list[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def test_the_dockerfile_is_made_of_what_we_understand() -> None:
    assert {name for name, _ in steps()} <= KNOWN, "ADD fetches and unpacks; ARG ends up in the history"
    assert steps()[0][0] == "FROM"


def test_the_image_runs_as_an_ordinary_user_given_by_number() -> None:
    last = max(place for place, (name, _) in enumerate(steps()) if name == "FROM")
    final = dict(steps()[last:])

    uid, gid = final["USER"].split(":")
    assert int(uid) > 1000
    assert uid == gid
    assert f"--uid {uid} " in final["RUN"]


def test_it_is_started_without_a_shell() -> None:
    entry, command = (yaml.safe_load(instructions(name)[-1]) for name in ("ENTRYPOINT", "CMD"))

    assert entry == ["academy"], "signals reach the process itself"
    assert isinstance(command, list)


def test_all_that_is_installed_is_pinned_by_hash_or_ours() -> None:
    installs = [
        part for run in instructions("RUN") for part in run.split("&&") if re.search(r"\bpip install\b", part)
    ]

    assert len(installs) == 3
    assert [part for part in installs if "--require-hashes" not in part and "--no-deps" not in part] == []


def test_every_package_is_copied_and_nothing_else() -> None:
    assert copied() == packages() | {"requirements", "pyproject.toml", "README.md", "LICENSE"}


def test_the_context_admits_what_is_copied_and_nothing_else() -> None:
    lines = ROOT.joinpath(".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and line[0] != "#"]

    assert rules[0] == "*", "all is left out that is not listed"
    assert {rule[1:] for rule in rules if rule[0] == "!"} == copied()
    assert not [path for path in copied() if not ROOT.joinpath(path).exists()]


def test_no_cache_data_or_setting_enters_the_context() -> None:
    ignored = ROOT.joinpath(".dockerignore").read_text("utf-8").splitlines()

    assert {"**/__pycache__", "**/.env"} <= set(ignored)
    assert ignored.index("**/.env") > max(place for place, rule in enumerate(ignored) if rule[:1] == "!")


def test_the_pages_that_the_files_name_are_there() -> None:
    named = re.findall(r"docs/[\w-]+\.md", COMPOSE.read_text("utf-8") + DOCKERFILE.read_text("utf-8"))

    assert len(named) == 2
    assert [page for page in named if not ROOT.joinpath(page).exists()] == []


def test_the_interpolation_is_compose_s() -> None:
    assert rendered("${A:?say a} ${B:-b} ${C}", {"A": "1", "C": "3"}) == "1 b 3"
