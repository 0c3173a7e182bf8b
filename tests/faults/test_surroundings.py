"""What happens around the system: faults 7, 8, 10, 12, 43 and 44."""

import signal
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections

from audit import clock, jobs
from audit.context import Reason, acting
from audit.models import Entry, Job
from audit.sight import seeing
from audit.verify import verify
from defier import children, cluster, copies, embedded
from outcomes import snapshots
from outcomes.models import Snapshot
from subjects.models import Subject
from tests.enrolled import screened
from tests.faults.conftest import visitor
from tests.faults.mailbox import mailbox
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.test_servers import Held, idle, state, until
from tests.faults.visitor import Answer, Visitor
from tests.faults.volume import filled, small_volume
from tests.people import FIRST
from tests.pictures import pdf
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Query
from visits.review import locking
from visits.uploads.records import Upload

pytestmark = pytest.mark.slow
BORN = {"birth_ym__y": "1955", "birth_ym__m": "04", "sex": "M"}
ROLES = ("edc_owner", "edc_app", "edc_read")
READ_ONLY = "The study can only be read for now"


def demographics(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


def age(subject: Subject) -> object:
    return dossiers.load(Subject.objects.get(pk=subject.pk)).value("dm.age")


@contextmanager
def another_web(stack: Stack, log: Path, **more: str) -> Iterator[Visitor]:
    """A second web process that is told something else; yield a browser at it."""
    port = embedded.free_port()
    web = stack.spawn("web", log=log, **{"WEB_BIND": f"127.0.0.1:{port}", **more})
    try:
        stack.wait_for_web(web, log=log, port=port)
        yield Visitor(f"http://127.0.0.1:{port}")
    finally:
        children.stop(web, patience=5)


@fault(7)
def test_a_full_volume_of_the_database_refuses_whole_saves_and_recovers_alone(
    stack: Stack, subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the study on a volume of its own, which is filled while people save."""
    user = children.unprivileged_user()
    known = {**connections.databases["owner"], "NAME": stack.database}
    monkeypatch.setitem(connections.databases, "owner", known)
    copies.dump(tmp_path / "copy")
    home = Path("/tmp") / f"volume-{uuid.uuid4().hex[:8]}"
    with small_volume(home, megabytes=600) as volume, _cluster(volume, user) as place:
        port, secrets = place
        known = {**known, "HOST": "127.0.0.1", "PORT": str(port), "PASSWORD": "secret", "NAME": "defier"}
        monkeypatch.setitem(connections.databases, "owner", known)
        copies.restore(tmp_path / "copy", "full")
        copies.release("full")
        url = f"postgresql://edc_app:{secrets['edc_app']}@127.0.0.1:{port}/full"
        read = url.replace("edc_app", "edc_read", 1)
        with another_web(stack, tmp_path / "web.log", DATABASE_URL=url, DATABASE_READ_URL=read) as li_na:
            assert li_na.sign_in("li_na").status == 302
            with filled(volume):
                body, refused = _saved_until_refused(li_na, subject)
                assert refused.status == 503 and READ_ONLY in refused.text
                assert "what you typed is still there" in refused.text
                shown = li_na.ask(demographics(subject))
                assert shown.status == 200 and READ_ONLY in shown.text, "reading goes on, and says so"
                alarm = li_na.ask("/readyz")
                assert alarm.status == 503 and "no room to write" in alarm.text
            saved, entries = _of_both(url, subject)
            assert saved == entries, "every save that was made is in the trail, and no other"
            assert li_na.ask(demographics(subject), body).status == 302, "it recovers alone"
            assert _of_both(url, subject) == (saved + 1, entries + 1)
            assert READ_ONLY not in li_na.ask("/").text
        log = (tmp_path / "web.log").read_text()
        assert "database_full" in log and "DiskFull" in log


@contextmanager
def _cluster(volume: Path, user: object) -> Iterator[tuple[int, dict[str, str]]]:
    """A PostgreSQL whose data lie on a volume; yield its port and the passwords of its roles."""
    place = cluster.Cluster.at(volume, user=user)  # type: ignore[arg-type]
    passwords = dict.fromkeys(("postgres", *ROLES), "secret")
    place.create(password="secret")
    options = ("max_wal_size=64MB", "min_wal_size=32MB")
    process = place.start(port=embedded.free_port(), options=options, dies_with=signal.SIGINT)
    try:
        place.make_roles(passwords)
        yield place.port, passwords
    finally:
        children.stop(process, ask=signal.SIGINT)


def _saved_until_refused(li_na: Visitor, subject: Subject) -> tuple[dict[str, str], Answer]:
    """Save one page again and again; return the form that was refused, and the answer to it."""
    for number in range(400):
        body = li_na.filled(demographics(subject), age=str(40 + number % 40), reason="TYPO", **BORN)
        answer = li_na.ask(demographics(subject), body)
        if answer.status != 302:
            return body, answer
    raise AssertionError("the volume never was full")


def _of_both(url: str, subject: Subject) -> tuple[int, int]:
    """Return how often the page was saved, by its own count and by the trail's."""
    with psycopg.connect(url, options="-c edc.sites=*") as link:
        revision = link.execute(
            "SELECT coalesce(max(revision), 0) FROM visits_page WHERE subject_id = %s AND form = 'DM'",
            [subject.pk],
        ).fetchone()
        entries = link.execute(
            "SELECT count(*) FROM audit_entry WHERE chain = %s AND table_name = 'crf_dm'",
            [f"subject:{subject.pk}"],
        ).fetchone()
    assert revision and entries
    return int(revision[0]), int(entries[0])


@fault(7)
def test_a_full_volume_of_the_logs_stops_nobody(stack: Stack, subject: Subject) -> None:
    """Every line of the log is refused for want of room; pages and saves are answered."""
    with another_web(stack, Path("/dev/full"), LOG_LEVEL="DEBUG") as li_na:
        assert li_na.sign_in("li_na").status == 302
        assert li_na.ask("/nowhere/").status == 404
        assert li_na.save(demographics(subject), age="70", **BORN).status == 302
    assert age(subject) == 70


@fault(7)
def test_a_full_volume_of_files_leaves_no_half_file(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest of the day cannot be written: there is none, rather than half of one, and it comes later."""
    home = tmp_path / "digests"
    with small_volume(home, megabytes=1) as volume:
        stack.kill("worker")
        stack.start("worker", DIGEST_FOLDER=str(volume), DIGEST_KEY=str(tmp_path / "key"))
        try:
            with filled(volume):
                job = jobs.enqueue("digest_day", by=FIRST, args={})
                until(lambda: Job.objects.filter(pk=job.pk).exclude(error="").exists())
                assert [file.name for file in volume.iterdir()] == ["ballast"]
                assert state(job) in ("QUEUED", "RUNNING"), "it waits for room"
            until(lambda: state(job) == "DONE")
            assert [file.name[:3] for file in volume.iterdir()] == ["NCT"]
        finally:
            stack.kill("worker")
            stack.start("worker")


SHIFTED = """
import time_machine, datetime
there = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours={hours})
time_machine.travel(there, tick=True).start()
"""


@fault(8)
@pytest.mark.parametrize("hours", [1, -1])
def test_a_web_process_whose_clock_is_wrong_writes_the_right_time(
    stack: Stack, subject: Subject, tmp_path: Path, hours: int
) -> None:
    """The trail goes by the clock of the database; a session of another time ends; and it is told."""
    (tmp_path / "sitecustomize.py").write_text(SHIFTED.format(hours=hours))
    right = Visitor(stack.url)
    assert right.sign_in("li_na").status == 302
    assert right.ask("/").status == 200
    with another_web(stack, tmp_path / "web.log", PYTHONPATH=str(tmp_path)) as wrong:
        wrong.jar, wrong.opener = right.jar, right.opener
        assert wrong.ask(demographics(subject)).status == 302, "this session is of another time"
        assert wrong.sign_in("li_na").status == 302
        assert wrong.save(demographics(subject), age="70", **BORN).status == 302
        told = wrong.ask("/readyz").text
    assert "clock" in told and "3600 s apart" in told.replace("3599", "3600").replace("3601", "3600")
    entry = Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_dm").get()
    assert abs((clock.now() - entry.at).total_seconds()) < 60
    assert verify(chain=f"subject:{subject.pk}") == []


@fault(10)
def test_a_new_release_during_entry_loses_no_save_and_no_form(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    """The web is asked to end while a save waits: the save is answered, and an open form is taken later."""
    body = li_na.filled(demographics(subject), age="70", **BORN)
    other = screened(stack.people)
    opened_before = li_na.filled(demographics(other), age="66", **BORN)
    with ThreadPoolExecutor(2) as pool:
        with Held(subject):
            saving = pool.submit(li_na.ask, demographics(subject), body)
            time.sleep(1)
            ending = pool.submit(stack.ask_to_end, "web")
            time.sleep(1)
        assert saving.result().status == 302
        ending.result()
    stack.start("web")
    assert age(subject) == 70
    assert li_na.ask(demographics(other), opened_before).status == 302
    assert age(other) == 66


@fault(10)
@pytest.mark.urs("CEL-08")
def test_a_new_release_during_a_job_ends_it_first(stack: Stack, tmp_path: Path) -> None:
    until(idle)
    long = jobs.enqueue(
        "test_once", by=stack.people.li_na, args={"file": str(tmp_path / "marks"), "tenths": 30}
    )
    until(lambda: state(long) == "RUNNING", sweeping=False)
    try:
        stack.ask_to_end("worker")
        assert (state(long), Job.objects.get(pk=long.pk).attempts) == ("DONE", 1)
    finally:
        stack.start("worker")


@fault(12)
def test_mail_waits_for_its_server_and_is_sent_once(stack: Stack, li_na: Visitor) -> None:
    port = embedded.free_port()
    stack.kill("worker")
    stack.start("worker", EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(port), JOB_RETRY_SECONDS="0.05")
    subject = screened(stack.people)
    give_addresses(stack)
    try:
        notice = jobs.enqueue("lockout_notice", by=FIRST, args={"user": str(stack.people.li_na.user_id)})
        until(lambda: "refused" in Job.objects.get(pk=notice.pk).error.lower())
        for _ in range(4):
            seen = Job.objects.get(pk=notice.pk).due
            until(lambda seen=seen: Job.objects.get(pk=notice.pk).due > seen)  # type: ignore[misc]
        assert state(notice) in ("QUEUED", "RUNNING"), "a server that is away costs no attempt"
        assert li_na.save(demographics(subject), age="70", **BORN).status == 302
        with mailbox(port) as box:
            until(lambda: state(notice) == "DONE")
            assert len(box.mails) == len({mail.partition("To: ")[2].split()[0] for mail in box.mails}) >= 1
    finally:
        stack.kill("worker")
        stack.start("worker")


def give_addresses(stack: Stack) -> None:
    with acting(by=FIRST):
        for name in ("li_na", "zhao_min"):
            user = stack.people.users[name]
            user.email = f"{name}@example.org"
            user.save(update_fields=["email"])


@fault(12)
def test_a_file_waits_in_quarantine_for_its_scanner(stack: Stack, subject: Subject, tmp_path: Path) -> None:
    """Web and worker are told of a scanner that listens at no port yet; entering goes on."""
    port = str(embedded.free_port())
    scanner = {"FILE_SCANNER": "tests.faults.scanner.look", "SCANNER_PORT": port, "JOB_RETRY_SECONDS": "0.05"}
    stack.kill("worker")
    stack.start("worker", **scanner)
    try:
        with another_web(stack, tmp_path / "web.log", **scanner) as li_na:
            assert li_na.sign_in("li_na").status == 302
            assert li_na.upload(f"/subjects/{subject.pk}/files/", "a.pdf", pdf(b"(report)")).status == 302
            kept = Upload.objects.get(subject=subject)
            scan = Job.objects.get(kind="scan_upload", args__upload=str(kept.pk))
            until(lambda: "refused" in Job.objects.get(pk=scan.pk).error.lower())
            assert li_na.ask(f"/files/{kept.pk}/").status == 404
            assert li_na.save(demographics(subject), age="70", **BORN).status == 302
            with mailbox(int(port)):
                until(lambda: state(scan) == "DONE")
            assert li_na.ask(f"/files/{kept.pk}/").status == 200
    finally:
        stack.kill("worker")
        stack.start("worker")


@fault(43)
@pytest.mark.urs("EXP-02")
def test_a_snapshot_during_heavy_entry_is_of_one_instant_and_the_same_again(
    stack: Stack, li_na: Visitor, signed_in: dict[str, Visitor]
) -> None:
    locked = screened(stack.people)
    assert li_na.save(demographics(locked), age="70", **BORN).status == 302
    ended = threading.Event()
    others = [
        (li_na, screened(stack.people)),
        (visitor(stack, signed_in, "ma_lin"), screened(stack.people, "02")),
    ]
    with ThreadPoolExecutor(2) as pool:
        entering = [pool.submit(_enter, who, subject, ended) for who, subject in others]
        try:
            lock = locking.lock(
                level="subject", subject=locked, by=stack.people.chen_jing, reason="Fault 43", interim=True
            )
            until(lambda: Snapshot.objects.filter(lock=lock).exists())
            snapshot = Snapshot.objects.get(lock=lock)
            again = [snapshots.rebuild(snapshot, by=FIRST) for _ in range(2)]
        finally:
            ended.set()
        saves = [one.result() for one in entering]
    assert min(saves) >= 3, "there was heavy entry"
    assert [(one.identical, one.differing) for one in again] == [(True, [])] * 2
    assert verify() == []


def _enter(who: Visitor, subject: Subject, ended: threading.Event) -> int:
    """Save one page again and again until it is enough; return how often."""
    count = 0
    while not ended.is_set():
        typed = {"age": str(50 + count % 30), "reason": "TYPO", **BORN}
        assert who.save(demographics(subject), **typed).status == 302
        count += 1
    return count


@fault(44)
def test_one_person_at_two_sites_is_asked_about(stack: Stack) -> None:
    """Same sex, month of birth, limb and prior stent at another site: the data manager has it to weigh."""
    first, second = screened(stack.people), screened(stack.people, "02")
    alike: dict[str, dict[str, Any]] = {
        "DM": {"sex": "M", "birth_ym": "1950-05", "age": 75},
        "LH": {"target_limb": "L", "bilateral_isr": "N"},
        "PS": {"ps_implant_date": "2024-05-06", "ps_type": "BMS"},
    }
    for form, values in alike.items():
        for subject, by in ((first, stack.people.li_na), (second, stack.people.ma_lin)):
            entry = PageEntry(subject_id=subject.pk, form=form, visit="SCR", values=values)
            save_pages([entry], by=by, reason=Reason("NEW_INFORMATION"))
    [asked] = Query.objects.filter(subject=second, check_id="EC-132")
    assert asked.state == "CANDIDATE"
    manager = Visitor(stack.url)
    assert manager.sign_in("chen_jing").status == 302
    assert manager.ask(f"/queries/{asked.pk}/").status == 200


@fault(44)
@pytest.mark.urs("CON-04")
def test_numbers_are_unique_at_both_sites_and_in_the_database(
    stack: Stack, li_na: Visitor, ma_lin: Visitor
) -> None:
    """Two sites enrol at once: no number twice, by no path. Nothing here is randomised."""

    def enrol(site: str) -> str:
        try:
            with seeing(None):
                return screened(stack.people, site).usubjid
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(enrol, ["07", "02"] * 12))
    assert len(set(numbers)) == 24
    for site in ("02", "07"):
        mine = sorted(number for number in numbers if number.split("-")[1] == site)
        assert len(mine) == 12
    known = Subject.objects.get(usubjid=numbers[0])
    with pytest.raises(DatabaseError, match="usubjid"), acting(by=stack.people.li_na):
        Subject.objects.bulk_create([_twin(known)])


def _twin(known: Subject) -> Subject:
    values = {field.attname: getattr(known, field.attname) for field in known._meta.concrete_fields}
    return Subject(**{**values, "id": uuid.uuid4()})
