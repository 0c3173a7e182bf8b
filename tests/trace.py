"""Which tests prove which requirement and bring about which fault: read from the marks, printed as a list.

`make trace` prints it. Marks are read from the source, so that nothing is imported and no server started:
`urs("ID", ...)` and `fault(n)` at a test, at a class, or in a module's `pytestmark`.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.requirements import DEMANDED, IN_PART, NOT_HERE, REQUIREMENTS

HERE = Path(__file__).parent
MARKS = ("urs", "fault")
Mark = tuple[str, list[Any]]


@dataclass(slots=True)
class Traced:
    """What the marks say: for each id and each fault the tests that carry it."""

    urs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    fault: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def traced(folder: Path = HERE) -> Traced:
    """Read every test below a folder. ValueError for a mark that is not written out as constants."""
    found = Traced()
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for test, marks in each_test(tree.body, _marks_of_module(tree), ""):
            name = f"{path.relative_to(folder)}::{test}"
            for kind, ids in marks:
                for one in ids:
                    kept = getattr(found, kind)[one]
                    if name not in kept:
                        kept.append(name)
    return found


def each_test(body: Sequence[ast.stmt], above: list[Mark], inside: str) -> Iterator[tuple[str, list[Mark]]]:
    """Yield each test with its own marks and those above it."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from each_test(node.body, above + _marks(node.decorator_list), f"{inside}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield f"{inside}{node.name}", above + _marks(node.decorator_list)


def _marks_of_module(tree: ast.Module) -> list[Mark]:
    found: list[Mark] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            found += _marks([node.value])
    return found


def _marks(nodes: Sequence[ast.expr]) -> list[Mark]:
    """Return the marks in some expressions, those of single parameters among them."""
    found: list[Mark] = []
    for call in (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        called = call.func
        name = (
            called.attr
            if isinstance(called, ast.Attribute)
            else called.id
            if isinstance(called, ast.Name)
            else ""
        )
        if name not in MARKS:
            continue
        if not all(isinstance(given, ast.Constant) for given in call.args):
            raise ValueError(f"line {call.lineno}: a mark's ids are written out")
        found.append((name, [given.value for given in call.args if isinstance(given, ast.Constant)]))
    return found


def demanded() -> list[str]:
    """Return the ids that need a test or a reason."""
    return [one for one in REQUIREMENTS if one.split("-")[0] in DEMANDED]


def missing(found: Traced) -> list[str]:
    """Return the ids that have neither."""
    return [one for one in demanded() if one not in found.urs and one not in NOT_HERE]


def told(found: Traced) -> Iterator[str]:
    """Yield the list, line by line."""
    from tests.faults.table import FAULTS
    from tests.faults.table import NOT_HERE as NO_FAULT

    for one in demanded():
        yield from _told(one, REQUIREMENTS[one], found.urs.get(one, []), NOT_HERE.get(one, ""))
        if one in IN_PART:
            yield f"        in part: {IN_PART[one]}"
    yield ""
    for number, words in FAULTS.items():
        yield from _told(f"fault {number}", words, found.fault.get(number, []), NO_FAULT.get(number, ""))
    without = missing(found)
    tested = sum(one in found.urs for one in demanded())
    yield ""
    yield (
        f"{len(demanded())} requirements: {tested} with tests, "
        f"{len(demanded()) - tested - len(without)} with a reason, {len(without)} with neither"
    )


def _told(name: str, words: str, tests: list[str], reason: str) -> Iterator[str]:
    yield f"{name}  {words}"
    for test in tests:
        yield f"        {test}"
    if not tests:
        yield f"        not here: {reason}" if reason else "        MISSING"


if __name__ == "__main__":
    of_all = traced()
    sys.stdout.write("\n".join(told(of_all)) + "\n")
    sys.exit(bool(missing(of_all)))
