"""Snapshots: exactly what a lock covers, the same bytes at any time, handed out to the statistician alone."""

import csv
import hashlib
import io
import json
import uuid
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.http import Http404

from audit import clock, running
from audit.context import acting
from audit.models import Entry, Job
from outcomes import snapshots
from outcomes.datasets.dictionary import codelists_sha256
from outcomes.models import Snapshot, SnapshotFile
from tests.enrolled import screened
from tests.people import FIRST, People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.models import Lock, Page
from visits.review.locking import freeze, lock

HARD = '=1+1 @x "quoted", 007\n第二行 𠮷野家; <b>&amp;</b>\t-1'


class Study:
    """Two subjects at two sites, with values that are hard to write."""

    def __init__(self) -> None:
        self.people: People = build_people()
        self.one = screened(self.people)
        self.other = screened(self.people, "02")
        values = {"birth_ym": "1955-04", "age": 70, "sex": "M", "height_cm": Decimal("171.0")}
        pages = [
            PageEntry(
                subject_id=self.one.pk, form="DM", visit="SCR", values=values, missing={"ethnic_cn": "REF"}
            ),
            PageEntry(
                subject_id=self.one.pk,
                form="AE",
                values={"ae_serious": "Y", "ae_sae_crit": ["HOSP", "INT"], "ae_narrative": HARD},
            ),
            PageEntry(
                subject_id=self.one.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="Left early"
            ),
        ]
        save_pages(pages, by=self.people.li_na)
        save_pages(
            [PageEntry(subject_id=self.other.pk, form="DM", visit="SCR", values={"age": 61})],
            by=self.people.ma_lin,
        )

    def locked(self, level: str = "study", **target) -> Snapshot:
        made = lock(level=level, by=self.people.chen_jing, reason="Interim analysis", interim=True, **target)
        return snapshots.build_snapshot(made.pk, by=FIRST)


@pytest.fixture
def study(own_database: str) -> Study:
    return Study()


def content(snapshot: Snapshot, short: str) -> bytes:
    return bytes(snapshot.files.get(name__contains=f"_{short}.").content)


def rows(snapshot: Snapshot, form: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(snapshot, form).decode(), newline="")))


@pytest.mark.urs("EXP-03", "EXP-04")
def test_values_are_written_exactly_and_nothing_is_lost(study: Study) -> None:
    snapshot = study.locked()
    first, second = rows(snapshot, "dm")
    assert (first["usubjid"], first["age"], second["usubjid"], second["age"]) == (
        study.other.usubjid,
        "61",
        study.one.usubjid,
        "70",
    )
    assert (second["height_cm"], second["birth_ym"], second["weight_kg"]) == ("171.0", "1955-04", "")
    assert (second["ethnic_cn"], second["ethnic_cn__missing"]) == ("", "REF")
    assert (second["site"], second["visit"], second["ordinal"]) == ("07", "SCR", "1")
    assert second["page"] == str(Page.objects.get(subject=study.one, form="DM").pk)
    (event,) = rows(snapshot, "ae")
    assert event["ae_narrative"] == HARD
    assert event["ae_sae_crit"] == "HOSP;INT"
    assert event["visit"] == ""
    assert rows(snapshot, "ic")[0]["consent_dt"] == "2026-03-01T02:00:00.000000Z"
    (undone,) = rows(snapshot, "bcs")
    assert (undone["not_done"], undone["not_done_reason"]) == ("Y", "Left early")
    for file in snapshot.files.all():
        text = bytes(file.content)
        assert not text.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in text


@pytest.mark.urs("EXP-02")
@pytest.mark.fault(43)
def test_a_snapshot_made_again_later_is_the_same_bytes(study: Study) -> None:
    with time_machine.travel(datetime(2026, 6, 1, 8, tzinfo=UTC), tick=True):
        snapshot = study.locked()
    with time_machine.travel(datetime(2026, 6, 1, 8, 1, 1, tzinfo=UTC), tick=True):
        assert list(snapshots.taken_whole(snapshot, by=study.people.sun_qing))  # moves the study's chain on
        again = snapshots.rebuild(snapshot, by=FIRST)
        assert (again.identical, again.differing) == (True, [])
        assert snapshots.build_snapshot(snapshot.lock_id, by=FIRST) == snapshot
    with time_machine.travel(datetime(2029, 1, 1, tzinfo=UTC)):
        call_command("rebuild_snapshot", str(snapshot.pk))
        call_command("rebuild_snapshot")
    assert snapshot.rebuilds.count() == 3


def test_a_rebuild_names_the_file_that_is_no_longer_what_it_was(study: Study) -> None:
    snapshot = study.locked()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE crf_dm DISABLE TRIGGER USER")
        cursor.execute("UPDATE crf_dm SET age = 62 WHERE age = 61")
        cursor.execute("ALTER TABLE crf_dm ENABLE ALWAYS TRIGGER audit_row")
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_snapshot", str(snapshot.pk))
    found = snapshot.rebuilds.get()
    assert f"{snapshot.name}_dm.csv" in found.differing
    assert f"{snapshot.name}_manifest.json" in found.differing
    assert f"{snapshot.name}_ae.csv" not in found.differing


@pytest.mark.urs("LCK-05")
def test_a_snapshot_holds_exactly_what_its_lock_covers(study: Study) -> None:
    page = Page.objects.get(subject=study.one, form="DM")
    of_page = study.locked("page", page=page)
    assert {snapshots.short_name(name) for name in of_page.files.values_list("name", flat=True)} == {
        *("dm", "dictionary", "chains", "manifest")
    }
    assert [row["page"] for row in rows(of_page, "dm")] == [str(page.pk)]
    of_subject = study.locked("subject", subject=study.one)
    whole = b"".join(bytes(file.content) for file in of_subject.files.all())
    assert study.one.usubjid.encode() in whole
    assert study.other.usubjid.encode() not in whole
    assert str(study.other.pk).encode() not in whole
    assert [row["USUBJID"] for row in rows(of_subject, "adsl")] == [study.one.usubjid]
    of_study = study.locked()
    assert [row["USUBJID"] for row in rows(of_study, "adsl")] == [study.other.usubjid, study.one.usubjid]
    assert (of_page.subjects, of_subject.subjects, of_study.subjects) == (1, 1, 2)


@pytest.mark.urs("EXP-01")
def test_the_manifest_says_what_it_is_and_where_it_comes_from(study: Study) -> None:
    snapshot = study.locked()
    manifest = json.loads(content(snapshot, "manifest"))
    standing = Lock.objects.get()
    day = standing.created_at.astimezone(clock.ZONE).strftime("%Y%m%d")
    assert manifest == snapshot.manifest
    assert snapshot.sha256 == hashlib.sha256(content(snapshot, "manifest")).hexdigest()
    assert (manifest["kind"], manifest["data"], manifest["protocol"]) == ("INTERIM", "real", "1.0")
    assert manifest["snapshot"].startswith(f"DEFIER_INTERIM_{day}")
    assert manifest["snapshot"].endswith("_study")
    assert manifest["lock"]["id"] == str(standing.pk)
    assert (manifest["lock"]["by"], manifest["lock"]["reason"]) == ("Chen Jing", "Interim analysis")
    assert manifest["cut_off"] == manifest["lock"]["at"]
    assert manifest["codelists_sha256"] == codelists_sha256()
    assert manifest["code"]
    assert manifest["transaction"]["isolation"] == "repeatable read, read only"
    assert manifest["chain_heads"]["sha256"] == hashlib.sha256(content(snapshot, "chains")).hexdigest()
    listed = {file["name"]: file for file in manifest["files"]}
    for file in snapshot.files.exclude(name__endswith="manifest.json"):
        stated = listed.pop(file.name)
        assert stated["sha256"] == file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest()
        assert (
            stated["rows"] == len(list(csv.reader(io.StringIO(bytes(file.content).decode(), newline="")))) - 1
        )
    assert not listed
    values = sum(
        1
        for form in FORMS
        for row in rows(snapshot, form.lower())
        for name, value in row.items()
        if value and name in FORMS[form].items()
    )
    assert manifest["values"] == snapshot.values == values


def test_the_dictionary_names_every_column_in_its_order(study: Study) -> None:
    snapshot = study.locked()
    described: dict[str, list[str]] = {}
    for row in rows(snapshot, "dictionary"):
        assert None not in row
        if row["in_file"] == "Y":
            described.setdefault(row["dataset"], []).append(row["variable"])
            assert row["label_en"]
            assert row["label_zh"]
    for form in FORMS:
        header = next(csv.reader(io.StringIO(content(snapshot, form.lower()).decode())))
        assert sorted(described[form.lower()]) == sorted(header), form
    sex = next(row for row in rows(snapshot, "dictionary") if row["variable"] == "sex")
    assert (sex["codelist"], sex["decodes_en"]) == ("SEX", "M=Male; F=Female")


@pytest.mark.urs("LCK-05")
def test_the_lock_asks_for_it_and_a_worker_makes_it(study: Study) -> None:
    made = lock(level="study", by=study.people.chen_jing, reason="Interim analysis", interim=True)
    job = Job.objects.get(kind="build_snapshot")
    import outcomes.jobs  # noqa: F401

    assert running.run(job.pk, beating=False)
    job.refresh_from_db()
    snapshot = Snapshot.objects.get(lock=made)
    assert job.result is not None
    assert job.result["url"] == f"/snapshots/{snapshot.pk}/"
    assert study.people.client("sun_qing").get(job.result["url"]).status_code == 200


def test_what_was_unlocked_gives_no_new_snapshot(study: Study) -> None:
    made = lock(level="study", by=study.people.chen_jing, reason="Interim analysis", interim=True)
    with acting(by=FIRST):
        Lock.objects.update(released_at=datetime(2026, 6, 1, tzinfo=UTC))
    with pytest.raises(snapshots.NotLocked):
        snapshots.build_snapshot(made.pk, by=FIRST)


@pytest.mark.urs("LCK-05")
def test_nothing_is_handed_out_before_a_lock(study: Study) -> None:
    """No data set exists without a hard lock: a freeze is none, and a lifted lock is none any more."""
    statistician = study.people.client("sun_qing")
    assert not Snapshot.objects.exists()
    assert statistician.get(f"/snapshots/{uuid.uuid4()}/study.zip").status_code == 404
    frozen = freeze(level="study", by=study.people.chen_jing, reason="Reviewed")
    with pytest.raises(snapshots.NotLocked):
        snapshots.build_snapshot(frozen.pk, by=FIRST)
    assert not Job.objects.filter(kind="build_snapshot").exists() and not Snapshot.objects.exists()


@pytest.mark.urs("EXP-05", "ACL-03")
def test_only_the_statistician_downloads_and_each_download_is_recorded(study: Study) -> None:
    snapshot = study.locked()
    base = f"/snapshots/{snapshot.pk}/"
    readers = {"sun_qing": 200, "chen_jing": 200, "guo_tao": 200}
    for name in study.people.actors:
        client = study.people.client(name)
        assert client.get("/snapshots/").status_code == readers.get(name, 403), name
        assert client.get(base).status_code == readers.get(name, 403), name
        allowed = 200 if name == "sun_qing" else 403
        for file in (f"{snapshot.name}_dm.csv", f"{snapshot.name}.zip"):
            answer = client.get(base + file)
            assert answer.status_code == allowed, (name, file)
            b"".join(answer) if answer.streaming else answer.content
    events = Entry.objects.filter(op="E", table_name="snapshot_taken").order_by("n")
    assert [(event.actor_name, event.new["file"]) for event in events] == [
        ("Sun Qing", f"{snapshot.name}_dm.csv"),
        ("Sun Qing", f"{snapshot.name}.zip"),
    ]
    assert events[0].new["sha256"] == snapshot.files.get(name__endswith="_dm.csv").sha256
    client = study.people.client("sun_qing")
    assert client.get(f"/snapshots/{uuid.uuid4()}/").status_code == 404
    assert client.get(base + "other.csv").status_code == 404
    assert client.get(base + "..%2Fx").status_code == 404
    with pytest.raises(Http404):
        snapshots.taken(snapshot, "nothing.csv", by=study.people.sun_qing)


def test_the_archive_holds_every_file_with_the_locks_time(study: Study) -> None:
    snapshot = study.locked()
    by = study.people.sun_qing
    packed = b"".join(snapshots.taken_whole(snapshot, by=by))
    assert packed == b"".join(snapshots.taken_whole(snapshot, by=by))
    archive = zipfile.ZipFile(io.BytesIO(packed))
    stored = {file.name: bytes(file.content) for file in snapshot.files.all()}
    assert {info.filename.split("/")[1]: archive.read(info) for info in archive.infolist()} == stored
    made = snapshot.lock.created_at
    assert {info.date_time[0] for info in archive.infolist()} == {made.year}
    assert len({info.date_time for info in archive.infolist()}) == 1


@pytest.mark.parametrize("table", ["outcomes_snapshot", "outcomes_snapshotfile"])
def test_a_snapshot_cannot_be_changed_by_the_application(study: Study, table: str) -> None:
    snapshot = study.locked()
    for statement in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET sha256 = 'x'",
        f"TRUNCATE {table} CASCADE",
    ):
        with (
            pytest.raises(DatabaseError),
            acting(by=FIRST),
            transaction.atomic(),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Entry.objects.filter(table_name="outcomes_snapshotfile").count() == snapshot.files.count()
    assert SnapshotFile.objects.filter(snapshot=snapshot).count() == snapshot.files.count()


def test_what_changed_since_the_snapshot_before(study: Study) -> None:
    before = study.locked("subject", subject=study.one)
    with acting(by=FIRST):
        Lock.objects.update(released_at=datetime(2026, 6, 1, tzinfo=UTC))
    save_pages(
        [PageEntry(subject_id=study.one.pk, form="AE", values={"ae_term": "Fall"})], by=study.people.li_na
    )
    now = study.locked("subject", subject=study.one)
    assert snapshots.previous(now) == before
    changed = {change.name: change for change in snapshots.changes(now, before)}
    assert (changed["ae"].rows_before, changed["ae"].rows_now, changed["ae"].more) == (1, 2, 1)
    assert changed["dm"].identical
    assert not changed["ae"].identical
    page = study.people.client("sun_qing").get(f"/snapshots/{now.pk}/").content.decode()
    assert "1 row more" in page
