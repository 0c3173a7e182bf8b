"""Transfer to another site: two administrators, all rows follow, the enrolling site stays the stratum."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audit import clock
from audit.actors import Actor
from audit.context import acting
from audit.models import Entry, Job
from audit.verify import verify
from outcomes.frames import read_frames
from outcomes.models import Result
from outcomes.recomputation import recompute
from sites import accounts
from sites.access import actor_for
from sites.models import Site
from sites.roles import Role
from subjects.enrolment import register_subject
from subjects.models import Subject, Transfer
from subjects.transfer import TransferRefused, accept_transfer, decline_transfer, propose_transfer
from tests.enrolled import screened, treated
from tests.people import FIRST, OPEN, People, build_people
from visits.arranging.notes import add_note
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.overview.matrix import matrix
from visits.review.locking import lock
from visits.review.queries import queries_visible, raise_query

WHY = "The subject moved to the other city."


@pytest.fixture
def people(db: None) -> People:
    return build_people()


@pytest.fixture
def second(people: People) -> Actor:
    """A second administrator."""
    user = accounts.add_user(by=FIRST, username="qian_li", full_name="Qian Li", full_name_zh="钱丽")
    member = accounts.grant_membership(
        user=user, role=Role.ADMINISTRATOR, site=None, from_date=OPEN, to_date=None, by=FIRST
    )
    return actor_for(user, member, origin="web")


@pytest.fixture
def subject(people: People) -> Subject:
    return treated(people, 40)


def proposed(people: People, subject: Subject, to: str = "02") -> Transfer:
    return propose_transfer(
        usubjid=subject.usubjid,
        to_site=Site.objects.get(pk=to),
        on=clock.today(),
        reason=WHY,
        by=people.zhao_min,
    )


def rows_at(subject: Subject) -> dict[str, set[str]]:
    """Return, for every table that names a subject and a site, at which sites this subject's rows are."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_attribute b USING (attrelid)"
            " JOIN pg_class c ON c.oid = a.attrelid WHERE c.relkind = 'r' AND a.attname = 'subject_id'"
            " AND b.attname = 'site_id' AND c.relname <> 'audit_entry'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT DISTINCT site_id FROM {table} WHERE subject_id = %s", [subject.pk])
            found[table] = {site for (site,) in cursor.fetchall()}
    return {table: sites for table, sites in found.items() if sites}


@pytest.mark.urs("ACL-04", "AUD-01")
def test_everything_follows_and_the_number_stays(people: People, second: Actor, subject: Subject) -> None:
    page = Page.objects.get(subject=subject, form="PR")
    query = raise_query(page=page, items=["proc_date"], text="So?", by=people.wang_lei)
    add_note(page=page, item="", text="Read twice.", by=people.li_na)
    recompute([subject.pk])
    number = subject.usubjid
    done = accept_transfer(transfer=proposed(people, subject), by=second)
    subject.refresh_from_db()
    assert (subject.site_id, subject.usubjid, subject.enrolled_at) == ("02", number, "07")
    assert set().union(*rows_at(subject).values()) == {"02"}
    assert {
        "visits_page",
        "crf_pr",
        "visits_query",
        "visits_querystep",
        "visits_note",
        "outcomes_result",
    } <= set(rows_at(subject))
    assert (done.state, done.proposed_by, done.decided_by) == ("ACCEPTED", "Zhao Min", "Qian Li")
    told = Entry.objects.get(chain=f"subject:{subject.pk}", table_name="subjects_subject", op="U")
    assert told.old == {"site_id": "07"} and told.new == {"site_id": "02"}
    assert told.reason_text is not None and WHY in told.reason_text
    assert Entry.objects.filter(chain="site:07", table_name="subject_left").exists()
    assert Entry.objects.filter(chain="site:02", table_name="subject_came").exists()
    assert query.pk in queries_visible(by=people.ma_lin).values_list("pk", flat=True)
    assert verify() == []


@pytest.mark.urs("ACL-03")
def test_the_receiving_site_works_and_the_former_one_knows_nothing(
    people: People, second: Actor, subject: Subject
) -> None:
    query = raise_query(
        page=Page.objects.get(subject=subject, form="PR"), items=[], text="So?", by=people.wang_lei
    )
    accept_transfer(transfer=proposed(people, subject), by=second)
    entry = PageEntry(subject_id=subject.pk, form="FU", visit="M1", values={"contact_mode": "CLIN"})
    with pytest.raises(PermissionDenied):
        save_pages([entry], by=people.li_na)
    save_pages([entry], by=people.ma_lin)
    former, receiving = people.client("li_na"), people.client("ma_lin")
    for address in ("", "SCR/IC/", "M1/FU/", "PROC/PR/", "pdf/"):
        assert former.get(f"/subjects/{subject.pk}/{address}").status_code == 404, address
        assert receiving.get(f"/subjects/{subject.pk}/{address}").status_code == 200, address
    assert former.get(f"/queries/{query.pk}/").status_code == 404
    assert receiving.get(f"/queries/{query.pk}/").status_code == 200
    assert former.get("/find/", {"q": subject.usubjid}).status_code == 404
    assert [row.subject.usubjid for row in matrix(people.ma_lin)] == [subject.usubjid]
    assert matrix(people.li_na) == []


def test_the_stratum_is_the_enrolling_site(people: People, second: Actor, subject: Subject) -> None:
    accept_transfer(transfer=proposed(people, subject), by=second)
    assert set(read_frames(forms=["PR"])["PR"]["site"]) == {"07"}


def test_numbers_go_on_as_if_it_had_stayed(people: People, second: Actor, subject: Subject) -> None:
    first_of_02 = screened(people, "02")
    accept_transfer(transfer=proposed(people, subject), by=second)
    assert first_of_02.seq == subject.seq == 1
    assert register_subject(site=people.sites["07"], by=people.li_na).seq == 2
    assert register_subject(site=people.sites["02"], by=people.ma_lin).seq == 2


def test_results_follow_at_once(people: People, second: Actor, subject: Subject) -> None:
    recompute([subject.pk])
    accept_transfer(transfer=proposed(people, subject), by=second)
    assert set(Result.objects.filter(subject=subject).values_list("site_id", flat=True)) == {"02"}
    assert Job.objects.filter(kind="recompute_subject", args__subject=str(subject.pk)).exists()


@pytest.mark.urs("ACL-07")
def test_two_administrators_are_needed(people: People, second: Actor, subject: Subject) -> None:
    transfer = proposed(people, subject)
    with pytest.raises(TransferRefused, match="another administrator"):
        accept_transfer(transfer=transfer, by=people.zhao_min)
    for name in ("li_na", "zhang_wei", "wang_lei", "chen_jing", "guo_tao", "sun_qing"):
        with pytest.raises(PermissionDenied):
            accept_transfer(transfer=transfer, by=people.actors[name])
        with pytest.raises(PermissionDenied):
            propose_transfer(
                usubjid=subject.usubjid,
                to_site=people.sites["02"],
                on=clock.today(),
                reason=WHY,
                by=people.actors[name],
            )
    with pytest.raises(IntegrityError), acting(by=people.zhao_min), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(
            state="ACCEPTED", decided_by_id=transfer.proposed_by_id
        )
    accept_transfer(transfer=transfer, by=second)
    with pytest.raises(TransferRefused, match="answered"):
        accept_transfer(transfer=transfer, by=second)


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("level", ["page", "subject", "study"])
def test_locked_data_are_not_transferred(people: People, second: Actor, subject: Subject, level: str) -> None:
    page = Page.objects.get(subject=subject, form="IC")
    targets: dict[str, dict[str, Any]] = {
        "page": {"page": page},
        "subject": {"subject": subject},
        "study": {},
    }
    transfer = proposed(people, subject)
    lock(level=level, by=people.chen_jing, reason="Interim analysis", interim=True, **targets[level])
    with pytest.raises(TransferRefused, match="locked"):
        accept_transfer(transfer=transfer, by=second)
    subject.refresh_from_db()
    assert subject.site_id == "07"


@pytest.mark.parametrize(
    ("number", "site", "on", "reason", "field"),
    [
        ("DEFIER-07-001-0", "02", 0, WHY, "usubjid"),
        ("07-001", "02", 0, WHY, "usubjid"),
        ("\0", "02", 0, WHY, "usubjid"),
        (None, "07", 0, WHY, "to_site"),
        (None, "11", 0, WHY, "to_site"),
        (None, "02", 1, WHY, "on"),
        (None, "02", 0, "  ", "reason"),
    ],
)
def test_what_is_refused_names_its_field(
    people: People, subject: Subject, number: str | None, site: str, on: int, reason: str, field: str
) -> None:
    with pytest.raises(TransferRefused) as refused:
        propose_transfer(
            usubjid=subject.usubjid if number is None else number,
            to_site=people.sites[site],
            on=clock.today() + timedelta(days=on),
            reason=reason,
            by=people.zhao_min,
        )
    assert refused.value.field == field
    assert not Transfer.objects.exists()


def test_a_declined_proposal_makes_room_for_another(people: People, subject: Subject) -> None:
    first = proposed(people, subject)
    with pytest.raises(TransferRefused, match="already"):
        proposed(people, subject)
    decline_transfer(transfer=first, by=people.zhao_min)
    assert proposed(people, subject).on <= date(2100, 1, 1)
    assert Query.objects.filter(subject=subject, site_id="02").count() == 0
