"""What people and programs type and send: faults 27 to 34, 36 and 37, over HTTP against the web process."""

import io
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from audit import clock
from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.test_servers import state, until
from tests.faults.visitor import Visitor
from visits import dossier as dossiers
from visits.models import Document, Page, Query
from visits.printing import documents

pytestmark = pytest.mark.slow


def demographics(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


def plan(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/PROC/PR/"


def value(subject: Subject, address: str) -> Any:
    return dossiers.load(Subject.objects.get(pk=subject.pk)).value(address)


def planned(visitor: Visitor, subject: Subject, text: str) -> Any:
    return visitor.save(plan(subject), planned_cohort="DCB", plan_reason=text)


@fault(27)
def test_too_much_is_refused_in_words(stack: Stack, subject: Subject, li_na: Visitor) -> None:
    long = planned(li_na, subject, "x" * 1_000_000)
    assert (long.status, "note danger" in long.text) == (422, True)
    for size in (3_000_000, 6_000_000):
        body = li_na.filled(demographics(subject)) | {"p-age": "7" * size}
        answer = li_na.ask(demographics(subject), body)
        assert answer.status == (422 if size < 5_000_000 else 413)
        assert "note danger" in answer.text or "shorten the longest text" in answer.text
    for fields in (1001, 5001):
        many = li_na.filled(demographics(subject)) | {f"f{number}": "1" for number in range(fields)}
        answer = li_na.ask(demographics(subject), many | {"p-age": "x"})
        assert answer.status == (422 if fields < 5000 else 413)
        assert "note danger" in answer.text or "more than 5000 fields" in answer.text
    assert not Page.objects.filter(subject=subject, form__in=("DM", "PR")).exists()


@fault(28)
def test_nul_is_refused_everywhere(subject: Subject, li_na: Visitor) -> None:
    assert li_na.save(demographics(subject), age="7\x000").status == 422
    assert planned(li_na, subject, "a\x00b").status == 422
    for path in ("/find/?q=%00", "/queries/?check=%00&show=%00", "/subjects/%00/", "/calendar/?month=%00"):
        assert li_na.ask(path).status in (400, 404), path
    draft = li_na.filled(demographics(subject)) | {"p-age": "7\x00", "act": "keep"}
    assert li_na.ask(f"{demographics(subject)}draft/", draft).status < 500
    assert not Page.objects.filter(subject=subject, form__in=("DM", "PR")).exists()


@fault(29)
def test_half_a_character_is_refused(subject: Subject, li_na: Visitor) -> None:
    body = "&".join(f"{name}={text}" for name, text in li_na.filled(plan(subject)).items())
    answer = li_na.ask(plan(subject), f"{body}&p-planned_cohort=DCB&p-plan_reason=%ED%A0%80".encode())
    assert answer.status == 422
    assert li_na.ask("/find/?q=%ED%A0%80").status in (200, 404)


@fault(30)
@pytest.mark.parametrize("text", ["𠮷野 㛃", "👩‍⚕️ ok", "e\u0301 é", "ﬁne"])
def test_rare_characters_are_stored_exactly(subject: Subject, li_na: Visitor, text: str) -> None:
    assert planned(li_na, subject, text).status == 302
    assert value(subject, "pr.plan_reason") == text
    assert text in li_na.ask(plan(subject)).text


@fault(31)
@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\ufeff"])
def test_what_cannot_be_seen_is_no_code_and_marked_in_print(
    stack: Stack, subject: Subject, li_na: Visitor, character: str
) -> None:
    assert li_na.save(demographics(subject), sex=f"{character}M").status == 422
    assert value(subject, "dm.sex") is None
    assert planned(li_na, subject, f"a{character}b").status == 302
    assert value(subject, "pr.plan_reason") == f"a{character}b", "a text is kept as it was typed"
    page = Page.objects.get(subject=subject, form="PR")
    job = documents.request_page(page=page, by=stack.people.li_na)
    until(lambda: state(job) == "DONE")
    printed = PdfReader(io.BytesIO(bytes(Document.objects.get(job_id=job.pk).content)))
    assert f"⟨U+{ord(character):04X}⟩" in "".join(sheet.extract_text() for sheet in printed.pages)


@fault(32)
@pytest.mark.parametrize(
    "typed", ["1,5", "1,234.5", "１７１．５", "١٧١", "1_0", "NaN", "Infinity", "1E400", "−5", "1e3"]
)
def test_no_number_is_guessed(subject: Subject, li_na: Visitor, typed: str) -> None:
    answer = li_na.save(demographics(subject), height_cm=typed)
    assert answer.status == 422
    assert "note danger" in answer.text or "note warn" in answer.text
    assert value(subject, "dm.height_cm") is None


@fault(33)
@pytest.mark.parametrize(
    ("typed", "status"), [("99.9", 422), ("100", 302), ("220", 302), ("220.1", 422), ("0", 422), ("-5", 422)]
)
def test_limits_are_exact(subject: Subject, li_na: Visitor, typed: str, status: int) -> None:
    assert li_na.save(demographics(subject), height_cm=typed).status == status


@fault(34)
@pytest.mark.parametrize(
    "typed", ["2023-02-29", "0001-01-01", "9999-12-31", "03/04/2025", "29.2.2024", "2026-13-01"]
)
def test_no_date_is_guessed(subject: Subject, li_na: Visitor, typed: str) -> None:
    answer = li_na.save(
        demographics(subject), sex="F", childbearing="CBP", pregnancy_test="NEG", pregnancy_test_date=typed
    )
    assert answer.status == 422
    assert value(subject, "dm.pregnancy_test_date") is None


@fault(34)
def test_the_leap_day_of_a_leap_year_is_a_day(subject: Subject, li_na: Visitor) -> None:
    said = {"sex": "F", "childbearing": "CBP", "pregnancy_test": "NEG", "pregnancy_test_date": "2024-02-29"}
    assert li_na.save(demographics(subject), **said).status == 302


@fault(36)
def test_what_cannot_have_been_is_saved_and_asked_about(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    """Before the consent, after the death, outside the window: stored, and each check opens its query."""
    treated(stack.people, 40, subject)
    assert li_na.save(f"/subjects/{subject.pk}/SCR/BCS/", bcs_date="2025-03-01").status == 302
    day = clock.today()
    seen = {"contact_mode": "CLIN", "fu_date": day.isoformat(), "vital_status": "A"}
    assert li_na.save(f"/subjects/{subject.pk}/M6/FU/", **seen).status == 302
    died = (day - timedelta(days=5)).isoformat()
    assert li_na.save(f"/subjects/{subject.pk}/LOG/DTH/", death_date=died).status == 302
    asked = set(Query.objects.filter(subject=subject, state="OPEN").values_list("check_id", flat=True))
    assert {"EC-003", "EC-043", "EC-045"} <= asked


@fault(37)
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{7*7}}",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE visits_page; --",
        "../../etc/passwd",
        "%s %(x)s {0}",
    ],
)
def test_text_stays_text(subject: Subject, li_na: Visitor, text: str) -> None:
    assert planned(li_na, subject, text).status == 302
    assert value(subject, "pr.plan_reason") == text
    drawn = li_na.ask(plan(subject)).text
    assert "<script>alert" not in drawn
    assert (">49<" in drawn) is False
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_pr").exists()


@fault(35)
@pytest.mark.parametrize(("hour", "minute"), [(0, 30), (23, 59)])
def test_midnight_moves_no_day(stack: Stack, li_na: Visitor, hour: int, minute: int) -> None:
    at = datetime(2026, 3, 1, hour, minute, 59 if hour else 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    subject = screened(stack.people, consent_dt=at)
    stored = value(subject, "ic.consent_dt")
    assert stored == at
    drawn = li_na.ask(f"/subjects/{subject.pk}/SCR/IC/").text
    assert f"{hour:02d}:{minute:02d}" in drawn
    assert "2026-02-28" not in drawn and "2026-03-02" not in drawn
    assert li_na.save(demographics(subject), sex="M", birth_ym__y="1988", birth_ym__m="4").status == 302
    assert value(subject, "dm.birth_ym") == "1988-04"


@fault(35)
@pytest.mark.urs("TIM-02")
@pytest.mark.parametrize("day", ["1986-05-04", "1988-07-01", "1991-09-15"])
def test_a_day_of_summer_time_stays_that_day(subject: Subject, li_na: Visitor, day: str) -> None:
    """China put its clocks forward from 1986 to 1991: a day of then is no instant, and no other day."""
    said = {"sex": "F", "childbearing": "CBP", "pregnancy_test": "NEG", "pregnancy_test_date": day}
    assert li_na.save(demographics(subject), **said).status == 302
    assert value(subject, "dm.pregnancy_test_date") == date.fromisoformat(day)
    assert f'value="{day}"' in li_na.ask(demographics(subject)).text


@fault(8)
@pytest.mark.parametrize("typed", ["2016-12-31 23:59:60", "2016-12-31 24:00"])
def test_a_leap_second_is_asked_about(subject: Subject, li_na: Visitor, typed: str) -> None:
    """No clock of this system has a 61st second: it is refused in words, not moved to another day."""
    page = f"/subjects/{subject.pk}/SCR/IC/"
    answer = li_na.save(page, consent_dt=typed, reason="TYPO")
    assert answer.status == 422 and "There is no such time of day." in answer.text
    assert value(subject, "ic.consent_dt") == datetime(2026, 3, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
