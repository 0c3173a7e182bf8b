"""Signatures: bound to what was seen, broken by any change by any path, never changed themselves (SIG)."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from audit import clock
from audit.context import Reason, acting
from audit.models import Entry
from sites import accounts
from sites.models import Delegation, Training
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import FIRST, People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.dossier import PageRecord
from visits.models import Page
from visits.review.queries import move_query, raise_query
from visits.review.signing.acts import Moved, NothingToWithdraw, Proven, Signed, declare, sign, withdraw
from visits.review.signing.content import content_of
from visits.review.signing.ready import candidates
from visits.review.signing.records import Declaration, Signature
from visits.review.signing.standing import BROKEN, NONE, VALID, WITHDRAWN, of_pages

pytestmark = pytest.mark.django_db
WHY = Reason("OTHER", "read again")


@pytest.fixture
def subject(people: People) -> Subject:
    """A subject whose consent page lacks an answer."""
    return screened(people)


def proven(people: People, name: str = "zhang_wei") -> Proven:
    return Proven(people.actors[name].user_id or "")


@pytest.fixture
def signer(people: People) -> Proven:
    mine = proven(people)
    declare(by=people.zhang_wei, proven=mine)
    return mine


def record(subject: Subject, form: str) -> PageRecord:
    return next(page for page in dossiers.load(subject).pages if page.form == form)


def enter_notes(people: People, subject: Subject, count: int) -> list[PageRecord]:
    """Enter pages that need no answer, since they were not done."""
    entries = [
        PageEntry(subject_id=subject.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="not asked"),
        PageEntry(subject_id=subject.pk, form="MH", visit="SCR", not_done=True, not_done_reason="not asked"),
        PageEntry(subject_id=subject.pk, form="ABI", visit="SCR", not_done=True, not_done_reason="none"),
    ]
    return save_pages(entries[:count], by=people.li_na).pages


def seen(subject: Subject, *forms: str) -> dict[uuid.UUID, str]:
    return {page.id: content_of(page) for page in dossiers.load(subject).pages if page.form in forms}


def signed_by_wei(people: People, subject: Subject, signer: Proven, *forms: str) -> Signed:
    return sign(seen=seen(subject, *forms), by=people.zhang_wei, proven=signer)


def state(subject: Subject, form: str) -> str:
    page = record(subject, form)
    of_python = of_pages([page])[page.id].state
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM visits_signed WHERE page_id = %s", [page.id])
        row = cursor.fetchone()
    assert (row[0] if row else NONE) == of_python
    return of_python


@pytest.fixture
def signed(people: People, subject: Subject, signer: Proven) -> Subject:
    enter_notes(people, subject, 1)
    assert len(signed_by_wei(people, subject, signer, "BCS").made) == 1
    assert state(subject, "BCS") == VALID
    return subject


def through_save(people: People, subject: Subject) -> None:
    page = record(subject, "BCS")
    entry = PageEntry(
        subject_id=subject.pk,
        form="BCS",
        visit="SCR",
        page_id=page.id,
        revision=page.revision,
        not_done=False,
    )
    save_pages([entry], by=people.li_na, reason=WHY)


def through_sql(people: People, subject: Subject) -> None:
    with acting(by=people.li_na, reason=WHY), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE crf_bcs SET missing = \'{"rutherford_target": "ND"}\' WHERE subject_id = %s', [subject.pk]
        )


def through_page_sql(people: People, subject: Subject) -> None:
    with acting(by=people.li_na, reason=WHY), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE visits_page SET not_done_reason = 'x' WHERE id = %s", [record(subject, "BCS").id]
        )


@pytest.mark.urs("SIG-05")
@pytest.mark.parametrize("change", [through_save, through_sql, through_page_sql])
@pytest.mark.fault(22)
def test_a_change_by_any_path_breaks_the_signature(
    people: People, signed: Subject, change: Callable[[People, Subject], None]
) -> None:
    change(people, signed)
    assert state(signed, "BCS") == BROKEN


@pytest.mark.urs("SIG-05")
@pytest.mark.fault(22)
def test_a_change_that_is_rolled_back_breaks_nothing(people: People, signed: Subject) -> None:
    with transaction.atomic():
        through_sql(people, signed)
        assert state(signed, "BCS") == BROKEN
        transaction.set_rollback(True)
    assert state(signed, "BCS") == VALID


@pytest.mark.urs("SIG-05")
def test_queries_and_notes_break_nothing(people: People, signed: Subject) -> None:
    """peers.md 41 (Viedoc: answering a query breaks the signature although no value changed)."""
    page = Page.objects.get(subject=signed, form="BCS")
    query = raise_query(page=page, items=["rutherford_target"], text="Is this so?", by=people.wang_lei)
    assert state(signed, "BCS") == VALID
    move_query(query=query, move="answer", by=people.li_na, text="It is.")
    move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    assert state(signed, "BCS") == VALID


@pytest.mark.urs("SIG-02")
def test_a_signature_cannot_be_moved_to_another_page(people: People, signed: Subject) -> None:
    save_pages(
        [PageEntry(subject_id=signed.pk, form="MH", visit="SCR", not_done=True, not_done_reason="not asked")],
        by=people.li_na,
    )
    row = Signature.objects.get()
    other = record(signed, "MH")
    row.id, row.page_id = uuid.uuid4(), other.id
    with acting(by=people.zhang_wei):
        row.save(force_insert=True)
    assert state(signed, "MH") == BROKEN
    stranger = screened(people)
    row.id, row.page_id = uuid.uuid4(), record(stranger, "IC").id
    with pytest.raises(DatabaseError), acting(by=people.zhang_wei):
        row.save(force_insert=True)


@pytest.mark.urs("SIG-08")
@pytest.mark.parametrize(
    "statement", ["UPDATE visits_signature SET by_name = 'x'", "DELETE FROM visits_signature"]
)
def test_signatures_are_never_changed(people: People, signed: Subject, statement: str) -> None:
    with pytest.raises(DatabaseError), acting(by=people.zhang_wei, reason=WHY), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.urs("SIG-08")
def test_a_withdrawal_is_a_signed_act_of_its_own(people: People, signed: Subject, signer: Proven) -> None:
    page = Page.objects.get(subject=signed, form="BCS")
    with pytest.raises(ValueError, match="reason"):
        withdraw(page=page, reason=" ", by=people.zhang_wei, proven=signer)
    withdraw(page=page, reason="Signed too early.", by=people.zhang_wei, proven=signer)
    assert state(signed, "BCS") == WITHDRAWN
    with pytest.raises(NothingToWithdraw):
        withdraw(page=page, reason="Again.", by=people.zhang_wei, proven=signer)
    signed_by_wei(people, signed, signer, "BCS")
    assert state(signed, "BCS") == VALID
    assert [act.act for act in Signature.objects.all()] == ["SIGN", "WITHDRAW", "SIGN"]
    told = Entry.objects.filter(table_name="visits_signature", chain=f"subject:{signed.pk}")
    assert [(entry.op, entry.actor_name) for entry in told] == [("I", "Zhang Wei")] * 3


@pytest.mark.urs("SIG-06")
def test_what_was_not_seen_is_not_signed(people: People, subject: Subject, signer: Proven) -> None:
    enter_notes(people, subject, 2)
    opened = seen(subject, "BCS", "MH")
    through_sql(people, subject)
    with pytest.raises(Moved) as moved:
        sign(seen=opened, by=people.zhang_wei, proven=signer)
    assert [page.form for page in moved.value.pages] == ["BCS"]
    assert not Signature.objects.exists()


@pytest.mark.urs("SIG-07")
def test_a_batch_refuses_open_problems_by_name(people: People, subject: Subject, signer: Proven) -> None:
    enter_notes(people, subject, 3)
    page = Page.objects.get(subject=subject, form="MH")
    raise_query(page=page, items=[], text="Is this so?", by=people.wang_lei)
    done = signed_by_wei(people, subject, signer, "IC", "BCS", "MH", "ABI")
    assert Signature.objects.count() == len(done.made) == 2
    assert len({row.batch for row in done.made}) == 1
    refused = {one.page.form: [why.en for why in one.refusals] for one in done.refused}
    assert refused.keys() == {"IC", "MH"}
    assert refused["MH"] == ["open queries: 1"]
    again = signed_by_wei(people, subject, signer, "BCS")
    assert not again.made
    offered = {one.page.form for one in candidates(dossiers.load(subject), by=people.zhang_wei)}
    assert {"IC", "MH"} <= offered and "CEC" not in offered


@pytest.mark.urs("SIG-10")
def test_nobody_signs_before_accepting_the_declaration(people: People, subject: Subject) -> None:
    enter_notes(people, subject, 1)
    with pytest.raises(PermissionDenied):
        signed_by_wei(people, subject, proven(people), "BCS")
    declare(by=people.zhang_wei, proven=proven(people))
    declare(by=people.zhang_wei, proven=proven(people))
    accepted = Declaration.objects.get()
    assert (accepted.version, len(accepted.wording)) == ("1.0", 64)
    assert signed_by_wei(people, subject, proven(people), "BCS").made


@pytest.mark.urs("SIG-03")
def test_the_proof_of_somebody_else_does_not_count(people: People, subject: Subject, signer: Proven) -> None:
    enter_notes(people, subject, 1)
    with pytest.raises(PermissionDenied):
        signed_by_wei(people, subject, proven(people, "li_na"), "BCS")


@pytest.mark.urs("SIG-04")
@pytest.mark.parametrize(
    "name", ["li_na", "ma_lin", "wang_lei", "chen_jing", "sun_qing", "he_ming", "guo_tao", "zhao_min"]
)
def test_only_investigators_sign(people: People, subject: Subject, name: str) -> None:
    enter_notes(people, subject, 1)
    with pytest.raises(PermissionDenied):
        sign(seen=seen(subject, "BCS"), by=people.actors[name], proven=proven(people, name))


@pytest.mark.urs("SIG-04")
@pytest.mark.parametrize("gate", ["delegation ended", "no signature task", "GCP ended", "IDENTITY ended"])
def test_every_gate_must_stand_open(people: People, subject: Subject, signer: Proven, gate: str) -> None:
    enter_notes(people, subject, 1)
    yesterday = clock.today() - timedelta(days=1)
    user = people.users["zhang_wei"]
    given = Delegation.objects.get(user=user)
    if gate == "delegation ended":
        accounts.end_delegation(delegation=given, on=yesterday, by=FIRST)
    with acting(by=FIRST):
        if gate == "no signature task":
            Delegation.objects.filter(pk=given.pk).update(tasks=["ELIGIBILITY", "ENTRY"])
        if gate.split()[0] in Training.Kind.values:
            Training.objects.filter(user=user, kind=gate.split()[0]).update(
                on_date=date(2025, 1, 1), valid_to=yesterday
            )
    with pytest.raises(PermissionDenied):
        signed_by_wei(people, subject, signer, "BCS")


@pytest.mark.urs("SIG-01")
def test_an_act_tells_who_when_and_what_it_means(people: People, signed: Subject) -> None:
    page = record(signed, "BCS")
    act = of_pages([page])[page.id].last
    assert act is not None
    assert act.signature.by_name == "Zhang Wei"
    assert act.meaning.en.startswith("I have reviewed and confirm")
    assert "+0800 (" in act.moment
    assert act.moment.endswith("UTC)")


@pytest.mark.urs("AUD-12", "SIG-01")
def test_signing_stands_in_the_trail_and_a_visit_that_is_only_planned_is_not_signed(
    people: People, signed: Subject, signer: Proven
) -> None:
    """peers.md 38 (OpenClinica: no entry when an event is signed; signable while only scheduled)."""
    told = Entry.objects.filter(table_name="visits_signature", op="I", chain=f"subject:{signed.pk}")
    assert {entry.actor_name for entry in told} == {"Zhang Wei"} and told.count() == Signature.objects.count()
    offered = candidates(dossiers.load(signed), by=people.zhang_wei)
    assert offered and all(
        one.page.id in {page.id for page in dossiers.load(signed).pages} for one in offered
    )


@pytest.mark.urs("SIG-05")
def test_a_page_taken_over_into_a_newer_version_asks_for_an_addendum(
    people: People, signed: Subject, signer: Proven
) -> None:
    with acting(by=people.chen_jing):
        Page.objects.filter(subject=signed, form="BCS").update(form_version="1.1")
    page = record(signed, "BCS")
    standing = of_pages([page])[page.id]
    assert (standing.state, standing.addendum, standing.reworded) == (VALID, True, False)
    assert len(signed_by_wei(people, signed, signer, "BCS").made) == 1
    assert not of_pages([page])[page.id].addendum
