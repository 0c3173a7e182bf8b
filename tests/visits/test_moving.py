"""Moving a page that was entered for the wrong subject or visit: all goes along, and both chains tell it."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.models import Entry, Job
from audit.trail import page_history
from audit.verify import verify
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from visits import dossier as dossiers
from visits.arranging.moving import CannotMove, Plan, move_page, plan_move
from visits.arranging.notes import add_note
from visits.capture.entry import Locked, PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query, Visit
from visits.review.locking import lock
from visits.review.queries import move_query, raise_query

WRONG = "It was the other patient of that morning."


@pytest.fixture
def wrong(people: People) -> Subject:
    return screened(people)


@pytest.fixture
def right(people: People) -> Subject:
    return screened(people)


def entered(people: People, subject: Subject, form: str, visit: str | None, **values: Any) -> Page:
    entry = PageEntry(subject_id=subject.pk, form=form, visit=visit, values=values)
    saved = save_pages([entry], by=people.li_na)
    return Page.objects.get(pk=saved.pages[0].id)


def moved(people: People, page: Page, to: Subject, visit: str | None) -> Plan:
    return move_page(page=page, to_subject=to, to_visit=visit, by=people.li_na, reason=WRONG)


def why(people: People, page: Page, to: Subject, visit: str | None) -> str:
    with pytest.raises(CannotMove) as refused:
        moved(people, page, to, visit)
    assert Page.objects.get(pk=page.pk).subject_id == page.subject_id
    return str(refused.value)


def sound() -> bool:
    """Say whether every chain of this database holds."""
    return verify() == []


@pytest.mark.urs("AUD-01", "AUD-09")
def test_a_page_goes_with_all_that_hangs_on_it(people: People, wrong: Subject, right: Subject) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    query = raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    move_query(query=query, move="answer", by=people.li_na, text="It is.")
    add_note(page=page, item="sex", text="Read from the ward's list.", by=people.li_na)
    plan = moved(people, page, right, "SCR")
    assert (plan.items, plan.between_subjects) == (2, True)
    assert not dossiers.load(wrong).at("SCR", "DM")
    there = dossiers.load(right).one("DM")
    assert there is not None
    assert (there.id, there.values, there.revision) == (page.pk, {"age": 70, "sex": "M"}, 2)
    assert [(note.item, note.text[:24]) for note in there.notes] == [
        ("sex", "Read from the ward's lis"),
        ("", f"Moved here from {wrong.usubjid}"[:24]),
    ]
    query.refresh_from_db()
    assert query.subject_id == right.pk
    assert {step.subject_id for step in query.steps.all()} == {right.pk}
    assert sound()


@pytest.mark.urs("AUD-01")
def test_both_chains_tell_it_and_the_history_is_readable_from_the_new_place(
    people: People, wrong: Subject, right: Subject
) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    moved(people, page, right, "SCR")
    for subject in (wrong, right):
        told = Entry.objects.filter(chain=f"subject:{subject.pk}", page_id=str(page.pk), op="U")
        assert set(told.filter(new__subject_id=str(right.pk)).values_list("table_name", flat=True)) == {
            "visits_page",
            "crf_dm",
        }
        assert {entry.reason_text for entry in told} == {WRONG}
        event = Entry.objects.get(chain=f"subject:{subject.pk}", table_name="page_moved")
        assert event.new is not None
        assert event.new["from"] == f"{wrong.usubjid} SCR DM"
        assert event.new["to"] == f"{right.usubjid} SCR DM"
    history = page_history(page.pk, tables=["crf_dm"])
    assert [(one.op, one.chain) for one in history] == [
        ("I", f"subject:{wrong.pk}"),
        ("U", f"subject:{right.pk}"),
    ]


def test_checks_and_endpoints_are_made_anew_for_both(people: People, wrong: Subject, right: Subject) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M", height_cm=170, weight_kg=140)
    asked = Query.objects.filter(page=page, origin="AUTO")
    assert asked.exists()
    Job.objects.all().delete()
    moved(people, page, right, "SCR")
    assert set(asked.values_list("subject_id", flat=True)) == {right.pk}
    assert asked.exclude(state="OPEN").count() == 0
    jobs = Job.objects.filter(kind="recompute_subject").values_list("args__subject", flat=True)
    assert set(jobs) == {str(wrong.pk), str(right.pk)}


def test_a_page_of_the_wrong_visit_goes_to_the_right_one(people: People, wrong: Subject) -> None:
    page = entered(people, wrong, "FU", "M1", contact_mode="CLIN")
    moved(people, page, wrong, "M3")
    assert [one.visit for one in dossiers.load(wrong).of("FU")] == ["M3"]
    assert not Visit.objects.filter(subject=wrong, code="M1").exists()
    again = entered(people, wrong, "FU", "M1", contact_mode="TEL")
    assert again.visit is not None and again.visit.code == "M1"
    assert sound()


def test_a_row_takes_the_next_number_and_its_own_is_never_used_again(
    people: People, wrong: Subject, right: Subject
) -> None:
    entered(people, right, "CM", None, cm_name="Aspirin")
    first = entered(people, wrong, "CM", None, cm_name="Cilostazol")
    moved(people, first, right, None)
    assert [(page.ordinal, page.get("cm_name")) for page in dossiers.load(right).of("CM")] == [
        (1, "Aspirin"),
        (2, "Cilostazol"),
    ]
    later = entered(people, wrong, "CM", None, cm_name="Statin")
    assert later.ordinal == 2
    left = next(page for page in dossiers.load(wrong).pages if page.form == "CM" and page.removed)
    assert left.notes[0].text.startswith(f"Moved to {right.usubjid} CM2")


def test_what_stands_in_the_way_is_said(people: People, wrong: Subject, right: Subject) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    entered(people, right, "DM", "SCR", age=60, sex="F")
    assert "taken" in why(people, page, right, "SCR")
    assert "does not belong" in why(people, page, right, None)
    assert "there already" in why(people, page, wrong, "SCR")
    consent = Page.objects.get(subject=wrong, form="IC")
    assert "void" in why(people, consent, right, "SCR")
    elsewhere = screened(people, "02")
    with pytest.raises(CannotMove, match="another site"):
        move_page(page=page, to_subject=elsewhere, to_visit="SCR", by=people.chen_jing, reason=WRONG)
    with pytest.raises(Subject.DoesNotExist):  # to whom the database shows no other site's subjects
        moved(people, page, elsewhere, "SCR")


def test_what_others_refer_to_stays_until_they_let_go(people: People, wrong: Subject, right: Subject) -> None:
    event = entered(people, wrong, "AE", None, ae_term="Bleeding")
    entered(people, wrong, "CM", None, cm_name="Iron", cm_ae_ref=str(event.pk))
    plan = plan_move(page=event, to_subject=right, to_visit=None, by=people.li_na)
    assert [(page.form, page.ordinal) for one in plan.refusals for page in one.pages] == [("CM", 1)]
    medicine = Page.objects.get(subject=wrong, form="CM")
    plan = plan_move(page=medicine, to_subject=right, to_visit=None, by=people.li_na)
    assert [page.form for one in plan.refusals for page in one.pages] == ["AE"]


def test_a_lesion_is_pointed_at_by_name(people: People, wrong: Subject, right: Subject) -> None:
    lesion = {"lesion_no": "L1", "is_target": "Y"}
    entered(people, wrong, "LES", "PROC", **lesion)
    exam = entered(people, wrong, "DUS", "M1", dus_lesion="L1")
    assert "does not have" in why(people, exam, right, "M1")
    assert "refer to it" in why(people, Page.objects.get(subject=wrong, form="LES"), right, "PROC")
    entered(people, right, "LES", "PROC", **lesion)
    assert moved(people, exam, right, "M1").points_at == ["L1"]


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("which", ["wrong", "right"])
def test_a_lock_on_either_side_refuses(people: People, wrong: Subject, right: Subject, which: str) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    locked = {"wrong": wrong, "right": right}[which]
    lock(level="subject", subject=locked, by=people.chen_jing, reason="Interim analysis", interim=True)
    with pytest.raises(Locked):
        moved(people, page, right, "SCR")
    assert Page.objects.get(pk=page.pk).subject_id == wrong.pk


@pytest.mark.urs("ACL-01")
@pytest.mark.parametrize("name", ["ma_lin", "wang_lei", "sun_qing", "he_ming", "guo_tao", "zhao_min"])
def test_who_may_not_move(people: People, wrong: Subject, right: Subject, name: str) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    with pytest.raises(PermissionDenied):
        move_page(page=page, to_subject=right, to_visit="SCR", by=people.actors[name], reason=WRONG)


def test_a_data_manager_may_and_everybody_says_why(people: People, wrong: Subject, right: Subject) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    with pytest.raises(ValueError):
        move_page(page=page, to_subject=right, to_visit="SCR", by=people.chen_jing, reason="  ")
    move_page(page=page, to_subject=right, to_visit="SCR", by=people.chen_jing, reason=WRONG)
    assert Page.objects.get(pk=page.pk).subject_id == right.pk


@pytest.mark.urs("ACL-04")
def test_every_row_of_a_page_or_subject_follows(db: None) -> None:
    """A table added with a composite key that does not follow fails here: call follow_attach for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
            " AND cardinality(conkey) > 1 AND connamespace = 'public'::regnamespace"
            " AND NOT (confupdtype = 'c' AND condeferrable)"
        )
        assert {row[0] for row in cursor.fetchall()} == set()


def test_a_page_that_is_gone_is_not_moved_twice(people: People, wrong: Subject, right: Subject) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70, sex="M")
    moved(people, page, right, "SCR")
    assert "there already" in why(
        people, Page.objects.select_related("subject").get(pk=page.pk), right, "SCR"
    )
    assert uuid.UUID(str(page.pk)) in {one.id for one in dossiers.load(right).pages}


@pytest.mark.urs("CON-01")
@pytest.mark.parametrize("to_visit", ["SCR", "M3"])
def test_a_page_that_went_while_it_was_open_is_not_made_again_in_silence(
    people: People, wrong: Subject, right: Subject, to_visit: str
) -> None:
    """Its answers stand in the form: saving it would enter them where they were taken away from."""
    form, here = ("DM", "SCR") if to_visit == "SCR" else ("FU", "M1")
    page = entered(people, wrong, form, here, **({"age": 70} if form == "DM" else {"contact_mode": "MISS"}))
    moved(people, page, right if form == "DM" else wrong, to_visit)
    address = f"/subjects/{wrong.pk}/{here}/{form}/"
    typed = {"p-revision": "1", "p-age": "71", "p-contact_mode": "MISS"}
    answer = people.client("li_na").post(address, typed)
    drawn = answer.content.decode()
    assert (answer.status_code, "moved this page" in drawn) == (409, True)
    assert 'name="p-revision" value="0"' in drawn
    assert not dossiers.load(wrong).at(here, form)
    anew = people.client("li_na").post(address, {**typed, "p-revision": "0"})
    assert (anew.status_code, len(dossiers.load(wrong).at(here, form))) == (302, 1)


@pytest.mark.urs("CON-01")
def test_a_row_that_went_while_it_was_open_is_not_dropped_in_silence(
    people: People, wrong: Subject, right: Subject
) -> None:
    page = entered(people, wrong, "CM", None, cm_name="Aspirin", cm_class="ASA")
    moved(people, page, right, None)
    row = f"r{page.pk.hex}"
    typed = {f"{row}-revision": "1", f"{row}-cm_name": "Aspirin 100", f"{row}-cm_class": "ASA"}
    added = {"new-revision": "0", "new-cm_name": "Clopidogrel"}
    address = f"/subjects/{wrong.pk}/LOG/CM/"
    answer = people.client("li_na").post(address, {**typed, **added})
    drawn = answer.content.decode()
    assert (answer.status_code, "moved to another page" in drawn) == (409, True)
    assert "Clopidogrel" in drawn
    standing = [one for one in dossiers.load(wrong).at(None, "CM") if not one.removed]
    assert not standing
    assert people.client("li_na").post(address, added).status_code == 302


def test_a_page_that_went_is_not_marked_as_not_done(people: People, wrong: Subject, right: Subject) -> None:
    page = entered(people, wrong, "DM", "SCR", age=70)
    moved(people, page, right, "SCR")
    for revision in ("1", "\u00b2", "9" * 5000):
        answer = people.client("li_na").post(
            f"/subjects/{wrong.pk}/SCR/DM/not-done/", {"text": "x", "revision": revision}
        )
        assert answer.status_code == 302
    assert not dossiers.load(wrong).at("SCR", "DM")
