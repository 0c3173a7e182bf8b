"""What can be put right about a page or a subject as a whole, as links for those who may (issue 3.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.actors import Actor
from sites.access import can
from sites.reader import said
from sites.roles import Action
from subjects.models import Subject
from visits.arranging.moving import UNMOVABLE
from visits.capture.reserved import RESERVED
from visits.dossier import PageRecord


@dataclass(frozen=True, slots=True)
class Act:
    """One act in the menu."""

    words: str
    url: str


def of_pages(records: Iterable[PageRecord], subject: Subject, by: Actor) -> list[Act]:
    """Return the acts on the records of a page: a note beside an item, a move to where it belongs."""
    standing = [record for record in records if not record.removed]
    several = len(standing) > 1
    found = []
    for record in standing:
        name = f" {said(record.title)}" if several else ""
        if can(by, Action.NOTE_ADD, subject.site_id):
            found.append(Act(_("Write a note") + name, reverse("add-note", args=[subject.pk, record.id])))
        if can(by, Action.PAGE_MOVE, subject.site_id) and record.form not in UNMOVABLE:
            found.append(
                Act(_("Move to another place") + name, reverse("move-page", args=[subject.pk, record.id]))
            )
        if can(by, Action.RESERVED_CORRECT, subject.site_id) and record.form in RESERVED:
            found.append(
                Act(_("Correct after treatment"), reverse("correct-reserved", args=[subject.pk, record.id]))
            )
    return found


def of_subject(subject: Subject, by: Actor) -> list[Act]:
    """Return the acts on a subject as a whole."""
    found = []
    if can(by, Action.TRAIL_READ, subject.site_id):
        found.append(Act(_("History of the subject"), reverse("subject-trail", args=[subject.pk])))
    if can(by, Action.TRANSFER_READ):
        address = f"{reverse('transfers')}?subject={subject.usubjid}"
        found.append(Act(_("Transfers between sites"), address))
    if can(by, Action.SUBJECT_VOID, subject.site_id):
        found.append(Act(_("Void: created in error"), reverse("void-subject", args=[subject.pk])))
    return found
