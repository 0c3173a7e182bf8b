"""Verifying items against their source, and taking a mark back: the only way in.

What is verified is exactly what is listed, each item with the value that the monitor looked at; there is no
"all". Whatever has changed between looking and pressing is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import acting
from audit.models import Entry
from sites.access import require
from sites.gates import require_ready
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import asking
from visits.capture.change import Change
from visits.crfs import FORMS
from visits.dossier import Dossier, MarkRecord, PageRecord
from visits.models import Page
from visits.review import guard
from visits.review.guard import Act
from visits.review.sdv.records import Verification
from visits.review.sdv.states import MOVES, holds, seen

Seen = Mapping[str, str]
"""By item, what the monitor has looked at (states.seen)."""


class ChangedMeanwhile(Exception):
    """Values are not those that the monitor has looked at; `items` are their names."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(", ".join(items))
        self.items = list(items)


class NotPossible(Exception):
    """There is nothing to verify, or no mark to take back."""


class UnderLock(NotPossible):
    """The page, or what it belongs to, is locked: marks stand as they are."""


def verify_items(*, page: Page, seen: Seen, by: Actor) -> int:
    """Verify the listed items of one page; return how many marks are new.

    An item that is verified already, and unchanged, stays as it is. Raises PermissionDenied for roles that
    may not and for entries of one's own, ChangedMeanwhile, NotPossible, UnderLock.
    """
    return verify_page(subject=page.subject, seen={page.pk: seen}, by=by)


def verify_page(*, subject: Subject, seen: Mapping[uuid.UUID, Seen], by: Actor) -> int:
    """Verify the listed items of the rows of one form at one visit, all of them or none."""
    require_ready(by, MOVES["verify"].action, subject.site_id)
    if not any(seen.values()):
        raise ValueError("nothing is listed")
    with acting(by=by):
        held = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject.pk)
        require(by, MOVES["verify"].action, held.site_id)
        dossier = dossiers.load(held)
        records = [_record(dossier, page_id) for page_id in seen]
        standing = guard.over(held.pk)
        if len({(record.form, record.visit) for record in records}) > 1:
            raise ValueError("these are several pages")
        for record in records:
            if standing.refused(Act.VERIFY, seen[record.id], page=record.id):
                raise UnderLock(record.title.en)
            _refuse(record, seen[record.id], by=by)
        return sum(put_marks(held, record, list(seen[record.id]), by=by) for record in records)


def withdraw(*, verification: Verification, reason: str, by: Actor) -> None:
    """Take a mark back, saying why; the item waits again where the plan asks for it.

    Raises PermissionDenied, ValueError without a reason, NotPossible where the mark stands no longer.
    """
    require(by, MOVES["withdraw"].action, verification.site_id)
    if not reason.strip():
        raise ValueError("a mark is taken back with a reason")
    with acting(by=by):
        standing = guard.over(verification.subject_id)
        if not standing.may(Act.VERIFY, page=verification.page_id, item=verification.item):
            raise UnderLock
        ended = Verification.objects.filter(pk=verification.pk, ended_at=None).update(
            ended_at=clock.now(),
            ended_as=Verification.Ended.WITHDRAWN,
            ended_by=by.name,
            ended_reason=reason.strip(),
        )
        if not ended:
            raise NotPossible


def void_hidden(dossier: Dossier, changes: Sequence[Change], *, by: Actor) -> None:
    """End the marks of items that a save has cleared because another answer hides them; inside acting()."""
    gone: list[uuid.UUID] = []
    for change in changes:
        page = change.after
        cleared = [
            name
            for name in change.items
            if name in page.verified and page.values.get(name) is None and name not in page.missing
        ]
        if cleared:
            known = asking.answers(
                dossier, page.visit_code, page.values, page.ordinal, version=page.form_version
            )
            shown = asking.asked(change.crf, known)
            gone += [page.verified[name].id for name in cleared if name not in shown]
    if gone:
        Verification.objects.filter(pk__in=gone, ended_at=None).update(
            ended_at=clock.now(),
            ended_as=Verification.Ended.VOID,
            ended_by=by.name,
            ended_reason="no longer asked",
        )


def void_page(page_id: uuid.UUID, *, by: Actor) -> None:
    """End the marks of a page that was moved: it has to agree with the source where it stands now."""
    Verification.objects.filter(page_id=page_id, ended_at=None).update(
        ended_at=clock.now(),
        ended_as=Verification.Ended.VOID,
        ended_by=by.name,
        ended_reason="the page was moved",
    )


def _record(dossier: Dossier, page_id: uuid.UUID) -> PageRecord:
    record = dossier.page(page_id)
    if record is None:
        raise ValueError("the page belongs to another subject")
    if record.removed or record.not_done:
        raise NotPossible
    return record


def _refuse(record: PageRecord, looked_at: Seen, *, by: Actor) -> None:
    if not all(item in FORMS[record.form].items() for item in looked_at):
        raise ValueError("there is no such item")
    changed = [item for item, was in looked_at.items() if seen(record, item) != was]
    if changed:
        raise ChangedMeanwhile(changed)
    if not all(holds(record, item) for item in looked_at):
        raise NotPossible
    if _entered_by(by, record, list(looked_at)):
        raise PermissionDenied(_("Nobody verifies what they have entered. Nothing was verified."))


def _entered_by(by: Actor, record: PageRecord, items: list[str]) -> bool:
    """Say whether a person has ever written one of these items, by the trail (ACL-07)."""
    touched = Q(new__has_any_keys=items)
    for item in items:
        touched |= Q(new__missing__has_key=item)
    entries = Entry.objects.filter(
        touched, page_id=str(record.id), table_name=FORMS[record.form]._meta.db_table, op__in=("I", "U")
    )
    return bool(by.user_id) and any(_wrote(entry, by, items) for entry in entries.filter(actor_id=by.user_id))


def _wrote(entry: Entry, by: Actor, items: list[str]) -> bool:
    """Say whether an entry filled in one of these items; an insert names blank columns too."""
    new = entry.new or {}
    return any(new.get(item) is not None or item in (new.get("missing") or {}) for item in items)


_INSERT = """
    INSERT INTO visits_verification
           (id, site_id, subject_id, page_id, item, value, revision, by_id, by_name, at, ended_as, ended_by,
            ended_reason)
    SELECT gen_random_uuid(), t.site_id, t.subject_id, t.page_id, i.item, sdv_stored(to_jsonb(t), i.item),
           %(revision)s, %(by_id)s, %(by_name)s, %(at)s, '', '', ''
      FROM {table} t CROSS JOIN unnest(%(items)s::text[]) WITH ORDINALITY AS i (item, place)
     WHERE t.page_id = %(page)s
     ORDER BY i.place
    RETURNING id, item"""


def put_marks(subject: Subject, record: PageRecord, items: list[str], *, by: Actor) -> int:
    """Write the marks that do not stand already, ending those whose value has changed; return how many.

    Inside acting(), with the subject held; nothing is asked here. The record knows its new marks.
    """
    new = [item for item in items if item not in record.verified or record.verified[item].stale]
    replaced = [record.verified[item].id for item in new if item in record.verified]
    if replaced:
        Verification.objects.filter(pk__in=replaced).update(
            ended_at=clock.now(), ended_as=Verification.Ended.AGAIN, ended_by=by.name
        )
    if new:
        with connection.cursor() as cursor:
            cursor.execute(
                _INSERT.format(table=FORMS[record.form]._meta.db_table),
                {
                    "revision": record.revision,
                    "by_id": by.user_id or "",
                    "by_name": by.name,
                    "at": clock.now(),
                    "items": new,
                    "page": record.id,
                },
            )
            for mark, item in cursor.fetchall():
                record.verified[item] = MarkRecord(mark, item, None, clock.now(), by.name, False)
    return len(new)
