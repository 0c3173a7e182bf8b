"""What waits for a person: visits by urgency, queries by age, open items, results at risk, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.actors import Actor
from protocol.schedule import SCHEDULED_FU
from protocol.words import Bilingual
from sites.access import visible_sites
from sites.roles import Action
from subjects.models import Subject
from visits.blinding import forms_open_to
from visits.crfs import FORMS
from visits.crfs.cec import Adjudication
from visits.crfs.ie import Eligibility
from visits.dossier import LOG
from visits.models import Page, Query
from visits.overview.matrix import Cell, SubjectRow, waiting
from visits.review.queries import queries_visible

PRESSING = ("overdue", "closing", "due")
ADJUDICATED = ("REV", "AMP", "DTH")
BAR_WIDTH, BAR_LEFT, BAR_RIGHT = 120, 20, 100


@dataclass(frozen=True, slots=True)
class VisitDue:
    """One visit to enter: how pressing, how much time is left, where today lies in its window."""

    row: SubjectRow
    cell: Cell
    url: str
    left: int | None
    today_x: float
    missed_url: str = ""

    @property
    def colour(self) -> str:
        """The colour of the mark of today."""
        return {"overdue": "#a11d1d", "closing": "#b86a00"}.get(self.cell.mark.sign, "#1f4f8f")

    @property
    def tone(self) -> str:
        """The class of the words."""
        return {"overdue": "t-danger", "closing": "t-warn"}.get(self.cell.mark.sign, "")

    @property
    def words(self) -> str:
        """The time left, in words."""
        if self.left is None:
            return _("may be entered")
        return (
            _("%(n)d d late") % {"n": -self.left} if self.left < 0 else _("%(n)d d left") % {"n": self.left}
        )


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A page with items left open, or (without a number) a form that its visit still lacks."""

    usubjid: str
    url: str
    subject_url: str
    visit: str
    title: Bilingual
    unanswered: int | None


@dataclass(frozen=True, slots=True)
class ToAdjudicate:
    """An event without a final decision; its subject by number alone, no cohort."""

    usubjid: str
    url: str
    title: Bilingual
    entered: date


def visits_due(rows: Sequence[SubjectRow], today: date) -> list[VisitDue]:
    """Return the visits that are this reader's work, the most pressing first."""
    found = [_due(row, cell, today) for sign in PRESSING for row, cell in waiting(rows, sign)]
    order = {sign: number for number, sign in enumerate(PRESSING)}
    return sorted(found, key=lambda due: (order[due.cell.mark.sign], 9999 if due.left is None else due.left))


def _due(row: SubjectRow, cell: Cell, today: date) -> VisitDue:
    opens, closes = cell.facts.opens, cell.facts.closes
    url = reverse("page", args=[row.subject.pk, cell.visit, cell.form])
    if opens is None or closes is None:
        return VisitDue(row, cell, url, None, float(BAR_LEFT))
    length = max((closes - opens).days, 1)
    at = BAR_LEFT + (BAR_RIGHT - BAR_LEFT) * (today - opens).days / length
    late = cell.mark.sign == "overdue" and cell.column in SCHEDULED_FU
    missed = reverse("visit-missed", args=[row.subject.pk, cell.visit]) if late else ""
    at = round(min(max(at, 2.0), BAR_WIDTH - 2.0), 1)
    return VisitDue(row, cell, url, (closes - today).days, at, missed)


def queries_waiting(by: Actor, state: str) -> QuerySet[Query]:
    """Return the queries in a state, oldest first."""
    found = queries_visible(by=by).filter(state=state)
    return found.select_related("page__visit", "subject").order_by("opened_at", "id")


def unfinished(rows: Sequence[SubjectRow], by: Actor) -> list[Unfinished]:
    """Return pages with items open, those entered first at the head, then forms that begun visits lack."""
    found = Page.objects.filter(
        Q(unanswered__gt=0) | Q(contradicted__gt=0),
        removed=False,
        not_done=False,
        form__in=forms_open_to(by),
    ).select_related("visit", "subject")
    sites = visible_sites(by, Action.PAGE_READ)
    if sites is not None:
        found = found.filter(site_id__in=sites)
    listed = [
        _unfinished(page.subject, page.visit.key if page.visit else LOG, page.form, page.lacking)
        for page in found.order_by("entered_at", "id")
    ]
    for row in rows:
        for cell in row.cells:
            if cell.facts.unfinished:
                listed += [_unfinished(row.subject, cell.visit, form, None) for form in cell.lacking]
    return listed


def _unfinished(subject: Subject, visit: str, form: str, unanswered: int | None) -> Unfinished:
    return Unfinished(
        subject.usubjid,
        reverse("page", args=[subject.pk, visit, form]),
        reverse("subject", args=[subject.pk]),
        "" if visit == LOG else visit,
        FORMS[form].title,
        unanswered,
    )


def to_confirm(by: Actor) -> list[Unfinished]:
    """Return the eligibility pages with a conclusion that no investigator has confirmed yet."""
    pages = Eligibility.objects.filter(elig_outcome__isnull=False, elig_confirmed_by__isnull=True)
    sites = visible_sites(by, Action.ELIGIBILITY_CONFIRM)
    if sites is not None:
        pages = pages.filter(site_id__in=sites)
    found = Page.objects.filter(pk__in=pages.values("page_id"), removed=False).select_related(
        "visit", "subject"
    )
    return [
        _unfinished(page.subject, page.visit.key if page.visit else "SCR", "IE", page.lacking)
        for page in found.order_by("entered_at")
    ]


def to_adjudicate() -> list[ToAdjudicate]:
    """Return the revascularisations, amputations and deaths without a final decision, oldest first."""
    final = Adjudication.objects.filter(cec_status="FIN", page__removed=False)
    events = Page.objects.filter(form__in=ADJUDICATED, removed=False).select_related("subject")
    decided = set(final.values_list("cec_source", flat=True))
    return [
        ToAdjudicate(
            page.subject.usubjid,
            reverse("page", args=[page.subject_id, LOG, "CEC"]),
            _event_title(page),
            page.entered_at.date(),
        )
        for page in events.order_by("entered_at", "id")
        if str(page.pk) not in decided
    ]


def _event_title(page: Page) -> Bilingual:
    title = FORMS[page.form].title
    return (
        title if page.form == "DTH" else Bilingual(f"{title.en} {page.ordinal}", f"{title.zh} {page.ordinal}")
    )
