"""Windows are counted in fixed days; what is owed follows from treatment, stents and the end."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from protocol.schedule import SCHEDULED_FU, VISIT, expected_forms, window_dates

DAY_0 = date(2026, 3, 1)


def test_window_dates() -> None:
    assert window_dates("M12", DAY_0) == (date(2027, 1, 30), date(2027, 3, 31))


@pytest.mark.parametrize(("day", "expected"), [(22, False), (23, True), (44, True), (45, False)])
def test_both_ends_belong_to_the_window(day: int, expected: bool) -> None:
    first, last = window_dates("M1", DAY_0)
    assert (first <= DAY_0 + timedelta(days=day) <= last) is expected


def test_unscheduled_visits_have_no_window() -> None:
    with pytest.raises(ValueError, match="UNS"):
        window_dates("UNS", DAY_0)


def test_windows_do_not_overlap() -> None:
    bounds = [(VISIT[code].lo, VISIT[code].hi) for code in SCHEDULED_FU]
    for (_, end), (start, _) in pairwise(bounds):
        assert end is not None
        assert start is not None
        assert end < start


def test_an_untreated_subject_owes_four_forms() -> None:
    owed = expected_forms(treated=False)
    assert {(visit, form) for visit, forms in owed.items() for form in forms} == {
        ("SCR", "IC"),
        ("SCR", "DM"),
        ("SCR", "IE"),
        ("EOS", "EXIT"),
    }


def test_x_rays_are_required_of_the_stented() -> None:
    plain = expected_forms(treated=True, proc_date=DAY_0)
    stented = expected_forms(treated=True, stented=True, proc_date=DAY_0)
    assert (plain["M12"]["XR"], plain["M24"]["XR"]) == ("C", "C")
    assert (stented["M6"]["XR"], stented["M12"]["XR"], stented["M24"]["XR"]) == ("C", "R", "R")


@pytest.mark.parametrize(("ended", "owed"), [(394, False), (395, True)])
def test_a_visit_is_owed_once_its_window_has_closed_before_the_end(ended: int, owed: bool) -> None:
    forms = expected_forms(treated=True, proc_date=DAY_0, ended=DAY_0 + timedelta(days=ended))
    assert ("M12" in forms) is owed
    assert "M24" not in forms
    assert forms["EOS"] == {"EXIT": "R"}


def test_discharge_is_owed_after_a_death_in_hospital() -> None:
    forms = expected_forms(treated=True, proc_date=DAY_0, ended=DAY_0 + timedelta(days=1))
    assert "DISCH" in forms
    assert "POST" not in forms
