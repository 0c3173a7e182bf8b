"""A subject's whole dossier, read in one statement and shared by checks, endpoints, PDF and casebook."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connections

from protocol.words import Bilingual
from sites.versions import InForce
from subjects.models import Subject
from subjects.status import Facts, Status, status
from visits import statement
from visits.crfs import FORMS
from visits.models import visit_key

if TYPE_CHECKING:
    from visits.review.guard import Guard

LOG = "LOG"
PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A note beside an item ("": beside the whole page)."""

    item: str
    text: str
    by_name: str
    by_role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MarkRecord:
    """A verification that stands on an item; `value` as stored then (jsonb), `stale` where it differs now."""

    id: uuid.UUID
    item: str
    value: Any
    at: datetime
    by_name: str
    stale: bool


@dataclass(slots=True)
class PageRecord:
    """One page with its typed values; `visit` is None on a log.

    `digest` is that of the stored row when it was read ("" where none was): the database computes it anew at
    every write.
    """

    id: uuid.UUID
    form: str
    visit: str | None
    visit_code: str | None
    visit_id: uuid.UUID | None
    ordinal: int
    revision: int
    removed: bool
    not_done: bool
    not_done_reason: str
    form_version: str
    unanswered: int
    entered_at: datetime
    contradicted: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    notes: list[NoteRecord] = field(default_factory=list)
    digest: str = ""
    verified: dict[str, MarkRecord] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The name under which other pages point at this one: L1, DES1, REV2."""
        if self.form == "LES":
            return str(self.values.get("lesion_no") or "")
        return f"{self.form}{self.ordinal}"

    @property
    def incomplete(self) -> bool:
        """Whether something required is missing, or a hard check across pages holds (design §3.7)."""
        return not (self.removed or self.not_done) and bool(self.lacking)

    @property
    def lacking(self) -> int:
        """How many required items are missing, and hard checks across pages hold."""
        return self.unanswered + self.contradicted

    @property
    def title(self) -> Bilingual:
        """The form's title, with the identity where the form repeats."""
        crf = FORMS[self.form]
        if not crf.repeating:
            return crf.title
        name = self.identity
        return Bilingual(f"{crf.title.en} {name}", f"{crf.title.zh} {name}")

    def get(self, item: str) -> Any:
        """Return the stored value of an item, None where there is none."""
        return self.values.get(item)


@dataclass(frozen=True, slots=True)
class Asked:
    """An automatic query that stands, or that a person has settled, as a save needs to know it."""

    id: uuid.UUID
    page_id: uuid.UUID
    check_id: str
    about: str
    state: str
    close_reason: str
    digest: str


@dataclass(slots=True)
class Dossier:
    """All pages of one subject, in the order of the schedule.

    `asked`: its automatic queries but those that closed themselves; None where they were not read.
    `held`: what is locked, frozen or opened (visits.review.guard); None where there is no page.
    `sent`: the answer to the same form sent before.
    Who writes by them holds the subject, so that nothing comes between.
    """

    subject: Subject
    pages: list[PageRecord]
    asked: list[Asked] | None = None
    held: list[list[Any]] | None = None
    sent: dict[str, Any] | None = None
    guard: Guard | None = None
    in_force: tuple[InForce, ...] | None = None
    """The versions of the protocol at the site, once somebody has asked (visits.capture.edition)."""

    def standing(self) -> Iterator[PageRecord]:
        """Yield the pages that count: neither removed nor marked not done."""
        return (page for page in self.pages if not page.removed and not page.not_done)

    def of(self, form: str) -> list[PageRecord]:
        """Return the standing pages of a form."""
        return [page for page in self.standing() if page.form == form]

    def one(self, form: str) -> PageRecord | None:
        """Return the only standing page of a form that does not repeat."""
        return next((page for page in self.standing() if page.form == form), None)

    def at(self, visit: str | None, form: str) -> list[PageRecord]:
        """Return all pages of a form at a visit (None: the log), removed ones too."""
        return [page for page in self.pages if page.form == form and page.visit == visit]

    def page(self, page_id: uuid.UUID) -> PageRecord | None:
        """Return the page with this id."""
        return next((page for page in self.pages if page.id == page_id), None)

    def value(self, address: str) -> Any:
        """Return the value at `form.item` (pr.proc_date) of a form that does not repeat."""
        form, item = address.split(".", 1)
        page = self.one(form.upper())
        return page.get(item) if page else None

    @property
    def proc_date(self) -> date | None:
        """The index procedure date, day 0."""
        found: date | None = self.value("pr.proc_date")
        return found

    @property
    def target_limb(self) -> str | None:
        """The side of the target limb."""
        found: str | None = self.value("lh.target_limb")
        return found

    def target_lesions(self) -> list[PageRecord]:
        """Return the site's readings of the target lesions, L1 first."""
        found = [page for page in self.of("LES") if page.get("is_target") == "Y"]
        site = [page for page in found if page.get("les_reader") != "CORE"]
        return sorted(site, key=lambda page: page.identity)

    def facts(self) -> Facts:
        """Return the facts that the subject's status is computed from (protocol §2)."""
        return Facts(
            consent_obtained=self.value("ic.consent_obtained"),
            elig_outcome=self.value("ie.elig_outcome"),
            elig_confirmed=bool(self.value("ie.elig_confirmed_by")),
            study_dev_introduced=self.value("pr.study_dev_introduced"),
            disc_vital=self.value("disc.disc_vital"),
            attended_fu=any(page.get("contact_mode") not in (None, "MISS") for page in self.of("FU")),
            exit_reason=self.value("exit.exit_reason"),
            dth=self.one("DTH") is not None,
        )

    def status(self) -> Status:
        """Return the subject's status, computed."""
        return status(self.facts())

    def context(self) -> dict[str, Any]:
        """Return the values of other pages that show-if rules may read, under qualified names."""
        return {
            "target_limb": self.target_limb,
            "proc_date": self.proc_date,
            "bcs.tissue_loss": self.value("bcs.tissue_loss"),
        }


def load(
    subject: Subject, *, using: str = "default", asked: bool = False, key: uuid.UUID | None = None
) -> Dossier:
    """Read all pages of a subject, removed ones too, in one statement.

    For a save with what checks asked, and what was answered to the form's one-time key before (`sent`).
    """
    with connections[using].cursor() as cursor:
        rows = statement.run(cursor, asked=asked, subject=subject.pk, key=key)
    pages = [_record(row) for row in rows]
    order = {form: position for position, form in enumerate(FORMS)}
    pages.sort(key=lambda page: (order[page.form], page.ordinal))
    known = [_asked(one) for row in rows for one in json.loads(row[16] or "[]")] if asked else None
    held = json.loads(rows[0][18] or "[]") if rows else None
    sent = json.loads(rows[0][19]) if rows and rows[0][19] else None
    return Dossier(subject=subject, pages=pages, asked=known, held=held, sent=sent)


def _asked(row: list[str]) -> Asked:
    return Asked(uuid.UUID(row[0]), uuid.UUID(row[1]), *row[2:])


def _record(row: tuple[Any, ...]) -> PageRecord:
    page_id, form, code, visit_ordinal, visit_id, ordinal = row[:6]
    stored = json.loads(row[14], parse_float=Decimal) if row[14] else {}
    items = FORMS[form].items()
    raw: dict[str, str] = stored.get("raw") or {}
    besides = {name: stored[name] for name in FORMS[form].kept_besides if stored.get(name) is not None}
    return PageRecord(
        id=page_id,
        form=form,
        visit=visit_key(code, visit_ordinal) if code else None,
        visit_code=code,
        visit_id=visit_id,
        ordinal=ordinal,
        revision=row[6],
        removed=row[7],
        not_done=row[8],
        not_done_reason=row[9],
        form_version=row[10],
        unanswered=row[11],
        contradicted=row[12],
        entered_at=row[13],
        values={
            name: _as_typed(item.from_json(stored[name]), raw.get(name))
            for name, item in items.items()
            if stored.get(name) is not None
        }
        | besides,
        missing=stored.get("missing") or {},
        raw=raw,
        notes=[_note(one) for one in json.loads(row[15])] if row[15] else [],
        digest=stored.get("digest") or "",
        verified={one[1]: _mark(one) for one in json.loads(row[17], parse_float=Decimal)} if row[17] else {},
    )


def _mark(stored: list[Any]) -> MarkRecord:
    mark_id, item, value, at, by_name, stale = stored
    return MarkRecord(uuid.UUID(mark_id), item, value, datetime.fromisoformat(at), by_name, stale)


def _note(stored: dict[str, Any]) -> NoteRecord:
    at = datetime.fromisoformat(stored["at"])
    return NoteRecord(stored["item"], stored["text"], stored["by_name"], stored["by_role"], at)


def _as_typed(value: Any, raw: str | None) -> Any:
    """Return a decimal with the digits that were typed: the column pads 130 to 130.000."""
    if isinstance(value, Decimal) and raw is not None and PLAIN.fullmatch(raw) and Decimal(raw) == value:
        return Decimal(raw)
    return value
