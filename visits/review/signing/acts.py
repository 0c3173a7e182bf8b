"""Signing and withdrawing: one row per page, all of one moment, by somebody who has just proved who they are.

Only an investigator of the site with today's delegation for signing, training and a checked identity signs
(SIG-04), after accepting once that the signature equals the one by hand (SIG-10).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import acting, take_chains
from sites.gates import require_ready
from sites.models import User
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture.entry import Locked
from visits.dossier import PageRecord
from visits.models import Page
from visits.review import locking
from visits.review.signing.content import content_of, wording_of
from visits.review.signing.meanings import DECLARATION_VERSION, REVIEWED, WITHDRAWN, digest_of_declaration
from visits.review.signing.ready import Candidate, candidates
from visits.review.signing.records import Declaration, Signature
from visits.review.signing.standing import VALID

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Proven:
    """Who has just proved to be themselves, and how (PASSWORD, PASSWORD+CODE), by sites.proof."""

    user_id: str
    method: str = "PASSWORD"


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of signing: the rows that were made, and the pages that were refused, with the reasons."""

    made: list[Signature]
    refused: list[Candidate]


class Moved(Exception):
    """Pages say something else than what the signer saw: nothing was signed (SIG-06)."""

    def __init__(self, pages: Sequence[PageRecord]) -> None:
        super().__init__(", ".join(page.title.en for page in pages))
        self.pages = list(pages)


class NothingToWithdraw(Exception):
    """No valid signature stands under the page."""


def declared(user_id: str | None) -> bool:
    """Say whether a person has accepted the declaration that is in force."""
    return (
        bool(user_id)
        and Declaration.objects.filter(user_id=user_id or "", version=DECLARATION_VERSION).exists()
    )


def declare(*, by: Actor, proven: Proven) -> Declaration:
    """Record that a person accepts that their electronic signature equals the one by hand (SIG-10)."""
    require_ready(by, Action.SIGN, by.site)
    same_person(by, proven)
    with acting(by=by):
        User.objects.select_for_update().get(pk=proven.user_id)
        made, _new = Declaration.objects.get_or_create(
            user_id=proven.user_id,
            version=DECLARATION_VERSION,
            defaults={"wording": digest_of_declaration(), "method": proven.method, "at": clock.now()},
        )
    return made


def sign(
    *,
    seen: Mapping[uuid.UUID, str],
    by: Actor,
    proven: Proven,
    level: str = Signature.Level.PAGE,
    meaning: str = REVIEWED,
) -> Signed:
    """Sign these pages as they were seen: `seen` is each page's content on the signer's screen.

    Pages with open problems are refused by name, the others get one signature each. Raises PermissionDenied,
    Moved when a page is not what was seen, Locked.
    """
    same_person(by, proven)
    places = list(Page.objects.filter(pk__in=list(seen)).values_list("pk", "subject_id", "site_id"))
    if len(places) != len(seen):
        raise PermissionDenied
    for site in {str(site) for _page, _subject, site in places} or {by.site or ""}:
        require_ready(by, Action.SIGN, site)
    if not declared(by.user_id):
        raise PermissionDenied(
            _("Accept the declaration on electronic signatures first. Nothing was signed.")
        )
    subjects = sorted({subject for _page, subject, _site in places}, key=str)
    try:
        with acting(by=by):
            return _sign(subjects, seen, by=by, proven=proven, level=level, meaning=meaning)
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise Locked from error
        raise


def _sign(
    subjects: Sequence[uuid.UUID],
    seen: Mapping[uuid.UUID, str],
    *,
    by: Actor,
    proven: Proven,
    level: str,
    meaning: str,
) -> Signed:
    """Sign while the subjects are held, so that no save and no other signature comes between."""
    held = Subject.objects.select_for_update(of=("self",)).select_related("site").order_by("pk")
    found = [
        one
        for subject in held.filter(pk__in=subjects)
        for one in candidates(dossiers.load(subject), by=by, pages=seen.keys())
    ]
    moved = [one.page for one in found if one.content != seen[one.page.id]]
    if moved or len(found) != len(seen):
        raise Moved(moved)
    take_chains(subjects=subjects)
    batch, at = uuid.uuid4(), clock.now()
    made = [
        _row(one, by=by, proven=proven, batch=batch, at=at, level=level, meaning=meaning)
        for one in found
        if one.ready
    ]
    Signature.objects.bulk_create(made)
    return Signed(made, [one for one in found if not one.ready])


def withdraw(*, page: Page, reason: str, by: Actor, proven: Proven) -> Signature:
    """Withdraw the signature that stands under a page: a signed act of its own (SIG-08).

    Raises PermissionDenied, ValueError without a reason, NothingToWithdraw, Locked.
    """
    same_person(by, proven)
    require_ready(by, Action.SIGN, page.site_id)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise ValueError("a withdrawal needs a reason")
    try:
        with acting(by=by):
            subject = Subject.objects.select_for_update(of=("self",)).get(pk=page.subject_id)
            [one] = candidates(dossiers.load(subject), by=by, pages=[page.pk])
            if one.standing.state != VALID:
                raise NothingToWithdraw
            row = _row(
                one,
                by=by,
                proven=proven,
                batch=uuid.uuid4(),
                at=clock.now(),
                level=Signature.Level.PAGE,
                meaning=WITHDRAWN,
            )
            row.act, row.reason = Signature.Act.WITHDRAW, reason.strip()
            row.save(force_insert=True)
            return row
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise Locked from error
        raise


def _row(
    one: Candidate, *, by: Actor, proven: Proven, batch: uuid.UUID, at: datetime, level: str, meaning: str
) -> Signature:
    page = one.page
    return Signature(
        site_id=one.subject.site_id,
        subject=one.subject,
        page_id=page.id,
        ordinal=len(one.standing.acts) + 1,
        act=Signature.Act.SIGN,
        level=level,
        batch=batch,
        meaning=meaning,
        content=content_of(page),
        digest=page.digest,
        wording=wording_of(page.form, page.form_version),
        visit_id=page.visit_id,
        form_version=page.form_version,
        revision=page.revision,
        not_done=page.not_done,
        not_done_reason=page.not_done_reason,
        method=proven.method,
        by_id=by.user_id or "",
        by_name=by.name,
        by_role=by.role,
        at=at,
    )


def same_person(by: Actor, proven: Proven | None) -> None:
    """Refuse without a proof, and the proof of somebody else (SIG-03)."""
    if not by.user_id or proven is None or proven.user_id != by.user_id:
        raise PermissionDenied(_("Prove with your own password who you are. Nothing was signed."))
