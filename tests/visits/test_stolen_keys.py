"""A one-time key counts for the subject and the site that its form was drawn for (CON-02)."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from subjects.models import Subject
from tests.enrolled import CONSENT, screened
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject

pytestmark = [pytest.mark.django_db, pytest.mark.urs("CON-02", "ACL-03")]


def test_the_same_answers_about_another_subject_are_saved(people: People, subject: Subject) -> None:
    key, other = uuid.uuid4(), screened(people)
    for one in (other, subject):
        typed = PageEntry(subject_id=one.pk, form="DM", visit="SCR", values={"age": 70})
        save_pages([typed], by=people.li_na, key=key)
        page = dossiers.load(one).one("DM")
        assert page is not None
        assert page.values["age"] == 70


def test_a_screening_of_another_site_is_not_told(people: People) -> None:
    key, entry = uuid.uuid4(), PageEntry(subject_id=uuid.uuid4(), form="IC", values=CONSENT)
    screen_subject(site=people.sites["07"], entry=entry, by=people.li_na, key=key)
    with pytest.raises(PermissionDenied):
        screen_subject(site=people.sites["02"], entry=entry, by=people.actors["ma_lin"], key=key)
    assert [one.site_id for one in Subject.objects.all()] == ["07"]
