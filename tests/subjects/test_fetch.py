"""Fetching a subject with the permission: outsiders find nothing, the unentitled are refused (ACL-03)."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from sites.roles import Action
from subjects.enrolment import register_subject
from subjects.fetch import subject_or_404, subjects_visible
from subjects.models import Subject
from tests.people import People, build_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def subject(people: People) -> Subject:
    register_subject(site=people.sites["02"], by=people.ma_lin)
    return register_subject(site=people.sites["07"], by=people.li_na)


@pytest.mark.urs("ACL-02")
def test_a_site_sees_its_own_subjects_and_the_study_all(people: People, subject: Subject) -> None:
    assert [s.site_id for s in subjects_visible(people.li_na)] == ["07"]
    assert [s.site_id for s in subjects_visible(people.ma_lin)] == ["02"]
    for who in ("wang_lei", "chen_jing", "guo_tao"):
        assert subjects_visible(people.actors[who]).count() == 2
    for who in ("sun_qing", "zhou_yan", "zhao_min", "xu_fang"):
        assert not subjects_visible(people.actors[who]).exists()


@pytest.mark.urs("ACL-03")
def test_foreign_and_absent_are_the_same(people: People, subject: Subject) -> None:
    for wanted in (subject.pk, uuid.uuid4()):
        with pytest.raises(Http404):
            subject_or_404(people.ma_lin, wanted)


def test_readable_but_not_for_this_is_refused(people: People, subject: Subject) -> None:
    assert subject_or_404(people.wang_lei, subject.pk).pk == subject.pk
    with pytest.raises(PermissionDenied):
        subject_or_404(people.wang_lei, subject.pk, Action.PAGE_SAVE)
    with pytest.raises(Http404):
        subject_or_404(people.ma_lin, subject.pk, Action.PAGE_SAVE)


@pytest.mark.parametrize(
    "asked", ["DEFIER-07-001", "07-001", "07001", "S07001", "defier-07-001", " 07–001 ", "1"]
)
def test_a_subject_is_found_by_its_number_however_it_is_written(
    people: People, subject: Subject, asked: str
) -> None:
    answer = people.client("li_na").get("/find/", {"q": asked})
    assert answer["Location"] == f"/subjects/{subject.pk}/"


@pytest.mark.urs("PRI-02")
def test_a_wrong_check_character_finds_nothing_and_neither_does_a_foreign_number(
    people: People, subject: Subject
) -> None:
    client = people.client("li_na")
    right = subject.usubjid[-1]
    for check in "0123456789X":
        found = client.get("/find/", {"q": f"DEFIER-07-001-{check}"})
        assert found.status_code == (302 if check == right else 404)
    assert client.get("/find/", {"q": "02-001"}).status_code == 404
    assert client.get("/find/", {"q": "<script>"}).status_code == 404
