"""Which pages may be signed now, and why the others may not (SIG-07)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from audit.actors import Actor
from protocol.words import Bilingual, T
from subjects.models import Subject
from visits.blinding import forms_open_to
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.models import Query
from visits.review import guard
from visits.review.guard import Act
from visits.review.signing.content import content_of
from visits.review.signing.standing import UNSIGNED, Standing, of_pages

SIGNABLE = frozenset(form for form, crf in FORMS.items() if not crf.blinded)
"""The forms that an investigator signs: adjudications are the committee's."""
REMOVED = T("removed", "已移除")
LOCKED = T("locked", "已锁定")
ALREADY = T("signed already, nothing has changed since", "已签名，此后无修改")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page beside the question whether it may be signed; `refusals` empty: it may."""

    subject: Subject
    page: PageRecord
    content: str
    standing: Standing
    refusals: tuple[Bilingual, ...]

    @property
    def ready(self) -> bool:
        """Whether it may be signed now."""
        return not self.refusals

    @property
    def open(self) -> bool:
        """Whether a signature is still wanted of it."""
        return not self.standing.signed or self.standing.addendum


def candidates(dossier: Dossier, *, by: Actor, pages: Collection[uuid.UUID] | None = None) -> list[Candidate]:
    """Return the pages of a subject (or these of them) that an investigator signs; three statements."""
    seen = forms_open_to(by) & SIGNABLE
    wanted = [
        page
        for page in dossier.pages
        if page.form in seen and (page.id in pages if pages is not None else not page.removed)
    ]
    standing, asked = of_pages(wanted), _asked(dossier)
    held = guard.over(dossier.subject.pk)
    return [
        Candidate(
            dossier.subject,
            page,
            content_of(page),
            standing.get(page.id, UNSIGNED),
            tuple(
                _refusals(
                    page,
                    standing.get(page.id, UNSIGNED),
                    asked.get(page.id, (0, 0)),
                    locked=not held.may(Act.SIGN, page=page.id, visit=page.visit_id),
                )
            ),
        )
        for page in wanted
    ]


def _asked(dossier: Dossier) -> dict[uuid.UUID, tuple[int, int]]:
    """Return how many queries are open and answered, by page."""
    counted = (
        Query.objects.filter(subject=dossier.subject, state__in=["OPEN", "ANSWERED"])
        .values_list("page_id")
        .annotate(
            opened=Count("id", filter=Q(state="OPEN")), answered=Count("id", filter=Q(state="ANSWERED"))
        )
    )
    return {page: (opened, answered) for page, opened, answered in counted}


def _refusals(
    page: PageRecord, standing: Standing, asked: tuple[int, int], *, locked: bool
) -> list[Bilingual]:
    found = []
    if page.removed:
        found.append(REMOVED)
    if page.incomplete and page.unanswered:
        n = page.unanswered
        found.append(T(f"required items missing: {n}", f"必填项缺失：{n}"))
    if page.incomplete and page.contradicted:
        n = page.contradicted
        found.append(T(f"checks across pages that fail: {n}", f"未通过的跨页核查：{n}"))
    opened, answered = asked
    if opened:
        found.append(T(f"open queries: {opened}", f"待答复质疑：{opened}"))
    if answered:
        found.append(T(f"answered queries not closed: {answered}", f"已答复未关闭质疑：{answered}"))
    if locked:
        found.append(LOCKED)
    if standing.signed and not standing.addendum:
        found.append(ALREADY)
    return found
