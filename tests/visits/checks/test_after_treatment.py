"""Checks of follow-up, imaging, events and the end of the study; each number on both its sides."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sites.models import Membership, Site
from tests.visits.checks.cases import DAY0, Case, Table, at, held_on, on, read, told
from tests.visits.checks.dossiers import NOW, SaidFacts
from visits.checks import CHECKS
from visits.checks.writing import Writing

D = Decimal
PR0 = {"proc_date": DAY0}
LIMB = {"target_limb": "L"}
L1 = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}
ELSEWHERE = {"LES": {**L1, "is_target": "N"}}


def day(number: int) -> str:
    """Return a day as a partial date is stored."""
    return on(number).isoformat()


def visit(number: int, **said: Any) -> dict[str, Any]:
    """Return a follow-up page of a visit in the clinic."""
    return {"fu_date": on(number), "contact_mode": "CLIN", "vital_status": "A", **said}


def logged(check: str, item: str) -> Case:
    """Return the cases of something reported since the last contact that a log has to hold."""
    return Case(
        check,
        {"PR": PR0, "M1": {"FU": visit(30)}, "M3": {"FU": visit(90, **{item: "Y"})}},
        holds=[{"AE": {"ae_start": day(30)}}, {"AE": {"ae_start": day(91)}}],
        silent=[
            {"AE": {"ae_start": day(31)}},
            {"AE": {"ae_start": day(90)}},
            {"AE": {"ae_start": "2026"}},
            {"AE": {}},
            {"M3": {"FU": {item: "N"}}},
            {"M3": {"FU": {"fu_date": None}}},
        ],
    )


def no_earlier(check: str, form: str, item: str, partial: bool = True) -> Case:
    """Return the cases of a date of day 0 or later; a partial one if its last day is."""
    dated = day if partial else on
    silent: list[dict[str, Any]] = [
        {form: {item: dated(0)}},
        {form: {item: None}},
        {"PR": {"proc_date": None}},
    ]
    silent += [{form: {item: "2026-03"}}, {form: {item: "2026"}}] if partial else []
    holds = [{form: {item: "2026-02"}}, {form: {item: "2025"}}] if partial else []
    return Case(check, {form: {item: dated(-1)}, "PR": PR0}, holds=holds, silent=silent)


def of_target(check: str, form: str, item: str) -> Case:
    """Return the cases of an item that has to name a target lesion."""
    return Case(
        check,
        {**ELSEWHERE, form: {item: "L1"}},
        silent=[{"LES": {"is_target": "Y"}}, {form: {item: None}}],
    )


TESTED: dict[str, Any] = {"DUS": {}, "ABI": {}}
FOLLOW_UP = [
    Case(
        "RNG-FU.fu_date-H",
        {"PR": PR0, "M1": {"FU": visit(0)}},
        holds=[{"M1": {"FU": visit(-1)}}],
        silent=[{"M1": {"FU": visit(1)}}, {"PR": {"proc_date": None}}, {"M1": {"FU": {"fu_date": None}}}],
    ),
    Case(
        "RNG-FU.contact_mode-S",
        {"M3": {"FU": visit(90, contact_mode="TEL")}},
        holds=[{"M3": {"FU": {"contact_mode": "REC"}}}],
        silent=[{"M3": {"FU": {"contact_mode": mode}}} for mode in ("CLIN", "INPT", "MISS", None)]
        + [{"M3": None, "UNS1": {"FU": visit(90, contact_mode="TEL")}}],
    ),
    logged("RNG-FU.new_hosp.record-S", "new_hosp"),
    Case(
        "RNG-FU.new_hosp.record-S",
        {"PR": PR0, "M1": {"FU": visit(30, new_hosp="Y")}},
        silent=[{"REV": {"rev_date": day(10)}}, {"AMP": {"amp_date": day(10)}}],
    ),
    logged("RNG-FU.new_ae-S", "new_ae"),
    Case("RNG-FU.new_ae-S", {"PR": PR0, "M1": {"FU": visit(30, new_ae="Y")}, "REV": {"rev_date": day(10)}}),
    Case(
        # Two months from 3 March: until 2 May.
        "RNG-FU.comply_p2y12-S",
        {
            "DISC": {"disc_date": on(1), "disc_dapt_months": 2},
            "M1": {"FU": {"fu_date": date(2026, 5, 2), "comply_p2y12": "STOP"}},
        },
        silent=[
            {"M1": {"FU": {"fu_date": date(2026, 5, 3)}}},
            {"M1": {"FU": {"comply_p2y12": "PART"}}},
            {"DISC": {"disc_dapt_months": None}},
            {"DISC": {"disc_date": None}},
        ],
    ),
    Case(
        # The window of M1 closes on day 44; today is day 45.
        "EC-088",
        {"PR": PR0, "M1": {"FU": visit(30)}},
        holds=[{"M1": {"DUS": {}}}, {"M1": {"ABI": {}}}, {"M1": {"FU": {"contact_mode": "INPT"}}}],
        silent=[
            {"M1": TESTED},
            {"M1": {"FU": {"fu_tests_missing": "device broken"}}},
            {"M1": {"FU": {"contact_mode": "TEL"}}},
            {"PR": {"proc_date": on(1)}},
            {"M1": None, "UNS1": {"FU": visit(30)}},
        ],
        now=at(45, 12),
    ),
    Case(
        "RNG-ABI.abi_date-S",
        {"PR": PR0, "M1": {"ABI": {"abi_date": on(22)}}},
        holds=[{"M1": {"ABI": {"abi_date": on(45)}}}, {"M1": None, "POST": {"ABI": {"abi_date": on(4)}}}],
        silent=[
            {"M1": {"ABI": {"abi_date": on(23)}}},
            {"M1": {"ABI": {"abi_date": on(44)}}},
            {"M1": None, "UNS1": {"ABI": {"abi_date": on(22)}}},
            {"PR": {"proc_date": None}},
        ],
    ),
]

OPEN = {
    "dus_adequate": "Y",
    "dus_occlusion": "N",
    "psvr": D("2.40"),
    "dus_lesion": "L1",
    "dus_reader": "SITE",
}
NARROW, CLOSED = {**OPEN, "psvr": D("2.41")}, {**OPEN, "psvr": None, "dus_occlusion": "Y"}


def scan(number: int, what: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a duplex of a day."""
    return {"DUS": {**what, "dus_date": on(number), **more}}


def film(number: int, fracture: str, **more: Any) -> dict[str, Any]:
    """Return an X-ray of a day."""
    return {"xr_date": on(number), "xr_fracture": fracture, "xr_stent": "DES1", "xr_reader": "SITE", **more}


def mended(check: str, before: dict[str, Any]) -> Case:
    """Return the cases of a lesion that is patent at M6 after another finding at M1."""
    return Case(
        check,
        {"M1": scan(30, before), "M6": scan(180, OPEN)},
        holds=[
            {"REV": {"rev_tl_lesion": "L1", "rev_date": day(30)}},
            {"REV": {"rev_tl_lesion": "L1", "rev_date": day(181)}},
            {"REV": {"rev_tl_lesion": "L2", "rev_date": day(100)}},
            {"M3": scan(90, OPEN)},
        ],
        silent=[
            {"REV": {"rev_tl_lesion": "L1", "rev_date": day(31)}},
            {"REV": {"rev_tl_lesion": "L1", "rev_date": day(180)}},
            {"REV": {"rev_tl_lesion": "L1", "rev_date": "2026"}},
            {"REV": {"rev_tl_lesion": "L1"}},
            {"M1": scan(30, OPEN)},
            {"M6": scan(180, NARROW)},
            {"M6": scan(180, OPEN, dus_lesion="L2")},
            {"M1": scan(30, before, dus_reader="CORE")},
            {"M1": scan(30, before, dus_adequate="N")},
        ],
    )


def pressures(before: str, now: str, later: int = 90) -> dict[str, Any]:
    """Return two ABI of the left side."""
    return {
        "M1": {"ABI": {"abi_date": on(30), "abi_l": D(before)}},
        "M3": {"ABI": {"abi_date": on(later), "abi_l": D(now)}, **scan(90, NARROW)},
    }


DUPLEX = [
    mended("EC-090", CLOSED),
    mended("EC-091", NARROW),
    Case(
        "EC-092",
        {"LH": LIMB, **pressures("0.70", "0.86")},
        holds=[{"M3": scan(90, CLOSED)}],
        silent=[
            pressures("0.70", "0.85"),
            pressures("0.70", "0.86", later=91),
            {"M3": scan(90, OPEN)},
            {"LH": {"target_limb": "R"}},
            {"LH": None},
            {"M1": None},
        ],
    ),
    Case(
        "EC-093",
        {"M1": {"DUS": [{**OPEN, "dus_date": on(30)}, {**NARROW, "dus_date": on(30), "dus_reader": "CORE"}]}},
        silent=[
            {
                "M1": {
                    "DUS": [{**OPEN, "dus_date": on(30)}, {**OPEN, "dus_date": on(30), "dus_reader": "CORE"}]
                }
            },
            {"M1": {"DUS": [{**OPEN, "dus_date": on(30)}, {**NARROW, "dus_date": on(30)}]}},
            {
                "M1": {
                    "DUS": [
                        {**OPEN, "dus_date": on(30)},
                        {**NARROW, "dus_date": on(31), "dus_reader": "CORE"},
                    ]
                }
            },
        ],
    ),
    Case(
        "RNG-DUS.dus_reader-H",
        {"M1": {"DUS": [{**OPEN, "dus_date": on(30)}] * 2}},
        silent=[
            {
                "M1": {
                    "DUS": [{**OPEN, "dus_date": on(30)}, {**OPEN, "dus_date": on(30), "dus_reader": "CORE"}]
                }
            },
            {"M1": {"DUS": [{**OPEN, "dus_date": on(30)}, {**OPEN, "dus_date": on(30), "dus_lesion": "L2"}]}},
            {"M1": {"DUS": [{**OPEN, "dus_date": on(30)}, {**OPEN, "dus_date": on(31)}]}},
        ],
    ),
    Case(
        "RNG-DUS.dus_date-H",
        {"PR": PR0, "M1": scan(-1, OPEN)},
        silent=[{"M1": scan(0, OPEN)}, {"M1": None, "SCR": scan(-1, OPEN)}, {"PR": {"proc_date": None}}],
    ),
    Case(
        "RNG-DUS.dus_date-S",
        {"PR": PR0, "M1": scan(45, OPEN)},
        holds=[{"M1": scan(22, OPEN)}, {"M1": None, "SCR": scan(-31, OPEN)}],
        silent=[
            {"M1": scan(44, OPEN)},
            {"M1": scan(23, OPEN)},
            {"M1": scan(-1, OPEN)},
            {"M1": None, "SCR": scan(-30, OPEN)},
            {"M1": None, "UNS1": scan(45, OPEN)},
        ],
    ),
    of_target("RNG-DUS.dus_lesion-H", "DUS", "dus_lesion"),
    of_target("RNG-IMG.img_lesion-H", "IMG", "img_lesion"),
    Case(
        "RNG-DUS.aneurysm_mm-S",
        {"LES": {**L1, "rvd_mm": D("5.0")}, "DUS": {**OPEN, "aneurysm_mm": D("7.6")}},
        silent=[{"DUS": {"aneurysm_mm": D("7.5")}}, {"LES": {"rvd_mm": None}}, {"DUS": {"dus_lesion": "L2"}}],
    ),
    no_earlier("RNG-XR.xr_date-H", "XR", "xr_date", partial=False),
    no_earlier("RNG-IMG.img_date-H", "IMG", "img_date", partial=False),
    Case(
        "RNG-XR.xr_date-S",
        {"PR": PR0, "M12": {"XR": film(396, "0")}},
        holds=[{"M12": {"XR": film(334, "0")}}],
        silent=[
            {"M12": {"XR": film(395, "0")}},
            {"M12": {"XR": film(335, "0")}},
            {"M12": {"XR": film(-1, "0")}},
        ],
    ),
    Case(
        "EC-094",
        {"XR": [film(365, "2"), film(730, "1")]},
        holds=[{"XR": [film(730, "0"), film(365, "5")]}],
        silent=[
            {"XR": [film(365, "1"), film(730, "1")]},
            {"XR": [film(365, "9"), film(730, "1")]},
            {"XR": [film(365, "2"), film(730, "9")]},
            {"XR": [film(365, "2"), film(365, "1")]},
            {"XR": [film(365, "2"), film(730, "1", xr_stent="PS1")]},
            {"XR": [film(365, "2"), film(730, "1", xr_reader="CORE")]},
        ],
    ),
    Case(
        "EC-095",
        {"XR": film(365, "0")},
        holds=[{"DES": {"des_outcome": "FDEL"}}, {"PS": {}}],
        silent=[
            {"DES": {"des_outcome": "OK"}},
            {"DES": {"des_outcome": "PART"}},
            {"DES": {}},
            {"PS": {}, "XR": {"xr_stent": "PS1"}},
            {"BMS": {"bms_outcome": "OK"}, "XR": {"xr_stent": "BMS1"}},
            {"XR": {"xr_stent": None}},
        ],
    ),
]

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
            {"AMP": {"amp_level": "TKA"}, "M3": {"ABI": None, **scan(51, OPEN)}},
            {"AMP": {"amp_level": "AKA"}, "M3": {"ABI": None, "FU": visit(51, fu_rutherford="3")}},
        ],
        silent=[
            {"AMP": {"amp_level": "MIDF"}},
            {"AMP": {"amp_side": "R"}},
            {"AMP": {"amp_date": day(51)}},
            {"AMP": {"amp_date": "2026"}},
            {"M3": {"ABI": None, **scan(51, OPEN)}},
            {"AMP": {"amp_level": "AKA", "amp_side": "R"}, "M3": {"ABI": None, **scan(51, OPEN)}},
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
]

OPENED = datetime(2026, 3, 1, tzinfo=UTC)
SENT = [
    Case("EC-121", {form: {}}, silent=[{form: None}], now=OPENED + timedelta(days=3, seconds=1))
    for form in ("REV", "AMP", "DTH")
]
STILL_OPEN = Case(
    "RNG-CEC.cec_status-S",
    {"CEC": {"cec_status": "OPEN"}},
    silent=[{"CEC": {"cec_status": "READY"}}],
    now=OPENED + timedelta(days=60, seconds=1),
)
DATED = no_earlier("RNG-CEC.cec_event_date-H", "CEC", "cec_event_date", partial=False)
TABLE = Table(
    (
        "follow_up",
        "duplex",
        "imaging",
        "revascularisation",
        "amputation",
        "adverse",
        "death",
        "exit",
        "medication",
    ),
    [*FOLLOW_UP, *DUPLEX, *EVENTS, *ADVERSE, *ENDS, *MEDICATION],
)


@pytest.mark.parametrize(("case", "change", "held"), told([*TABLE.cases, *SENT, STILL_OPEN, DATED]))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()


def test_a_late_dispatch_is_late_after_three_days() -> None:
    assert not held_on(Case("EC-121", {"REV": {}}, now=OPENED + timedelta(days=3)), {})
    assert not held_on(Case("RNG-CEC.cec_status-S", STILL_OPEN.base, now=OPENED + timedelta(days=60)), {})


def judged(check: str, form: str, stated: dict[str, Any], **answers: Any) -> list[Any]:
    """Return where a check of the committee's page about an event of this form holds."""
    r = read(Case(check, {"PR": PR0, "LH": LIMB, form: stated, "CEC": answers}), {})
    r.of("CEC")[0].values["cec_source"] = str(r.of(form)[0].id)
    return list(CHECKS[check].finds(r))


REVASCULARISED = {
    "rev_date": day(100),
    "rev_kind": "PERC",
    "rev_side": "L",
    "rev_vessels": ["FP"],
    "rev_edge_mm": 0,
    "rev_reasons": ["CLAU"],
}
BLED = {"ae_aesi": ["BLEED"], "bl_hb_before": 130, "bl_hb_nadir": 95}


@pytest.mark.parametrize(
    ("check", "form", "stated", "differs", "agrees"),
    [
        ("RNG-CEC.cec_tlr-S", "REV", REVASCULARISED, {"cec_tlr": "N"}, {"cec_tlr": "Y"}),
        ("RNG-CEC.cec_cd-S", "REV", REVASCULARISED, {"cec_cd": "N"}, {"cec_cd": "Y"}),
        (
            "RNG-CEC.cec_amp_major-S",
            "AMP",
            {"amp_level": "BKA"},
            {"cec_amp_major": "N"},
            {"cec_amp_major": "Y"},
        ),
        (
            "RNG-CEC.cec_death_cat-S",
            "DTH",
            {"death_cat": "CV"},
            {"cec_death_cat": "NCV"},
            {"cec_death_cat": "CV"},
        ),
        ("RNG-CEC.cec_barc-S", "AE", BLED, {"cec_barc": "2"}, {"cec_barc": "3a"}),
        (
            "RNG-CEC.cec_event_date-S",
            "REV",
            REVASCULARISED,
            {"cec_event_date": on(101)},
            {"cec_event_date": on(100)},
        ),
        (
            "RNG-CEC.cec_event_date-S",
            "REV",
            {"rev_date": "2026-06"},
            {"cec_event_date": date(2026, 5, 31)},
            {"cec_event_date": date(2026, 6, 30)},
        ),
    ],
)
def test_the_committee_differs_from_the_site(
    check: str, form: str, stated: dict[str, Any], differs: dict[str, Any], agrees: dict[str, Any]
) -> None:
    assert judged(check, form, stated, **differs)
    assert not judged(check, form, stated, **agrees)
    assert not judged(check, form, stated)
    assert CHECKS[check].to == "data_manager"


def test_one_open_adjudication_for_each_event() -> None:
    source = str(uuid.uuid4())
    both = [{"cec_source": source, "cec_status": "OPEN"}, {"cec_source": source, "cec_status": "R1"}]
    check = "RNG-CEC.cec_source-H"
    assert len(held_on(Case(check, {"CEC": both}), {})) == 1
    assert not held_on(Case(check, {"CEC": [both[0], {**both[1], "cec_status": "FIN"}]}), {})
    assert not held_on(Case(check, {"CEC": [both[0], {**both[1], "cec_source": str(uuid.uuid4())}]}), {})


A, B = str(uuid.uuid4()), str(uuid.uuid4())


def reviewed(check: str, *writers: tuple[str, str, tuple[str, ...]], **facts: Any) -> bool:
    """Say whether a check holds on a final judgement of a revascularisation that these people wrote.

    `writers`: the form they wrote on, who, and which items; in that order.
    """
    answers = {"cec_status": "FIN", "cec_r1_event": "Y", "cec_r2_event": "Y"}
    r = read(Case(check, {"REV": {}, "CEC": answers}, facts=lambda: SaidFacts(**facts)), {})
    pages = {form: r.of(form)[0] for form in ("REV", "CEC")}
    pages["CEC"].values["cec_source"] = str(pages["REV"].id)
    r.facts.written = [  # type: ignore[attr-defined]
        Writing(str(pages[form].id), n, NOW, who, "Somebody", frozenset(items))
        for n, (form, who, items) in enumerate(writers)
    ]
    return bool(list(CHECKS[check].finds(r)))


def test_two_people_review() -> None:
    check, one, two = "RNG-CEC.cec_r2_event-H", ("cec_r1_event",), ("cec_r2_event",)
    assert reviewed(check, ("CEC", A, (*one, *two)))
    assert reviewed(check, ("CEC", A, one), ("CEC", A, two))
    assert not reviewed(check, ("CEC", A, one), ("CEC", B, two))
    assert reviewed(check, ("CEC", A, one), ("CEC", B, two), ("CEC", B, one))
    assert not reviewed(check, ("CEC", "system:verify", (*one, *two)))


def test_nobody_of_the_site_reviews() -> None:
    for role, held in (("COORDINATOR", True), ("INVESTIGATOR", True), ("CEC", False)):
        member = Membership(user_id=A, site_id="07", role=role)
        assert reviewed("EC-124", ("CEC", A, ("cec_status",)), memberships=[member]) is held
    assert not reviewed("EC-124", ("CEC", B, ("cec_status",)), memberships=[])


def test_a_source_that_changed_after_its_judgement_is_judged_again() -> None:
    source, final = ("REV", B, ("rev_date",)), ("CEC", A, ("cec_status",))
    assert reviewed("EC-122", source, final, source)
    assert not reviewed("EC-122", source, final)
    assert not reviewed("EC-122", source, final, source, final)
    assert not reviewed("EC-122", source)


def test_every_check_of_the_committee_is_tested_here() -> None:
    here = {name for name, one in CHECKS.items() if one.finds.__module__ == "visits.checks.adjudication"}
    assert here == {
        *("EC-121", "EC-122", "EC-124", "RNG-CEC.cec_source-H", "RNG-CEC.cec_status-S"),
        *("RNG-CEC.cec_r2_event-H", "RNG-CEC.cec_event_date-H", "RNG-CEC.cec_event_date-S"),
        *("RNG-CEC.cec_tlr-S", "RNG-CEC.cec_cd-S", "RNG-CEC.cec_amp_major-S"),
        *("RNG-CEC.cec_death_cat-S", "RNG-CEC.cec_barc-S"),
    }
    assert {CHECKS[name].to for name in here} == {"data_manager"}
