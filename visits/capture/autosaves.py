"""Keeping what is typed before it is saved (AUD-18): each autosave is a record, in the trail, never changed.

A draft is what one person typed into one form and neither saved nor discarded. Only its author sees it until
a save submits it, which happens in the transaction of that save. Locks do not stop it: it is no value of the
study, and what somebody typed while a data manager locked the page must not be lost either.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.http import QueryDict

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.access import require
from subjects.models import Subject
from visits.capture.forms import KEEP
from visits.capture.save import action_for
from visits.capture.unsaved import Autosave, Draft
from visits.crfs.base import Crf
from visits.dossier import LOG
from visits.items import TextItem
from visits.models import Submission

Act = Autosave.Act
BOX = re.compile(r"(?P<record>[a-z0-9]+)-(?P<item>[a-z0-9_]+?)(?:-(?:missing|yes|y|m|d|pick))?")
BESIDE = frozenset({"reason", "reason_text", "clear_hidden"})
OF_RECORD = frozenset({"revision", "compared"})
Typed = dict[str, list[str]]


class CannotKeep(Exception):
    """A text holds a character that the database cannot keep: NUL, or half of a pair."""


class AlreadySent(Exception):
    """The form was saved meanwhile: what is typed now belongs to a new one."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft as a list shows it: where, since when, and its key; never what was typed."""

    key: uuid.UUID
    subject_id: uuid.UUID
    usubjid: str
    site: str
    visit: str
    form: str
    at: datetime


def boxes(data: QueryDict, crf: type[Crf]) -> tuple[Typed, list[str]]:
    """Return the boxes of a form as they stand (items, revisions, reason), and the names of those withheld.

    A text that may identify a person is withheld until its author has said that nobody can be recognised by
    it, since the trail forgets nothing (PRI-03). Raises CannotKeep. Whatever else was sent is left out.
    """
    items = crf.items()
    kept: Typed = {}
    withheld = []
    for name, texts in data.lists():
        box = BOX.fullmatch(name)
        if name not in BESIDE and not (box and (box["item"] in items or box["item"] in OF_RECORD)):
            continue
        item = items.get(box["item"]) if box and name.endswith(f"-{box['item']}") else None
        agreed = data.get(f"{name}-yes") == KEEP
        if isinstance(item, TextItem) and not agreed and any(item.identifying(text) for text in texts):
            withheld.append(name)
        else:
            kept[name] = [str(text) for text in texts]
    if any(_cannot_be_kept(text) for texts in kept.values() for text in texts):
        raise CannotKeep
    return kept, withheld


def _cannot_be_kept(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text)


def as_sent(typed: Mapping[str, Sequence[str]]) -> QueryDict:
    """Return kept boxes as if the form had just been sent, so that a page can be drawn from them."""
    data = QueryDict(mutable=True)
    for name, texts in typed.items():
        data.setlist(name, list(texts))
    return data


def keep(
    subject: Subject, *, visit: str | None, form: str, key: uuid.UUID, typed: Typed, by: Actor
) -> Autosave:
    """Keep what stands in a form now; the caller has fetched the subject with the permission to read it.

    Raises PermissionDenied, and AlreadySent when a save has submitted the form since.
    """
    require(by, action_for(form), subject.site_id)
    with acting(by=by):
        _hold(subject)
        if Submission.objects.filter(pk=key).exists():
            raise AlreadySent
        made = _record(Act.KEPT, subject, visit or "", form, key, by, typed=typed)
        _point_at(made)
    return made


def _hold(subject: Subject) -> None:
    """Take the subject's row as a save does, first of all: who comes second sees what the first did.

    Whoever took the draft before it would end an autosave that is on its way in a deadlock.
    """
    Subject.objects.select_for_update(of=("self",)).only("pk").get(pk=subject.pk)


def _point_at(made: Autosave) -> None:
    """Let the form's draft be this autosave; a form that is another person's draft is none of this one's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO visits_draft (key, site_id, subject_id, visit, form, author_id, last_id, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key)"
            " DO UPDATE SET last_id = EXCLUDED.last_id, at = EXCLUDED.at"
            " WHERE visits_draft.author_id = EXCLUDED.author_id",
            [
                *(made.key, made.site_id, made.subject_id, made.visit, made.form, made.author_id),
                *(made.pk, made.at),
            ],
        )
        if cursor.rowcount != 1:
            raise AlreadySent


def _place(subject: Subject, visit: str, form: str) -> dict[str, Any]:
    return {"site_id": subject.site_id, "subject_id": subject.pk, "visit": visit, "form": form}


def _record(
    act: Act, subject: Subject, visit: str, form: str, key: uuid.UUID, by: Actor, *, typed: Typed
) -> Autosave:
    revisions = {
        name.removesuffix("-revision"): texts[-1]
        for name, texts in typed.items()
        if name.endswith("-revision") and texts
    }
    return Autosave.objects.create(
        **_place(subject, visit, form),
        key=key,
        act=act,
        typed=typed,
        revisions=revisions,
        author_id=by.user_id or "",
        author_name=by.name,
        at=clock.now(),
    )


def open_draft(subject: Subject, *, visit: str | None, form: str, by: Actor) -> Autosave | None:
    """Return what this person typed last on a page and did not save, in one statement."""
    found = Draft.objects.filter(subject=subject, visit=visit or "", form=form, author_id=by.user_id)
    draft = found.select_related("last").order_by("-at").first()
    return draft.last if draft else None


def discard(subject: Subject, *, key: uuid.UUID, by: Actor) -> Autosave | None:
    """Let a draft of one's own go; it stays among the records. None where there is none."""
    with acting(by=by):
        _hold(subject)
        draft = (
            Draft.objects.select_for_update().filter(pk=key, subject=subject, author_id=by.user_id).first()
        )
        if draft is None:
            return None
        draft.delete()
        return _record(Act.DISCARDED, subject, draft.visit, draft.form, key, by, typed={})


def take_up(subject: Subject, *, key: uuid.UUID, by: Actor) -> Autosave | None:
    """Undo a discard: what was kept last is kept again. None where nothing of this person's was discarded."""
    acts = Autosave.objects.filter(key=key, subject=subject, author_id=by.user_id).order_by("-pk")
    newest = acts.first()
    if newest is None or newest.act != Act.DISCARDED:
        return None
    last = acts.filter(act=Act.KEPT)[0]
    return keep(subject, visit=last.visit or None, form=last.form, key=key, typed=last.typed, by=by)


def drafts_of(*, by: Actor) -> list[OpenDraft]:
    """Return a person's own drafts at the site they work at, newest first, in one statement.

    Those of a voided subject are left out: its pages open to nobody who enters.
    """
    mine = Draft.objects.filter(author_id=by.user_id, subject__voided_at=None)
    if by.site:
        mine = mine.filter(site_id=by.site)
    return [
        OpenDraft(
            key=draft.pk,
            subject_id=draft.subject_id,
            usubjid=draft.subject.usubjid,
            site=draft.site_id,
            visit=draft.visit or LOG,
            form=draft.form,
            at=draft.at,
        )
        for draft in mine.select_related("subject").order_by("-at")
    ]


def history(subject: Subject, *, visit: str | None, form: str, by: Actor) -> list[Autosave]:
    """Return the autosaves of a page, oldest first: one's own, and those that a save has submitted."""
    acts = list(Autosave.objects.filter(subject=subject, visit=visit or "", form=form).order_by("pk"))
    submitted = {act.key for act in acts if act.act == Act.SUBMITTED}
    return [act for act in acts if act.author_id == by.user_id or act.key in submitted]
