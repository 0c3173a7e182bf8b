"""Numbers are given once, by sites that may enrol, also when many screen at the same time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction

from audit.context import acting
from protocol import identifiers
from sites import upkeep
from sites.models import Site
from subjects.enrolment import CannotEnrol, register_subject
from subjects.models import Subject
from tests.people import FIRST, People, build_people


@pytest.fixture
def people(db: None) -> People:
    return build_people()


@pytest.mark.urs("PRI-02")
def test_numbers_of_a_site_follow_each_other_and_carry_a_check_character(people: People) -> None:
    made = [register_subject(site=people.sites["07"], by=people.li_na) for _ in range(3)]
    assert [subject.seq for subject in made] == [1, 2, 3]
    assert [subject.screening_no for subject in made] == ["S07001", "S07002", "S07003"]
    assert all(identifiers.is_valid(subject.usubjid) for subject in made)
    other = register_subject(site=people.sites["02"], by=people.ma_lin)
    assert other.usubjid.startswith("DEFIER-02-001-")


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "PLANNED"},
        {"status": "SUSPENDED"},
        {"status": "CLOSED"},
        {"ethics_no": ""},
        {"ethics_date": None},
        {"role": "STATISTICS"},
        {"role": "COORDINATING"},
    ],
)
def test_a_site_that_may_not_enrol_says_why_in_both_languages(people: People, facts: dict[str, Any]) -> None:
    upkeep.change_site(site=people.sites["07"], by=FIRST, **facts)
    with pytest.raises(CannotEnrol) as refused:
        register_subject(site=people.sites["07"], by=people.li_na)
    assert refused.value.message.en and refused.value.message.zh
    assert not Subject.objects.exists()


def test_the_statistics_centre_cannot_enrol(people: People) -> None:
    with pytest.raises(CannotEnrol):
        register_subject(site=people.sites["11"], by=FIRST)


@pytest.mark.urs("ACL-07")
def test_only_the_sites_own_staff_screen(people: People) -> None:
    for name, actor in people.actors.items():
        if name not in ("li_na", "zhang_wei"):
            with pytest.raises(PermissionDenied):
                register_subject(site=people.sites["07"], by=actor)


@pytest.mark.urs("ACL-04")
def test_a_number_is_unique_also_against_raw_writes(people: People) -> None:
    one = register_subject(site=people.sites["07"], by=people.li_na)
    with pytest.raises(IntegrityError), acting(by=FIRST), transaction.atomic():
        Subject.objects.create(site=one.site, seq=one.seq, usubjid=one.usubjid, screening_no="X")


def test_a_refused_screening_leaves_no_gap(people: People) -> None:
    with transaction.atomic():
        assert register_subject(site=people.sites["07"], by=people.li_na).seq == 1
        transaction.set_rollback(True)
    assert register_subject(site=people.sites["07"], by=people.li_na).seq == 1


@pytest.mark.urs("CON-04")
def test_fifty_at_the_same_time_get_fifty_numbers(own_database: str) -> None:
    people = build_people()

    def screen(number: int) -> int:
        try:
            site, by = (("07", people.li_na), ("02", people.ma_lin))[number % 2]
            return register_subject(site=Site.objects.get(code=site), by=by).seq
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(screen, range(50)))
    assert sorted(given) == sorted([*range(1, 26), *range(1, 26)])
