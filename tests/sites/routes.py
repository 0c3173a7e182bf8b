"""Every address of the system: which action it needs, and whose object it shows.

A new address gets a line here, or test_policy_walk fails. Objects belong to site 07 and are made through the
services, once for the whole walk.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from audit import clock
from audit.actors import Actor
from audit.context import Reason, acting
from audit.jobs import enqueue
from audit.models import Entry, Job
from outcomes.entering import enter
from outcomes.models import Snapshot
from outcomes.recomputation import recompute
from outcomes.snapshots import build_snapshot
from outcomes.timelines import read
from sites import accounts, upkeep
from sites.access import can
from sites.access_reviews import make_reviews
from sites.models import ConsentVersion, Delegation
from sites.review_records import AccessReview
from sites.roles import Action
from subjects.models import Subject, Transfer
from subjects.transfer import propose_transfer
from tests.enrolled import screened
from tests.people import FIRST, OPEN, People, build_people
from tests.pictures import png
from visits import dossier as dossiers
from visits.arranging.voiding import void_subject
from visits.blinding import forms_open_to
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.imports.records import Import
from visits.imports.staging import stage
from visits.models import Document, Lock, Page, Query
from visits.printing import documents
from visits.review import locking
from visits.review.queries import raise_query
from visits.review.records import Unlock
from visits.review.sdv import report
from visits.review.sdv.records import Verification, VisitReport
from visits.review.sdv.states import seen
from visits.review.sdv.verifying import verify_items
from visits.review.unlocking import ask_to_unlock
from visits.safety.records import SaeReport
from visits.safety.reports import report_sae
from visits.trail import redacting
from visits.trail.records import Redaction
from visits.uploads.keeping import keep as keep_file
from visits.uploads.records import Upload

SITE = "07"
OK, LOGIN, FORBIDDEN, NOT_FOUND = "ok", "login", 403, 404
Expected = str | int


@dataclass(slots=True)
class World:
    """The people, and one object of each kind, all of them of site 07."""

    people: People
    subject: Subject
    page: Page
    query: Query
    consent: ConsentVersion
    delegation: Delegation
    job: Job
    document: Document
    snapshot: Snapshot
    lock: Lock
    unlock: Unlock
    voided: Subject
    transfer: Transfer
    event: Page
    report: SaeReport
    staged: Import
    upload: Upload
    mark: Verification
    visit: VisitReport
    redaction: Redaction


def build_world(people: People | None = None) -> World:
    """Make the people, unless they are there, and through the services one object of each kind."""
    people = people or build_people()
    make_reviews(by=FIRST)
    [timeline] = read("A-1 | V@30 V@365 R@412 V@735 | CDTLR24 => E@1")
    subject = enter(timeline, people.sites[SITE])
    recompute([subject.pk])
    page = Page.objects.get(subject=subject, form="FU", visit__code="M1")
    entered = PageEntry(
        subject_id=subject.pk, form="AE", values={"ae_term": "x", "ae_serious": "Y", "ae_sae_crit": ["LT"]}
    )
    event = Page.objects.get(pk=save_pages([entered], by=people.li_na).pages[0].id)
    made = locking.lock(
        level=Lock.Level.PAGE,
        page=Page.objects.get(subject=subject, form="FU", visit__code="M12"),
        by=people.chen_jing,
        reason="for the walk",
        interim=True,
    )
    return World(
        people=people,
        subject=subject,
        page=page,
        query=raise_query(page=page, items=[], text="Is this so?", by=people.wang_lei),
        consent=upkeep.add_consent_version(
            site=people.sites[SITE], version="V1.0", approved_from=OPEN, by=FIRST
        ),
        delegation=accounts.delegate(
            user=people.users["zhang_wei"],
            site=people.sites[SITE],
            role="PI",
            tasks=["CONSENT", "SIGNATURE"],
            from_date=OPEN,
            by=FIRST,
        ),
        job=enqueue("recompute_subject", by=people.li_na, args={"subject": str(subject.pk)}),
        document=documents.keep(
            subject=subject,
            kind=documents.PAGE,
            job_id=None,
            name="page.pdf",
            content=b"%PDF-1.7",
            pages=1,
            by=people.li_na,
        ),
        snapshot=_snapshot(made, people),
        lock=made,
        unlock=ask_to_unlock(
            lock=made,
            level=made.level,
            page=made.page,
            by=people.chen_jing,
            reason="for the walk",
            days=1,
        ),
        voided=_voided(people),
        transfer=propose_transfer(
            usubjid=subject.usubjid,
            to_site=people.sites["02"],
            on=clock.today(),
            reason="for the walk",
            by=people.zhao_min,
        ),
        redaction=_redacted(event, people),
        event=event,
        report=report_sae(page=event, kind="INITIAL", by=people.li_na),
        upload=keep_file(
            subject=subject, name="a.png", content=png(), label="Angiogram", attested=True, by=people.li_na
        ),
        staged=stage(
            form="LB",
            source="Central laboratory",
            name="march.csv",
            content=b"@subject,lb_test\nx,HGB",
            encoding="utf-8-sig",
            by=people.chen_jing,
        ),
        mark=_verified(people, page),
        visit=_reported(people),
    )


def _verified(people: People, page: Page) -> Verification:
    record = dossiers.load(page.subject).page(page.pk)
    assert record is not None
    verify_items(page=page, seen={"fu_date": seen(record, "fu_date")}, by=people.wang_lei)
    return Verification.objects.get(page=page)


def _reported(people: People) -> VisitReport:
    made = report.request_report(
        site=people.sites[SITE], first=clock.today(), last=clock.today(), by=people.wang_lei
    )
    content = b"%PDF-1.7"
    with acting(by=people.wang_lei):
        VisitReport.objects.filter(pk=made.pk).update(
            content=content, sha256=hashlib.sha256(content).hexdigest(), pages=1
        )
    return made


def _snapshot(lock: Lock, people: People) -> Snapshot:
    """Build the snapshot of a lock, unless a worker was quicker."""
    try:
        with transaction.atomic():
            return build_snapshot(lock.pk, by=people.chen_jing)
    except IntegrityError:
        return Snapshot.objects.get(lock=lock)


def _voided(people: People) -> Subject:
    made = screened(people)
    void_subject(subject=made, by=people.chen_jing, reason="for the walk")
    return made


def everybody(_world: World, _by: Actor) -> Expected:
    return OK


def needs(action: Action) -> Callable[[World, Actor], Expected]:
    """Expect an address without an object to be open to every role that has the action."""

    def expected(_world: World, by: Actor) -> Expected:
        return OK if can(by, action) else FORBIDDEN

    return expected


def absent(action: Action) -> Callable[[World, Actor], Expected]:
    """Expect nothing to be found where nothing is: the study has no amendment yet."""

    def expected(_world: World, by: Actor) -> Expected:
        return NOT_FOUND if can(by, action) else FORBIDDEN

    return expected


def of_site(action: Action, *, read: Action) -> Callable[[World, Actor], Expected]:
    """Expect an object of site 07 to be unknown to whom it does not concern, refused to who may only read."""

    def expected(_world: World, by: Actor) -> Expected:
        if not can(by, action):
            return FORBIDDEN
        if can(by, action, SITE):
            return OK
        return FORBIDDEN if can(by, read, SITE) else NOT_FOUND

    return expected


def page_of(form: str) -> Callable[[World, Actor], Expected]:
    """Expect a page as any object of the site; unknown to who must not learn the cohort from it."""

    def expected(world: World, by: Actor) -> Expected:
        found = of_site(Action.PAGE_READ, read=Action.SUBJECT_READ)(world, by)
        return NOT_FOUND if found == OK and form not in forms_open_to(by) else found

    return expected


def own_job(world: World, by: Actor) -> Expected:
    """Expect a job to be known to who asked for it, and to who watches over all jobs."""
    return OK if by == world.people.li_na or can(by, Action.JOB_READ) else NOT_FOUND


@dataclass(frozen=True, slots=True)
class Route:
    """One address: who may use it, with which arguments, and how."""

    expected: Callable[[World, Actor], Expected]
    args: Callable[[World], list[Any]] = lambda _world: []
    post: bool = False
    data: Callable[[World], dict[str, str]] = lambda _world: {}
    open_to_strangers: bool = False


def _subject(world: World, *rest: Any) -> list[Any]:
    return [world.subject.pk, *rest]


SUBJECT_READ = of_site(Action.SUBJECT_READ, read=Action.SUBJECT_READ)


def _account(world: World) -> list[Any]:
    return [world.people.users["ma_lin"].pk]


def _redacted(event: Page, people: People) -> Redaction:
    """Ask for the redaction of a narrative that was entered and cleared again."""
    for text in ("13800000000", None):
        event.refresh_from_db()
        typed = PageEntry(
            subject_id=event.subject_id,
            form="AE",
            page_id=event.pk,
            revision=event.revision,
            values={"ae_narrative": text},
        )
        save_pages([typed], by=people.li_na, reason=Reason("TYPO"))
    held = Entry.objects.get(page_id=str(event.pk), old__ae_narrative="13800000000")
    return redacting.ask(
        page=event, n=held.n, item="ae_narrative", reason="a telephone number", by=people.chen_jing
    )


def _redact(world: World) -> list[Any]:
    return _subject(world, world.redaction.page_id, world.redaction.n, world.redaction.item)


TRAIL_OF_SUBJECT = of_site(Action.TRAIL_READ, read=Action.SUBJECT_READ)
ROUTES: dict[str, Route] = {
    "trail": Route(needs(Action.TRAIL_LISTS_READ)),
    "trail-list": Route(needs(Action.TRAIL_LISTS_READ), lambda _world: ["many_changes"]),
    "trail-export": Route(needs(Action.TRAIL_EXPORT), post=True),
    "subject-trail": Route(TRAIL_OF_SUBJECT, _subject),
    "page-trail": Route(TRAIL_OF_SUBJECT, lambda world: _subject(world, world.page.pk)),
    "item-trail": Route(TRAIL_OF_SUBJECT, lambda world: _subject(world, world.page.pk, "fu_date")),
    "redactions": Route(needs(Action.REDACTION_READ)),
    "redaction": Route(
        of_site(Action.REDACTION_READ, read=Action.REDACTION_READ), lambda world: [world.redaction.pk]
    ),
    "redact": Route(of_site(Action.REDACT, read=Action.SUBJECT_READ), _redact),
    "healthz": Route(everybody, open_to_strangers=True),
    "readyz": Route(everybody, open_to_strangers=True),
    "account_login": Route(everybody, open_to_strangers=True),
    "mfa_authenticate": Route(everybody, open_to_strangers=True),
    "invitation": Route(everybody, lambda _world: ["no-such-token"], open_to_strangers=True),
    "factor": Route(everybody),
    "security-keys": Route(everybody),
    "end-session": Route(everybody, post=True),
    "invite": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "end-sessions": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "remove-factor": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "open-account": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "access-reviews": Route(needs(Action.ACCESS_REVIEW)),
    "access-review": Route(
        needs(Action.ACCESS_REVIEW), lambda _world: [AccessReview.objects.filter(site_id=SITE).get().pk]
    ),
    "access-history": Route(needs(Action.ACCOUNT_READ)),
    "account_logout": Route(everybody, open_to_strangers=True),
    "language": Route(everybody, post=True, data=lambda _world: {"language": "en"}, open_to_strangers=True),
    "session": Route(everybody, open_to_strangers=True),
    "home": Route(everybody),
    "password": Route(everybody),
    "profile": Route(everybody),
    "role": Route(lambda _world, _by: NOT_FOUND, post=True, data=lambda _world: {"membership": "another's"}),
    "dashboard": Route(needs(Action.DASHBOARD_READ)),
    "dashboard-list": Route(needs(Action.DASHBOARD_READ), lambda _world: ["visits"]),
    "dashboard-visits": Route(needs(Action.DASHBOARD_READ)),
    "dead-jobs": Route(needs(Action.JOB_READ)),
    "dead-job": Route(needs(Action.JOB_HANDLE), lambda world: [world.job.pk], post=True),
    "job": Route(own_job, lambda world: [world.job.pk]),
    "sites": Route(needs(Action.SITE_READ)),
    "site": Route(of_site(Action.SITE_READ, read=Action.SITE_READ), lambda _world: [SITE]),
    "confirm-ethics": Route(
        of_site(Action.ETHICS_CONFIRM, read=Action.SITE_READ), lambda _world: [SITE], post=True
    ),
    "delegate": Route(of_site(Action.SITE_EDIT, read=Action.SITE_READ), lambda _world: [SITE], post=True),
    "end-delegation": Route(
        of_site(Action.SITE_EDIT, read=Action.SITE_READ),
        lambda world: [SITE, world.delegation.pk],
        post=True,
    ),
    "devices": Route(needs(Action.CATALOGUE_EDIT)),
    "device": Route(needs(Action.CATALOGUE_EDIT), lambda _world: ["ORCHID"]),
    "consents": Route(needs(Action.CONSENT_VERSION_EDIT)),
    "consent": Route(needs(Action.CONSENT_VERSION_EDIT), lambda world: [world.consent.pk]),
    "coding": Route(needs(Action.CODING_READ)),
    "dictionaries": Route(needs(Action.CODING_READ)),
    "choose-term": Route(needs(Action.CODING_READ), lambda world: [world.event.pk]),
    "imports": Route(needs(Action.IMPORT_READ)),
    "import": Route(needs(Action.IMPORT_READ), lambda world: [world.staged.pk]),
    "import-template": Route(needs(Action.IMPORT_READ), lambda _world: ["LB", "csv"]),
    "locks": Route(needs(Action.LOCK_READ)),
    "blockers": Route(needs(Action.LOCK_READ)),
    "lock": Route(needs(Action.LOCK_READ), lambda world: [world.lock.pk]),
    "unlock": Route(needs(Action.LOCK_READ), lambda world: [world.unlock.pk]),
    "propose-lock": Route(needs(Action.LOCK), post=True, data=lambda world: {"reason": "x"}),
    "remind-owner": Route(needs(Action.LOCK), post=True, data=lambda world: {"owner": "monitors"}),
    "decide-lock": Route(
        absent(Action.LOCK_CONFIRM),
        lambda world: [world.lock.pk],
        post=True,
        data=lambda world: {"move": "x"},
    ),
    "snapshots": Route(needs(Action.SNAPSHOT_READ)),
    "snapshot": Route(needs(Action.SNAPSHOT_READ), lambda world: [world.snapshot.pk]),
    "snapshot-file": Route(
        needs(Action.SNAPSHOT_DOWNLOAD),
        lambda world: [world.snapshot.pk, world.snapshot.files.earliest("name").name],
    ),
    "study": Route(needs(Action.SITE_READ)),
    "accounts": Route(needs(Action.ACCOUNT_READ)),
    "trainings": Route(needs(Action.ACCOUNT_READ)),
    "account": Route(needs(Action.ACCOUNT_READ), _account),
    "grant-role": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "add-training": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "give-password": Route(needs(Action.ACCOUNT_EDIT), _account, post=True),
    "end-role": Route(
        needs(Action.ACCOUNT_EDIT),
        lambda world: [
            world.people.users["xu_fang"].pk,
            world.people.users["xu_fang"].memberships.get().pk,
        ],
        post=True,
    ),
    "amendments": Route(needs(Action.AMENDMENT_READ)),
    "amendment": Route(absent(Action.AMENDMENT_READ), lambda _world: ["1.1", SITE]),
    "impact-report": Route(absent(Action.IMPACT_REPORT), lambda _world: ["1.1", SITE], post=True),
    "approve-impact": Route(absent(Action.PROTOCOL_SWITCH_ON), lambda _world: ["1.1", SITE], post=True),
    "switch-on": Route(absent(Action.PROTOCOL_SWITCH_ON), lambda _world: ["1.1", SITE], post=True),
    "calendar": Route(needs(Action.SUBJECT_READ)),
    "calendar-file": Route(of_site(Action.SUBJECT_READ, read=Action.SUBJECT_READ), lambda _world: [SITE]),
    "calendar-address": Route(
        of_site(Action.SUBJECT_READ, read=Action.SUBJECT_READ), lambda _world: [SITE], post=True
    ),
    "calendar-feed": Route(
        lambda _world, _by: NOT_FOUND, lambda _world: ["no-such-token"], open_to_strangers=True
    ),
    "upgrade-page": Route(
        of_site(Action.PAGE_UPGRADE, read=Action.SUBJECT_READ),
        lambda world: _subject(world, world.page.pk),
    ),
    "signing": Route(needs(Action.SIGN)),
    "signing-subject": Route(of_site(Action.SIGN, read=Action.SUBJECT_READ), _subject),
    "withdraw-signature": Route(
        of_site(Action.SIGN, read=Action.SUBJECT_READ), lambda world: [world.page.pk]
    ),
    "find-subject": Route(needs(Action.SUBJECT_READ)),
    "subjects": Route(needs(Action.SUBJECT_READ)),
    "subject": Route(SUBJECT_READ, _subject),
    "add-subject": Route(needs(Action.SUBJECT_SCREEN)),
    "confirm-eligibility": Route(
        of_site(Action.ELIGIBILITY_CONFIRM, read=Action.SUBJECT_READ), _subject, post=True
    ),
    "raise-query": Route(
        of_site(Action.QUERY_RAISE, read=Action.SUBJECT_READ),
        _subject,
        post=True,
        data=lambda world: {"text": "And this?", "page": str(world.page.pk)},
    ),
    "visit-missed": Route(
        of_site(Action.PAGE_SAVE, read=Action.SUBJECT_READ), lambda world: _subject(world, "M3")
    ),
    "not-done": Route(
        of_site(Action.PAGE_SAVE, read=Action.SUBJECT_READ),
        lambda world: _subject(world, "M3", "IMG"),
        post=True,
        data=lambda world: {"text": "The scanner was out of order.", "revision": "0"},
    ),
    "remove-page": Route(
        of_site(Action.PAGE_SAVE, read=Action.SUBJECT_READ),
        lambda world: _subject(world, Page.objects.filter(subject=world.subject, form="REV").get().pk),
        post=True,
    ),
    "restore-page": Route(
        of_site(Action.PAGE_SAVE, read=Action.SUBJECT_READ),
        lambda world: _subject(world, Page.objects.filter(subject=world.subject, form="REV").get().pk),
        post=True,
    ),
    "move-page": Route(
        of_site(Action.PAGE_MOVE, read=Action.SUBJECT_READ), lambda world: _subject(world, world.page.pk)
    ),
    "add-note": Route(
        of_site(Action.NOTE_ADD, read=Action.SUBJECT_READ), lambda world: _subject(world, world.page.pk)
    ),
    "correct-reserved": Route(
        of_site(Action.RESERVED_CORRECT, read=Action.SUBJECT_READ),
        lambda world: _subject(world, Page.objects.get(subject=world.subject, form="LH").pk),
    ),
    "void-subject": Route(of_site(Action.SUBJECT_VOID, read=Action.SUBJECT_READ), _subject),
    "voided": Route(needs(Action.VOIDED_READ)),
    "voided-subject": Route(needs(Action.VOIDED_READ), lambda world: [world.voided.pk]),
    "transfers": Route(needs(Action.TRANSFER_READ)),
    "transfer": Route(needs(Action.TRANSFER_READ), lambda world: [world.transfer.pk]),
    "subject-pdf": Route(of_site(Action.PDF_REQUEST, read=Action.SUBJECT_READ), _subject),
    "files": Route(of_site(Action.UPLOAD_READ, read=Action.SUBJECT_READ), _subject),
    "file": Route(of_site(Action.UPLOAD_READ, read=Action.UPLOAD_READ), lambda world: [world.upload.pk]),
    "document": Route(
        of_site(Action.PDF_REQUEST, read=Action.PDF_REQUEST), lambda world: [world.document.pk]
    ),
    "draft": Route(
        of_site(Action.PAGE_SAVE, read=Action.PAGE_READ),
        lambda world: _subject(world, "M1", "FU"),
        post=True,
        data=lambda _world: {"act": "here", "key": "00000000-0000-4000-8000-000000000000"},
    ),
    "page": Route(page_of("FU"), lambda world: _subject(world, "M1", "FU")),
    "verify": Route(needs(Action.SDV_READ)),
    "sdv-plan": Route(needs(Action.SDV_READ)),
    "visit-reports": Route(needs(Action.VISIT_REPORT_READ)),
    "visit-report": Route(
        of_site(Action.VISIT_REPORT_READ, read=Action.VISIT_REPORT_READ), lambda world: [world.visit.pk]
    ),
    "verify-items": Route(
        of_site(Action.SDV_VERIFY, read=Action.SUBJECT_READ),
        _subject,
        post=True,
        data=lambda world: {"mark": f"{world.page.pk}:vital_status:seen-before-it-changed"},
    ),
    "withdraw-mark": Route(
        of_site(Action.SDV_VERIFY, read=Action.SUBJECT_READ),
        lambda world: _subject(world, world.mark.pk),
        post=True,
        data=lambda _world: {"text": "The wrong source."},
    ),
    "checks": Route(needs(Action.CHECK_READ)),
    "raise-queries": Route(needs(Action.QUERY_RAISE), post=True),
    "rerun-checks": Route(needs(Action.CHECK_RERUN), post=True),
    "settle-candidates": Route(
        needs(Action.CHECK_RERUN), post=True, data=lambda world: {"check": "EC-011", "move": "cancel"}
    ),
    "typed-leg": Route(
        page_of("DES"),
        lambda world: _subject(world, "PROC", "DES"),
        post=True,
    ),
    "eligibility": Route(SUBJECT_READ, _subject),
    "queries": Route(needs(Action.QUERY_READ)),
    "query": Route(of_site(Action.QUERY_READ, read=Action.QUERY_READ), lambda world: [world.query.pk]),
    "safety": Route(needs(Action.SAFETY_READ)),
    "report-sae": Route(
        of_site(Action.SAE_REPORT, read=Action.SUBJECT_READ),
        lambda world: _subject(world, world.event.pk),
        post=True,
        data=lambda _world: {"kind": "INITIAL"},
    ),
    "forward-sae": Route(
        of_site(Action.SAE_FORWARD, read=Action.SUBJECT_READ),
        lambda world: _subject(world, world.event.pk),
        post=True,
    ),
    "sae-report-pdf": Route(
        of_site(Action.SAFETY_READ, read=Action.SUBJECT_READ), lambda world: [world.report.pk], post=True
    ),
    "outcomes": Route(needs(Action.OUTCOMES_POOLED)),
    "recompute-study": Route(needs(Action.RECOMPUTE_STUDY), post=True),
    "why": Route(
        of_site(Action.SUBJECT_ENDPOINTS, read=Action.SUBJECT_READ),
        lambda world: _subject(world, "CDTLR24"),
    ),
}
