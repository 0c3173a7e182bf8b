"""Checks of events, medications and the end of the study; each number on both its sides."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sites.models import Site
from tests.visits.checks.cases import (
    PR0,
    Case,
    Table,
    at,
    day,
    held_on,
    no_earlier,
    of_target,
    on,
    told,
    visit,
)
from tests.visits.checks.dossiers import NOW, SaidFacts

D = Decimal
LIMB = {"target_limb": "L"}
DUPLEX = {"DUS": {"dus_lesion": "L1", "dus_date": on(51)}}


ONCE, AGAIN = ({"rev_tl_lesion": "L1", "rev_reasons": ["CLAU"], "rev_date": day(n)} for n in (100, 107))
EVENTS = [
    Case(
        "EC-096",
        {"PR": PR0, "REV": {"rev_date": day(0)}},
        silent=[
            {"REV": {"rev_separate": "N"}},
            {"REV": {"rev_date": day(1)}},
            {"REV": {"rev_date": "2026-03"}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-102",
        {"REV": [ONCE, AGAIN]},
        holds=[{"REV": [AGAIN, ONCE]}, {"REV": [ONCE, {**ONCE, "rev_reasons": ["PLAN", "CLAU"]}]}],
        silent=[
            {"REV": [ONCE, {**AGAIN, "rev_date": day(108)}]},
            {"REV": [{**ONCE, "rev_date": day(108)}, {**ONCE}]},
            {"REV": [ONCE, {**AGAIN, "rev_tl_lesion": "L2"}]},
            {"REV": [ONCE, {**AGAIN, "rev_reasons": ["PLAN"]}]},
            {"REV": [ONCE, {**AGAIN, "rev_reasons": None}]},
            {"REV": [ONCE, {**AGAIN, "rev_date": "2026-06"}]},
        ],
    ),
    Case(
        "EC-103",
        {"REV": {"rev_reasons": ["PLAN"]}, "PR": {"staged_planned": "Y", "staged_target": "N"}},
        holds=[{"PR": {"staged_planned": "N", "staged_target": None}}],
        silent=[
            {"PR": {"staged_target": "Y"}},
            {"PR": {"staged_target": None}},
            {"REV": {"rev_reasons": ["CLAU"]}},
            {"REV": {"rev_reasons": None}},
        ],
    ),
    no_earlier("RNG-REV.rev_date-H", "REV", "rev_date"),
    Case(
        "RNG-REV.rev_date-S",
        {"PR": PR0, "REV": {"rev_date": day(821)}},
        holds=[{"REV": {"rev_date": "2029"}}],
        silent=[{"REV": {"rev_date": day(820)}}, {"REV": {"rev_date": "2028"}}],
    ),
    of_target("RNG-REV.rev_tl_lesion-H", "REV", "rev_tl_lesion"),
    Case(
        "RNG-REV.rev_hospital-S",
        {"REV": {"rev_hospital": "外院"}},
        silent=[
            {"REV": {"rev_hospital": "Zhongshan Hospital"}},
            {"REV": {"rev_hospital": " zhongshan hospital, fudan university "}},
            {"REV": {"rev_hospital": "中山医院"}},
            {"REV": {"rev_hospital": None}},
        ],
        facts=lambda: SaidFacts(
            site=Site(code="07", name_en="Zhongshan Hospital", name_zh="复旦大学附属中山医院")
        ),
    ),
    Case(
        "EC-104",
        {
            "AMP": [
                {"amp_side": "L", "amp_level": "BKA", "amp_date": day(50)},
                {"amp_side": "L", "amp_level": "SYME", "amp_date": day(60)},
            ]
        },
        holds=[
            {
                "AMP": {"amp_side": "L", "amp_level": "RAY", "amp_date": day(50)},
                "LH": LIMB,
                "MH": {"prior_amp_target": "Y", "prior_amp_level": "TMA"},
            }
        ],
        silent=[
            {"AMP": [{"amp_side": side, "amp_level": level, "amp_date": when} for side, level, when in rows]}
            for rows in (
                [("L", "BKA", day(50)), ("L", "BKA", day(60))],
                [("L", "BKA", day(50)), ("L", "AKA", day(60))],
                [("L", "RAY", day(50)), ("L", "TOE", day(60))],
                [("L", "BKA", day(50)), ("R", "SYME", day(60))],
                [("L", "BKA", day(60)), ("L", "SYME", day(60))],
                [("L", "BKA", "2026"), ("L", "SYME", day(60))],
            )
        ],
    ),
    Case(
        "EC-106",
        {
            "LH": LIMB,
            "AMP": {"amp_side": "L", "amp_level": "SYME", "amp_date": day(50)},
            "M3": {"ABI": {"abi_date": on(51), "abi_l": D("0.50")}},
        },
        holds=[
            {"AMP": {"amp_side": "R"}, "M3": {"ABI": {"abi_r": D("0.50")}}},
            {"AMP": {"amp_level": "TKA"}, "M3": {"ABI": None, **DUPLEX}},
            {"AMP": {"amp_level": "AKA"}, "M3": {"ABI": None, "FU": visit(51, fu_rutherford="3")}},
        ],
        silent=[
            {"AMP": {"amp_level": "MIDF"}},
            {"AMP": {"amp_side": "R"}},
            {"AMP": {"amp_date": day(51)}},
            {"AMP": {"amp_date": "2026"}},
            {"M3": {"ABI": None, **DUPLEX}},
            {"AMP": {"amp_level": "AKA", "amp_side": "R"}, "M3": {"ABI": None, **DUPLEX}},
        ],
    ),
    no_earlier("RNG-AMP.amp_date-H", "AMP", "amp_date"),
]


def blood(test: str, *rows: tuple[str, datetime, str]) -> dict[str, Any]:
    """Return laboratory rows: visit, time, value."""
    found: dict[str, Any] = {}
    for where, when, value in rows:
        row = {"lb_test": test, "lb_dt": when, "lb_value": D(value)}
        found.setdefault(where, {"LB": []})["LB"].append(row)
    return found


def kidney(peak: str, number: int = 7) -> dict[str, Any]:
    """Return a creatinine of 80 before the procedure and one after it."""
    return blood("CREAT", ("SCR", at(-10), "80"), ("POST", at(number), peak))


def rise(second: str, hours: int = 48) -> dict[str, Any]:
    """Return a creatinine of 200 on day 1 and one some hours later; 200 before the procedure."""
    later = at(1) + timedelta(hours=hours)
    return blood("CREAT", ("SCR", at(-10), "200"), ("POST", at(1), "200"), ("POST", later, second))


FATAL = {"ae_outcome": "FAT", "ae_sae_crit": ["DTH"]}
BLEEDING = {"AE": {"ae_aesi": ["BLEED"]}}
LATE = {"ae_serious": "Y", "ae_aware_dt": NOW - timedelta(hours=24, seconds=1)}
ADVERSE = [
    Case(
        "EC-109",
        {"AE": FATAL},
        holds=[{"DTH": {}, "AE": {"ae_sae_crit": ["LT"]}}, {"DTH": {}, "AE": {"ae_sae_crit": None}}],
        silent=[{"DTH": {}}, {"AE": {"ae_outcome": "REC"}}],
    ),
    Case(
        "EC-112",
        {"PR": PR0, "MH": {"dialysis": "N"}, **kidney("120")},
        holds=[rise("226.5"), kidney("120", 0)],
        silent=[
            kidney("119"),
            kidney("120", 8),
            rise("226.4"),
            rise("226.5", 49),
            {"MH": {"dialysis": "Y"}},
            {"MH": {"dialysis": None}},
            {"AE": {"ae_aesi": ["AKI"]}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-113",
        blood("HGB", ("SCR", at(-1), "130"), ("POST", at(1), "99")),
        silent=[
            blood("HGB", ("SCR", at(-1), "130"), ("POST", at(1), "100")),
            blood("HGB", ("SCR", at(-9), "160"), ("SCR", at(-1), "130"), ("POST", at(1), "100")),
            {"SCR": None},
            {"POST": None},
            BLEEDING,
        ],
    ),
    Case(
        "EC-114",
        {"PP": {"pp_transfusion_u": D("0.5")}},
        holds=[{"AE": {"ae_aesi": ["ACC"]}}],
        silent=[{"PP": {"pp_transfusion_u": D(0)}}, {"PP": {"pp_transfusion_u": None}}, BLEEDING],
    ),
    Case(
        "EC-136",
        {"AE": LATE},
        silent=[
            {"AE": {"ae_aware_dt": NOW - timedelta(hours=24)}},
            {"AE": {"ae_report_dt": NOW}},
            {"AE": {"ae_serious": "N"}},
            {"AE": {"ae_aware_dt": None}},
        ],
    ),
    Case(
        "RNG-AE.ae_start-S",
        {"IC": {"consent_dt": at(-3)}, "AE": {"ae_start": day(-4)}},
        silent=[{"AE": {"ae_start": day(-3)}}, {"AE": {"ae_start": "2026-02"}}, {"IC": {"consent_dt": None}}],
    ),
    no_earlier("RNG-DD.dd_date-H", "DD", "dd_date", partial=False),
    Case(
        "RNG-DD.dd_device-H",
        {"DD": {"dd_device": "DCB2"}, "DCB": {}},
        silent=[{"DCB": [{}, {}]}, {"DD": {"dd_device": "PS1"}, "PS": {}}, {"DD": {"dd_device": None}}],
    ),
    Case(
        "RNG-DD.dd_led_to_ae-H",
        {"DD": {"dd_led_to_ae": "Y"}},
        silent=[{"AE": {}}, {"DD": {"dd_led_to_ae": "N"}}],
    ),
]

LEFT = {"exit_date": on(100), "exit_reason": "LTFU"}
AFTER: list[dict[str, Any]] = [
    {"M3": {"FU": {"fu_date": on(101)}}},
    {"M3": {"ABI": {"abi_date": on(101)}}},
    {"M3": {"LB": {"lb_dt": at(101)}}},
    {"M3": {"DUS": {"dus_date": on(101)}}},
    {"M3": {"XR": {"xr_date": on(101)}}},
    {"M3": {"IMG": {"img_date": on(101)}}},
    {"REV": {"rev_date": day(101)}},
    {"AMP": {"amp_date": day(101)}},
]
NOT_AFTER: list[dict[str, Any]] = [
    {"M3": {"FU": {"fu_date": on(100)}}},
    {"M3": {"LB": {"lb_dt": at(100, 23)}}},
    {"REV": {"rev_date": "2026"}},
    {"EXIT": {"exit_date": None}},
]
ENDS = [
    Case(
        "EC-115",
        {"PR": PR0, "M1": {"FU": visit(30)}, "DTH": {"death_date": day(29)}},
        holds=[
            {"M1": None, "DTH": {"death_date": day(-1)}},
            {"M1": None, "DISC": {"disc_date": on(30), "disc_vital": "A"}},
            {"DTH": {"death_date": "2026-02"}},
            {"DTH": {"death_date": "2026-08"}},
        ],
        silent=[
            {"DTH": {"death_date": day(30)}},
            {"DTH": {"death_date": "2026-04"}},
            {"M1": {"FU": {"contact_mode": "TEL"}}},
            {"M1": {"FU": {"vital_status": "U"}}},
            {"M1": None, "DISC": {"disc_date": on(30), "disc_vital": "D"}},
            {"DTH": {"death_date": "2026-07-01"}},
            {"DTH": {"death_date": None}},
        ],
    ),
    Case(
        "RNG-DTH.death_date-H",
        {"IC": {"consent_dt": at(-3)}, "DTH": {"death_date": day(-4)}},
        holds=[{"DTH": {"death_date": "2026-01"}}],
        silent=[{"DTH": {"death_date": day(-3)}}, {"DTH": {"death_date": "2026-02"}}],
    ),
    Case(
        "EC-116",
        {"DTH": {"death_date": day(100)}, "EXIT": LEFT},
        silent=[
            {"DTH": {"death_date": day(101)}},
            {"DTH": {"death_date": "2026"}},
            {"EXIT": {"exit_reason": "DTH"}},
            {"EXIT": {"exit_reason": None}},
            {"DTH": None},
        ],
    ),
    Case(
        "EC-117",
        {"EXIT": {**LEFT, "exit_reason": "WD"}, "AE": {"ae_start": day(101)}},
        holds=[{"AE": None, **change} for change in AFTER],
        silent=[
            {"EXIT": {"exit_reason": "LTFU"}},
            {"AE": {"ae_start": day(100)}},
            {"AE": None, "DTH": {"death_date": day(101)}},
            *({"AE": None, **change} for change in NOT_AFTER),
        ],
    ),
    Case(
        "EC-135",
        {"EXIT": LEFT, **AFTER[-1]},
        holds=[{"AMP": None, **change} for change in AFTER[:-1]],
        silent=[
            {"EXIT": {"exit_reason": "WD"}},
            {"EXIT": {"exit_reason": None}},
            {"AMP": None, "AE": {"ae_start": day(101)}},
            *({"AMP": None, **change} for change in NOT_AFTER),
        ],
    ),
    Case(
        "EC-118",
        {"PR": PR0, "EXIT": {"exit_reason": "COMP", "last_contact_date": on(699)}},
        silent=[
            {"EXIT": {"last_contact_date": on(700)}},
            {"EXIT": {"exit_reason": "WD"}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "RNG-EXIT.exit_date-H",
        {"EXIT": LEFT, "M3": {"FU": visit(101)}},
        silent=[{"M3": {"FU": visit(100)}}, {"M3": {"FU": visit(101, vital_status="U")}}],
    ),
    Case(
        "RNG-EXIT.exit_reason-H",
        {"EXIT": {"exit_reason": "DTH"}},
        silent=[{"DTH": {}}, {"EXIT": {"exit_reason": "WD"}}],
    ),
    no_earlier("RNG-EXIT.last_contact_date-H", "EXIT", "last_contact_date", partial=False),
]

PILLS = {"cm_class": "P2Y12", "cm_ongoing": "N", "cm_start": day(0), "cm_end": day(29)}
MEDICATION = [
    Case(
        "EC-125",
        {"PR": PR0, "CM": PILLS},
        holds=[
            {"CM": {"cm_end": day(0)}},
            {"DTH": {"death_date": day(31)}},
            {"CM": [PILLS, {**PILLS, "cm_start": day(31), "cm_ongoing": "Y", "cm_end": None}]},
        ],
        silent=[
            {"CM": {"cm_end": day(30)}},
            {"CM": {"cm_end": day(-1)}},
            {"CM": {"cm_end": "2026-03"}, "PR": {"proc_date": on(10)}},
            {"CM": {"cm_class": "ASA"}},
            {"CM": {"cm_ongoing": "Y", "cm_end": None}},
            {"DTH": {"death_date": day(30)}},
            {"DTH": {"death_date": "2026"}},
            {"CM": [PILLS, {**PILLS, "cm_start": day(30), "cm_ongoing": "Y", "cm_end": None}]},
            {"CM": [PILLS, {**PILLS, "cm_end": day(30)}]},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        # Today is 1 July 2026.
        "RNG-CM.cm_start-S",
        {"CM": {"cm_start": "1996-06-30"}},
        holds=[{"CM": {"cm_start": "1995"}}],
        silent=[{"CM": {"cm_start": "1996-07-01"}}, {"CM": {"cm_start": "1996"}}, {"CM": {"cm_start": None}}],
    ),
    Case("RNG-CM.cm_start-S", {"CM": {"cm_start": "1998-02-28"}}, now=datetime(2028, 2, 29, 4, tzinfo=UTC)),
    Case(
        "RNG-CM.cm_name-S",
        {"CM": {"cm_name": "Clopidogril"}},
        silent=[{"CM": {"cm_name": "Clopidogrel"}}, {"CM": {"cm_name": None}}],
        facts=lambda: SaidFacts(unknown_drugs=frozenset({"Clopidogril"})),
    ),
]

TABLE = Table(
    ("revascularisation", "amputation", "adverse", "death", "exit", "medication"),
    [*EVENTS, *ADVERSE, *ENDS, *MEDICATION],
)


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()
