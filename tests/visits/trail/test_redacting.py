"""Two people take a stray value out: asked, agreed, carried out by the owner; the chain holds (AUD-17)."""

import csv
import hashlib
import io
import json
import uuid
import zipfile

import pytest
from django.core.management import call_command
from django.db import connections
from django.urls import reverse

from audit.context import Reason
from audit.models import Entry
from audit.verify import verify
from subjects.models import Subject
from tests.enrolled import entry_on, screened
from tests.people import People, build_people
from visits.capture import autosaves
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.trail.records import Redaction

STRAY = "call 13800000000"


def stray(people: People) -> tuple[Subject, Page, int]:
    """Return a page that once held a telephone number, and the entry that holds it."""
    subject = screened(people)
    typed = {"p-revision": ["0"], "p-fu_tests_missing": [STRAY]}
    autosaves.keep(subject, visit="M1", form="FU", key=uuid.uuid4(), typed=typed, by=people.li_na)
    save_pages(
        [PageEntry(subject_id=subject.pk, form="FU", visit="M1", values={"fu_tests_missing": STRAY})],
        by=people.li_na,
    )
    page = Page.objects.get(subject=subject, form="FU")
    held = Entry.objects.get(page_id=str(page.pk), table_name="crf_fu", op="I")
    return subject, page, held.n


def clear(page: Page, people: People) -> None:
    page.refresh_from_db()
    entry = entry_on(page, values={"fu_tests_missing": None})
    save_pages([entry], by=people.li_na, reason=Reason("TYPO"))


@pytest.mark.urs("AUD-17")
def test_a_stray_value_goes_from_trail_drafts_screens_and_exports(own_database: str) -> None:
    people = build_people()
    subject, page, n = stray(people)
    ask = reverse("redact", args=[subject.pk, page.pk, n, "fu_tests_missing"])
    dm, investigator = people.client("chen_jing"), people.client("zhang_wei")
    standing = dm.post(ask, {"reason": "a telephone number"})
    assert standing.status_code == 422
    clear(page, people)
    assert dm.post(ask, {"reason": " "}).status_code == 422
    assert dm.post(ask, {"reason": "a telephone number"}).status_code == 302
    assert dm.post(ask, {"reason": "again"}).status_code == 422
    [asked] = Redaction.objects.all()
    here = reverse("redaction", args=[asked.pk])
    assert dm.post(here, {"move": "agree"}).status_code == 409
    call_command("redact")
    asked.refresh_from_db()
    assert asked.state == "ASKED"
    assert people.client("guo_tao").post(here, {"move": "agree"}).status_code == 403
    assert investigator.post(here, {"move": "agree"}).status_code == 302
    call_command("redact")
    asked.refresh_from_db()
    assert (asked.state, asked.asked_by_name, asked.settled_by_name) == ("DONE", "Chen Jing", "Zhang Wei")
    assert verify() == []
    with connections["owner"].cursor() as cursor:
        for table in ("audit_entry", "visits_autosave", "crf_fu"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%13800000000%'")
            assert cursor.fetchone() == (0,), table
    for name, args in (
        ("page-trail", [subject.pk, page.pk]),
        ("item-trail", [subject.pk, page.pk, "fu_tests_missing"]),
    ):
        shown = investigator.get(reverse(name, args=args)).content.decode()
        assert "13800000000" not in shown and "redacted" in shown
    taken = b"".join(dm.post(reverse("trail-export")).streaming_content)  # type: ignore[attr-defined]
    assert b"13800000000" not in zipfile.ZipFile(io.BytesIO(taken)).read("trail.csv")
    event = Entry.objects.filter(table_name="redaction").first()
    assert event is not None and event.new is not None
    assert (event.actor_name, event.new["second"]) == ("Chen Jing", str(people.users["zhang_wei"].pk))


@pytest.mark.urs("AUD-15")
def test_an_export_holds_every_entry_with_its_hash_and_says_how_many(own_database: str) -> None:
    people = build_people()
    subject, _page, _n = stray(people)
    there = screened(people, "02")
    answer = people.client("guo_tao").post(reverse("trail-export"))
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    text = archive.read("trail.csv")
    told = json.loads(archive.read("manifest.json"))
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    last = Entry.objects.filter(table_name="trail_exported").count()
    kept = {
        (e.chain, str(e.n), bytes(e.hash).hex()) for e in Entry.objects.exclude(table_name="trail_exported")
    }
    assert last == 1
    assert {(row["chain"], row["n"], row["hash"]) for row in rows} >= kept
    assert told["entries"] == len(rows) == len({(row["chain"], row["n"]) for row in rows})
    assert told["trail.csv"]["sha256"] == hashlib.sha256(text).hexdigest()
    assert told["last_of_each_chain"][f"subject:{subject.pk}"][1] in {row["hash"] for row in rows}
    by_hand = next(row for row in rows if row["table_name"] == "crf_fu")
    salt = bytes.fromhex(by_hand["salt"])
    assert hashlib.sha256(salt + by_hand["new"].encode()).hexdigest() == by_hand["new_digest"]
    assert told["trail.odm.xml"]["sha256"] == hashlib.sha256(archive.read("trail.odm.xml")).hexdigest()
    drafts = [row for row in rows if row["table_name"] == "visits_autosave"]
    assert [(row["new"], row["withheld"]) for row in drafts] == [("", "True")]
    assert all(row["new_digest"] for row in drafts) and told["withheld"] == len(drafts)
    own = people.client("zhang_wei").post(reverse("trail-export"))
    mine = zipfile.ZipFile(io.BytesIO(b"".join(own.streaming_content)))  # type: ignore[attr-defined]
    chains = json.loads(mine.read("manifest.json"))["last_of_each_chain"]
    assert f"subject:{subject.pk}" in chains and f"subject:{there.pk}" not in chains
    assert people.client("li_na").post(reverse("trail-export")).status_code == 403
