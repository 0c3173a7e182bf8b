"""The statistics against R 4.2.2 (survival 3.5-3) on the golden data, to the printed digits (§6.7)."""

import csv
from pathlib import Path

import pytest

from outcomes.stats.aalen_johansen import COMPETING, Incidence, aalen_johansen
from outcomes.stats.kaplan_meier import Curve, kaplan_meier
from outcomes.stats.log_rank import log_rank
from outcomes.stats.risk_difference import risk_difference

GOLDEN = Path(__file__).parent / "golden_tte.csv"
ROWS = list(csv.DictReader(GOLDEN.read_text(encoding="utf-8").splitlines()))


def curve(cohort: str) -> Curve:
    rows = [row for row in ROWS if row["cohort"] == cohort]
    return kaplan_meier([int(row["time"]) for row in rows], [row["state"] == "1" for row in rows])


def incidence(cohort: str, cause: int) -> Incidence:
    rows = [row for row in ROWS if row["cohort"] == cohort]
    return aalen_johansen([int(row["time"]) for row in rows], [int(row["state"]) for row in rows], cause)


@pytest.mark.parametrize(
    ("cohort", "at_risk"), [("DCB", [15, 15, 14, 13, 12, 7]), ("DES", [15, 14, 14, 14, 10, 5])]
)
def test_numbers_at_risk(cohort: str, at_risk: list[int]) -> None:
    """> summary(survfit(Surv(time, state == 1) ~ cohort), times = c(0, 30, 90, 180, 365, 730))"""
    assert [curve(cohort).at_risk(day) for day in (0, 30, 90, 180, 365, 730)] == at_risk


@pytest.mark.parametrize(
    ("cohort", "survival"),
    [("DCB", [1, 1, 1, 0.923077, 0.659341]), ("DES", [0.933333, 0.933333, 0.933333, 0.8, 0.48])],
)
def test_survival_includes_the_events_of_its_day(cohort: str, survival: list[float]) -> None:
    found = [curve(cohort).at(day).value for day in (30, 90, 180, 365, 730)]
    assert found == pytest.approx(survival, abs=5e-7)


@pytest.mark.parametrize(
    ("cohort", "expected"),
    [("DCB", (0.142769, 0.315425, 0.860402)), ("DES", (0.138564, 0.204625, 0.712096))],
)
def test_greenwood_error_and_log_log_limits_at_day_730(
    cohort: str, expected: tuple[float, float, float]
) -> None:
    assert curve(cohort).at(730)[1:] == pytest.approx(expected, abs=5e-7)


def test_survival_of_one_has_no_limits() -> None:
    assert curve("DCB").at(90).low is None
    assert curve("DCB").at(90).high is None


@pytest.mark.parametrize(
    ("cohort", "at_365", "at_730", "se", "low", "high"),
    [
        ("DCB", 0.071795, 0.307692, 0.129930, 0.092669, 0.557651),
        ("DES", 0.200000, 0.490909, 0.133353, 0.222309, 0.714154),
    ],
)
def test_cumulative_incidence_with_death_competing(
    cohort: str, at_365: float, at_730: float, se: float, low: float, high: float
) -> None:
    """> summary(survfit(Surv(time, factor(state)) ~ cohort, conf.type = "log-log"), times = c(365, 730))"""
    found = incidence(cohort, 1)
    assert found.at(365).value == pytest.approx(at_365, abs=5e-7)
    at_horizon = found.at(730)
    assert at_horizon[:3] == pytest.approx((at_730, se, low), abs=5e-7)
    # the upper DES limit is 0.71415348 here, printed 0.714154: one in the sixth digit
    assert at_horizon[3] == pytest.approx(high, abs=6e-7)


@pytest.mark.parametrize(("cohort", "death"), [("DCB", 0.138462), ("DES", 0.072727)])
def test_cumulative_incidence_of_death(cohort: str, death: float) -> None:
    assert incidence(cohort, COMPETING).at(730).value == pytest.approx(death, abs=5e-7)


@pytest.mark.parametrize("cohort", ["DCB", "DES"])
def test_incidence_never_exceeds_one_minus_survival(cohort: str) -> None:
    for day in range(0, 791, 10):
        assert incidence(cohort, 1).at(day).value <= 1 - curve(cohort).at(day).value + 1e-12


def test_risk_difference_at_day_730() -> None:
    found = risk_difference(curve("DCB"), curve("DES"), 730)
    assert found == pytest.approx((-0.179341, 0.198955, -0.569285, 0.210603), abs=1e-6)


def test_risk_difference_without_an_event_has_no_limits() -> None:
    found = risk_difference(curve("DCB"), curve("DES"), 90)
    assert found.value == pytest.approx(-0.066667, abs=5e-7)
    assert found.low is None


def test_log_rank() -> None:
    """> survdiff(Surv(time, state == 1) ~ cohort)"""
    found = log_rank(
        [int(row["time"]) for row in ROWS],
        [row["state"] == "1" for row in ROWS],
        [row["cohort"] == "DCB" for row in ROWS],
    )
    assert found == pytest.approx((1.238671, 0.265727), abs=5e-7)


def test_log_rank_of_one_group_says_nothing() -> None:
    assert log_rank([1, 2], [True, True], [True, True]).p is None


@pytest.mark.slow
def test_cox_unadjusted_and_adjusted() -> None:
    """> coxph(Surv(time, state == 1) ~ dcb, ties = "efron"); ~ dcb + age + len_mm + dm"""
    import pandas as pd

    from outcomes.stats.cox import cox

    frame = pd.DataFrame(
        {
            "time": [int(row["time"]) for row in ROWS],
            "event": [row["state"] == "1" for row in ROWS],
            "dcb": [row["cohort"] == "DCB" for row in ROWS],
            "age": [int(row["age"]) for row in ROWS],
            "len_mm": [int(row["len_mm"]) for row in ROWS],
            "dm": [int(row["dm"]) for row in ROWS],
        }
    )
    alone = cox(frame, days="time", event="event", covariates=["dcb"])["dcb"]
    assert (alone.beta, alone.ratio, alone.low, alone.high, alone.p) == pytest.approx(
        (-0.682891, 0.505154, 0.147488, 1.730182, 0.276959), abs=2e-6
    )
    adjusted = cox(frame, days="time", event="event", covariates=["dcb", "age", "len_mm", "dm"])
    assert adjusted["dcb"].se == pytest.approx(1.147519, abs=5e-5)
    assert [adjusted[name].beta for name in ("dcb", "age", "len_mm", "dm")] == pytest.approx(
        [1.968691, -0.086367, 0.044845, 0.767036], abs=5e-5
    )


def test_a_curve_ends_with_five_at_risk() -> None:
    assert curve("DES").last_day_with(5) == 730
    assert kaplan_meier([10, 20, 30, 40, 50, 60, 70], [False] * 7).last_day_with(5) == 30
