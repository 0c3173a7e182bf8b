"""The demo's simulation reproduces the protocol's parameters (§8.2), and each subject's course by itself."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import pytest

from defier.demo import baseline, catalogue, fate, population, simulation, timeline
from defier.demo.population import Kind

SIMULATED = 20_000
# cohort: net CD-TLR at 12 and 24 months
CD_TLR = {"DCB": (0.110, 0.200), "DES": (0.135, 0.235)}
MEAN_LENGTH = {"DCB": 111, "DES": 131}


@pytest.fixture(scope="module", params=["DCB", "DES"])
def simulated(request: pytest.FixtureRequest) -> tuple[str, list[baseline.Covariates], list[int]]:
    cohort: str = request.param
    rng = timeline.stream(-1, f"calibration {cohort}")
    subjects = [baseline.draw_covariates(rng, cohort) for _ in range(SIMULATED)]
    return cohort, subjects, [fate.cd_tlr_day(rng, given) for given in subjects]


def test_net_cd_tlr_is_that_of_the_protocol(
    simulated: tuple[str, list[baseline.Covariates], list[int]],
) -> None:
    cohort, _, days = simulated
    for horizon, expected in zip((365, 730), CD_TLR[cohort], strict=True):
        found = sum(day <= horizon for day in days) / SIMULATED
        error = sqrt(expected * (1 - expected) / SIMULATED)
        assert found == pytest.approx(expected, abs=3 * error)


def test_lesion_lengths_and_covariates_are_those_of_the_protocol(
    simulated: tuple[str, list[baseline.Covariates], list[int]],
) -> None:
    cohort, subjects, _ = simulated
    assert sum(s.length for s in subjects) / SIMULATED == pytest.approx(MEAN_LENGTH[cohort], abs=1.5)
    assert all(5 <= s.length <= 300 for s in subjects)
    assert all(40 <= s.age <= 92 for s in subjects)
    tosaka = Counter(s.tosaka for s in subjects)
    for kind, share in zip((1, 2, 3), baseline.TOSAKA[cohort], strict=True):
        assert tosaka[kind] / SIMULATED == pytest.approx(share, abs=0.012)
    shares = {
        "diabetes": (sum(s.diabetes for s in subjects), 0.55),
        "male": (sum(s.male for s in subjects), 0.66),
        "dialysis": (sum(s.dialysis for s in subjects), 0.05),
        "isr >= 2": (sum(s.isr >= 2 for s in subjects), 0.32),
        "Rutherford >= 4": (sum(s.rutherford >= 4 for s in subjects), 0.25),
        "current smokers": (sum(s.smoking == "CUR" for s in subjects), 0.35),
    }
    for name, (count, share) in shares.items():
        assert count / SIMULATED == pytest.approx(share, abs=0.012), name


def test_death_loss_and_other_events_come_at_the_protocols_rates() -> None:
    rng = timeline.stream(-1, "other events")
    given = [baseline.draw_covariates(rng, baseline.draw_cohort(rng)) for _ in range(SIMULATED)]
    fates = [fate.draw_fate(rng, one) for one in given]
    expected = {
        ("death", 365): 0.04,
        ("death", 730): 0.08,
        ("lost", 365): 0.05,
        ("lost", 730): 0.10,
        ("withdrawal", 730): 0.015,
        ("other_tlr", 730): 0.025,
        ("other_tvr", 730): 0.05,
        ("other_limb", 730): 0.12,
        ("major_amputation", 730): 0.015,
        ("serious", 730): 0.25,
    }
    for (event, horizon), share in expected.items():
        found = sum(getattr(one, event) <= horizon for one in fates) / SIMULATED
        # 30-day deaths beyond the daily rate add two in a thousand.
        assert found == pytest.approx(share, abs=4 * sqrt(share / SIMULATED) + 0.002), event


def test_a_course_does_not_depend_on_what_was_drawn_before_it() -> None:
    heads = population.roster()
    backwards = {head.index: simulation.draw_course(head) for head in reversed(heads[:30])}
    assert all(simulation.draw_course(head) == backwards[head.index] for head in heads[:30])


def test_the_roster_fills_eleven_sites_unequally_in_order_of_time() -> None:
    heads = population.roster()
    kinds = Counter(head.kind for head in heads)
    assert sum(kinds.values()) - kinds[Kind.SCREEN_FAILURE] == 578
    assert kinds[Kind.SCREEN_FAILURE] == timeline.SCREEN_FAILURES
    assert {head.site for head in heads} == {site.code for site in catalogue.CLINICAL}
    sizes = Counter(head.site for head in heads)
    assert max(sizes.values()) > 2 * min(sizes.values())
    for site, size in sizes.items():
        own = sorted((head for head in heads if head.site == site), key=lambda head: head.number)
        assert [head.number for head in own] == list(range(1, size + 1))
        assert [head.screened for head in own] == sorted(head.screened for head in own)
    assert all(head.treated is None or head.treated <= timeline.TODAY for head in heads)


def test_nothing_happens_after_the_end_of_participation_or_after_today() -> None:
    for one in simulation.courses():
        if one.head.kind is not Kind.TREATED:
            continue
        last = min(one.end.day, one.horizon) if one.end else one.horizon
        days = [r.day for r in one.revascularisations] + [c.day for c in one.contacts if c.mode != "MISS"]
        assert all(0 < day <= last for day in days), one.head
        seen = [c.day for c in one.contacts if c.mode != "MISS"]
        assert seen == sorted(seen)
        if one.death is not None:
            assert one.end is not None
            assert one.end.reason == "DTH"


def test_technical_success_bail_out_and_cross_over_are_as_rare_as_the_protocol_says() -> None:
    drawn = [one for one in simulation.courses() if one.head.kind is Kind.TREATED]
    procedures = [one.procedure for one in drawn]
    assert 0.95 <= sum(p.technical_success() for p in procedures) / len(procedures) <= 0.995
    dcb = [one.procedure for one in drawn if one.given.cohort == "DCB"]
    assert 0.06 <= sum(bool(p.bailout) for p in dcb) / len(dcb) <= 0.14
    assert 0.005 <= sum(p.crossover for p in procedures) / len(procedures) <= 0.04
    for p in procedures:
        for lesion in p.lesions:
            own = [d for d in p.devices if d.lesion == lesion.name and d.role != "BAIL"]
            main = [d for d in own if d.kind == own[0].kind]
            assert sum(d.length - (d.overlap or 0) for d in main) >= lesion.length
