"""What docker-compose.yml starts is what `make run` starts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from defier import children, machine, processes
from defier.addresses import ROOT
from defier.run import House

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("process", processes.PROCESSES, ids=lambda process: process.name)
def test_each_process_has_the_same_command_and_environment(process: processes.Process) -> None:
    service = SERVICES[process.name]
    assert tuple(service["command"]) == process.command
    assert process.environment.items() <= service["environment"].items()
    assert set(processes.ENVIRONMENT) <= set(service["environment"])


@pytest.mark.parametrize("process", processes.PROCESSES, ids=lambda process: process.name)
def test_make_run_starts_the_same(process: processes.Process, monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setattr(children, "spawn", lambda command, **told: started.update(command=command, **told))
    House({name: name for name in processes.ENVIRONMENT}).start(process)
    program, *words = map(str, started["command"])
    assert (Path(program).name, *words) == process.command
    assert process.environment.items() <= started["environment"].items()
    assert set(processes.ENVIRONMENT) <= set(started["environment"])


@pytest.mark.urs("AUD-04", "SEC-14")
def test_only_the_migration_knows_the_owner() -> None:
    knowing = {
        name for name, service in SERVICES.items() if "DATABASE_OWNER_URL" in service.get("environment", {})
    }
    assert knowing == {"migrate"}
    assert tuple(SERVICES["migrate"]["command"]) == processes.MIGRATE


@pytest.mark.urs("SEC-10", "CEL-08")
def test_processes_are_shut_in() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for process in processes.PROCESSES:
        service = SERVICES[process.name]
        assert service["networks"] == ["inside"]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["mem_limit"]
    assert re.search(r"^USER edc$", DOCKERFILE, re.MULTILINE)


@pytest.mark.urs("SEC-14")
def test_no_secret_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in (
        "SECRET_KEY",
        "POSTGRES_PASSWORD",
        "EDC_OWNER_PASSWORD",
        "EDC_APP_PASSWORD",
        "VALKEY_PASSWORD",
    ):
        assert f"${{{name}:?}}" in text


def test_the_roles_come_from_the_same_script() -> None:
    assert "./defier/roles.sql:/docker-entrypoint-initdb.d/10-roles.sql:ro" in SERVICES["postgres"]["volumes"]


def test_image_and_machine_agree_on_packages_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_loads", lambda library: False)
    monkeypatch.setattr(machine, "CJK_FONTS", ())
    wanted = set(machine.missing_packages("run")) - {"npm", "python3-venv"}
    assert wanted
    assert all(re.search(rf"\b{re.escape(package)}\b", DOCKERFILE) for package in wanted)
