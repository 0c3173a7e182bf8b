"""Every typed row carries the digest of what it says; no path changes the one without the other (SIG-02)."""

import pytest
from django.db import connection

from audit.context import Reason, acting
from tests.enrolled import screened, treated
from tests.people import build_people
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.crfs import FORMS

pytestmark = pytest.mark.django_db
WHY = Reason("OTHER", "read again")


@pytest.mark.urs("SIG-02")
def test_every_form_has_the_trigger_and_stands_in_the_view() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'digest_row' AND tgenabled = 'A'"
        )
        watched = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT pg_get_viewdef('visits_digest'::regclass)")
        (view,) = cursor.fetchone()
    tables = {crf._meta.db_table for crf in FORMS.values()}
    assert watched == tables
    assert {table for table in tables if f"FROM {table}" not in view} == set()


@pytest.mark.urs("SIG-02")
@pytest.mark.urs("SIG-05")
def test_a_digest_follows_the_values_by_any_path_and_nothing_else() -> None:
    people = build_people()
    subject = treated(people, 10, screened(people))

    def digests() -> dict[str, str]:
        return {page.form: page.digest for page in dossiers.load(subject).pages}

    first = digests()
    assert all(len(digest) == 64 for digest in first.values())
    page = dossiers.load(subject).one("PR")
    assert page is not None
    with acting(by=people.li_na, reason=WHY), connection.cursor() as cursor:
        cursor.execute("UPDATE crf_pr SET digest = 'forged', plan_reason = plan_reason")
        cursor.execute("SET TIME ZONE 'Asia/Shanghai'")
        cursor.execute("UPDATE crf_pr SET plan_reason = plan_reason")
        cursor.execute("SET TIME ZONE 'UTC'")
    assert digests() == first
    with acting(by=people.li_na, reason=WHY), connection.cursor() as cursor:
        cursor.execute("UPDATE crf_pr SET plan_reason = 'y' WHERE page_id = %s", [page.id])
    second = digests()
    assert {form for form in first if first[form] != second[form]} == {"PR"}
    entry = PageEntry(
        subject_id=subject.pk,
        form="PR",
        visit="PROC",
        page_id=page.id,
        revision=page.revision,
        values={"plan_reason": "x"},
    )
    save_pages([entry], by=people.li_na, reason=WHY)
    assert digests() == first


def test_a_first_answer_needs_no_reason_and_the_trail_tells_no_digest() -> None:
    people = build_people()
    subject = screened(people)
    page = dossiers.load(subject).one("IC")
    assert page is not None
    entry = PageEntry(
        subject_id=subject.pk, form="IC", visit="SCR", page_id=page.id, values={"consent_witness": "N"}
    )
    save_pages([entry], by=people.li_na)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE table_name LIKE 'crf\\_%' AND new ? 'digest'")
        assert cursor.fetchone() == (0,)
