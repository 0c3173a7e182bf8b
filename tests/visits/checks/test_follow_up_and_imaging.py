"""Checks of follow-up visits and of what was seen on images; each number on both its sides."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.visits.checks.cases import (
    L1,
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

D = Decimal
LIMB = {"target_limb": "L"}


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

TABLE = Table(("follow_up", "duplex", "imaging"), [*FOLLOW_UP, *DUPLEX])


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()
