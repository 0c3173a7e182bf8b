"""The subjects that are loaded first show every state of a study."""

from __future__ import annotations

from collections import Counter

from defier.demo import catalogue, first, simulation
from defier.demo.course import Course
from defier.demo.population import Kind

FIRST = 40


def chosen() -> list[Course]:
    return first.chosen_first(simulation.courses(), FIRST)


def test_the_first_forty_show_sites_cohorts_statuses_and_events() -> None:
    found = chosen()
    assert len(found) == FIRST
    assert {one.head.site for one in found} == {site.code for site in catalogue.CLINICAL}
    assert Counter(one.given.cohort for one in found).keys() == {"DCB", "DES"}
    assert {one.head.kind for one in found} == set(Kind)
    ends = Counter(one.end.reason if one.end else "" for one in found if one.head.kind is Kind.TREATED)
    assert ends.keys() == {"", "COMP", "DTH", "WD", "LTFU"}
    treated = [one for one in found if one.head.kind is Kind.TREATED]
    assert sum(any(r.kind == "CD" for r in one.revascularisations) for one in treated) >= 3
    assert any(one.amputation for one in treated)
    assert any(one.procedure.crossover for one in treated)
    assert any(len(one.procedure.lesions) == 2 for one in treated)


def test_the_shown_site_has_a_full_day_of_work() -> None:
    own = [one for one in chosen() if one.head.site == first.SHOWN_SITE]
    assert len(own) >= 8
    assert sum(first.awaited(one, over=False) for one in own) >= 3
    assert any(first.awaited(one, over=True) for one in own)
    assert any(first.closing(one) for one in own)


def test_the_numbers_after_the_highest_stay_free_while_the_rest_is_loaded() -> None:
    everyone = simulation.courses()
    early = {one.head.index for one in chosen()}
    for site in catalogue.CLINICAL:
        own = [one for one in everyone if one.head.site == site.code]
        assert max(own, key=lambda one: one.head.number).head.index in early


def test_all_subjects_are_loaded_once_in_the_end() -> None:
    ordered = first.in_order_of_loading(FIRST)
    assert sorted(one.head.index for one in ordered) == [one.head.index for one in simulation.courses()]
    assert [one.head.index for one in ordered[:FIRST]] == [one.head.index for one in chosen()]
