"""Checks of the pages before treatment, the procedure, the days in hospital, and one subject among all."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sites.models import Delegation, Site
from subjects.status import Status
from tests.visits.checks.cases import DAY0, Case, Table, at, held_on, on, told
from tests.visits.checks.dossiers import SaidFacts
from visits.checks.study import completed_years

D = Decimal
PR0 = {"proc_date": DAY0}
CONSENT = {"consent_dt": at(-3)}
WANG = "11111111-1111-4111-8111-111111111111"


def delegated(task: str, first: date, last: date | None = None) -> SaidFacts:
    """Return a delegation log with one line: Wang, this task, from and to."""
    line = Delegation(user_id=WANG, site_id="07", role="SUBI", tasks=[task], from_date=first, to_date=last)
    return SaidFacts(delegations=[line])


def open_from(first: date, last: date | None = None) -> SaidFacts:
    """Return a site that is open from and to."""
    return SaidFacts(site=Site(code="07", activation_date=first, close_date=last))


def not_after(check: str, form: str, item: str, other: dict[str, Any], last: Any) -> Case:
    """Return the cases of a date that must not lie after `last`; partial dates only if certainly so."""
    later = date(2026, 4, 1)
    return Case(
        check,
        {form: {item: later.isoformat()}, **other},
        holds=[{form: {item: "2026-04"}}, {form: {item: "2027"}}],
        silent=[{form: {item: last.isoformat()}}, {form: {item: "2026"}}, {form: {item: None}}],
    )


def not_before(check: str, form: str, item: str) -> Case:
    """Return the cases of a date of the procedure's day or later."""
    return Case(
        check,
        {form: {item: on(-1)}, "PR": PR0},
        silent=[{form: {item: on(0)}}, {form: {item: None}}, {"PR": {"proc_date": None}}],
    )


LEFT = {"abi_l": D("0.50"), "ankle_dp_l": 60, "brachial_l": 120}

SCREENING = [
    Case(
        "RNG-IC.screening_date-S",
        {"IC": {"screening_date": date(2025, 12, 31)}},
        silent=[{"IC": {"screening_date": date(2026, 1, 1)}}, {"IC": {"screening_date": None}}],
        facts=lambda: open_from(date(2026, 1, 1)),
    ),
    Case(
        "RNG-IC.consent_by-S",
        {"IC": {"consent_by": WANG, "consent_dt": at(-4)}},
        holds=[{"IC": {"consent_by": "somebody else", "consent_dt": at(-3)}}, {"IC": {"consent_dt": at(-1)}}],
        silent=[
            {"IC": {"consent_dt": at(-3)}},
            {"IC": {"consent_dt": at(-2)}},
            {"IC": {"consent_by": None}},
            {"IC": {"consent_dt": None}},
        ],
        facts=lambda: delegated("CONSENT", on(-3), on(-2)),
    ),
    Case(
        "RNG-IC.rescreen_of-H",
        {"IC": {"rescreen_of": WANG}},
        silent=[{"IC": {"rescreen_of": None}}],
        facts=lambda: SaidFacts(status=Status.ENROLLED),
    ),
    Case(
        "RNG-ICRE.reconsent_date-H",
        {"IC": CONSENT, "ICRE": {"reconsent_date": on(-4)}},
        silent=[{"ICRE": {"reconsent_date": on(-3)}}, {"IC": {"consent_dt": None}}],
    ),
    Case(
        "RNG-DM.birth_ym-H",
        {"IC": CONSENT, "DM": {"birth_ym": "2026-03"}},
        holds=[{"DM": {"birth_ym": "2027"}}],
        silent=[{"DM": {"birth_ym": "2026-02"}}, {"DM": {"birth_ym": "2026"}}, {"DM": {"birth_ym": None}}],
    ),
    not_after("RNG-MH.last_mi_date-H", "MH", "last_mi_date", {"IC": CONSENT}, on(-3)),
    not_after("RNG-MH.last_cva_date-H", "MH", "last_cva_date", {"PR": PR0}, on(0)),
    not_after("RNG-LH.symptom_onset-H", "LH", "symptom_onset", {"IC": CONSENT}, on(-3)),
    not_after("RNG-LH.prior_isr_tx_date-H", "LH", "prior_isr_tx_date", {"PR": PR0}, on(-1)),
    Case("RNG-LH.prior_isr_tx_date-H", {"LH": {"prior_isr_tx_date": on(0).isoformat()}, "PR": PR0}),
    Case(
        "RNG-LH.prior_isr_tx_date-S",
        {"LH": {"prior_isr_tx_date": on(-29).isoformat()}, "PR": PR0},
        holds=[{"LH": {"prior_isr_tx_date": on(-1).isoformat()}}, {"LH": {"prior_isr_tx_date": "2026-02"}}],
        silent=[
            {"LH": {"prior_isr_tx_date": on(-30).isoformat()}},
            {"LH": {"prior_isr_tx_date": on(0).isoformat()}},
            {"LH": {"prior_isr_tx_date": "2026"}},
        ],
    ),
    not_after("RNG-PS.ps_implant_date-H", "PS", "ps_implant_date", {"PR": PR0}, on(-1)),
    Case("RNG-PS.ps_implant_date-H", {"PS": {"ps_implant_date": on(0).isoformat()}, "PR": PR0}),
    Case(
        "RNG-PS.ps_implant_date-S",
        {"PS": {"ps_implant_date": on(-30).isoformat()}, "PR": PR0},
        holds=[{"PS": {"ps_implant_date": on(-1).isoformat()}}],
        silent=[
            {"PS": {"ps_implant_date": on(-31).isoformat()}},
            {"PS": {"ps_implant_date": on(0).isoformat()}},
            {"PS": {"ps_implant_date": "2026"}},
        ],
    ),
    Case(
        "RNG-PS.ps_carries_tl-S",
        {"PS": {"ps_carries_tl": "N"}, "IE": {"elig_outcome": "ELIG"}},
        silent=[
            {"PS": [{"ps_carries_tl": "N"}, {"ps_carries_tl": "Y"}]},
            {"PS": {"ps_carries_tl": None}},
            {"IE": {"elig_outcome": "SF"}},
        ],
    ),
    Case(
        "RNG-BCS.bcs_date-H",
        {"BCS": {"bcs_date": on(1)}, "PR": PR0},
        silent=[{"BCS": {"bcs_date": on(0)}}, {"PR": {"proc_date": None}}],
    ),
    Case(
        # 60 / 120 = 0.50 and an ankle of 60 mmHg: grade 2; the toe, where measured, decides.
        "RNG-BCS.wifi_ischaemia-S",
        {"LH": {"target_limb": "L"}, "BCS": {"wifi_ischaemia": "1"}, "SCR": {"ABI": LEFT}},
        holds=[{"SCR": {"ABI": {"toe_l": 29}}}, {"BCS": {"wifi_ischaemia": "3"}}],
        silent=[
            {"BCS": {"wifi_ischaemia": "2"}},
            {"SCR": {"ABI": {"toe_l": 40}}},
            {"LH": {"target_limb": "R"}},
            {"BCS": {"wifi_ischaemia": None}},
            {"SCR": None, "M1": {"ABI": LEFT}},
        ],
    ),
    Case(
        "RNG-LB.lb_test-H",
        {"SCR": {"LB": [{"lb_dt": at(-1), "lb_test": "HGB"}] * 2}},
        silent=[
            {"SCR": {"LB": [{"lb_dt": at(-1), "lb_test": "HGB"}, {"lb_dt": at(-1), "lb_test": "WBC"}]}},
            {"SCR": {"LB": [{"lb_dt": at(-1), "lb_test": "HGB"}, {"lb_dt": at(0), "lb_test": "HGB"}]}},
            {"SCR": {"LB": [{"lb_test": "HGB"}] * 2}},
        ],
    ),
    Case(
        "RNG-DV.dv_date-S",
        {"IC": CONSENT, "DV": {"dv_date": on(-4)}},
        silent=[{"DV": {"dv_date": on(-3)}}, {"DV": {"dv_cause": "EC-039"}}, {"IC": {"consent_dt": None}}],
    ),
]

EVENT = {"AE": {"ae_start": on(0).isoformat()}}
PROCEDURE = [
    Case(
        "EC-084",
        {"PR": {**PR0, "proc_complication": ["PERF"]}},
        holds=[
            {"AE": {"ae_start": on(-1).isoformat()}},
            {"AE": {"ae_start": on(4).isoformat()}},
            {"PR": {"proc_complication": ["NONE"]}, "PP": {"pp_access_compl": ["HEMA"]}},
        ],
        silent=[
            EVENT,
            {"AE": {"ae_start": on(3).isoformat()}},
            {"AE": {"ae_start": "2026-03"}},
            {"PR": {"proc_complication": ["NONE"]}},
            {"PR": {"proc_complication": None}, "PP": {"pp_access_compl": ["NONE"]}},
            {"PR": {"proc_date": None}},
        ],
    ),
    Case(
        "EC-131",
        {"PR": {"proc_date": date(2026, 1, 9)}},
        holds=[{"PR": {"proc_date": date(2026, 2, 11)}}],
        silent=[
            {"PR": {"proc_date": date(2026, 1, 10)}},
            {"PR": {"proc_date": date(2026, 2, 10)}},
            {"PR": {"proc_date": None}},
        ],
        facts=lambda: open_from(date(2026, 1, 10), date(2026, 2, 10)),
    ),
    Case(
        "RNG-PR.operator-S",
        {"PR": {**PR0, "operator": WANG}},
        silent=[{"PR": {"proc_date": on(1)}}, {"PR": {"operator": None}}, {"PR": {"proc_date": None}}],
        facts=lambda: delegated("PROCEDURE", on(1)),
    ),
    not_before("RNG-PP.pp_date-H", "PP", "pp_date"),
    Case(
        "RNG-PP.pp_date-S",
        {"PP": {"pp_date": on(4)}, "PR": PR0},
        silent=[{"PP": {"pp_date": on(3)}}, {"PR": {"proc_date": None}}],
    ),
    Case(
        "RNG-PP.pp_chest_pain-S",
        {"PP": {"pp_chest_pain": "Y"}, "PR": PR0},
        holds=[{"POST": {"LB": {"lb_test": "CKMB"}}}, {"M1": {"LB": {"lb_test": "TROPONIN"}}}],
        silent=[
            {"POST": {"LB": {"lb_test": "TROPONIN"}}},
            {"UNS1": {"LB": {"lb_test": "TROPONIN", "lb_dt": at(3)}}},
            {"PP": {"pp_chest_pain": "N"}},
        ],
    ),
    not_before("EC-086", "DISC", "disc_date"),
    Case(
        "RNG-DISC.disc_date-S",
        {"DISC": {"disc_date": on(15)}, "PR": PR0},
        silent=[{"DISC": {"disc_date": on(14)}}, {"PR": {"proc_date": None}}],
    ),
    Case(
        "RNG-DISC.disc_admit_date-S",
        {"DISC": {"disc_admit_date": on(1)}, "PR": PR0},
        silent=[{"DISC": {"disc_admit_date": on(0)}}, {"DISC": {"disc_admit_date": None}}],
    ),
    Case(
        "RNG-DISC.disc_vital-H",
        {"DISC": {"disc_vital": "D"}},
        silent=[{"DTH": {}}, {"DISC": {"disc_vital": "A"}}],
    ),
    Case(
        "RNG-DISC.disc_rutherford-S",
        {"DISC": {"disc_rutherford": "4"}, "BCS": {"rutherford_target": "3"}},
        silent=[{"DISC": {"disc_rutherford": "3"}}, {"BCS": {"rutherford_target": None}}],
    ),
    Case(
        "RNG-DISC.disc_new_event-S",
        {"DISC": {"disc_new_event": "Y"}},
        silent=[{"AE": {}}, {"REV": {}}, {"AMP": {}}, {"DISC": {"disc_new_event": "N"}}],
    ),
]

ALIKE = {
    "DM": {"sex": "M", "birth_ym": "1950-05"},
    "LH": {"target_limb": "L"},
    "PS": {"ps_implant_date": "2024-05-06"},
}
STUDY = [
    Case(
        "EC-126",
        {"PR": {"study_dev_introduced": "Y"}},
        silent=[{"PR": {"study_dev_introduced": "N"}}, {"PR": {"study_dev_introduced": None}}],
        facts=lambda: SaidFacts(others_enrolled=578),
    ),
    Case(
        "EC-132",
        ALIKE,
        silent=[
            {"DM": {"sex": None}},
            {"DM": {"birth_ym": None}},
            {"LH": {"target_limb": None}},
            {"PS": {"ps_implant_date": "2024-05"}},
            {"PS": None},
        ],
        facts=lambda: SaidFacts(alike=["DEFIER-02-001-1"]),
    ),
    Case(
        # Consent on 27 February 2026.
        "EC-133",
        {"IC": CONSENT, "DM": {"birth_ym": "1956-02", "age": 71}},
        holds=[
            {"DM": {"age": 68}},
            {"DM": {"birth_ym": "1956-01", "age": 69}},
            {"DM": {"birth_ym": "1956-03", "age": 70}},
            {"DM": {"birth_ym": "1956", "age": 68}},
        ],
        silent=[
            {"DM": {"age": 70}},
            {"DM": {"age": 69}},
            {"DM": {"birth_ym": "1956-01", "age": 70}},
            {"DM": {"birth_ym": "1956-03", "age": 69}},
            {"DM": {"birth_ym": "1956", "age": 69}},
            {"DM": {"birth_ym": None}},
            {"IC": {"consent_dt": None}},
        ],
    ),
]

TABLE = Table(("screening", "procedure", "study"), [*SCREENING, *PROCEDURE, *STUDY])


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


def test_every_check_has_a_case() -> None:
    assert TABLE.untold() == set()


@pytest.mark.parametrize("status", Status)
def test_only_a_screen_failure_is_screened_again(status: Status) -> None:
    case = Case("RNG-IC.rescreen_of-H", {"IC": {"rescreen_of": WANG}}, facts=lambda: SaidFacts(status=status))
    assert bool(held_on(case, {})) is (status is not Status.SCREEN_FAIL)


@pytest.mark.parametrize(("others", "held"), [(577, False), (578, True)])
def test_the_579th_subject_is_beyond_the_target(others: int, held: bool) -> None:
    facts = SaidFacts(others_enrolled=others)
    case = Case("EC-126", {"PR": {"study_dev_introduced": "Y"}}, facts=lambda: facts)
    assert bool(held_on(case, {})) is held


def test_nobody_alike_is_nobody_asked_about() -> None:
    assert held_on(Case("EC-132", ALIKE), {}) == []


@pytest.mark.parametrize(
    ("day", "years"), [(date(2026, 5, 5), 9), (date(2026, 5, 6), 10), (date(2026, 5, 7), 10)]
)
def test_years_are_completed_on_the_birthday(day: date, years: int) -> None:
    assert completed_years(date(2016, 5, 6), day) == years
