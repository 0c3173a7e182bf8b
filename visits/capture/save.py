"""The only way a value enters: save_pages (design §3.6).

One transaction locks the subject, refuses locked pages and what changed since it was opened, validates,
writes the typed rows and their pages, runs the checks that read them, opens and closes their queries, and
leaves a job that recomputes the subject's endpoints. All or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DatabaseError

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting
from protocol.version import PROTOCOL_VERSION
from sites.access import require
from sites.models import Site
from sites.roles import Action
from subjects.enrolment import register_subject
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import asking, validation, write
from visits.capture.entry import (
    ClearingUnconfirmed,
    Conflict,
    Locked,
    PageEntry,
    Problem,
    ReasonNeeded,
    Saved,
    SaveRefused,
)
from visits.checks import firings
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord
from visits.models import Query, Submission
from visits.review import locking
from visits.review.queries import settle_checks


@dataclass(slots=True)
class Change:
    """An entry set beside the page as it stands: what it would change."""

    number: int
    entry: PageEntry
    crf: type[Crf]
    before: PageRecord | None
    after: PageRecord
    items: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    page_facts: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything at all would be written."""
        return self.before is None or bool(self.items) or self.page_facts


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
    Raises PermissionDenied, SaveRefused, ReasonNeeded, ClearingUnconfirmed, Conflict or Locked.
    """
    subject_id = _only_subject(entries)
    with acting(by=by, reason=reason):
        subject = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject_id)
        for entry in entries:
            require(by, action_for(entry.form), subject.site_id)
        return store(subject, entries, by=by, reason=reason, key=key, recompute=recompute)


def screen_subject(
    *, site: Site, entry: PageEntry, by: Actor, key: uuid.UUID | None = None, recompute: bool = True
) -> tuple[Subject, Saved]:
    """Give a new subject its number and save its consent page, in one transaction (protocol §1.4).

    `entry` is the IC page; its subject_id is replaced. Raises what register_subject and save_pages raise.
    """
    require(by, Action.SUBJECT_SCREEN, site.code)
    with acting(by=by):
        known = Submission.objects.filter(pk=key).first() if key else None
        if known is not None:
            subject = Subject.objects.get(pk=known.saved["subject"])
            return subject, _again(known, dossiers.load(subject))
        subject = register_subject(site=site, by=by)
        placed = replace(entry, subject_id=subject.pk, form="IC", visit="SCR")
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
) -> Saved:
    """Store entries for a subject whose row the caller has locked, inside the caller's acting().

    `stamps`: what the server itself fills in, by entry; only named acts such as a confirmation give any.
    """
    dossier = dossier or dossiers.load(subject)
    known = _sent_before(key, entries, dossier)
    if known is not None:
        return _again(known, dossier)
    changes = [_change(dossier, entry, number) for number, entry in enumerate(entries)]
    for change in changes:
        _stamp(change, (stamps or {}).get(change.number, {}))
    _refuse(dossier, changes)
    _ask(changes, reason=reason)
    written = [change for change in changes if change.is_any]
    try:
        touched = _write(subject, dossier, written)
        opened, closed = _settle(subject, dossier, touched, by=by)
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise Locked(subject.usubjid) from error
        raise
    saved = Saved(
        pages=[change.after for change in changes],
        changed={change.after.id: change.items for change in written},
        opened=[query.pk for query in opened],
        closed=[query.pk for query in closed],
    )
    if key is not None:
        answer = {**saved.as_json(), "subject": str(subject.pk)}
        Submission.objects.create(key=key, user_id=by.user_id or "", saved=answer, at=clock.now())
    if written and recompute:
        jobs.enqueue("recompute_subject", by=by, args={"subject": str(subject.pk)})
    return saved


def _sent_before(key: uuid.UUID | None, entries: Sequence[PageEntry], dossier: Dossier) -> Submission | None:
    """Return the answer to a form that was sent before; not asked where nothing it names exists yet."""
    if key is None:
        return None
    fresh = all(entry.page_id is None and not dossier.at(entry.visit, entry.form) for entry in entries)
    return None if fresh else Submission.objects.filter(pk=key).first()


def _again(known: Submission, dossier: Dossier) -> Saved:
    pages = [dossier.page(uuid.UUID(page)) for page in known.saved["pages"]]
    return Saved(
        pages=[page for page in pages if page],
        changed={uuid.UUID(page): items for page, items in known.saved["changed"].items()},
    )


def _change(dossier: Dossier, entry: PageEntry, number: int) -> Change:
    """Set an entry beside what stands; raises SaveRefused for bad values and Conflict for a stale one."""
    crf = FORMS.get(entry.form)
    if crf is None:
        raise ValueError(f"there is no form {entry.form!r}")
    before = _standing(dossier, entry, crf)
    if entry.revision is not None and entry.revision != (before.revision if before else 0):
        if before is None:
            raise ValueError("the page has never been saved")
        raise Conflict(number, before)
    clean, problems = validation.typed(entry, crf, number=number, today=clock.today())
    if problems:
        raise SaveRefused(problems)
    after = _copy(before) if before else _new(dossier, entry, crf)
    change = Change(number=number, entry=entry, crf=crf, before=before, after=after)
    for name, value in clean.items():
        _set(change, name, value, entry.missing.get(name, ""), entry.raw.get(name, ""))
    for name, missing in entry.missing.items():
        if name not in clean:
            _set(change, name, None, missing, "")
    _page_facts(change)
    return change


def _standing(dossier: Dossier, entry: PageEntry, crf: type[Crf]) -> PageRecord | None:
    if entry.page_id is not None:
        page = dossier.page(entry.page_id)
        if page is None or page.form != entry.form:
            raise ValueError("the page belongs to another subject or form")
        return page
    if crf.repeating:
        return None
    return next(iter(dossier.at(entry.visit, entry.form)), None)


def _copy(page: PageRecord) -> PageRecord:
    return replace(page, values=dict(page.values), missing=dict(page.missing), raw=dict(page.raw))


def _new(dossier: Dossier, entry: PageEntry, crf: type[Crf]) -> PageRecord:
    """Return an empty page; it joins the dossier, so that further rows of one save count on from it."""
    ordinal = 1
    if crf.repeating:
        ordinal += max((page.ordinal for page in dossier.pages if page.form == entry.form), default=0)
    page = PageRecord(
        id=uuid.uuid4(),
        form=entry.form,
        visit=entry.visit,
        visit_code=entry.visit.rstrip("0123456789")
        if entry.visit and entry.visit.startswith("UNS")
        else entry.visit,
        visit_id=None,
        ordinal=ordinal,
        revision=0,
        removed=False,
        not_done=False,
        not_done_reason="",
        form_version=PROTOCOL_VERSION,
        unanswered=0,
        entered_at=clock.now(),
    )
    dossier.pages.append(page)
    return page


def _set(change: Change, name: str, value: Any, missing: str, raw: str) -> None:
    """Put one item on the page after the change and note what it replaces."""
    page, before = change.after, change.before
    old, old_reason = (before.values.get(name), before.missing.get(name, "")) if before else (None, "")
    for kept, new in ((page.values, value), (page.missing, missing or None), (page.raw, raw or None)):
        if new is None:
            kept.pop(name, None)
        else:
            kept[name] = new
    if (value, missing) == (old, old_reason):
        return
    change.items.append(name)
    if old is not None or old_reason:
        change.overwritten.append(name)


def _page_facts(change: Change) -> None:
    entry, page, before = change.entry, change.after, change.before
    if entry.removed is not None:
        page.removed = entry.removed
    if entry.not_done is not None:
        page.not_done = entry.not_done
        page.not_done_reason = entry.not_done_reason.strip() if entry.not_done else ""
    if before is not None:
        change.page_facts = (page.removed, page.not_done, page.not_done_reason) != (
            before.removed,
            before.not_done,
            before.not_done_reason,
        )


def _refuse(dossier: Dossier, changes: Sequence[Change]) -> None:
    """Raise for hard rules within a page, and for answers that hide filled items without consent to clear."""
    problems: list[Problem] = []
    hidden: list[tuple[int, str]] = []
    for change in changes:
        page = change.after
        if page.not_done:
            problems += _not_done(change)
            continue
        known = asking.answers(dossier, page.visit_code, page.values, page.ordinal)
        for name in _hidden_here(dossier, change, known):
            if change.entry.clear_hidden:
                _set(change, name, None, "", "")
            else:
                hidden.append((change.number, name))
        complete = change.crf.complete(page.values, dossier)
        problems += validation.contradictions(change.crf, complete, number=change.number)
    if problems:
        raise SaveRefused(problems)
    if hidden:
        raise ClearingUnconfirmed(hidden)


def _not_done(change: Change) -> list[Problem]:
    if not change.after.not_done_reason:
        return [Problem(change.number, "", "EC-127", validation.NOT_DONE_WHY)]
    if change.after.values:
        return [Problem(change.number, "", "not-done", validation.NOT_DONE_FILLED)]
    return []


def _hidden_here(dossier: Dossier, change: Change, known: Mapping[str, Any]) -> list[str]:
    """Return the filled items that answers on this same page hide; what another page hides is kept."""
    page, before = change.after, change.before
    shown = asking.asked(change.crf, known)
    filled = [
        name for name in change.crf.items() if page.values.get(name) is not None or name in page.missing
    ]
    if before is None:
        return [name for name in filled if name not in shown]
    earlier = asking.asked(change.crf, asking.answers(dossier, page.visit_code, before.values, page.ordinal))
    return [name for name in filled if name not in shown and (name in earlier or name in change.items)]


def _ask(changes: Sequence[Change], *, reason: Reason | None) -> None:
    """Raise ReasonNeeded where a stored value or fact changes and nobody said why (AUD-09)."""
    if reason is not None:
        return
    overwritten = [(change.number, name) for change in changes for name in change.overwritten]
    overwritten += [(change.number, "") for change in changes if change.page_facts]
    if overwritten:
        raise ReasonNeeded(overwritten)


def _stamp(change: Change, given: Mapping[str, Any]) -> None:
    """Fill in what the server alone knows.

    The time at which the plan of the cohort was recorded (protocol §3.14); who confirmed the eligibility,
    which lapses as soon as anything else on that page changes.
    """
    values = change.after.values
    for name, value in given.items():
        _set(change, name, value, "", "")
    if change.entry.form == "PR" and values.get("planned_cohort") and not values.get("planned_dt"):
        _set(change, "planned_dt", clock.now(), "", "")
    if change.entry.form == "IE" and not given and change.items and values.get("elig_confirmed_by"):
        _set(change, "elig_confirmed_by", None, "", "")


def _write(subject: Subject, dossier: Dossier, changes: Sequence[Change]) -> list[PageRecord]:
    """Write the changed pages, and the count of unanswered items wherever it has moved."""
    for change in changes:
        if change.before is not None:
            dossier.pages[dossier.pages.index(change.before)] = change.after
    visits = write.visits_for(subject, dossier, [change.after for change in changes])
    for change in changes:
        page = change.after
        page.visit_id = visits.get(page.visit)
        page.revision += 1
        page.unanswered = len(asking.unanswered(dossier, page, change.crf))
        write.page(subject, page, change.crf, items=change.items, is_new=change.before is None)
    moved = {f"{change.entry.form.lower()}.{name}" for change in changes for name in change.items}
    own = {change.after.id for change in changes}
    write.recount(dossier, [page for page in asking.readers(dossier, moved) if page.id not in own])
    return [change.after for change in changes]


def _settle(
    subject: Subject, dossier: Dossier, touched: list[PageRecord], *, by: Actor
) -> tuple[list[Query], list[Query]]:
    if not touched:
        return [], []
    asked_before = [page.id for page in touched if page.revision > 1]
    standing = (
        Query.objects.filter(page_id__in=asked_before, origin=Query.Origin.AUTO) if asked_before else ()
    )
    return settle_checks(
        subject=subject, standing=standing, firing=firings(dossier, touched), pages=touched, by=by
    )
