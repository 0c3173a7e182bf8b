"""Bringing a page to the version of the protocol that its site works by now: a named act, never by itself.

What was entered stays. Items that the newer version asks no longer keep their values, unseen on the page and
in full in print, dataset and trail. Locked pages are left alone and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting
from protocol.version import place
from sites.access import require
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import asking, edition
from visits.capture.entry import Locked
from visits.checks import CHECKS, Reading, StoredFacts
from visits.checks.running import Firing, own_pages, run
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.models import Page
from visits.review import guard
from visits.review.guard import Act
from visits.review.rechecking import recheck


class NothingToUpgrade(Exception):
    """The page has the version by which its site works already."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upgrade does to a page: items asked anew, values kept unasked, open items, queries."""

    page: PageRecord
    version: str
    asked: tuple[str, ...]
    kept: tuple[str, ...]
    unanswered: int
    queries: tuple[Firing, ...]


@dataclass(slots=True)
class Upgraded:
    """What became of several pages."""

    done: list[Page] = field(default_factory=list)
    locked: list[Page] = field(default_factory=list)
    current: list[Page] = field(default_factory=list)


def preview(dossier: Dossier, page: PageRecord, version: str) -> Preview:
    """Return what bringing a page to a version would do, without doing it."""
    crf = FORMS[page.form]
    old, new = crf.items_at(page.form_version), crf.items_at(version)
    later = replace(page, form_version=version)
    known = asking.answers(dossier, page.visit_code, page.values, page.ordinal, version=version)
    shown = asking.asked(crf, known)
    before = {firing.key for firing in _holding(dossier, page)}
    fresh = _holding(_with(dossier, later), later)
    return Preview(
        page=page,
        version=version,
        asked=tuple(name for name in new if name not in old and name in shown),
        kept=tuple(name for name in old if name not in new and page.values.get(name) is not None),
        unanswered=len(asking.unanswered(dossier, later, crf)),
        queries=tuple(firing for firing in fresh if firing.key not in before),
    )


def _with(dossier: Dossier, page: PageRecord) -> Dossier:
    """Return the dossier with another state of one page."""
    return replace(dossier, pages=[page if one.id == page.id else one for one in dossier.pages])


def _holding(dossier: Dossier, page: PageRecord) -> list[Firing]:
    """Return the checks that hold on a page."""
    reading = Reading(dossier, StoredFacts(dossier.subject), clock.now())
    prefix = f"{page.form.lower()}."
    reads = [one for one in CHECKS.values() if any(name.startswith(prefix) for name in one.reads)]
    found = run(reading, reads, pages=own_pages(reading, [page])).firing
    return [firing for firing in found if firing.finding.page.id == page.id]


def upgrade_page(*, page: Page, by: Actor, reason: str) -> Page:
    """Bring a page to the version that is in force at its site today, run its checks, count it anew.

    Raises PermissionDenied, ValueError without a reason, NothingToUpgrade, Locked.
    """
    done = upgrade_pages(pages=[page], by=by, reason=reason)
    if done.locked:
        raise Locked(str(page))
    if done.current:
        raise NothingToUpgrade(str(page))
    return done.done[0]


def upgrade_pages(*, pages: Iterable[Page], by: Actor, reason: str) -> Upgraded:
    """Bring several pages of one subject to the version in force; locked ones are skipped and named."""
    pages = list(pages)
    if not reason.strip():
        raise ValueError("an upgrade needs a reason")
    subjects = {page.subject_id for page in pages}
    if len(subjects) != 1:
        raise ValueError("one upgrade concerns the pages of exactly one subject")
    result = Upgraded()
    with acting(by=by, reason=Reason("OTHER", reason.strip())):
        subject = (
            Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subjects.pop())
        )
        require(by, Action.PAGE_UPGRADE, subject.site_id)
        dossier = dossiers.load(subject)
        version = edition.version_for(dossier, None)
        standing = guard.over(subject.pk)
        moved = []
        for page in pages:
            if not standing.may(Act.CHANGE, page=page.pk):
                result.locked.append(page)
            elif place(page.form_version) >= place(version):
                result.current.append(page)
            else:
                moved.append(page)
        result.done = _move(subject, dossier, moved, version, by=by)
    return result


def _move(
    subject: Subject, dossier: Dossier, pages: Sequence[Page], version: str, *, by: Actor
) -> list[Page]:
    """Write the version on these pages; the caller holds the subject."""
    if not pages:
        return []
    for page in pages:
        current = Page.objects.select_for_update().get(pk=page.pk)
        page.form_version, page.revision = version, current.revision + 1
        page.save(update_fields=["form_version", "revision"])
    recheck(subject, by=by)
    jobs.enqueue("recompute_subject", by=by, args={"subject": str(subject.pk)})
    return list(Page.objects.filter(pk__in=[page.pk for page in pages]))
