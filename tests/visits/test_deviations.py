"""Automatic deviations (protocol §3.30): each appears with its cause, goes with it, and never comes twice."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.context import Reason
from audit.models import Entry
from protocol.schedule import window_dates
from sites import accounts, upkeep
from subjects.models import Subject
from tests.enrolled import CONSENT
from tests.people import FIRST, OPEN, People, build_people
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.checks import CHECKS
from visits.crfs.dv import CAUSE
from visits.dossier import PageRecord
from visits.models import Page, Query
from visits.review.locking import lock
from visits.safety import causes, nightly, notices

NEW = Reason("NEW_INFORMATION")
AT = CONSENT["consent_dt"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def people(db: None) -> People:
    found = build_people()
    for name, tasks in (("zhang_wei", ["CONSENT"]), ("li_na", ["ENTRY"])):
        accounts.delegate(
            user=found.users[name], site=found.sites["07"], role="PI", tasks=tasks, from_date=OPEN, by=FIRST
        )
    upkeep.add_device_product(
        by=FIRST,
        code="SIRO",
        brand="Siro",
        manufacturer="Maker",
        kind="DCB",
        drug="SIROLIMUS",
        density_ug_mm2=None,
    )
    return found


@dataclass(slots=True)
class Course:
    """One subject on its way, saved page by page by the coordinator."""

    people: People
    subject: Subject

    def save(self, form: str, visit: str | None = None, *, ordinal: int = 1, **values: Any) -> PageRecord:
        """Save items of a page, a new one or the one that stands."""
        there = [page for page in self.dossier().at(visit, form) if page.ordinal == ordinal]
        page_id = there[0].id if there else None
        entry = PageEntry(subject_id=self.subject.pk, form=form, visit=visit, values=values, page_id=page_id)
        return save_pages([entry], by=self.people.li_na, reason=NEW).pages[0]

    def remove(self, page: PageRecord, *, removed: bool = True) -> None:
        entry = PageEntry(subject_id=self.subject.pk, form=page.form, page_id=page.id, removed=removed)
        save_pages([entry], by=self.people.li_na, reason=NEW)

    def dossier(self) -> dossiers.Dossier:
        return dossiers.load(self.subject)

    def rows(self) -> list[PageRecord]:
        return [page for page in self.dossier().pages if page.form == "DV"]

    def found(self) -> dict[str, PageRecord]:
        """Return the standing automatic deviations by their cause."""
        return {page.values[CAUSE]: page for page in self.rows() if CAUSE in page.values and not page.removed}

    def treat(self, day: date | None = None, **more: Any) -> PageRecord:
        """Plan and treat with a DCB, lawfully."""
        self.save("PR", "PROC", planned_cohort="DCB", plan_reason="x")
        return self.save("PR", "PROC", proc_date=day or clock.today(), study_dev_introduced="Y", **more)


def screened(people: People, **more: Any) -> Course:
    taken_by = people.zhang_wei.user_id
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values={**CONSENT, "consent_by": taken_by, **more})
    return Course(people, screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)[0])


@pytest.fixture
def course(people: People) -> Course:
    return screened(people)


def early(days: int) -> dict[str, Any]:
    """Return a consent so many days ago, so that a procedure may lie in the past."""
    taken = clock.today() - timedelta(days=days)
    return {
        "screening_date": taken,
        "consent_dt": datetime(taken.year, taken.month, taken.day, 1, tzinfo=UTC),
    }


@dataclass(frozen=True, slots=True)
class Case:
    """One line of §3.30: what causes the deviation and what ends it."""

    key: str
    category: str
    severity: str
    cause: Callable[[Course], Any]
    end: Callable[[Course], Any]
    since: int = 3


def past(days: int) -> date:
    return clock.today() - timedelta(days=days)


def visit(c: Course, days_ago: int, code: str = "M12", **more: Any) -> PageRecord:
    values = {"fu_date": past(days_ago), "contact_mode": "CLIN", **more}
    return c.save("FU", code, **{name: value for name, value in values.items() if value is not None})


def late_visit(c: Course) -> None:
    c.treat(past(60))
    visit(c, 2, "M1")


def lesion(c: Course) -> None:
    if not c.dossier().of("LES"):
        c.save("LES", "PROC", lesion_no="L1", les_reader="SITE", is_target="Y")


def duplex(c: Course, **more: Any) -> PageRecord:
    lesion(c)
    return c.save("DUS", "M12", dus_date=past(35), dus_reader="SITE", dus_lesion="L1", **more)


def attended_without_duplex(c: Course) -> None:
    for page in c.dossier().of("DUS"):
        c.remove(page)
    c.treat(past(400))
    visit(c, 35)


def missed(c: Course) -> None:
    c.treat(past(400))
    c.save("FU", "M12", contact_mode="MISS")


def serious(c: Course, **more: Any) -> PageRecord:
    values = {"ae_term": "x", "ae_start": past(4).isoformat(), "ae_serious": "Y", "ae_sae_crit": ["LT"]}
    return c.save("AE", None, **{**values, **more})


AWARE = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 3 * DAY


def device(c: Course, form: str, **more: Any) -> PageRecord:
    lesion(c)
    prefix = form.lower()
    values = {f"{prefix}_lesion": "L1", f"{prefix}_outcome": "OK", **more}
    return c.save(form, "PROC", **values)


CASES = {
    "criterion": Case(
        "CRITERION/inc03",
        "IE",
        "MAJ",
        lambda c: (c.treat(), c.save("IE", "SCR", inc03="N")),
        lambda c: c.save("IE", "SCR", inc03="Y"),
    ),
    "exclusion": Case(
        "CRITERION/exc08",
        "IE",
        "MAJ",
        lambda c: (c.save("IE", "SCR", exc08="Y"), c.treat()),
        lambda c: c.save("PR", "PROC", study_dev_introduced="N"),
    ),
    "not eligible": Case(
        "CRITERION/outcome",
        "IE",
        "MAJ",
        lambda c: (c.treat(), c.save("IE", "SCR", elig_outcome="SF", sf_reason_cd="WD")),
        lambda c: c.save("IE", "SCR", elig_outcome="ELIG", sf_reason_cd=None),
    ),
    "before consent": Case(
        "EC-039/PR1@PROC",
        "IC",
        "MAJ",
        lambda c: c.treat(past(5)),
        lambda c: c.save("PR", "PROC", proc_date=past(1)),
    ),
    "consent version": Case(
        "EC-005/IC1@SCR",
        "IC",
        "MAJ",
        lambda c: c.save("IC", "SCR", consent_version="9.9"),
        lambda c: c.save("IC", "SCR", consent_version="2.0"),
    ),
    "not delegated": Case(
        "RNG-IC.consent_by-S/IC1@SCR",
        "IC",
        "MAJ",
        lambda c: c.save("IC", "SCR", consent_by=c.people.li_na.user_id),
        lambda c: c.save("IC", "SCR", consent_by=c.people.zhang_wei.user_id),
    ),
    "plan late": Case(
        "PLAN/late",
        "TRT",
        "MAJ",
        lambda c: c.treat(study_dev_dt=clock.now() - 2 * HOUR),
        lambda c: c.save("PR", "PROC", study_dev_dt=clock.now()),
    ),
    "no plan": Case(
        "PLAN/none",
        "TRT",
        "MAJ",
        lambda c: c.save("PR", "PROC", study_dev_introduced="Y"),
        lambda c: c.save("PR", "PROC", study_dev_introduced="N"),
    ),
    "site not active": Case(
        "EC-131/PR1@PROC",
        "OTH",
        "MAJ",
        lambda c: c.treat(OPEN - DAY),
        lambda c: c.save("PR", "PROC", proc_date=OPEN),
    ),
    "expired": Case(
        "EC-078/DCB1@PROC",
        "TRT",
        "MAJ",
        lambda c: (c.treat(past(1)), device(c, "DCB", dcb_expiry=past(2))),
        lambda c: c.save("DCB", "PROC", dcb_expiry=past(1)),
    ),
    "stent in the balloon cohort": Case(
        "EC-073/PR1@PROC",
        "TRT",
        "MIN",
        lambda c: (c.treat(), device(c, "DES")),
        lambda c: c.save("DES", "PROC", des_outcome="OPEN"),
    ),
    "balloon in the stent cohort": Case(
        "EC-074/PR1@PROC",
        "TRT",
        "MIN",
        lambda c: (
            c.save("PR", "PROC", planned_cohort="DES", plan_reason="x"),
            c.save("PR", "PROC", proc_date=past(0), study_dev_introduced="Y"),
            device(c, "DCB"),
        ),
        lambda c: c.save("DCB", "PROC", dcb_outcome="OPEN"),
    ),
    "not paclitaxel": Case(
        "EC-075/DCB1@PROC",
        "TRT",
        "MAJ",
        lambda c: (c.treat(), device(c, "DCB", dcb_product="SIRO")),
        lambda c: c.save("DCB", "PROC", dcb_product="ORCHID"),
    ),
    "out of window": Case(
        "EC-043/FU1@M1", "VIS", "MIN", late_visit, lambda c: c.save("FU", "M1", fu_date=past(20)), since=90
    ),
    "missed": Case(
        "MISSED/M12", "VIS", "MAJ", missed, lambda c: c.save("FU", "M12", contact_mode="TEL"), since=450
    ),
    "no duplex": Case("DUPLEX/M12", "ASM", "MIN", attended_without_duplex, duplex, since=450),
    "told late": Case(
        "SAE24/AE1",
        "SAF",
        "MAJ",
        lambda c: serious(c, ae_aware_dt=AWARE, ae_report_dt=AWARE + 25 * HOUR),
        lambda c: c.save("AE", None, ae_report_dt=AWARE + 24 * HOUR),
        since=10,
    ),
    "not told": Case(
        "SAE24/AE1",
        "SAF",
        "MAJ",
        lambda c: serious(c, ae_aware_dt=AWARE, ae_report_dt=None),
        lambda c: c.save("AE", None, ae_report_dt=AWARE + HOUR),
        since=10,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_appears_goes_and_never_comes_twice(people: People, name: str) -> None:
    case = CASES[name]
    c = screened(people, **early(case.since))
    case.cause(c)
    found = c.found()
    assert case.key in found, (name, list(found))
    made = found[case.key]
    assert (made.get("dv_cat"), made.get("dv_severity")) == (case.category, case.severity)
    assert made.get("dv_desc")
    assert made.get("dv_date") <= clock.today()
    case.end(c)
    assert case.key not in c.found()
    again = [page for page in c.rows() if page.values.get(CAUSE) == case.key]
    assert [page.removed for page in again] == [True]
    case.cause(c)
    assert c.found()[case.key].id == made.id
    assert len([page for page in c.rows() if page.values.get(CAUSE) == case.key]) == 1


def test_every_row_of_the_protocol_has_a_case() -> None:
    by_check = {name for name, one in CHECKS.items() if one.deviation}
    assert by_check - causes.ELSEWHERE == set(causes.WORDS)
    covered = {causes.source_of(case.key) for case in CASES.values()}
    assert covered == set(causes.WORDS) | set(causes.SOURCES)


def test_a_lawful_course_makes_none(people: People) -> None:
    c = screened(people, **early(3))
    c.treat()
    assert c.rows() == []


def test_the_system_writes_it_in_the_same_transaction(people: People, course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    [row] = course.rows()
    entry = Entry.objects.filter(table_name="crf_dv", page_id=str(row.id)).get()
    assert (entry.actor_role, entry.actor_name) == ("SYSTEM", "automatic deviations")
    assert entry.on_behalf_of == people.li_na.user_id
    saved = Entry.objects.filter(table_name="crf_ic", subject_id=str(course.subject.pk)).latest("n")
    assert saved.txid == entry.txid


def test_it_says_that_the_system_made_it(course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    mine = course.save("DV", None, ordinal=2, dv_date=past(1), dv_cat="OTH", dv_severity="MIN", dv_desc="own")
    crf = dossiers.FORMS["DV"]
    auto = {page.ordinal: crf.complete(page.values)["dv_auto"] for page in course.rows()}
    assert auto == {1: "Y", mine.ordinal: "N"}


def test_nobody_confirms_a_severity_that_nobody_chose(course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    [row] = course.rows()
    assert not Query.objects.filter(page_id=row.id).exists()


def test_a_site_adds_what_it_did_and_keeps_its_words(course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    course.save("DV", None, dv_action="Consented again", dv_reported_ec="Y")
    course.save("IC", "SCR", consent_dt=AT - HOUR)
    [row] = course.rows()
    assert row.get("dv_action") == "Consented again"
    assert not row.removed


def test_what_a_person_has_written_on_is_asked_about_and_not_removed(course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    course.save("DV", None, dv_action="Consented again")
    course.save("IC", "SCR", consent_version="2.0")
    [row] = course.rows()
    assert not row.removed
    [query] = Query.objects.filter(page_id=row.id)
    assert query.message_en.startswith("The cause of this automatic deviation no longer holds")
    assert query.message_zh
    course.save("IC", "SCR", consent_version="9.9")
    course.save("IC", "SCR", consent_version="2.0")
    assert Query.objects.filter(page_id=row.id).count() == 1


def test_what_a_person_removed_stays_removed(course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    [row] = course.rows()
    course.remove(row)
    course.save("IC", "SCR", consent_version="9.8")
    assert [page.removed for page in course.rows()] == [True]


def test_a_locked_row_keeps_no_save_from_being_made(people: People, course: Course) -> None:
    course.save("IC", "SCR", consent_version="9.9")
    [row] = course.rows()
    lock(level="page", page=Page.objects.get(pk=row.id), by=people.chen_jing, reason="closed", interim=True)
    course.save("IC", "SCR", consent_version="2.0")
    assert [page.removed for page in course.rows()] == [False]


def test_a_corrected_day_corrects_the_deviation(people: People) -> None:
    c = screened(people, **early(90))
    late_visit(c)
    c.save("FU", "M1", fu_date=past(3))
    found = c.found()["EC-043/FU1@M1"]
    assert found.get("dv_date") == past(3)
    assert len(c.rows()) == 1


def test_a_save_that_fires_nothing_pays_nothing(people: People) -> None:
    c = screened(people, **early(90))
    c.treat(past(60))
    c.save("DM", "SCR", sex="M")
    with CaptureQueriesContext(connection) as statements:
        c.save("DM", "SCR", sex="F")
    said = " ".join(query["sql"] for query in statements)
    assert "crf_dv (" not in said
    assert "audit_entry" not in said


# --- what time alone makes --------------------------------------------------------------------------------


def closing(c: Course, code: str) -> int:
    """Return the days from the procedure to the last day of a visit's window."""
    today = clock.today()
    return (window_dates(code, today)[1] - today).days


@pytest.mark.parametrize("code", ["M12", "M24"])
@pytest.mark.parametrize(("after", "expected"), [(14, False), (15, True)])
def test_a_visit_that_never_came_is_missed_after_14_days(
    people: People, code: str, after: int, expected: bool
) -> None:
    days = closing(screened(people), code) + after
    c = screened(people, **early(days + 10))
    c.treat(past(days))
    nightly.settle_one(c.subject.pk)
    assert (f"MISSED/{code}" in c.found()) is expected
    before = len(c.rows())
    nightly.settle_one(c.subject.pk)
    assert len(c.rows()) == before


@pytest.mark.parametrize(("after", "expected"), [(0, False), (1, True)])
def test_a_duplex_is_absent_when_the_window_has_closed(people: People, after: int, expected: bool) -> None:
    days = closing(screened(people), "M12") + after
    c = screened(people, **early(days + 10))
    c.treat(past(days))
    visit(c, days - 360)
    nightly.settle_one(c.subject.pk)
    assert ("DUPLEX/M12" in c.found()) is expected


def test_what_the_study_learns_later_is_followed_at_night(people: People, course: Course) -> None:
    """A consent version that was approved, and entered into the study only afterwards."""
    course.save("IC", "SCR", consent_version="9.9")
    upkeep.add_consent_version(site=people.sites["07"], version="9.9", approved_from=OPEN, by=FIRST)
    assert len(course.found()) == 1
    nightly.settle_one(course.subject.pk)
    assert course.found() == {}


def test_who_died_or_left_owes_no_visit(people: People) -> None:
    c = screened(people, **early(500))
    c.treat(past(480))
    nightly.settle_one(c.subject.pk)
    assert "MISSED/M12" in c.found()
    c.save("DTH", None, death_date=past(300).isoformat())
    assert "MISSED/M12" not in c.found()


def test_no_duplex_is_owed_after_an_amputation_above_the_knee(people: People) -> None:
    c = screened(people, **early(450))
    c.save("LH", "SCR", target_limb="L")
    attended_without_duplex(c)
    assert "DUPLEX/M12" in c.found()
    c.save("AMP", None, amp_date=past(200).isoformat(), amp_side="L", amp_level="AKA")
    assert "DUPLEX/M12" not in c.found()


def test_the_hour_makes_a_report_that_was_never_made_a_deviation(people: People) -> None:
    c = screened(people, **early(10))
    serious(c, ae_aware_dt=clock.now() - 23 * HOUR)
    notices.hour(by=FIRST)
    assert c.found() == {}
    c = screened(people, **early(10))
    page = serious(c, ae_aware_dt=clock.now() - 23 * HOUR)
    # An hour later, as the hourly job finds it: nothing was saved since.
    with pytest.MonkeyPatch.context() as patch:
        later = clock.now() + 2 * HOUR
        patch.setattr(clock, "now", lambda: later)
        notices.hour(by=FIRST)
        notices.hour(by=FIRST)
        found = c.found()
    assert Query.objects.filter(page_id=page.id, check_id="EC-136").count() == 1
    assert list(found) == [f"SAE24/AE{page.ordinal}"]


def test_a_locked_subject_is_left_as_it_was_locked(people: People) -> None:
    c = screened(people, **early(500))
    c.treat(past(480))
    lock(level="subject", subject=c.subject, by=people.chen_jing, reason="closed", interim=True)
    assert nightly.settle_one(c.subject.pk) is False
