"""Checks of the committee's pages: what it judges, who reviews, and how it differs from the site."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sites.models import Membership
from tests.visits.checks.cases import (
    PR0,
    Case,
    Table,
    day,
    held_on,
    no_earlier,
    on,
    read,
    told,
)
from tests.visits.checks.dossiers import NOW, SaidFacts
from visits.checks import CHECKS
from visits.checks.writing import Writing

D = Decimal
LIMB = {"target_limb": "L"}


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
TABLE = Table(("adjudication",), [*SENT, STILL_OPEN, DATED])


@pytest.mark.parametrize(("case", "change", "held"), told(TABLE.cases))
def test_it_holds_just_where_it_should(case: Case, change: dict[str, Any], held: bool) -> None:
    assert bool(held_on(case, change)) is held


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
