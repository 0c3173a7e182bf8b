"""Reports of serious events: versions that never change, what has changed since, notices, lists, the PDF."""

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pypdf
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.context import Reason, acting
from audit.jobs import Progress
from audit.models import Job
from protocol.safety import State
from sites.models import User
from subjects.models import Subject
from tests.people import FIRST, People
from visits import dossier as dossiers
from visits.capture.entry import Conflict, Locked, PageEntry
from visits.capture.save import save_pages
from visits.models import Document, Page
from visits.printing import documents
from visits.printing.making import make_sae_report
from visits.review.locking import lock
from visits.safety import notices
from visits.safety.clocks import sae_clocks
from visits.safety.printed import sae_html
from visits.safety.records import SaeReport, SafetyNotice
from visits.safety.reports import NotPossible, report_sae, reporting_of

HOUR = timedelta(hours=1)
NEW = Reason("NEW_INFORMATION")
INITIAL, FOLLOW_UP, FINAL, AUTHORITY = "INITIAL", "FOLLOW_UP", "FINAL", "AUTHORITY"
CANARY = "Canary-term"


def answers(aware: datetime | None = None, **more: Any) -> dict[str, Any]:
    """Return a serious event whose required items are all answered."""
    aware = aware or clock.now() - HOUR
    started = aware.astimezone(clock.ZONE).date()
    return {
        "ae_term": CANARY,
        "ae_start": started.isoformat(),
        "ae_outcome": "RECG",
        "ae_severity": "2",
        "ae_rel_proc": "0",
        "ae_rel_device": "0",
        "ae_rel_drug": "0",
        "ae_rel_antithr": "0",
        "ae_action": ["MED"],
        "ae_serious": "Y",
        "ae_sae_crit": ["HOSP"],
        "ae_hosp_admit": started.isoformat(),
        "ae_aware_dt": aware.replace(second=0, microsecond=0),
        "ae_aesi": ["NONE"],
        "ae_narrative": "Admitted through the emergency department, treated, and followed until discharge.",
        **more,
    }


def event(people: People, subject: Subject, **more: Any) -> Page:
    entry = PageEntry(subject_id=subject.pk, form="AE", values=answers(**more))
    return Page.objects.get(pk=save_pages([entry], by=people.li_na).pages[0].id)


def change(people: People, page: Page, **values: Any) -> None:
    entry = PageEntry(subject_id=page.subject_id, form="AE", page_id=page.pk, values=values)
    save_pages([entry], by=people.li_na, reason=NEW)


def stored(page: Page) -> dict[str, Any]:
    found = dossiers.load(Subject.objects.get(pk=page.subject_id)).page(page.pk)
    assert found is not None
    return found.values


def standing(page: Page) -> Any:
    record = dossiers.load(Subject.objects.get(pk=page.subject_id)).page(page.pk)
    assert record is not None
    return reporting_of(record, list(SaeReport.objects.filter(page=page)), now=clock.now())


def test_the_initial_report_is_the_telling_of_the_sponsor(people: People, subject: Subject) -> None:
    page = event(people, subject)
    made = report_sae(page=page, kind=INITIAL, by=people.li_na)
    assert (made.number, made.kind, made.by_name) == (1, INITIAL, "Li Na")
    assert made.sent_to == ["SPONSOR", "INSTITUTION", "ETHICS"]
    assert abs(stored(page)["ae_report_dt"] - clock.now()) < timedelta(minutes=2)
    assert made.values["ae_report_dt"]
    assert standing(page).clocks[0].state is State.DONE
    assert standing(page).changed == ()


def test_a_time_that_was_entered_stands(people: People, subject: Subject) -> None:
    told = (clock.now() - HOUR / 2).replace(second=0, microsecond=0)
    page = event(people, subject, ae_report_dt=told)
    report_sae(page=page, kind=INITIAL, by=people.zhang_wei)
    assert stored(page)["ae_report_dt"] == told


def test_a_change_asks_for_a_follow_up_and_the_final_closes(people: People, subject: Subject) -> None:
    page = event(people, subject)
    report_sae(page=page, kind=INITIAL, by=people.li_na)
    with pytest.raises(NotPossible):
        report_sae(page=page, kind=FOLLOW_UP, by=people.li_na)
    change(people, page, ae_severity="3", ae_outcome="REC", ae_end=stored(page)["ae_start"])
    now = standing(page)
    assert set(now.changed) == {"ae_severity", "ae_outcome", "ae_end"}
    assert now.possible == (FOLLOW_UP, FINAL)
    first = report_sae(page=page, kind=FOLLOW_UP, by=people.li_na)
    assert (first.number, first.values["ae_severity"]) == (2, "3")
    last = report_sae(page=page, kind=FINAL, by=people.zhang_wei)
    assert last.number == 3
    assert standing(page).is_closed
    with pytest.raises(NotPossible):
        report_sae(page=page, kind=FINAL, by=people.zhang_wei)
    change(people, page, ae_severity="2")
    assert not standing(page).is_closed
    assert report_sae(page=page, kind=FINAL, by=people.zhang_wei).number == 4


def test_versions_come_in_order(people: People, subject: Subject) -> None:
    page = event(people, subject)
    for kind in (FOLLOW_UP, FINAL):
        with pytest.raises(NotPossible):
            report_sae(page=page, kind=kind, by=people.li_na)
    report_sae(page=page, kind=INITIAL, by=people.li_na)
    with pytest.raises(NotPossible):
        report_sae(page=page, kind=INITIAL, by=people.li_na)
    with pytest.raises(ValueError, match="no report"):
        report_sae(page=page, kind="OTHER", by=people.li_na)


def test_the_final_report_needs_a_finished_page(people: People, subject: Subject) -> None:
    page = event(people, subject, ae_narrative=None)
    report_sae(page=page, kind=INITIAL, by=people.li_na)
    with pytest.raises(NotPossible):
        report_sae(page=page, kind=FINAL, by=people.li_na)


def test_an_event_that_is_not_serious_or_was_removed_is_not_reported(
    people: People, subject: Subject
) -> None:
    entry = PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": "x", "ae_serious": "N"})
    small = Page.objects.get(pk=save_pages([entry], by=people.li_na).pages[0].id)
    removed = event(people, subject)
    gone = PageEntry(subject_id=subject.pk, form="AE", page_id=removed.pk, removed=True)
    save_pages([gone], by=people.li_na, reason=NEW)
    for page in (small, removed):
        with pytest.raises(NotPossible):
            report_sae(page=page, kind=INITIAL, by=people.li_na)


def test_a_report_is_made_of_what_was_shown(people: People, subject: Subject) -> None:
    page = event(people, subject)
    change(people, page, ae_severity="3")
    with pytest.raises(Conflict):
        report_sae(page=page, kind=INITIAL, by=people.li_na, revision=1)


def test_a_lock_refuses_a_report(people: People, subject: Subject) -> None:
    page = event(people, subject, ae_report_dt=clock.now().replace(second=0, microsecond=0))
    lock(level="subject", subject=subject, by=people.chen_jing, reason="closed", interim=True)
    with pytest.raises(Locked):
        report_sae(page=page, kind=INITIAL, by=people.li_na)


@pytest.mark.urs("ACL-01")
def test_who_may_report(people: People, subject: Subject) -> None:
    page = event(people, subject, ae_rel_device="2")
    for name in ("chen_jing", "wang_lei", "ma_lin", "he_ming", "guo_tao", "sun_qing"):
        with pytest.raises(PermissionDenied):
            report_sae(page=page, kind=INITIAL, by=people.actors[name])
    for name in ("li_na", "zhang_wei", "wang_lei"):
        with pytest.raises(PermissionDenied):
            report_sae(page=page, kind=AUTHORITY, by=people.actors[name])


def test_the_data_manager_records_that_the_authority_was_told(people: People, subject: Subject) -> None:
    page = event(
        people, subject, ae_rel_device="2", ae_sae_crit=["LT"], ae_hosp_admit=None, ae_anticipated="Y"
    )
    report_sae(page=page, kind=INITIAL, by=people.li_na)
    assert standing(page).clocks[1].state is State.RUNNING
    onward = report_sae(page=page, kind=AUTHORITY, by=people.chen_jing)
    assert onward.sent_to == ["AUTHORITY"]
    assert standing(page).clocks[1].state is State.DONE
    assert standing(page).last.kind == INITIAL
    with pytest.raises(NotPossible):
        report_sae(page=page, kind=AUTHORITY, by=people.chen_jing)


@pytest.mark.urs("AUD-01")
def test_a_report_never_changes(people: People, subject: Subject) -> None:
    made = report_sae(page=event(people, subject), kind=INITIAL, by=people.li_na)
    for act in (made.save, made.delete):
        with pytest.raises(DatabaseError), acting(by=people.li_na):
            act()
    made.refresh_from_db()
    assert made.number == 1


# --- the list and the home page ---------------------------------------------------------------------------


def test_the_most_pressing_event_stands_first(people: People, subject: Subject) -> None:
    soon = event(people, subject, aware=clock.now() - 20 * HOUR)
    late = event(people, subject, aware=clock.now() - 30 * HOUR)
    fresh = event(people, subject)
    done = event(people, subject, ae_report_dt=clock.now().replace(second=0, microsecond=0))
    rows = sae_clocks(by=people.li_na)
    assert [row.page_id for row in rows] == [late.pk, soon.pk, fresh.pk, done.pk]
    assert [row.is_overdue for row in rows] == [True, False, False, False]
    assert not rows[-1].is_open


@pytest.mark.urs("ACL-03")
def test_a_site_sees_its_own_events(people: People, subject: Subject) -> None:
    event(people, subject)
    assert sae_clocks(by=people.ma_lin) == []
    assert len(sae_clocks(by=people.wang_lei)) == 1
    with pytest.raises(PermissionDenied):
        sae_clocks(by=people.he_ming)


def test_one_statement_however_many_events(people: People, subject: Subject) -> None:
    for _ in range(3):
        report_sae(page=event(people, subject), kind=INITIAL, by=people.li_na)
    with CaptureQueriesContext(connection) as statements:
        rows = sae_clocks(by=people.li_na)
    assert len(rows) == 3
    assert len(statements) == 1
    assert [row.last.kind for row in rows if row.last] == [INITIAL] * 3


def test_a_change_shows_in_the_list(people: People, subject: Subject) -> None:
    page = event(people, subject)
    report_sae(page=page, kind=INITIAL, by=people.li_na)
    assert not sae_clocks(by=people.li_na)[0].is_changed
    change(people, page, ae_severity="3")
    assert sae_clocks(by=people.li_na)[0].is_changed


def test_the_pages_show_clocks_and_reports(people: People, subject: Subject) -> None:
    page = event(people, subject, aware=clock.now() - 30 * HOUR)
    client = people.client("li_na")
    text = client.get("/safety/").content.decode()
    address = f"/subjects/{subject.pk}/LOG/AE/"
    assert address in text
    assert "overdue by 6 h" in text
    assert f"{address}#sae-reports" in client.get("/").content.decode()
    shown = client.get(address).content.decode()
    assert "Make report: Initial report" in shown
    answer = client.post(
        f"/subjects/{subject.pk}/sae/{page.pk}/", {"kind": INITIAL, "revision": "1"}, follow=True
    )
    assert "The report is made." in answer.content.decode()
    change(people, page, ae_severity="3")
    shown = client.get(address).content.decode()
    assert "Changed since the last report: 1 item" in shown
    assert "Make report: Follow-up report" in shown
    assert client.get("/safety/?show=changed&site=07").status_code == 200
    assert client.get("/safety/?show=never").status_code == 404


def test_a_report_that_is_not_possible_is_answered_in_words(people: People, subject: Subject) -> None:
    page = event(people, subject)
    address = f"/subjects/{subject.pk}/sae/{page.pk}/"
    client = people.client("li_na")
    told = client.post(address, {"kind": FINAL, "revision": "1"}, follow=True).content.decode()
    assert "The initial report comes first." in told
    stale = client.post(address, {"kind": INITIAL, "revision": "7"}, follow=True).content.decode()
    assert "Somebody saved this page" in stale
    assert client.post(address, {"kind": "WRONG"}).status_code == 404
    assert people.client("ma_lin").post(address, {"kind": INITIAL}).status_code == 404
    assert people.client("chen_jing").post(address, {"kind": INITIAL}).status_code == 403


@pytest.mark.urs("ACL-05")
def test_the_blinded_see_no_report_and_nothing_says_the_cohort(people: People, subject: Subject) -> None:
    page = event(people, subject)
    made = report_sae(page=page, kind=INITIAL, by=people.li_na)
    client = people.client("he_ming")
    shown = client.get(f"/subjects/{subject.pk}/LOG/AE/")
    assert shown.status_code == 200
    assert "sae-reports" not in shown.content.decode()
    assert client.get("/safety/").status_code == 403
    html = sae_html(dossiers.load(subject), made, [made], simulated=False)
    assert not re.search(r"\b(DCB|DES)\b|cohort|balloon", html)


# --- notices ----------------------------------------------------------------------------------------------


def with_addresses() -> None:
    with acting(by=FIRST):
        for user in User.objects.all():
            user.email = f"{user.username}@example.org"
            user.save(update_fields=["email"])


@pytest.mark.urs("PRI-07")
def test_an_event_is_told_once_and_without_its_values(people: People, subject: Subject) -> None:
    with_addresses()
    page = event(people, subject)
    [asked] = Job.objects.filter(kind="sae_notice")
    assert asked.args == {"page": str(page.pk)}
    mail.outbox.clear()
    told = notices.tell_entered(page.pk, by=people.li_na)
    to = sorted(message.to[0].partition("@")[0] for message in mail.outbox)
    assert to == ["chen_jing", "li_na", "wang_lei", "zhang_wei"]
    assert told == len(to)
    for message in mail.outbox:
        assert subject.usubjid in message.body
        assert CANARY not in f"{message.body}{message.subject}"
        assert "Hosp" not in message.body
    assert notices.tell_entered(page.pk, by=people.li_na) == 0
    assert len(mail.outbox) == len(to)


def test_the_job_is_asked_for_when_an_event_first_becomes_serious(people: People, subject: Subject) -> None:
    entry = PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": "x", "ae_serious": "N"})
    page = Page.objects.get(pk=save_pages([entry], by=people.li_na).pages[0].id)
    assert not Job.objects.filter(kind="sae_notice").exists()
    change(people, page, ae_serious="Y", ae_sae_crit=["LT"])
    change(people, page, ae_severity="2")
    assert Job.objects.filter(kind="sae_notice").count() == 1


@pytest.mark.parametrize(
    ("hours", "stages"),
    [(17.9, set()), (18.1, {"URGENT"}), (23.9, {"URGENT"}), (24.2, {"OVERDUE"})],
)
def test_the_hour_warns_of_what_runs_out(
    people: People, subject: Subject, hours: float, stages: set[str]
) -> None:
    event(people, subject, aware=clock.now() - hours * HOUR)
    notices.hour(by=FIRST)
    notices.hour(by=FIRST)
    found = list(SafetyNotice.objects.values_list("code", "stage"))
    assert found == [("SPONSOR", stage) for stage in stages]


# --- the PDF ----------------------------------------------------------------------------------------------


def test_the_report_as_pdf_says_what_was_reported(people: People, subject: Subject) -> None:
    page = event(people, subject)
    report_sae(page=page, kind=INITIAL, by=people.li_na)
    change(people, page, ae_severity="3")
    second = report_sae(page=page, kind=FOLLOW_UP, by=people.zhang_wei)
    change(people, page, ae_severity="1")
    job = documents.request_sae_report(report=second, by=people.li_na)
    assert (job.kind, job.queue) == ("sae_report_pdf", "pdf")
    one = make_sae_report(Progress(by=people.li_na), second.pk)
    two = make_sae_report(Progress(by=people.chen_jing), second.pk)
    first, again = (Document.objects.get(pk=made["document"]) for made in (one, two))
    assert bytes(first.content) == bytes(again.content)
    reader = pypdf.PdfReader(io.BytesIO(bytes(first.content)))
    sheets = [" ".join(sheet.extract_text().split()) for sheet in reader.pages]
    text = " ".join(sheets)
    assert "Follow-up report 1" in text
    assert "随访报告1" in text
    assert "Moderate" in text and "Severe" in text
    assert "Mild" not in text
    assert subject.usubjid in text
    assert second.digest in text.replace(" ", "")
    for number, sheet in enumerate(sheets, start=1):
        assert f"page 第 {number} / {len(sheets)} 页" in sheet
