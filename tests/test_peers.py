"""What users of other systems complain about (peers.md §2.1, 2.2, 2.7): each has a test that names it.

A test names a complaint in its docstring: `peers 2.1(6)` or `peers.md 14`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMPLAINTS = [*range(1, 17), *range(47, 52)]
DOES_NOT_APPLY = {
    15: "entry by the subjects themselves is no part of the protocol; what sites enter is tried on a phone"
}
MENTION = re.compile(r"peers(?:\.md)? (?:§?2\.\d\()?(\d+)\b")
FURTHER = re.compile(r"(?:, | and )(?:§?2\.\d\()?(\d+)(?=[) ,.])")


def named(docstring: str) -> set[int]:
    """Return the complaints that a docstring names."""
    found: set[int] = set()
    for mention in MENTION.finditer(docstring):
        found.add(int(mention[1]))
        rest = docstring[mention.end() :]
        found.update(int(more[1]) for more in FURTHER.finditer(rest))
    return found & set(COMPLAINTS)


def all_tests() -> Iterator[tuple[str, set[int]]]:
    for path in HERE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{path.relative_to(HERE)}::{node.name}", named(ast.get_docstring(node) or "")


@pytest.fixture(scope="module")
def by_complaint() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for name, numbers in all_tests():
        for number in numbers:
            found.setdefault(number, []).append(name)
    return found


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_each_complaint_has_a_test_that_names_it(by_complaint: dict[int, list[str]], complaint: int) -> None:
    assert complaint in by_complaint or DOES_NOT_APPLY.get(complaint)


@pytest.mark.parametrize(
    ("docstring", "complaints"),
    [
        ("peers 2.1(6), 2.1(7), 2.1(9): leaving asks.", {6, 7, 9}),
        ("peers.md 48 (Rave: a migration) and 49 (Viedoc).", {48, 49}),
        ("peers 2.1(4).", {4}),
        ("peers.md, ask 9", set()),
        ("Nothing of peers.", set()),
    ],
)
def test_a_docstring_names_its_complaints(docstring: str, complaints: set[int]) -> None:
    assert named(docstring) == complaints
