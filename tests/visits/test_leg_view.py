"""The leg beside a page follows what is typed, and stores nothing."""

import pytest

from subjects.models import Subject
from tests.enrolled import treated
from tests.people import People
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject(people: People) -> Subject:
    """A subject whose lesion L1 was treated from 60 to 210 mm below the profunda origin."""
    subject = treated(people, 400)
    lesion = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y", "dist_profunda_mm": 75}
    treatment = {"prl_lesion": "L1", "crossing": "INT", "treated_prox_mm": 60, "treated_len_mm": 150}
    entries = [
        PageEntry(subject_id=subject.pk, form="LH", visit="SCR", values={"target_limb": "R"}),
        PageEntry(subject_id=subject.pk, form="LES", visit="PROC", values=lesion),
        PageEntry(subject_id=subject.pk, form="PRL", visit="PROC", values=treatment),
    ]
    save_pages(entries, by=people.li_na)
    return subject


def test_a_distance_that_is_typed_is_drawn_before_it_is_saved(people: People, subject: Subject) -> None:
    client = people.client("li_na")
    page = f"/subjects/{subject.pk}/LOG/REV/"
    assert "data-leg" in client.get(page).content.decode()
    before = client.post(f"{page}leg/", {"new-revision": "0"}).content.decode()
    typed = {
        "new-revision": "0",
        "new-rev_side": "R",
        "new-rev_kind": "PERC",
        "new-rev_tl_lesion": "L1",
        "new-rev_edge": "DIST",
        "new-rev_edge_mm": "20",
    }
    drawn = client.post(f"{page}leg/", typed).content.decode()
    assert ">REV1<" not in before
    assert ">REV1<" in drawn
    assert "Revascularisation REV1 from 230 to 244 mm" in drawn
    assert not Page.objects.filter(form="REV").exists()


def test_what_cannot_be_read_leaves_the_drawing_as_it_was(people: People, subject: Subject) -> None:
    page = Page.objects.get(subject=subject, form="PRL")
    prefix = f"r{page.pk.hex}"
    typed = {"revision": "1", "prl_lesion": "L1", "crossing": "INT", "treated_len_mm": "150"}
    sent = {f"{prefix}-{name}": text for name, text in {**typed, "treated_prox_mm": "sixty"}.items()}
    answer = people.client("li_na").post(f"/subjects/{subject.pk}/PROC/PRL/leg/", sent)
    assert answer.status_code == 200
    assert "60 mm" in answer.content.decode()


@pytest.mark.urs("ACL-05")
def test_those_who_are_blind_see_no_leg(people: People, subject: Subject) -> None:
    client = people.client("he_ming")
    assert client.post(f"/subjects/{subject.pk}/LOG/REV/leg/").status_code == 404
    assert "data-leg" not in client.get(f"/subjects/{subject.pk}/LOG/REV/").content.decode()


def test_a_form_without_a_place_along_the_vessel_has_none(people: People, subject: Subject) -> None:
    client = people.client("li_na")
    assert "data-leg" not in client.get(f"/subjects/{subject.pk}/SCR/DM/").content.decode()
    assert client.post(f"/subjects/{subject.pk}/SCR/DM/leg/").status_code == 404
