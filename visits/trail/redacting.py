"""Redaction on which two people agree (AUD-17): asked, agreed by another, carried out by the owner's command.

The web process can neither change the trail nor log in as who can; so what was agreed here waits for
`manage.py redact`, which takes the value out of every entry of the page that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from audit import clock, redaction
from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Entry
from protocol.words import Bilingual, T
from sites.access import require, visible_sites
from sites.roles import Action
from visits.capture.unsaved import Autosave
from visits.crfs import FORMS
from visits.models import Page, Query
from visits.trail.records import Redaction
from visits.trail.told import MARK

State = Redaction.State
LONGEST = 500
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted step of a redaction; `another`: not by the one who asked."""

    before: frozenset[str]
    after: str
    another: bool


MOVES: dict[str, Move] = {
    "agree": Move(frozenset({State.ASKED}), State.AGREED, another=True),
    "refuse": Move(frozenset({State.ASKED}), State.REFUSED, another=True),
    "carry_out": Move(frozenset({State.AGREED}), State.DONE, another=False),
}


class RedactionRefused(Exception):
    """It cannot be done; `message` says why, in both languages."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


NO_REASON = T("Say why the value has to go.", "请说明为何必须删除该数值。")
TOO_LONG = T(f"Reason: at most {LONGEST} characters.", f"原因最多 {LONGEST} 个字符。")
NOT_THERE = T("This entry holds no such value.", "该记录中无此数值。")
STANDS = T(
    "The value still stands on the page. Clear or correct it there first.",
    "该数值仍在页面上。请先在页面上清除或更正。",
)
ALREADY = T("This was asked for already.", "已提出过该申请。")
ONE_PERSON = T("The one who asks cannot be the one who agrees.", "申请人不能同时为同意人。")
MOVED_ON = T("Somebody has settled this meanwhile.", "该申请已被他人处理。")


def ask(*, page: Page, n: int, item: str, reason: str, by: Actor) -> Redaction:
    """Ask that the value of an item be taken out of an entry of the trail, and of every other of that page.

    Raises PermissionDenied, and RedactionRefused where there is nothing to redact or the value still stands.
    """
    require(by, Action.REDACT, page.site_id)
    if not reason.strip():
        raise RedactionRefused(NO_REASON)
    if len(reason) > LONGEST:
        raise RedactionRefused(TOO_LONG)
    held = held_in(page, n, item)
    if not held:
        raise RedactionRefused(NOT_THERE)
    if _standing(page, item) in held:
        raise RedactionRefused(STANDS)
    try:
        with transaction.atomic(), acting(by=by):
            return Redaction.objects.create(
                site_id=page.site_id,
                subject_id=page.subject_id,
                page=page,
                n=n,
                item=item,
                reason=reason.strip(),
                asked_by_id=by.user_id or "",
                asked_by_name=by.name,
                asked_by_role=by.role,
                asked_at=clock.now(),
            )
    except IntegrityError as error:
        raise RedactionRefused(ALREADY) from error


def held_in(page: Page, n: int, item: str) -> list[Any]:
    """Return the values of an item in an entry about a page; none where there is nothing to redact."""
    if item not in FORMS[page.form].items():
        return []
    table = FORMS[page.form]._meta.db_table
    entry = Entry.objects.filter(
        chain=f"subject:{page.subject_id}", n=n, page_id=str(page.pk), table_name=table
    ).first()
    sides = [(side or {}).get(item) for side in (entry.old, entry.new)] if entry else []
    return [value for value in sides if value not in EMPTY and value != MARK]


def _standing(page: Page, item: str) -> Any:
    return FORMS[page.form].objects.filter(pk=page.pk).values_list(item, flat=True).first()


def settle(redaction: Redaction, *, move: str, by: Actor) -> Redaction:
    """Agree to a redaction or refuse it; PermissionDenied, RedactionRefused, KeyError for another move."""
    require(by, Action.REDACT, redaction.site_id)
    if move not in ("agree", "refuse"):
        raise KeyError(move)
    step = MOVES[move]
    with acting(by=by):
        now = Redaction.objects.select_for_update().get(pk=redaction.pk)
        if now.state not in step.before:
            raise RedactionRefused(MOVED_ON)
        if now.asked_by_id == by.user_id:
            raise RedactionRefused(ONE_PERSON)
        now.state = step.after
        now.settled_by_id, now.settled_by_name, now.settled_by_role = by.user_id or "", by.name, by.role
        now.settled_at = clock.now()
        now.save()
    return now


def visible(*, by: Actor) -> QuerySet[Redaction]:
    """Return the redactions that this person may see, newest first."""
    sites = visible_sites(by, Action.REDACTION_READ)
    found = Redaction.objects.select_related("page__visit", "subject")
    return found if sites is None else found.filter(site_id__in=sites)


def carry_out(agreed: Redaction, *, using: str = "owner") -> int:
    """Take the value out of the trail, as its owner; return of how many entries. The chain keeps holding.

    Drafts and queries are emptied of it too. RedactionRefused where nobody has agreed, or it stands again.
    """
    if agreed.state not in MOVES["carry_out"].before:
        raise RedactionRefused(MOVED_ON)
    held = held_in(agreed.page, agreed.n, agreed.item)
    if _standing(agreed.page, agreed.item) in held:
        raise RedactionRefused(STANDS)
    first = Actor(agreed.asked_by_id, agreed.asked_by_name, agreed.asked_by_role, origin="command")
    second = Actor(agreed.settled_by_id, agreed.settled_by_name, agreed.settled_by_role, origin="command")
    reason = Reason("OTHER", agreed.reason)
    with transaction.atomic(using=using):
        _empty_copies(agreed, held, by=first, reason=reason, using=using)
        places = list(_places(agreed.page, agreed.item, held, using=using))
        for n, item in places:
            redaction.redact(
                chain=f"subject:{agreed.subject_id}",
                n=n,
                item=item,
                by=first,
                second=second,
                reason=reason,
                using=using,
            )
        with acting(by=first, reason=reason, using=using):
            Redaction.objects.using(using).filter(pk=agreed.pk).update(
                state=MOVES["carry_out"].after, entries=len({n for n, _item in places}), done_at=clock.now()
            )
    return len({n for n, _item in places})


def _places(page: Page, item: str, held: list[Any], *, using: str) -> list[tuple[int, str]]:
    """Return every entry and column of a page, or of its drafts, in which one of these values stands."""
    found = []
    texts = [value for value in held if isinstance(value, str)]
    entries = Entry.objects.using(using).filter(chain=f"subject:{page.subject_id}")
    table = FORMS[page.form]._meta.db_table
    for entry in entries.filter(page_id=str(page.pk), table_name=table).order_by("n"):
        sides = [side for side in (entry.old, entry.new) if side]
        if any(side.get(item) in held for side in sides if item in side):
            found.append((entry.n, item))
        raws = [side["raw"] for side in sides if isinstance(side.get("raw"), dict)]
        if any(raw.get(item) for raw in raws):
            found.append((entry.n, "raw"))
    for entry in entries.filter(table_name="visits_autosave").order_by("n"):
        if any(_holds(side.get("typed"), texts) for side in (entry.old, entry.new) if side):
            found.append((entry.n, "typed"))
    for entry in entries.filter(table_name="visits_query").order_by("n"):
        if any(_was_read(side.get("read"), page, item, held) for side in (entry.old, entry.new) if side):
            found.append((entry.n, "read"))
    return found


def _was_read(read: Any, page: Page, item: str, held: list[Any]) -> bool:
    """Say whether a query keeps one of these values of the item among what its check has read."""
    told = read if isinstance(read, list) else []
    return any(_same_place(one, page, item) and one.get("value") in held for one in told)


def _same_place(one: Any, page: Page, item: str) -> bool:
    return isinstance(one, dict) and one.get("page") == str(page.pk) and one.get("item") == item


def _holds(typed: Any, texts: list[str]) -> bool:
    if not isinstance(typed, dict):
        return False
    given = [text for several in typed.values() if isinstance(several, list) for text in several]
    return any(text in one for text in texts for one in given if isinstance(one, str))


def _empty_copies(agreed: Redaction, held: list[Any], *, by: Actor, reason: Reason, using: str) -> None:
    texts = [value for value in held if isinstance(value, str)]
    with acting(by=by, reason=reason, using=using):
        for draft in Autosave.objects.using(using).filter(
            subject_id=agreed.subject_id, form=agreed.page.form
        ):
            if _holds(draft.typed, texts):
                Autosave.objects.using(using).filter(pk=draft.pk).update(typed={})
        for query in Query.objects.using(using).filter(subject_id=agreed.subject_id):
            if _was_read(query.read, agreed.page, agreed.item, held):
                read = [
                    {**one, "value": MARK} if _same_place(one, agreed.page, agreed.item) else one
                    for one in query.read
                ]
                Query.objects.using(using).filter(pk=query.pk).update(read=read)


def redaction_or_none(by: Actor, redaction_id: UUID) -> Redaction | None:
    """Return a redaction that this person may see, else None."""
    return visible(by=by).filter(pk=redaction_id).first()
