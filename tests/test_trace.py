"""Each requirement demanded here has a test or a reason, and no mark names what is unknown (VAL-01)."""

import ast

import pytest

from tests.faults.table import FAULTS
from tests.faults.table import NOT_HERE as NO_FAULT
from tests.requirements import IN_PART, NOT_HERE, REQUIREMENTS
from tests.trace import Traced, demanded, each_test, missing, told, traced


@pytest.fixture(scope="module")
def found() -> Traced:
    return traced()


@pytest.mark.urs("VAL-01")
@pytest.mark.parametrize("one", demanded())
def test_each_requirement_has_a_test_or_a_reason_not_both(found: Traced, one: str) -> None:
    assert (one in found.urs) != (one in NOT_HERE)


@pytest.mark.urs("VAL-01")
def test_no_mark_names_what_is_unknown(found: Traced) -> None:
    assert set(found.urs) <= set(REQUIREMENTS)
    assert set(found.fault) <= set(FAULTS)
    assert set(NOT_HERE) | set(IN_PART) <= set(REQUIREMENTS) and not set(NOT_HERE) & set(IN_PART)


@pytest.mark.parametrize("number", FAULTS)
def test_each_fault_is_brought_about_or_excused(found: Traced, number: int) -> None:
    assert number in found.fault or number in NO_FAULT


def test_the_list_names_each_and_ends_with_the_count(found: Traced) -> None:
    lines = list(told(found))
    assert not missing(found)
    assert [line.split("  ")[0] for line in lines if line.startswith(tuple(demanded()))] == demanded()
    assert not [line for line in lines if "MISSING" in line]
    assert lines[-1].endswith("0 with neither")


def test_marks_are_read_wherever_they_stand() -> None:
    source = """
@pytest.mark.urs("A-1")
class TestAll:
    @fault(7)
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.urs("A-2", "A-3"))])
    def test_one(self): ...
    def helper(self): ...
def test_two(): ...
"""
    body = ast.parse(source).body
    assert list(each_test(body, [("urs", ["A-0"])], "")) == [
        ("TestAll::test_one", [("urs", ["A-0"]), ("urs", ["A-1"]), ("fault", [7]), ("urs", ["A-2", "A-3"])]),
        ("test_two", [("urs", ["A-0"])]),
    ]
    [computed] = ast.parse("@pytest.mark.urs(*IDS)\ndef test_three(): ...").body
    with pytest.raises(ValueError, match="written out"):
        list(each_test([computed], [], ""))
