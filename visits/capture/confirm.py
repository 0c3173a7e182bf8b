"""Confirming eligibility: an investigator signs the IE page and stands named on it (protocol §3.5)."""

from __future__ import annotations

import uuid

from audit.actors import Actor
from audit.context import acting
from sites.gates import require_ready
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture import asking, save
from visits.capture.entry import Conflict, PageEntry, Saved
from visits.crfs import FORMS
from visits.eligibility import has_angiogram
from visits.review.signing import acts
from visits.review.signing.acts import Proven
from visits.review.signing.content import content_of
from visits.review.signing.meanings import ELIGIBLE

CONFIRMED_BY = "elig_confirmed_by"


class NotReady(Exception):
    """Items of the eligibility page are still without a value."""


class NoAngiogram(NotReady):
    """The criteria that the index angiogram decides cannot be confirmed before its reading is entered."""


def confirm_eligibility(*, subject: Subject, revision: int, by: Actor, proven: Proven) -> Saved:
    """Sign the eligibility page as it was shown, with the investigator's name on it, all or nothing.

    Raises PermissionDenied, also before the declaration is accepted; NoAngiogram for an eligible subject
    without a reading of the index angiogram; NotReady while another required item or a query is open or
    another page contradicts it; Conflict when the page has moved.
    """
    require_ready(by, Action.ELIGIBILITY_CONFIRM, subject.site_id)
    with acting(by=by):
        locked = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject.pk)
        dossier = dossiers.load(locked)
        page = dossier.one("IE")
        if page is None or page.contradicted:
            raise NotReady
        if page.get("elig_outcome") == "ELIG" and not has_angiogram(dossier):
            raise NoAngiogram
        if set(asking.unanswered(dossier, page, FORMS["IE"])) - {CONFIRMED_BY}:
            raise NotReady
        if page.revision != revision:
            raise Conflict(0, page)
        entry = PageEntry(subject_id=locked.pk, form="IE", visit="SCR", page_id=page.id, revision=revision)
        saved = save.store(
            locked, [entry], by=by, reason=None, stamps={0: {CONFIRMED_BY: by.user_id}}, dossier=dossier
        )
        _sign(locked, page.id, by=by, proven=proven)
        return saved


def _sign(subject: Subject, page_id: uuid.UUID, *, by: Actor, proven: Proven) -> None:
    """Sign the page as the save has just left it; NotReady where a query keeps it from being signed."""
    page = dossiers.load(subject).page(page_id)
    assert page is not None
    done = acts.sign(seen={page_id: content_of(page)}, by=by, proven=proven, meaning=ELIGIBLE)
    if done.refused:
        raise NotReady
