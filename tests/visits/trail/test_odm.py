"""The trail as ODM: it validates, and each entry is one record under its hash, values with it (AUD-15)."""

import csv
import io
import zipfile
from importlib.resources import files
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from lxml import etree

from audit.context import Reason
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.trail import export

pytestmark = [pytest.mark.django_db, pytest.mark.urs("AUD-15")]
NAMES = {"o": "http://www.cdisc.org/ns/odm/v1.3"}


def exported(people: People, name: str) -> tuple[list[dict[str, str]], Any]:
    """Return the rows of the CSV and the root of the ODM file of one archive."""
    answer = people.client(name).post(reverse("trail-export"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(archive.read("trail.csv").decode(), newline="")))
    return rows, etree.fromstring(archive.read("trail.odm.xml"))


def work(people: People) -> Subject:
    """Enter a page, change a value, clear one, and write what XML cannot hold or has to escape."""
    subject = screened(people)
    values = {"age": 70, "height_cm": 170}
    save_pages([PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values=values)], by=people.li_na)
    page = Page.objects.get(subject=subject, form="DM")
    entry = PageEntry(
        subject_id=subject.pk,
        form="DM",
        visit="SCR",
        page_id=page.pk,
        values={"age": 71, "height_cm": None},
        missing={"height_cm": "UNK"},
    )
    save_pages([entry], by=people.li_na, reason=Reason("OTHER", "misread <7> & \x0b corrected"))
    term = PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": 'A "rash" <𠮷>'})
    save_pages([term], by=people.li_na)
    return subject


def test_the_file_validates_and_holds_each_entry_once(people: People) -> None:
    work(people)
    rows, root = exported(people, "guo_tao")
    place = files("odmlib") / "schemas" / "odm" / "1.3.2" / "ODM1-3-2.xsd"
    schema = etree.XMLSchema(etree.parse(str(place)))
    assert schema.validate(root), schema.error_log
    told = root.xpath("//o:AuditRecord/o:SourceID/text()", namespaces=NAMES)
    assert sorted(told) == sorted(f"{row['chain']} {row['n']} {row['hash']}" for row in rows)
    users = set(root.xpath("//o:User/@OID", namespaces=NAMES))
    assert set(root.xpath("//o:UserRef/@UserOID", namespaces=NAMES)) <= users
    places = set(root.xpath("//o:Location/@OID", namespaces=NAMES))
    assert set(root.xpath("//o:LocationRef/@LocationOID", namespaces=NAMES)) <= places


def test_values_stand_with_their_record_and_a_missing_one_with_its_reason(people: People) -> None:
    subject = work(people)
    _rows, root = exported(people, "guo_tao")
    where = f'//o:SubjectData[@SubjectKey="{subject.usubjid}"]//o:FormData[@FormOID="DM"]/o:ItemGroupData'
    first, second = root.xpath(where, namespaces=NAMES)
    assert (first.get("TransactionType"), second.get("TransactionType")) == ("Insert", "Update")
    age = 'o:ItemData[@ItemOID="IT.DM.age"]/@Value'
    assert [*first.xpath(age, namespaces=NAMES), *second.xpath(age, namespaces=NAMES)] == ["70", "71"]
    [height] = second.xpath('o:ItemData[@ItemOID="IT.DM.height_cm"]', namespaces=NAMES)
    assert (height.get("IsNull"), height.get("Value")) == ("Yes", None)
    assert height.xpath("string(.)").strip() == "missing: UNK"
    reason = second.xpath("string(o:AuditRecord/o:ReasonForChange)", namespaces=NAMES)
    assert reason == "OTHER: misread <7> & \ufffd corrected"
    [term] = root.xpath('//o:ItemData[@ItemOID="IT.AE.ae_term"]', namespaces=NAMES)
    assert term.get("Value") == 'A "rash" <𠮷>'


def test_a_site_exports_its_own_and_not_too_often(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    work(people)
    elsewhere = screened(people, "02")
    rows, root = exported(people, "zhang_wei")
    assert len(rows) == len(root.xpath("//o:AuditRecord", namespaces=NAMES)) > 0
    assert str(elsewhere.pk) not in etree.tostring(root).decode()
    monkeypatch.setattr("sites.rates.MOST", {"export": 0})
    assert people.client("zhang_wei").post(reverse("trail-export")).status_code == 429


def test_an_archive_may_take_longer_than_a_page(people: People) -> None:
    """Sorting the trail of a whole study takes its time, and what ends in the middle is no archive."""
    screened(people)
    limits = set()
    for _piece in export.exported(by=people.guo_tao):
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.add(cursor.fetchone()[0])
    assert limits == {export.AT_MOST}
