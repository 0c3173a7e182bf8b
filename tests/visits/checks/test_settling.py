"""Checks across pages through real saves: where their queries open and close, and what they leave undone."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.actors import Actor
from audit.context import Reason, acting
from audit.jobs import Progress
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry, Saved
from visits.capture.save import save_pages
from visits.models import Lock, Page, Query
from visits.review import check_rates, locking, rechecking
from visits.review.queries import NotPossible, move_query, queries_visible

pytestmark = pytest.mark.django_db
TYPO = Reason("TYPO", "")
DAY0 = date(2026, 3, 2)


def put(people: People, subject: Subject, form: str, visit: str | None = "SCR", **values: Any) -> Saved:
    """Save answers of a form that does not repeat, over what stands."""
    page = Page.objects.filter(subject=subject, form=form, visit__code=visit).first()
    entry = PageEntry(
        subject_id=subject.pk,
        form=form,
        visit=visit,
        values=values,
        page_id=page.pk if page else None,
        revision=page.revision if page else None,
    )
    return save_pages([entry], by=people.li_na, reason=TYPO if page else None)


def stands(subject: Subject, check: str) -> list[tuple[str, str, str]]:
    """Return where a check's queries stand, and how, the oldest first."""
    asked = Query.objects.filter(subject=subject, check_id=check).select_related("page")
    return [(one.page.form, one.state, one.close_reason) for one in asked.order_by("opened_at", "id")]


def forget(check: str) -> None:
    """Take a check's queries from it, as if it were new."""
    with acting(by=Actor.system("test")):
        Query.objects.filter(check_id=check).update(check_id="EC-000")


def stroke(people: People, subject: Subject) -> None:
    """Enter a stroke 30 days before the procedure, and E8 answered No before either was known."""
    put(people, subject, "IE", exc08="N")
    put(people, subject, "MH", prior_cva="Y", last_cva_date="2026-01-31")
    put(people, subject, "PR", "PROC", planned_cohort="DCB", plan_reason="x", proc_date=DAY0)


@pytest.mark.urs("EDQ-01")
def test_it_opens_on_one_page_when_another_changes(people: People, subject: Subject) -> None:
    stroke(people, subject)
    assert stands(subject, "EC-011") == [("IE", "OPEN", "")]


@pytest.mark.urs("EDQ-06")
def test_it_closes_when_the_value_is_corrected_elsewhere(people: People, subject: Subject) -> None:
    stroke(people, subject)
    saved = put(people, subject, "MH", last_cva_date="2025-01-31")
    query = Query.objects.get(check_id="EC-011")
    assert saved.closed == [query.pk]
    assert stands(subject, "EC-011") == [("IE", "CLOSED", "auto")]


def test_a_hard_check_makes_its_owner_incomplete_and_refuses_nothing(
    people: People, subject: Subject
) -> None:
    stroke(people, subject)
    pages = {page.form: page.contradicted for page in Page.objects.filter(subject=subject)}
    assert pages == {"IC": 0, "IE": 1, "MH": 0, "PR": 0}
    record = dossiers.load(subject).one("IE")
    assert record is not None
    assert (record.contradicted, record.incomplete) == (1, True)
    put(people, subject, "IE", exc08="Y")
    assert Page.objects.get(subject=subject, form="IE").contradicted == 0


def test_other_hard_checks_of_the_page_stay_counted(people: People, subject: Subject) -> None:
    """A save that moves the operands of one check counts all that hold on the page."""
    stroke(people, subject)
    put(people, subject, "DM", birth_ym="1955-04", age=70, sex="M")
    put(people, subject, "IE", exc01="N")
    assert Page.objects.get(subject=subject, form="IE").contradicted == 2
    put(people, subject, "MH", last_cva_date="2025-01-31")
    assert Page.objects.get(subject=subject, form="IE").contradicted == 1


def test_what_was_read_is_kept_and_shown_with_links(people: People, subject: Subject) -> None:
    stroke(people, subject)
    query = Query.objects.get(check_id="EC-011")
    read = {f"{one['form']}.{one['item']}": one["value"] for one in query.read}
    assert read == {
        "IE.exc08": "N",
        "MH.prior_cva": "Y",
        "MH.last_cva_date": "2026-01-31",
        "PR.proc_date": "2026-03-02",
    }
    drawn = people.client("li_na").get(f"/queries/{query.pk}/").content.decode()
    assert f'href="/subjects/{subject.pk}/SCR/MH/"' in drawn
    assert "2026-01-31" in drawn


@pytest.mark.urs("EDQ-06")
def test_confirmed_it_is_silent_until_a_value_it_reads_changes(people: People, subject: Subject) -> None:
    stroke(people, subject)
    answered = move_query(
        query=Query.objects.get(check_id="EC-011"), move="answer", by=people.li_na, text="It is right."
    )
    move_query(query=answered, move="close", by=people.chen_jing, reason="confirmed")
    confirmed = ("IE", "CLOSED", "confirmed")
    put(people, subject, "MH", hypertension="Y")
    put(people, subject, "PR", "PROC", sheath_f=6)
    assert stands(subject, "EC-011") == [confirmed]
    put(people, subject, "MH", last_cva_date="2026-02-01")
    assert stands(subject, "EC-011") == [confirmed, ("IE", "OPEN", "")]
    assert Page.objects.get(subject=subject, form="IE").contradicted == 1


def test_a_page_that_comes_or_goes_runs_what_reads_its_form(people: People, subject: Subject) -> None:
    put(people, subject, "FU", "M6", contact_mode="TEL", fu_date=date(2026, 6, 1), vital_status="D")
    assert stands(subject, "EC-051") == [("FU", "OPEN", "")]
    death = PageEntry(subject_id=subject.pk, form="DTH", visit=None, values={"death_place": "N"})
    save_pages([death], by=people.li_na)
    assert stands(subject, "EC-051") == [("FU", "CLOSED", "auto")]
    page = Page.objects.get(subject=subject, form="DTH")
    gone = PageEntry(
        subject_id=subject.pk, form="DTH", visit=None, page_id=page.pk, revision=1, values={}, removed=True
    )
    save_pages([gone], by=people.li_na, reason=TYPO)
    assert stands(subject, "EC-051")[-1] == ("FU", "OPEN", "")


def test_a_locked_page_keeps_its_queries_and_its_count(people: People, subject: Subject) -> None:
    put(people, subject, "IE", exc08="N")
    put(people, subject, "MH", prior_cva="Y", last_cva_date="2026-01-31")
    page = Page.objects.get(subject=subject, form="IE")
    locking.lock(level=Lock.Level.PAGE, page=page, by=people.chen_jing, reason="for the test", interim=True)
    put(people, subject, "PR", "PROC", planned_cohort="DCB", plan_reason="x", proc_date=DAY0)
    page.refresh_from_db()
    assert (stands(subject, "EC-011"), page.contradicted) == ([], 0)


def test_a_save_costs_the_same_whatever_else_is_in_the_study(people: People, subject: Subject) -> None:
    """Checks read the dossier that the save has: none of them adds a statement."""
    stroke(people, subject)
    with CaptureQueriesContext(connection) as alone:
        put(people, subject, "MH", hypertension="Y")
    for _ in range(5):
        stroke(people, screened(people))
    with CaptureQueriesContext(connection) as among:
        put(people, subject, "MH", hypertension="N")
    assert len(among) <= len(alone)


@pytest.mark.urs("EDQ-05")
def test_running_all_checks_opens_candidates_and_edits_nothing(people: People, subject: Subject) -> None:
    """New checks over old data: a site sees nothing until the data manager releases it."""
    stroke(people, subject)
    forget("EC-011")
    before = {page.pk: page.revision for page in Page.objects.filter(subject=subject)}
    progress = Progress(by=people.chen_jing)
    told = rechecking.recheck_study(progress, candidates=True)
    assert (told["subjects"], progress.done, progress.total) == (1, 1, 1)
    assert stands(subject, "EC-011") == [("IE", "CANDIDATE", "")]
    assert not queries_visible(by=people.li_na).filter(check_id="EC-011").exists()
    rechecking.recheck_study(progress)
    assert stands(subject, "EC-011") == [("IE", "CANDIDATE", "")]
    assert {page.pk: page.revision for page in Page.objects.filter(subject=subject)} == before
    move_query(query=Query.objects.get(check_id="EC-011"), move="cancel", by=people.chen_jing)
    rechecking.recheck_study(progress)
    assert stands(subject, "EC-011") == [("IE", "CANCELLED", "")]


def test_a_site_is_never_shown_what_is_the_data_managers(people: People, subject: Subject) -> None:
    """Two subjects alike at two sites: both queries wait for the data manager, and cannot be released."""
    other = screened(people, "02")
    for one, by in ((subject, people.li_na), (other, people.ma_lin)):
        twin(one, by)
    [query] = Query.objects.filter(check_id="EC-132")
    assert (query.state, query.subject_id) == ("CANDIDATE", other.pk)
    assert not queries_visible(by=people.ma_lin).filter(check_id="EC-132").exists()
    with pytest.raises(NotPossible):
        move_query(query=query, move="release", by=people.chen_jing)


def twin(subject: Subject, by: Actor) -> None:
    """Enter what makes two subjects look alike."""
    for form, values in (
        ("DM", {"birth_ym": "1955-04", "sex": "M", "age": 70}),
        ("LH", {"target_limb": "L"}),
        ("PS", {"ps_implant_date": "2024-05-06", "ps_carries_tl": "Y"}),
    ):
        save_pages([PageEntry(subject_id=subject.pk, form=form, visit="SCR", values=values)], by=by)


def test_the_night_asks_for_visits_that_time_made_overdue(people: People, subject: Subject) -> None:
    """Twice the same night asks once; a locked subject is left as it was locked."""
    put(people, subject, "PR", "PROC", planned_cohort="DCB", plan_reason="x", proc_date=clock.today())
    put(people, subject, "PR", "PROC", study_dev_introduced="Y")
    early = date(2025, 1, 2)
    put(people, subject, "PR", "PROC", proc_date=early)
    forget("EC-047")
    progress = Progress(by=Actor.system("schedule"))
    rechecking.recheck_facts(progress)
    asked = stands(subject, "EC-047")
    rechecking.recheck_facts(progress)
    assert stands(subject, "EC-047") == asked
    assert {(form, state) for form, state, _ in asked} == {("PR", "OPEN")}
    locking.lock(
        level=Lock.Level.SUBJECT, subject=subject, by=people.chen_jing, reason="for the test", interim=True
    )
    assert rechecking.recheck_facts(progress)["locked"] == 1


def test_the_page_of_checks_counts_what_its_links_list(people: People, subject: Subject) -> None:
    stroke(people, subject)
    client = people.client("chen_jing")
    rate = next(one for one in check_rates.rates(by=people.chen_jing) if one.check.id == "EC-011")
    assert (rate.pages, rate.asked_on, rate.queries, rate.opened, rate.closed) == (1, 1, 1, 1, 0)
    put(people, subject, "IE", exc08="Y")
    rate = next(one for one in check_rates.rates(by=people.chen_jing) if one.check.id == "EC-011")
    assert (rate.closed, rate.changed, rate.changed_percent) == (1, 1, 100)
    for show in ("every", "closed", "changed"):
        page = client.get("/queries/", {"show": show, "check": "EC-011"})
        assert page.context["page"].paginator.count == 1
    for show in ("protocol", "asking", "candidates", "all"):
        assert client.get("/checks/", {"show": show}).status_code == 200
    assert client.get("/checks/", {"show": "none"}).status_code == 404
    assert people.client("li_na").get("/checks/").status_code == 403
    assert people.client("guo_tao").post("/checks/rerun/").status_code == 403
    assert client.post("/checks/rerun/").status_code == 302


def test_candidates_of_a_check_are_released_together(people: People, subject: Subject) -> None:
    stroke(people, subject)
    forget("EC-011")
    rechecking.recheck_study(Progress(by=people.chen_jing), candidates=True)
    client = people.client("chen_jing")
    assert client.post("/checks/settle/", {"check": "EC-011", "move": "release"}).status_code == 302
    assert stands(subject, "EC-011") == [("IE", "OPEN", "")]
    assert client.post("/checks/settle/", {"check": "no", "move": "release"}).status_code == 404
