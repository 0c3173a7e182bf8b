"""What no source of the house does: ask the database in typed words, or draw them unescaped.

Each exception is named with the reason why it holds nothing that was typed.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("audit", "sites", "subjects", "visits", "outcomes", "defier")
DRAWN_AS_IT_IS = {
    "visits/templatetags/matrix.py": "cells put together from escaped parts, for speed",
    "visits/pages/rows.py": "words of the catalogue, and what Jinja has drawn, which escapes everything",
    "visits/templatetags/crf.py": "what Jinja has drawn, which escapes everything",
}
ASKED_IN_WORDS = re.compile(r"(order_by|filter|exclude|annotate|values|extra)\(\s*\*{0,2}request\.(GET|POST)")
INTERPRETED = re.compile(r"(?<![.\w])(eval|exec)\(|pickle\.|shell=True|yaml\.load\(|os\.system")
UNESCAPED = re.compile(r"mark_safe\(|Markup\(")
SWITCHED_OFF = re.compile(r"\|\s*safe\b|autoescape (off|false)")
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style\b|\son[a-z]+=\"|\sstyle=\"|javascript:"
)


def sources(*endings: str, folders: tuple[str, ...] = FOLDERS) -> Iterator[tuple[str, str]]:
    """Yield every source of ours with its text."""
    for folder in folders:
        for path in sorted((HOUSE / folder).rglob("*")):
            if path.suffix in endings and "vendor" not in path.parts:
                yield path.relative_to(HOUSE).as_posix(), path.read_text("utf-8")


@pytest.mark.urs("SEC-01")
def test_no_name_of_a_request_reaches_the_database_unchecked() -> None:
    assert not [name for name, text in sources(".py") if ASKED_IN_WORDS.search(text)]
    assert not [name for name, text in sources(".py") if INTERPRETED.search(text)]


@pytest.mark.urs("SEC-02")
def test_everything_that_was_typed_is_escaped() -> None:
    unescaped = {name for name, text in sources(".py") if UNESCAPED.search(text)}
    assert unescaped == set(DRAWN_AS_IT_IS)
    pages = sources(".html", ".jinja", folders=("templates",))
    assert not [name for name, text in pages if SWITCHED_OFF.search(text)]


@pytest.mark.urs("SEC-03")
def test_no_page_carries_a_script_or_a_style_of_its_own() -> None:
    pages = sources(".html", ".jinja", folders=("templates",))
    named = re.compile(r"<script(?![^>]*application/json)(?![^>]* nonce=\"{{ request\.csp_nonce }}\")")
    for name, text in pages:
        assert not INLINE.search(text), name
        assert not named.search(text), f"{name}: a script without the nonce does not run"


@pytest.mark.urs("SEC-20")
def test_the_rules_of_bandit_hold_in_every_source() -> None:
    chosen = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in chosen["select"] and not {"S102", "S301", "S307", "S608"} & set(chosen["ignore"])
    ignored = ",".join(rule for rule in chosen["ignore"] if rule.startswith("S") and rule[1].isdigit())
    rules = ["--select", "S", "--ignore", ignored]
    ruff = [sys.executable, "-m", "ruff", "check", "--quiet", *rules, *FOLDERS]
    found = subprocess.run(ruff, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)
