"""Notes beside items: what somebody wants to say that is no question. Written once, never changed."""

from __future__ import annotations

from django.db import DatabaseError

from audit import clock
from audit.actors import Actor
from audit.context import acting
from protocol import privacy
from protocol.words import Bilingual, T
from sites.gates import require_ready
from sites.roles import Action
from visits.arranging.noted import Note
from visits.capture.entry import Locked
from visits.crfs import FORMS
from visits.items.parsing import refuse_broken_text
from visits.items.refusals import ItemRefused
from visits.models import Page
from visits.review import locking

LONGEST = 1000
EMPTY = T("Write the note: it is empty.", "备注为空，请填写。")
TOO_LONG = T("A note has at most 1000 characters.", "备注最多1000个字符。")
WHOLE_PAGE = ""


class NoteRefused(Exception):
    """The note cannot be stored as it is; `message` says why. `ask`: it can, once its author agrees."""

    def __init__(self, message: Bilingual, *, ask: bool = False) -> None:
        super().__init__(message.en)
        self.message = message
        self.ask = ask


def add_note(*, page: Page, item: str, text: str, by: Actor, harmless: bool = False) -> Note:
    """Put a note beside an item of a page ("": beside the whole page).

    `harmless`: its author has seen what in the text may identify a person, and says that it does not.
    Raises PermissionDenied, NoteRefused, Locked, ValueError for an item that the form does not have.
    """
    require_ready(by, Action.NOTE_ADD, page.site_id)
    if item != WHOLE_PAGE and item not in FORMS[page.form].questions():
        raise ValueError(f"{page.form} has no item {item!r}")
    said = _sayable(text, harmless=harmless)
    try:
        with acting(by=by):
            return keep_note(page=page, item=item, text=said, by=by)
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise Locked(str(page.pk)) from error
        raise


def _sayable(text: str, *, harmless: bool) -> str:
    said = text.strip()
    if not said:
        raise NoteRefused(EMPTY)
    if len(said) > LONGEST:
        raise NoteRefused(TOO_LONG)
    try:
        refuse_broken_text(said)
    except ItemRefused as refused:
        raise NoteRefused(refused.message) from refused
    found = privacy.screen(said)
    if found and not harmless:
        raise NoteRefused(privacy.described(found), ask=True)
    return said


def keep_note(*, page: Page, item: str, text: str, by: Actor) -> Note:
    """Store a note inside the caller's acting(); other acts leave one where they have been."""
    return Note.objects.create(
        site_id=page.site_id,
        subject_id=page.subject_id,
        page=page,
        item=item,
        text=text,
        by_id=by.user_id or "",
        by_name=by.name,
        by_role=by.role,
        at=clock.now(),
    )
