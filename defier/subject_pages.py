"""The table of a subject's pages, visit by visit, newest first: what is entered, asked, verified, signed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from defier.subject_visits import Asked, VisitState, forms_of
from protocol.schedule import LOGS, SCHEDULED_FU, InWindow, in_window
from sites.reader import said
from visits.capture import edition
from visits.crfs import FORMS
from visits.dossier import LOG, Dossier, PageRecord
from visits.review.signing.ready import SIGNABLE
from visits.review.signing.standing import BROKEN, UNSIGNED, Standing

NAMED = ("PS", "LES", "DCB", "DES", "BMS")
OF_LESION = {"DUS": "dus_lesion", "PRL": "prl_lesion"}


@dataclass(slots=True)
class PageLine:
    """One form of a visit: a row of the table. `glyph` and `words` say how far its entry is."""

    title: str
    names: str
    url: str
    glyph: str
    words: str
    opened: int = 0
    answered: int = 0
    entered: bool = False
    verified: int = 0
    stale: int = 0
    signature: str = ""
    signed: str = ""


@dataclass(slots=True)
class VisitBlock:
    """A visit with its lines; `extra` are forms that may be added where they are needed."""

    state: VisitState
    day: str | None
    within: InWindow
    missed_url: str = ""
    lines: list[PageLine] = field(default_factory=list)
    extra: list[tuple[str, str]] = field(default_factory=list)

    @property
    def span(self) -> int:
        """How many rows of the table it takes."""
        return max(len(self.lines), 1)


@dataclass(slots=True)
class LogLine:
    """One log: how many records stand in it, and its open queries."""

    title: str
    url: str
    count: int
    opened: int
    unanswered: int


def visit_blocks(
    dossier: Dossier,
    states: Sequence[VisitState],
    *,
    asked: dict[uuid.UUID, Asked],
    locked: Collection[uuid.UUID],
    standing: Mapping[uuid.UUID, Standing],
    allowed: Collection[str],
    may_enter: bool,
) -> list[VisitBlock]:
    """Return the visits that took place or are owed now, the newest first."""
    blocks = []
    for state in states:
        if not state.entered and not state.waiting:
            continue
        start, on = dossier.proc_date, state.taken_on
        block = VisitBlock(
            state,
            f"{(on - start).days}".replace("-", "−") if on and start else None,
            in_window(state.code, start, on, edition.version_for(dossier, state.key)),
        )
        if may_enter and state.code in SCHEDULED_FU and (state.waiting or state.facts.missed):
            block.missed_url = reverse("visit-missed", args=[dossier.subject.pk, state.key])
        for form in forms_of(state, dossier, allowed):
            pages = [page for page in dossier.at(state.key, form) if not page.removed]
            if pages or state.owed.get(form) == "R":
                line = _line(dossier, state, form, pages, asked, locked)
                line.signature, line.signed = _signature(form, pages, standing)
                block.lines.append(line)
            elif may_enter:
                block.extra.append((_title(form), _url(dossier, state.key, form)))
        blocks.append(block)
    return [block for block in reversed(blocks) if block.lines or block.extra]


def logs(dossier: Dossier, *, asked: dict[uuid.UUID, Asked], allowed: Collection[str]) -> list[LogLine]:
    """Return the logs of a subject with the number of their records."""
    found = []
    for form in (form for form in LOGS if form in allowed):
        pages = dossier.of(form)
        found.append(
            LogLine(
                title=_title(form),
                url=_url(dossier, LOG, form),
                count=len(pages),
                opened=sum(asked.get(page.id, Asked()).opened for page in pages),
                unanswered=sum(page.incomplete for page in pages),
            )
        )
    return found


def _line(
    dossier: Dossier,
    state: VisitState,
    form: str,
    pages: list[PageRecord],
    asked: dict[uuid.UUID, Asked],
    locked: Collection[uuid.UUID],
) -> PageLine:
    glyph, words = _entry(state, form, pages, locked)
    counts = [asked.get(page.id, Asked()) for page in pages]
    return PageLine(
        title=_title(form),
        names=_names(form, pages),
        url=_url(dossier, state.key, form),
        glyph=glyph,
        words=words,
        opened=sum(count.opened for count in counts),
        answered=sum(count.answered for count in counts),
        entered=bool(pages),
        verified=sum(not mark.stale for page in pages for mark in page.verified.values()),
        stale=sum(mark.stale for page in pages for mark in page.verified.values()),
    )


def _signature(form: str, pages: list[PageRecord], standing: Mapping[uuid.UUID, Standing]) -> tuple[str, str]:
    """Return the sign of the signatures of a form's pages, and their words; none where nobody signs it."""
    if not pages or form not in SIGNABLE:
        return "", ""
    stand = [standing.get(page.id, UNSIGNED) for page in pages]
    if any(one.state == BROKEN for one in stand):
        return "broken", _("broken")
    if all(one.signed and not one.addendum for one in stand):
        return "signed", _("signed")
    return "", _("unsigned") if not any(one.signed for one in stand) else _("partly signed")


def _names(form: str, pages: list[PageRecord]) -> str:
    """Name the lesions or devices that a form's pages are of; other rows have no name of their own."""
    if form in NAMED:
        names = [page.identity for page in pages]
    else:
        item = OF_LESION.get(form)
        names = list(dict.fromkeys(str(page.get(item)) for page in pages if item and page.get(item)))
    return ", ".join(names)


def _entry(
    state: VisitState, form: str, pages: list[PageRecord], locked: Collection[uuid.UUID]
) -> tuple[str, str]:
    """Return the sign of a form's entry and its words (ux.md, Glyphs)."""
    if not pages and state.entered and form not in state.lacking:
        return "not-expected", _("Not made at this visit")
    if not pages:
        sign = state.mark.sign if state.waiting else "due"
        return sign, {"overdue": _("Overdue"), "closing": _("Closing")}.get(sign, _("Due"))
    lacking = sum(page.lacking for page in pages if not page.not_done)
    if lacking:
        return "incomplete", ngettext(
            "%(n)d item without a value", "%(n)d items without a value", lacking
        ) % {"n": lacking}
    if all(page.id in locked for page in pages):
        return "locked", _("Locked")
    if all(page.not_done for page in pages):
        return "missed", _("Not done: %(why)s") % {"why": pages[0].not_done_reason}
    if any(page.get("contact_mode") == "MISS" for page in pages):
        return "missed", _("Missed")
    return "complete", _("Complete")


def _title(form: str) -> str:
    return said(FORMS[form].title)


def _url(dossier: Dossier, visit: str, form: str) -> str:
    return reverse("page", args=[dossier.subject.pk, visit, form])
