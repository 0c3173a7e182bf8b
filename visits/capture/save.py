"""The only way a value enters: save_pages (design §3.6).

One transaction locks the subject, refuses locked pages and what changed since it was opened, validates,
writes the typed rows and their pages, runs the checks that read them, opens and closes their queries, and
leaves a job that recomputes the subject's endpoints. All or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting
from sites.gates import pass_gates, require_ready
from sites.models import Site
from sites.roles import Action
from subjects.enrolment import register_subject
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import asking, obsolete, write
from visits.capture.again import again
from visits.capture.change import Change, ask_for_reason, change_of, refuse, stamp
from visits.capture.closed import refuse_closed
from visits.capture.entry import (
    Frozen,
    Locked,
    PageEntry,
    Saved,
    SentBefore,
    digest_of_entries,
)
from visits.capture.gate import pass_consent
from visits.capture.references import refuse_unknown
from visits.capture.reserved import refuse_reserved, require_save
from visits.capture.unsaved import submit
from visits.checks import Reading, StoredFacts, running
from visits.checks.running import Outcome
from visits.dossier import Dossier
from visits.models import Submission
from visits.review import guard, locking
from visits.review.guard import Guard
from visits.review.queries import settle_checks
from visits.review.sdv.verifying import void_hidden
from visits.safety import consequences


def save_pages(
    entries: Sequence[PageEntry],
    *,
    by: Actor,
    reason: Reason | None = None,
    key: uuid.UUID | None = None,
    recompute: bool = True,
) -> Saved:
    """Save the pages that were entered together for one subject; all of them or none.

    `key`: the form's one-time key; the same key again changes nothing and answers the same (CON-02).
    `recompute=False` is for loads that recompute the whole study afterwards.
    Raises PermissionDenied, NotCovered, SaveRefused, ReasonNeeded, ClearingUnconfirmed, Conflict, Gone or
    Locked.
    """
    subject_id = _only_subject(entries)

    def saved() -> Saved:
        with acting(by=by, reason=reason):
            known = Subject.objects.select_for_update(of=("self",)).select_related("site")
            subject = known.filter(pk=subject_id).first()
            if subject is None:  # at another site, whose rows the database does not show
                raise PermissionDenied
            for entry in entries:
                require_save(entry, by=by, site=subject.site_id)
            pass_gates(by, action_for(entries[0].form), subject.site_id)
            return store(subject, entries, by=by, reason=reason, key=key, recompute=recompute)

    return again(saved)


def screen_subject(
    *, site: Site, entry: PageEntry, by: Actor, key: uuid.UUID | None = None, recompute: bool = True
) -> tuple[Subject, Saved]:
    """Give a new subject its number and save its consent page, in one transaction (protocol §1.4).

    `entry` is the IC page; its subject_id is replaced. Raises what register_subject and save_pages raise,
    and SentBefore when the same form comes again with other answers.
    """
    require_ready(by, Action.SUBJECT_SCREEN, site.code)
    with acting(by=by):
        known = Submission.objects.filter(pk=key).first() if key else None
        placed = replace(entry, form="IC", visit="SCR")
        if known is not None:
            subject = Subject.objects.filter(pk=known.saved["subject"], site=site).first()
            if subject is None:  # the key of a form of another site
                raise PermissionDenied
            if known.saved["digest"] != digest_of_entries([placed]):
                raise SentBefore(subject.usubjid)
            return subject, _again(known.saved, dossiers.load(subject))
        subject = register_subject(site=site, by=by)
        placed = replace(placed, subject_id=subject.pk)
        return subject, store(subject, [placed], by=by, reason=None, key=key, recompute=recompute)


def action_for(form: str) -> Action:
    """Return the action that entitles to write a form: adjudications are the committee's alone."""
    return Action.CEC_DECIDE if form == "CEC" else Action.PAGE_SAVE


def _only_subject(entries: Sequence[PageEntry]) -> uuid.UUID:
    subjects = {entry.subject_id for entry in entries}
    if len(subjects) != 1:
        raise ValueError("one save concerns the pages of exactly one subject")
    return subjects.pop()


def store(
    subject: Subject,
    entries: Sequence[PageEntry],
    *,
    by: Actor,
    reason: Reason | None,
    key: uuid.UUID | None = None,
    recompute: bool = True,
    stamps: Mapping[int, Mapping[str, Any]] | None = None,
    dossier: Dossier | None = None,
    digest: str = "",
) -> Saved:
    """Store entries for a subject whose row the caller has locked, inside the caller's acting().

    `stamps`: what the server itself fills in, by entry; only named acts such as a confirmation give any.
    `digest`: what tells a form sent again from one typed on, where the caller knows better than the entries.
    """
    dossier = dossier or dossiers.load(subject, asked=True, key=key)
    digest = digest or digest_of_entries(entries)
    # Other answers under the same key are no replay (somebody went back and typed on): they are saved, or
    # refused as any other save.
    sent = dossier.sent
    if sent is not None and (sent["subject"], sent["digest"]) == (str(subject.pk), digest):
        return _again(sent, dossier)
    changes = [change_of(dossier, entry, number) for number, entry in enumerate(entries)]
    for change in changes:
        stamp(change, (stamps or {}).get(change.number, {}))
    standing = guard.of(dossier)
    refuse_closed(standing, changes)
    pass_consent(dossier, changes)
    refuse_reserved(dossier, changes, by=by)
    refuse_unknown(dossier, changes)
    refuse(dossier, changes)
    ask_for_reason(changes, reason=reason)
    written = [change for change in changes if change.is_any]
    facts = StoredFacts(subject, {change.after.id: frozenset(change.items) for change in written})
    try:
        outcome = _write(subject, dossier, written, facts, standing)
        void_hidden(dossier, written, by=by)
        gone = obsolete.follow(dossier, written, by=by)
        opened, closed = _settle(subject, dossier, outcome, standing, by=by)
        if written:
            consequences.follow(subject, dossier, written, outcome, facts, by=by, store=store)
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise (Frozen([]) if locking.is_freeze(error) else Locked(subject.usubjid)) from error
        raise
    saved = Saved(
        pages=[change.after for change in changes],
        changed={change.after.id: change.items for change in written},
        opened=opened,
        closed=[*gone, *closed],
    )
    if key is not None:
        answer = {**saved.as_json(), "subject": str(subject.pk), "digest": digest}
        submit(key, answer, by=by)
    if written and recompute:
        jobs.enqueue("recompute_subject", by=by, args={"subject": str(subject.pk)})
    return saved


def _again(known: Mapping[str, Any], dossier: Dossier) -> Saved:
    pages = [dossier.page(uuid.UUID(page)) for page in known["pages"]]
    return Saved(
        pages=[page for page in pages if page],
        changed={uuid.UUID(page): items for page, items in known["changed"].items()},
    )


def _write(
    subject: Subject, dossier: Dossier, changes: Sequence[Change], facts: StoredFacts, standing: Guard
) -> Outcome:
    """Write the changed pages, and the counts that decide completeness wherever they have moved."""
    for change in changes:
        if change.before is not None:
            dossier.pages[dossier.pages.index(change.before)] = change.after
    visits = write.visits_for(subject, dossier, [change.after for change in changes])
    outcome = _check(dossier, changes, facts)
    for change in changes:
        page = change.after
        page.visit_id = visits.get(page.visit)
        page.revision += 1
        page.unanswered = len(asking.unanswered(dossier, page, change.crf))
        page.contradicted = outcome.contradicted.get(page.id, page.contradicted)
    write.insert(subject, [change.after for change in changes if change.before is None])
    for change in changes:
        if change.before is not None:
            write.update(subject, change.after, items=change.items)
    moved = {f"{change.entry.form.lower()}.{name}" for change in changes for name in change.items}
    own = {change.after.id for change in changes}
    others = [page for page in asking.readers(dossier, moved) if page.id not in own]
    write.recount(dossier, others, outcome.contradicted, standing=standing)
    outcome.written = frozenset(own)
    return outcome


def _check(dossier: Dossier, changes: Sequence[Change], facts: StoredFacts) -> Outcome:
    """Run the checks that read what has changed, on the pages as they will stand (design §3.6)."""
    if not changes:
        return Outcome()
    moved = running.moved_by(
        [(change.after, change.items) for change in changes],
        appeared=[change.after for change in changes if change.before is None or change.page_facts],
    )
    r = Reading(dossier, facts, clock.now())
    pages = running.own_pages(r, [change.after for change in changes])
    return running.run(r, running.checks_for(moved), pages=pages)


def _settle(
    subject: Subject, dossier: Dossier, outcome: Outcome, standing: Guard, *, by: Actor
) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    return settle_checks(subject=subject, outcome=outcome, by=by, asked=dossier.asked, standing=standing)
