"""Checks of visits, of what contacts report, and of pressures: each number on both its sides."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from protocol.schedule import SCHEDULED_FU, VISIT
from tests.visits.checks.cases import DAY0, Case, Table, at, held_on, on, told
from tests.visits.checks.dossiers import findings, reading

PR0 = {"proc_date": DAY0}
TREATED = {**PR0, "study_dev_introduced": "Y"}


def seen(day: int, **more: Any) -> dict[str, Any]:
    """Return a follow-up page of a visit in the clinic on a day."""
    return {"FU": {"contact_mode": "CLIN", "fu_date": on(day), **more}}


def noon(day: date) -> datetime:
    """Return a time on a day in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


MISSED = {"FU": {"contact_mode": "MISS"}}

VISITS = [
    Case(
        "EC-040",
        {"IC": {"screening_date": on(-31)}, "PR": PR0},
        silent=[{"IC": {"screening_date": on(-30)}}, {"PR": {"proc_date": None}}],
    ),
    Case(
        "EC-041",
        {"BCS": {"bcs_date": on(-31)}, "PR": PR0},
        silent=[{"BCS": {"bcs_date": on(-30)}}, {"BCS": {"bcs_date": None}}],
    ),
    Case(
        "EC-042",
        {"SCR": {"LB": {"lb_dt": at(-15)}}, "PR": PR0},
        silent=[{"SCR": {"LB": {"lb_dt": at(-14, 0)}}}, {"SCR": None, "POST": {"LB": {"lb_dt": at(-15)}}}],
    ),
    *(
        Case(
            "EC-043",
            {"PR": PR0, code: seen((VISIT[code].lo or 0) - 1)},
            holds=[{code: seen((VISIT[code].hi or 0) + 1)}],
            silent=[{code: seen(VISIT[code].lo or 0)}, {code: seen(VISIT[code].hi or 0)}],
        )
        for code in SCHEDULED_FU
    ),
    Case(
        "EC-043",
        {"PR": PR0, "M1": seen(22)},
        silent=[
            {"M1": {"FU": {"contact_mode": "MISS"}}},
            {"M1": None, "UNS1": seen(22)},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-044",
        {"M1": seen(30), "M3": seen(30)},
        holds=[{"M3": seen(29)}, {"M3": MISSED, "M6": seen(30)}],
        silent=[
            {"M3": seen(31)},
            {"M1": MISSED},
            {"M3": None, "UNS1": seen(30)},
            {"M3": {"FU": {"fu_date": None}}},
        ],
    ),
    Case(
        "EC-045",
        {"M6": seen(181), "DTH": {"death_date": str(on(180))}},
        holds=[{"M6": seen(181, contact_mode="INPT")}, {"DTH": {"death_date": "2026-07"}}],
        silent=[
            {"M6": seen(180)},
            {"M6": seen(181, contact_mode="TEL")},
            {"DTH": {"death_date": "2026-08"}},
            {"DTH": {"death_date": None}},
        ],
    ),
    Case(
        "EC-046",
        {"PR": PR0, "M24": seen(729)},
        silent=[{"M24": seen(730)}, {"M24": MISSED}, {"M24": None, "M12": seen(729)}],
    ),
    Case(
        "EC-047",
        {"PR": TREATED},
        holds=[
            {"M3": seen(90)},
            {"DTH": {"death_date": str(on(45))}},
            {"EXIT": {"exit_date": on(45)}},
            {"EXIT": {"exit_date": on(44)}},
        ],
        silent=[
            {"M1": seen(30)},
            {"M1": MISSED},
            {"M1": {"FU": {}}},
            {"DTH": {"death_date": str(on(44))}},
            {"DTH": {"death_date": "2026"}},
            {"EXIT": {"exit_date": on(43)}},
            {"PR": {"study_dev_introduced": "N"}},
            {"PR": {"proc_date": None}},
        ],
        now=noon(on(44 + 15)),
    ),
    Case("EC-047", {"PR": TREATED}, silent=[{"PR": {"proc_date": on(1)}}], now=noon(on(44 + 15))),
    Case(
        "EC-048",
        {"M6": seen(181, vital_status="A"), "DTH": {"death_date": str(on(180))}},
        holds=[{"M6": seen(181, vital_status="A", contact_mode="TEL")}],
        silent=[{"M6": seen(180, vital_status="A")}, {"M6": seen(181, vital_status="D")}, {"DTH": None}],
    ),
]


def event_cases(check: str, item: str, form: str, dated: str) -> Case:
    """Return the cases of an event reported at 3 months: since the visit on day 30, until day 90."""
    return Case(
        check,
        {"PR": PR0, "M1": seen(30), "M3": seen(90, **{item: "Y"})},
        holds=[
            {form: {dated: str(on(30))}},
            {form: {dated: str(on(91))}},
            {form: {dated: "2026-03"}},
            {form: [{dated: str(on(30))}, {dated: str(on(91))}]},
        ],
        silent=[
            {form: {dated: str(on(31))}},
            {form: {dated: str(on(90))}},
            {form: {dated: "2026-04"}},
            {form: {dated: "2026"}},
            {form: {}},
            {"M1": MISSED, form: {dated: str(on(1))}},
            {"M3": seen(90, **{item: "N"})},
            {"M3": {"FU": {"fu_date": None}}},
        ],
    )


CONTACTS = [
    event_cases("EC-049", "new_revasc", "REV", "rev_date"),
    event_cases("EC-050", "new_amputation", "AMP", "amp_date"),
    Case(
        "EC-049",
        {"PR": PR0, "DISCH": {"DISC": {"disc_date": on(3)}}, "M1": seen(30, new_revasc="Y")},
        holds=[{"REV": {"rev_date": str(on(3))}}, {"M1": seen(40, new_revasc="Y"), "UNS1": seen(30)}],
        silent=[{"REV": {"rev_date": str(on(4))}}, {"DISCH": None, "REV": {"rev_date": str(on(1))}}],
    ),
    Case(
        "EC-051",
        {"M6": seen(180, vital_status="D")},
        silent=[{"DTH": {}}, {"DTH": {"death_date": "2026"}}, {"M6": seen(180, vital_status="A")}],
    ),
    Case(
        "EC-052",
        {
            "PR": PR0,
            "M1": seen(30),
            "M3": seen(90, new_revasc="N", new_amputation="N"),
            "REV": {"rev_date": str(on(31))},
        },
        holds=[
            {"REV": {"rev_date": str(on(90))}},
            {"REV": None, "AMP": {"amp_date": str(on(90))}},
            {"REV": {"rev_date": "2026-05"}},
        ],
        silent=[
            {"REV": {"rev_date": str(on(30))}},
            {"REV": {"rev_date": str(on(91))}},
            {"REV": {"rev_date": "2026"}},
            {"REV": {"rev_date": None}},
            {"REV": None},
            {"M3": seen(90, new_revasc="Y", new_amputation="N")},
        ],
    ),
    Case(
        "EC-053",
        {"BCS": {"rutherford_target": "1"}, "M1": seen(30, fu_rutherford="3")},
        holds=[
            {"AE": {"ae_start": str(on(-1))}},
            {"REV": {"rev_date": str(on(61))}},
            {"BCS": {"rutherford_target": "3"}, "M3": seen(90, fu_rutherford="5")},
        ],
        silent=[
            {"BCS": {"rutherford_target": "2"}},
            {"AE": {"ae_start": str(on(0))}},
            {"REV": {"rev_date": str(on(60))}},
            {"AE": {"ae_start": "2026-04"}},
            {"BCS": None},
            {"M1": MISSED},
        ],
    ),
    Case(
        "EC-054",
        {"BCS": {"tissue_loss": "Y"}, "M1": seen(30, fu_rutherford="3", wound_status="N")},
        holds=[{"M1": seen(30, fu_rutherford="0", wound_status="N")}],
        silent=[
            {"M1": seen(30, fu_rutherford="4", wound_status="N")},
            {"M1": seen(30, fu_rutherford="3", wound_status="Y")},
            {"BCS": {"tissue_loss": "N"}},
        ],
    ),
]


def abi(day: int, value: str, side: str = "l", **more: Any) -> dict[str, Any]:
    """Return a page of reported pressures on a day."""
    return {"ABI": {"abi_date": on(day), f"abi_{side}": Decimal(value), **more}}


LEFT = {"target_limb": "L"}
PRESSURES = [
    Case(
        "EC-059",
        {"LH": LEFT, "PR": PR0, "M1": abi(30, "0.90"), "M3": abi(90, "0.49")},
        holds=[
            {"M3": abi(90, "1.31")},
            {"REV": {"rev_date": str(on(30))}},
            {"REV": {"rev_date": str(on(91))}},
            {"M1": abi(30, "0.10", ankle_dp_l=90, brachial_l=100)},
        ],
        silent=[
            {"M3": abi(90, "0.50")},
            {"M3": abi(90, "1.30")},
            {"REV": {"rev_date": str(on(31))}},
            {"REV": {"rev_date": str(on(90))}},
            {"REV": {"rev_date": "2026"}},
            {"M3": None, "SCR": abi(-5, "0.40")},
            {"LH": {"target_limb": "R"}},
            {"LH": None},
        ],
    ),
    Case(
        "EC-060",
        {
            "LH": LEFT,
            "SCR": abi(-5, "0.91", incompressible_l="N"),
            "BCS": {"rutherford_target": "2"},
        },
        silent=[
            {"SCR": abi(-5, "0.90", incompressible_l="N")},
            {"SCR": abi(-5, "0.91", incompressible_l="Y")},
            {"BCS": {"rutherford_target": "1"}},
            {"LH": {"target_limb": "R"}},
        ],
    ),
    Case(
        "EC-061",
        {
            "LH": LEFT,
            "SCR": abi(-5, "0.60"),
            "POST": abi(1, "0.49"),
            "PR": PR0,
            "LES": {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"},
            "PRL": {"prl_lesion": "L1", "crossing": "INT", "final_resid_pct": 20, "flow_limiting": "N"},
        },
        silent=[
            {"POST": abi(1, "0.50")},
            {"PRL": {"final_resid_pct": 60}},
            {"SCR": None},
        ],
    ),
]

TABLE = Table(("visits", "contacts", "pressures"), [*VISITS, *CONTACTS, *PRESSURES])


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()


def test_each_overdue_visit_is_asked_about_at_the_procedure() -> None:
    """A visit without a page has no other address: the query stands at the date its window counts from."""
    late = noon(DAY0 + timedelta(days=1000))
    asked = findings("EC-047", reading(now=late, PR=TREATED, M12=seen(365)))
    assert [(found.page.form, found.items, found.about) for found in asked] == [
        ("PR", ("proc_date",), visit) for visit in ("M1", "M3", "M6", "M24")
    ]
    assert asked[0].read == {"pr.proc_date": DAY0, "visit": "M1", "closes": on(44)}


def test_a_later_visit_is_asked_about_and_not_the_earlier() -> None:
    [found] = findings("EC-044", reading(M1=seen(30), M3=seen(29)))
    assert (found.page.visit, sorted(found.read)) == ("M3", ["fu M1.fu_date", "fu M3.fu_date"])
