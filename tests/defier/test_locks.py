"""Everything is pinned with hashes, and no lock file names a registry host."""

import json
import re
import tomllib

import pytest

from defier.addresses import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "package-lock.json", ".npmrc")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
GPL = re.compile(r"\b(A?GPL)", re.IGNORECASE)


def name_of(requirement: str) -> str:
    return re.split(r"[\[=<>; ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS)
def test_no_registry_host_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()
    if lock == "package-lock.json":
        assert '"resolved"' not in text
        text = re.sub(r'"funding": (\{[^}]*\}|\[[^\]]*\])', "", text)
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host|registry\s*=", text)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_is_pinned_by_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 40
    for entry in packages:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


def test_both_locks_hold_the_same_versions_and_those_of_pyproject() -> None:
    def versions(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))

    product, development = versions("requirements.lock"), versions("requirements-dev.lock")
    assert product.items() <= development.items()
    for requirement in PINNED:
        assert development[name_of(requirement)] == requirement.split("==")[1], requirement


def test_every_dependency_says_why_it_is_there() -> None:
    """A comment stands above each, or above the group of stubs and plugins that it belongs to."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(r'    "[a-z0-9\[\]-]+==', line):
            above = [text for text in lines[:number] if not text.startswith('    "')][-1]
            assert above.lstrip().startswith("#"), line


def test_every_npm_package_is_pinned_by_hash() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert name == "" or package["integrity"].startswith("sha512-"), name


def test_nothing_under_the_gpl_is_shipped() -> None:
    from importlib.metadata import metadata

    for requirement in PROJECT["dependencies"]:
        about = metadata(name_of(requirement))
        words = " ".join([*about.get_all("License-Expression", []), *about.get_all("Classifier", [])])
        assert not GPL.search(words.replace("LGPL", "").replace("Lesser General Public", "")), requirement
