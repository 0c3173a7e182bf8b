"""What users of other systems complain about (peers.md §2.1 to 2.7): each has a test that names it.

A test names a complaint in its docstring, `peers 2.1(6)` or `peers.md 14`, or in its own name,
`test_ask_17_one_question_...`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMPLAINTS = range(1, 52)
DOES_NOT_APPLY = {
    15: "entry by the subjects themselves is no part of the protocol; what sites enter is tried on a phone"
}
MENTION = re.compile(r"peers(?:\.md)? (?:§?2\.\d\()?(\d+)\b")
FURTHER = re.compile(r"(?:, | and )(?:§?2\.\d\()?(\d+)(?=[) ,.])")


BY_NAME = re.compile(r"^test_(?:ask_|peer_)?(\d+)_")


def named(docstring: str, test: str = "") -> set[int]:
    """Return the complaints that a docstring, or the test's own name, names."""
    found = {int(number) for number in BY_NAME.findall(test)}
    for mention in MENTION.finditer(docstring):
        found.add(int(mention[1]))
        rest = docstring[mention.end() :]
        found.update(int(more[1]) for more in FURTHER.finditer(rest))
    return found & set(COMPLAINTS)


def all_tests() -> Iterator[tuple[str, set[int]]]:
    for path in HERE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield (
                    f"{path.relative_to(HERE)}::{node.name}",
                    named(ast.get_docstring(node) or "", node.name),
                )


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


@pytest.mark.parametrize(
    ("test", "complaints"),
    [
        ("test_ask_17_one_question_is_raised", {17}),
        ("test_peer_44_the_reason", {44}),
        ("test_29_items_are_verified", {29}),
        ("test_a_value_of_30_is_kept", set()),
        ("test_120_things", set()),
    ],
)
def test_a_name_names_its_complaint(test: str, complaints: set[int]) -> None:
    assert named("", test) == complaints
