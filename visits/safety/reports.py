"""Reports of a serious adverse event in versions: initial, follow-up, final; and the sponsor's onward one.

Making one is a named act on the event as it was shown. The initial report is the telling of the sponsor:
where the page has no time for that yet, the time of the act is entered with it, through the one write path.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from audit import clock
from audit.actors import Actor
from audit.context import Reason, acting
from protocol.safety import Clock, clocks_of
from protocol.words import Bilingual
from sites.access import require
from sites.gates import require_ready
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture.entry import Conflict, Locked, PageEntry
from visits.capture.save import store
from visits.checks.check import digest_of
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.models import Page
from visits.review import locking
from visits.safety.records import RECIPIENTS, SaeReport

Kind = SaeReport.Kind
REPORTED = "ae_report_dt"
TO_THE_SPONSOR = ("SPONSOR", "INSTITUTION", "ETHICS")

KINDS: dict[str, Bilingual] = {
    Kind.INITIAL: Bilingual("Initial report", "首次报告"),
    Kind.FOLLOW_UP: Bilingual("Follow-up report", "随访报告"),
    Kind.FINAL: Bilingual("Final report", "总结报告"),
    Kind.AUTHORITY: Bilingual("Report to the authority", "上报监管部门"),
}


class NotPossible(Exception):
    """This report cannot be made of this event now; the message says why, in both languages."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


NOT_SERIOUS = Bilingual(
    "Only a serious adverse event that stands is reported.", "仅对有效的严重不良事件进行报告。"
)
INITIAL_FIRST = Bilingual("The initial report comes first.", "须先完成首次报告。")
INITIAL_ONCE = Bilingual("The initial report has been made.", "首次报告已完成。")
NOTHING_NEW = Bilingual(
    "Nothing has changed since the last report: a follow-up would say the same.",
    "自上次报告以来无变化，无需随访报告。",
)
FINAL_UNFINISHED = Bilingual(
    "The final report needs every required item of the page answered.", "总结报告要求本页必填项均已填写。"
)
FINAL_MADE = Bilingual("The final report has been made.", "总结报告已完成。")
AUTHORITY_ONCE = Bilingual("The authority has been told already.", "已上报监管部门。")


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where the reporting of one event stands."""

    page: PageRecord
    reports: tuple[SaeReport, ...]
    clocks: tuple[Clock, ...]

    @property
    def last(self) -> SaeReport | None:
        """The site's last report."""
        return next((one for one in reversed(self.reports) if one.is_of_site), None)

    @property
    def changed(self) -> tuple[str, ...]:
        """The items that say something else than the site's last report; none before the first."""
        return changed_items(self.last, self.page) if self.last else ()

    @property
    def is_closed(self) -> bool:
        """Whether the final report stands and still says what the page says."""
        return self.last is not None and self.last.kind == Kind.FINAL and not self.changed

    @property
    def possible(self) -> tuple[str, ...]:
        """The reports that the site can make next; the first is the one that is asked for."""
        if self.last is None:
            return (Kind.INITIAL,)
        if self.is_closed:
            return ()
        if self.changed and self.last.kind != Kind.FINAL:
            return (Kind.FOLLOW_UP, Kind.FINAL)
        return (Kind.FINAL,)

    @property
    def awaits_authority(self) -> bool:
        """Whether the sponsor has still to tell the authority, or may have to."""
        return any(one.is_open for one in self.clocks[1:])


def title_of(report: SaeReport, reports: Sequence[SaeReport]) -> Bilingual:
    """Return what a version is called; follow-ups are counted."""
    words = KINDS[report.kind]
    if report.kind != Kind.FOLLOW_UP:
        return words
    number = sum(one.kind == Kind.FOLLOW_UP and one.number <= report.number for one in reports)
    return Bilingual(f"{words.en} {number}", f"{words.zh}{number}")


def answers_of(page: PageRecord) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a page's values in their jsonb form, and its reasons for missing ones."""
    items = FORMS[page.form].items()
    values = {name: items[name].to_json(value) for name, value in page.values.items() if name in items}
    return values, dict(page.missing)


def changed_items(report: SaeReport, page: PageRecord) -> tuple[str, ...]:
    """Return the items whose answer differs from the one reported, in the order of the form."""
    values, missing = answers_of(page)
    return tuple(
        name
        for name in FORMS[page.form].questions()
        if values.get(name) != report.values.get(name) or missing.get(name) != report.missing.get(name)
    )


def authority_told(reports: Collection[SaeReport]) -> datetime | None:
    """Return when the sponsor told the authority of an event."""
    return min((one.at for one in reports if one.kind == Kind.AUTHORITY), default=None)


def reporting_of(page: PageRecord, reports: Sequence[SaeReport], *, now: datetime) -> Reporting:
    """Return where the reporting of one event stands at a moment."""
    clocks = clocks_of(page.values, now=now, authority_told=authority_told(reports))
    return Reporting(page, tuple(reports), clocks)


def report_sae(*, page: Page, kind: str, by: Actor, revision: int | None = None) -> SaeReport:
    """Make the next version of the report of a serious event, as its page stands; returns it.

    `revision`: the one that the person had before them. Site roles report to sponsor, institution and ethics
    committee; a data manager records that the sponsor told the authority. Raises PermissionDenied,
    NotPossible, Conflict where the page has moved, Locked.
    """
    require_ready(by, Action.SAE_FORWARD if kind == Kind.AUTHORITY else Action.SAE_REPORT, page.site_id)
    with acting(by=by):
        subject = (
            Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=page.subject_id)
        )
        return make_report(subject, dossiers.load(subject), page.pk, kind=kind, by=by, revision=revision)


def make_report(
    subject: Subject,
    dossier: Dossier,
    page_id: uuid.UUID,
    *,
    kind: str,
    by: Actor,
    revision: int | None = None,
    recompute: bool = True,
) -> SaeReport:
    """Make a version for a subject whose row the caller has locked, inside the caller's acting()."""
    require(by, Action.SAE_FORWARD if kind == Kind.AUTHORITY else Action.SAE_REPORT, subject.site_id)
    made = list(SaeReport.objects.filter(page_id=page_id))
    record = dossier.page(page_id)
    if record is None or not is_reportable(record):
        raise NotPossible(NOT_SERIOUS)
    if revision is not None and record.revision != revision:
        raise Conflict(0, record)
    _possible(reporting_of(record, made, now=clock.now()), kind)
    if kind == Kind.INITIAL and record.values.get(REPORTED) is None:
        record = _tell_now(subject, dossier, record, by=by, recompute=recompute)
    return _keep(subject, record, kind=kind, number=len(made) + 1, by=by)


def is_reportable(page: PageRecord) -> bool:
    """Say whether a page is a serious adverse event that stands."""
    return page.form == "AE" and not page.removed and page.values.get("ae_serious") == "Y"


def _possible(standing: Reporting, kind: str) -> None:
    """Raise NotPossible where this version cannot come next."""
    kinds = {one.kind for one in standing.reports}
    if kind not in KINDS:
        raise ValueError(f"there is no report {kind!r}")
    if kind == Kind.AUTHORITY:
        if Kind.AUTHORITY in kinds:
            raise NotPossible(AUTHORITY_ONCE)
        return
    if kind == Kind.INITIAL:
        if Kind.INITIAL in kinds:
            raise NotPossible(INITIAL_ONCE)
        return
    if Kind.INITIAL not in kinds:
        raise NotPossible(INITIAL_FIRST)
    if standing.is_closed:
        raise NotPossible(FINAL_MADE)
    if kind == Kind.FOLLOW_UP and not standing.changed:
        raise NotPossible(NOTHING_NEW)
    if kind == Kind.FINAL and standing.page.unanswered:
        raise NotPossible(FINAL_UNFINISHED)


def _tell_now(
    subject: Subject, dossier: Dossier, record: PageRecord, *, by: Actor, recompute: bool
) -> PageRecord:
    """Enter the time of this report as the one at which the sponsor was told."""
    reason = Reason("NEW_INFORMATION") if record.missing.get(REPORTED) else None
    entry = PageEntry(
        subject_id=subject.pk,
        form="AE",
        page_id=record.id,
        revision=record.revision,
        values={REPORTED: clock.now().replace(second=0, microsecond=0)},
    )
    with acting(by=by, reason=reason):
        return store(subject, [entry], by=by, reason=reason, dossier=dossier, recompute=recompute).pages[0]


def _keep(subject: Subject, record: PageRecord, *, kind: str, number: int, by: Actor) -> SaeReport:
    values, missing = answers_of(record)
    try:
        return SaeReport.objects.create(
            site_id=subject.site_id,
            subject=subject,
            page_id=record.id,
            number=number,
            kind=kind,
            revision=record.revision,
            form_version=record.form_version,
            values=values,
            missing=missing,
            digest=digest_of({"values": values, "missing": missing}),
            sent_to=["AUTHORITY"] if kind == Kind.AUTHORITY else list(TO_THE_SPONSOR),
            by_id=by.user_id or "",
            by_name=by.name,
            by_role=by.role,
            at=clock.now(),
        )
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise Locked(subject.usubjid) from error
        raise


def recipients(report: SaeReport) -> Bilingual:
    """Return to whom a report was made, in words."""
    named = [RECIPIENTS[one] for one in report.sent_to]
    return Bilingual(", ".join(one.en for one in named), "、".join(one.zh for one in named))
