"""EC-001 and EC-011: two examples of how a check is tested; each number on both its sides."""

from datetime import date

import pytest

from tests.visits.checks.dossiers import fires, reading


@pytest.mark.parametrize(("age", "held"), [(17, True), (18, False)])
def test_nobody_under_18_is_eligible(age: int, held: bool) -> None:
    assert fires("EC-001", reading(DM={"age": age}, IE={"inc01": "Y"})) is held
    assert fires("EC-001", reading(DM={"age": age}, IE={"elig_outcome": "ELIG"})) is held
    assert not fires("EC-001", reading(DM={"age": age}, IE={"inc01": "N", "elig_outcome": "SF"}))


@pytest.mark.parametrize(
    ("stroke", "held"),
    [
        ("2026-01-01", True),
        ("2025-12-31", False),
        ("2026-01", True),
        ("2025-12", False),
        ("2026-03-03", False),
    ],
)
def test_a_stroke_within_60_days_is_an_exclusion(stroke: str, held: bool) -> None:
    r = reading(
        MH={"prior_cva": "Y", "last_cva_date": stroke}, PR={"proc_date": date(2026, 3, 2)}, IE={"exc08": "N"}
    )
    assert fires("EC-011", r) is held
