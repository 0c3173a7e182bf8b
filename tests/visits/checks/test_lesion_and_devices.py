"""Checks of lesions, their treatment and the devices: each number on both its sides."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sites.models import DeviceProduct
from tests.visits.checks.cases import DAY0, Case, Table, held_on, on, told
from tests.visits.checks.dossiers import SaidFacts
from visits.checks import CHECKS

D = Decimal
L1 = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}
L2 = {**L1, "lesion_no": "L2"}
NO_TARGET = {**L1, "is_target": "N"}
PR0 = {"proc_date": DAY0}
PRL = {"prl_lesion": "L1", "prl_reader": "SITE"}


def core(lesion: dict[str, Any]) -> dict[str, Any]:
    """Return the reading of the core laboratory: no check but its own reads it."""
    return {**lesion, "les_reader": "CORE"}


def product(**said: Any) -> SaidFacts:
    """Return a catalogue of one product, P."""
    known: dict[str, Any] = {"code": "P", "kind": "DCB", "drug": "PACLITAXEL", **said}
    return SaidFacts(products={"P": DeviceProduct(**known)})


def in_no_target(check: str, form: str, item: str) -> Case:
    """Return the cases of an item that has to name a target lesion."""
    return Case(
        check,
        {"LES": NO_TARGET, form: {item: "L1"}},
        silent=[{"LES": {"is_target": "Y"}}, {"LES": {"is_target": None}}, {form: {item: None}}],
    )


LESIONS = [
    Case(
        "EC-067",
        {"LH": {"target_limb": "L"}, "LES": {**L1, "les_limb": "R"}},
        silent=[
            {"LES": {"les_limb": "L"}},
            {"LES": {"is_target": "N"}},
            {"LES": {"les_reader": "CORE"}},
            {"LES": {"les_limb": None}},
            {"LH": {"target_limb": None}},
        ],
    ),
    Case(
        "EC-068",
        {"LES": {**L1, "pacss": "4"}, "IE": {"exc03": "N"}},
        holds=[{"LES": [{**L1, "pacss": "0"}, {**L2, "pacss": "4"}]}],
        silent=[{"LES": {"pacss": "3"}}, {"IE": {"exc03": "Y"}}, {"IE": {"exc03": None}}],
    ),
    Case(
        "RNG-LES.lesion_no-H",
        {"LES": [L1, L1]},
        holds=[{"LES": [core(L1), core(L1)]}],
        silent=[{"LES": [L1, L2]}, {"LES": [L1, core(L1)]}, {"LES": [L1, {"les_reader": "SITE"}]}],
    ),
    Case(
        "RNG-LES.les_date-H",
        {"LES": {**L1, "les_date": on(1)}, "PR": PR0},
        silent=[{"LES": {"les_date": on(0)}}, {"LES": {"les_date": on(-1)}}, {"PR": {"proc_date": None}}],
    ),
    Case(
        "RNG-LES.les_date-S",
        {"LES": {**L1, "les_date": on(-1)}, "PR": PR0},
        silent=[{"LES": {"les_date": on(0)}}, {"LES": {"les_date": on(1)}}, {"LES": {"les_date": None}}],
    ),
    Case(
        "RNG-LES.is_target-H",
        {"LES": NO_TARGET, "PR": {"study_dev_introduced": "Y"}},
        holds=[{"LES": [{**L1, "lesion_no": f"L{n}"} for n in range(1, 5)]}],
        silent=[
            {"PR": {"study_dev_introduced": "N"}},
            {"LES": [{**L1, "lesion_no": f"L{n}"} for n in range(1, 4)]},
            {"LES": [NO_TARGET, L2]},
            {"LES": {"is_target": None}},
        ],
    ),
    Case(
        "RNG-PRL.prl_lesion-H",
        {"LES": NO_TARGET, "PRL": PRL},
        holds=[{"LES": L1, "PRL": [PRL, PRL]}, {"LES": None}],
        silent=[{"LES": L1}, {"LES": [L1, L2], "PRL": [PRL, {**PRL, "prl_lesion": "L2"}]}],
    ),
    Case(
        "RNG-PRL.predil_diam_mm.rvd-S",
        {"LES": {**L1, "rvd_mm": D("5.0")}, "PRL": {**PRL, "predil_diam_mm": D("6.1")}},
        silent=[
            {"PRL": {"predil_diam_mm": D("6.0")}},
            {"PRL": {"predil_diam_mm": None}},
            {"LES": {"rvd_mm": None}},
            {"LES": {"lesion_no": "L2"}},
        ],
    ),
    Case(
        "RNG-PRL.treated_len_mm-S",
        {"LES": {**L1, "lesion_length_mm": 100}, "PRL": {**PRL, "treated_len_mm": 99}},
        silent=[{"PRL": {"treated_len_mm": 100}}, {"PRL": {"treated_len_mm": None}}],
    ),
    Case(
        "RNG-PRL.runoff_after-S",
        {
            "LES": {**L1, "ro_ata": "P", "ro_pta": "P", "ro_pero": "O"},
            "PRL": {**PRL, "runoff_after": 1},
        },
        silent=[{"PRL": {"runoff_after": 2}}, {"LES": {"ro_pta": "S"}}, {"LES": {"ro_pta": None}}],
    ),
]

TREATED = {"planned_cohort": "DCB", "study_dev_introduced": "Y"}
LONG = {**L1, "lesion_length_mm": 100}
BALLOON = {"dcb_lesion": "L1", "dcb_outcome": "OK", "dcb_len_mm": 60}
STENT = {"des_lesion": "L1", "des_outcome": "OK", "des_len_mm": 60}
BARE = {"bms_lesion": "L1", "bms_outcome": "OK"}


def short_of(check: str, kind: str, device: dict[str, Any]) -> Case:
    """Return the cases of devices that have to cover a lesion of 100 mm."""
    low = kind.lower()
    name, overlap, outcome = f"{low}_len_mm", f"{low}_overlap_mm", f"{low}_outcome"
    return Case(
        check,
        {"PR": {"planned_cohort": kind}, "LES": LONG, kind: {**device, name: 99}},
        holds=[
            {kind: [device, {**device, name: 50, overlap: 11}]},
            {kind: [device, {**device, outcome: "FDEL"}]},
            {"LES": [{**LONG, "lesion_length_mm": 99}, {**LONG, "lesion_no": "L2"}]},
        ],
        silent=[
            {kind: {name: 100}},
            {kind: [device, {**device, name: 50, overlap: 10}]},
            {kind: [device, {**device, name: 40, outcome: "PART"}]},
            {"PR": {"planned_cohort": {"DCB": "DES", "DES": "DCB"}[kind]}},
            {kind: {name: None}},
            {kind: None},
            {"LES": {"is_target": "N"}},
        ],
    )


DEVICES = [
    Case(
        "EC-069",
        {"PR": TREATED},
        silent=[{"DCB": {}}, {"PR": {"study_dev_introduced": "N"}}, {"PR": {"planned_cohort": "DES"}}],
    ),
    Case(
        "EC-070",
        {"PR": {**TREATED, "planned_cohort": "DES"}},
        silent=[{"DES": {}}, {"PR": {"study_dev_introduced": None}}, {"PR": {"planned_cohort": "DCB"}}],
    ),
    short_of("EC-071", "DES", STENT),
    short_of("EC-072", "DCB", BALLOON),
    Case(
        "EC-073",
        {"PR": {"planned_cohort": "DCB"}, "DES": STENT},
        holds=[{"DES": {"des_outcome": "PART"}}],
        silent=[{"DES": {"des_outcome": "FDEL"}}, {"PR": {"planned_cohort": "DES"}}],
    ),
    Case(
        "EC-074",
        {"PR": {"planned_cohort": "DES"}, "DCB": BALLOON},
        holds=[{"DCB": {"dcb_outcome": "PART"}}],
        silent=[{"DCB": {"dcb_outcome": "OPEN"}}, {"PR": {"planned_cohort": "DCB"}}],
    ),
    Case(
        "EC-075",
        {"DCB": {"dcb_product": "P"}},
        holds=[{"DCB": None, "DES": {"des_product": "P"}}],
        silent=[{"DCB": {"dcb_product": None}}, {"DCB": None, "BMS": {"bms_product": "P"}}],
        facts=lambda: product(drug="SIROLIMUS"),
    ),
    Case(
        "RNG-BMS.bms_product-S",
        {"BMS": {"bms_product": "P"}},
        silent=[{"BMS": {"bms_product": None}}],
        facts=product,
    ),
    Case(
        "RNG-DCB.dcb_product-S",
        {"DCB": {"dcb_product": "P"}, "PR": PR0},
        holds=[{"PR": {"proc_date": None}}],
        silent=[{"DCB": {"dcb_product": None}}, {"DCB": {"dcb_product": "Q"}}],
        facts=lambda: product(site_codes=["01", "02"]),
    ),
    Case(
        "RNG-DES.des_product-S",
        {"DES": {"des_product": "P"}, "PR": {"proc_date": date(2026, 1, 9)}},
        holds=[{"PR": {"proc_date": date(2026, 2, 11)}}],
        silent=[
            {"PR": {"proc_date": date(2026, 1, 10)}},
            {"PR": {"proc_date": date(2026, 2, 10)}},
            {"PR": {"proc_date": None}},
        ],
        facts=lambda: product(
            kind="DES",
            site_codes=["07"],
            active_from=date(2026, 1, 10),
            active_to=date(2026, 2, 10),
        ),
    ),
    Case(
        "EC-076",
        {"LES": {**L1, "rvd_mm": D("5.0")}, "DCB": {**BALLOON, "dcb_diam_mm": D("6.1")}},
        holds=[{"DCB": {"dcb_diam_mm": D("3.9")}}],
        silent=[
            {"DCB": {"dcb_diam_mm": D("6.0")}},
            {"DCB": {"dcb_diam_mm": D("4.0")}},
            {"LES": {"rvd_mm": None}},
            {"LES": {"les_reader": "CORE"}},
        ],
    ),
    Case(
        "RNG-DES.des_diam_mm.rvd-S",
        {"LES": {**L1, "rvd_mm": D("5.0")}, "DES": {**STENT, "des_diam_mm": D("7.1")}},
        holds=[{"DES": {"des_diam_mm": D("4.9")}}],
        silent=[{"DES": {"des_diam_mm": D("7.0")}}, {"DES": {"des_diam_mm": D("5.0")}}],
    ),
    Case(
        "EC-078",
        {"PR": PR0, "DCB": {"dcb_expiry": on(-1)}},
        holds=[
            {"DCB": None, "DES": {"des_expiry": on(-1)}},
            {"DCB": None, "BMS": {"bms_expiry": on(-1)}},
        ],
        silent=[{"DCB": {"dcb_expiry": on(0)}}, {"DCB": {"dcb_expiry": None}}, {"PR": {"proc_date": None}}],
    ),
    Case(
        # π × 5 × 200 × 3.2 / 1000 = 10.05 mg each
        "RNG-DCB.dcb_dose_mg-S",
        {"DCB": [{"dcb_diam_mm": D(5), "dcb_len_mm": 200, "dcb_dose_ug_mm2": D("3.2")}] * 2},
        silent=[
            {"DCB": [{"dcb_diam_mm": D(5), "dcb_len_mm": 198, "dcb_dose_ug_mm2": D("3.2")}] * 2},
            {"DCB": {"dcb_diam_mm": D(5), "dcb_len_mm": 200}},
        ],
    ),
    Case(
        "EC-079",
        {"BMS": {**BARE, "bms_reason": "RES"}, "PRL": {**PRL, "postdev_resid_pct": 30}},
        silent=[
            {"PRL": {"postdev_resid_pct": 31}},
            {"BMS": {"bms_reason": "OTH"}},
            {"PRL": {"prl_lesion": "L2"}},
            {"PRL": {"prl_reader": "CORE"}},
        ],
    ),
    Case(
        "EC-080",
        {"BMS": {**BARE, "bms_reason": "FLD"}, "PRL": {**PRL, "postdev_diss": "B"}},
        holds=[
            {"PRL": {"postdev_diss": "0"}},
            {"PRL": {"postdev_diss": "D", "postdev_flowlim": "N"}},
        ],
        silent=[
            {"PRL": {"postdev_diss": "C"}},
            {"PRL": {"postdev_diss": "D", "postdev_flowlim": "Y"}},
            {"PRL": {"postdev_diss": None}},
            {"BMS": {"bms_reason": "RES"}},
        ],
    ),
    Case(
        "EC-083",
        {"PRL": {**PRL, "crossing": "FAIL"}, "DCB": BALLOON},
        holds=[{"DCB": None, "DES": STENT}, {"DCB": None, "BMS": BARE}],
        silent=[
            {"PRL": {"crossing": "INT"}},
            {"DCB": {"dcb_outcome": "FDEL"}},
            {"DCB": {"dcb_lesion": "L2"}},
        ],
    ),
    Case(
        "EC-085",
        {"DCB": {"dcb_deficiency": "Y"}},
        holds=[
            {"DD": {"dd_device": "DES1"}},
            {"DCB": None, "DES": {"des_deficiency": "Y"}},
            {"DCB": None, "BMS": {"bms_deficiency": "Y"}},
        ],
        silent=[{"DD": {"dd_device": "DCB1"}}, {"DCB": {"dcb_deficiency": "N"}}],
    ),
    Case(
        "EC-134",
        {"PR": {"planned_cohort": "DES"}, "DES": {"des_role": "BAIL"}},
        holds=[{"PR": {"planned_cohort": "DCB"}, "DES": {"des_role": role}} for role in ("PLAN", "ADD")],
        silent=[
            {"DES": {"des_role": "PLAN"}},
            {"DES": {"des_role": "ADD"}},
            {"PR": {"planned_cohort": "DCB"}},
            {"PR": {"planned_cohort": None}},
        ],
    ),
    in_no_target("RNG-DCB.dcb_lesion-H", "DCB", "dcb_lesion"),
    in_no_target("RNG-BMS.bms_lesion-H", "BMS", "bms_lesion"),
    in_no_target("RNG-DES.des_lesion-H", "DES", "des_lesion"),
]

TABLE = Table(("lesion", "devices", "treatment"), [*LESIONS, *DEVICES])


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()


@pytest.mark.parametrize(("drug", "study", "bare"), [("PACLITAXEL", False, True), ("NONE", True, False)])
def test_what_a_product_carries(drug: str, study: bool, bare: bool) -> None:
    for check, form, held in (("EC-075", "DCB", study), ("RNG-BMS.bms_product-S", "BMS", bare)):
        base = {form: {f"{form.lower()}_product": "P"}}
        assert bool(held_on(Case(check, base, facts=lambda: product(drug=drug)), {})) is held


def test_an_uncovered_lesion_is_asked_about_on_its_own_page() -> None:
    case = next(case for case in DEVICES if case.check == "EC-072")
    assert held_on(case, {}) == [("LES", ("lesion_length_mm",))]


def test_a_device_is_asked_about_on_its_own_page() -> None:
    bare = {"BMS": {"bms_deficiency": "Y"}}
    assert held_on(Case("EC-085", bare), {}) == [("BMS", ("bms_deficiency",))]
    assert CHECKS["EC-085"].hard
