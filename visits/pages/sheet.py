"""What one page shows: its rows, what stands beside them, its place among the other pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from protocol.codelists import IENA, MISSR
from protocol.schedule import VISIT, window_dates
from protocol.version import FIRST, place
from protocol.words import Bilingual
from sites import reader
from visits.capture import asking
from visits.capture.forms import Choice, PageForm, Typed, shown_text
from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord
from visits.items import (
    CodeItem,
    Derived,
    Item,
    MultiCodeItem,
    PartialDateItem,
    Range,
    RefItem,
)
from visits.models import Query
from visits.pages import choices as offered
from visits.pages import log, marks
from visits.pages.row import Answer, Row, answers_of, control_of, follow_ups, may_be_negative
from visits.review.guard import Guard
from visits.review.sdv.plan import InForce
from visits.review.signing.standing import Standing

WIDEST_GRID = 10
UNDETERMINED = Bilingual("Undetermined", "无法判定")
ONLY_ROW, NEW_ROW = "p", "new"
MISSING_KEYS = {"ND": "D", "UNK": "U", "NA": "A", "REF": "R"}
ORDER = list(VISIT)


@dataclass(slots=True)
class Sheet:
    """Everything that a page shows of one form at one visit."""

    dossier: Dossier
    crf: type[Crf]
    visit: str | None
    records: list[PageRecord]
    forms: list[PageForm]
    editable: bool
    today: date
    queries: list[Query] = field(default_factory=list)
    verdicts: Mapping[str, Any] = field(default_factory=dict)
    theirs: PageRecord | None = None
    locked: bool = False
    frozen: bool = False
    standing: Guard = field(default_factory=Guard)
    opened: str = ""
    plan: InForce | None = None
    """What has to be verified; None for who sees no marks."""
    may_verify: bool = False
    signed: Mapping[uuid.UUID, Standing] = field(default_factory=dict)
    """What stands under the subject's pages."""
    _choices: Mapping[str, tuple[Choice, ...]] | None = None

    @property
    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        """What the items of the form may point at; read once, when the page is drawn."""
        if self._choices is None:
            self._choices = offered.choices_for(self.crf, self.dossier)
        return self._choices

    @property
    def visit_code(self) -> str | None:
        """The schedule's code of the visit: UNS2 is UNS."""
        if self.visit is None:
            return None
        return "UNS" if self.visit.startswith("UNS") else self.visit

    @property
    def visit_label(self) -> Bilingual:
        """The visit's name in words."""
        if self.visit_code is None:
            return Bilingual("Log", "事件记录")
        return VISIT[self.visit_code].label

    @property
    def window(self) -> tuple[date, date] | None:
        """The visit's window, where the index procedure is known and the visit has one."""
        code, proc = self.visit_code, self.dossier.proc_date
        if code is None or proc is None or VISIT[code].lo is None or VISIT[code].hi is None:
            return None
        return window_dates(code, proc, self.forms[0].version if self.forms else FIRST)

    @property
    def marked_not_done(self) -> PageRecord | None:
        """The page that says that this form was not done."""
        return next((record for record in self.records if record.not_done and not record.removed), None)

    @property
    def has_answers(self) -> bool:
        """Whether anything was entered on this form already."""
        return any(not record.removed for record in self.records)

    @property
    def is_grid(self) -> bool:
        """Whether the records stand in one grid, a row each; long ones stand below each other."""
        return self.crf.repeating and len(self.crf.items()) <= WIDEST_GRID

    @property
    def drawn(self) -> list[PageForm]:
        """The records whose items are drawn: all, or of a long repeating form those that stand open."""
        return log.drawn(self.forms, self.opened) if self.is_log else self.forms

    @property
    def is_log(self) -> bool:
        """Whether the records stand in a table, and below it what is open of them."""
        return self.crf.repeating and not self.is_grid

    def lines(self) -> list[log.Line]:
        """Return the records of a long repeating form, removed ones too, for its table."""
        shown = {form.record.id for form in self.drawn if form.record}
        asked = {query.page_id for query in self.queries if query.state == Query.State.OPEN}
        telling = log.columns(self.crf)
        return [
            log.Line(
                record=record,
                cells=tuple(self.read(item, record.values.get(item.name)) for item in telling),
                asked=record.id in asked,
                open=record.id in shown,
            )
            for record in self.records
        ]

    def removed(self) -> list[PageRecord]:
        """Return the records that were removed and are not among the forms."""
        shown = {form.record.id for form in self.forms if form.record}
        return [record for record in self.records if record.removed and record.id not in shown]

    def grid(self) -> list[tuple[PageForm, list[Row]]]:
        """Return the records of a grid with the cells of each."""
        return [(form, self.rows(form, [item.name for item in self.columns()])) for form in self.forms]

    def columns(self) -> list[Item]:
        """Return the items that head a grid's columns: all that any row asks, worded as by the newest."""
        shown: dict[str, Item] = {}
        for form in sorted(self.forms, key=lambda form: place(form.version)):
            shown.update(form.items)
        return [shown[name] for section in self.crf.layout for name in section.items if name in shown]

    @property
    def previous_visit(self) -> str:
        """The visit whose values stand beside, if there is one."""
        earlier = self.previous_record()
        return (earlier.visit or "") if earlier else ""

    def previous_record(self) -> PageRecord | None:
        """Return the same form at the last earlier visit, to be read beside the values."""
        if self.crf.repeating or self.visit_code is None:
            return None
        here = ORDER.index(self.visit_code)
        earlier = [
            page
            for page in self.dossier.of(self.crf.form)
            if page.visit_code and ORDER.index(page.visit_code) < here
        ]
        return max(earlier, key=lambda page: ORDER.index(page.visit_code or ""), default=None)

    def rows(self, form: PageForm, names: Sequence[str]) -> list[Row]:
        """Return rows of a form: items and derived values."""
        known = self.known(form)
        shown = asking.asked(self.crf, known)
        # What another page hides is kept, hence seen; the query on it says why (design §3.7).
        kept = asking.kept(self.dossier, form.record) if form.record else []
        earlier = self.previous_record()
        questions = {**self.crf.questions_at(form.version), **form.items}
        rows = [
            self._absent(form, name)
            if (asked := questions.get(name)) is None
            else self._derived(form, name, asked, known)
            if isinstance(asked, Derived)
            else self._item(form, name, asked, shown=name in shown or name in kept, earlier=earlier)
            for name in names
        ]
        for row in rows:
            if row.name in kept:
                row.show_if = None
            for query in row.queries:
                at = next((name for name in query.items if name in shown), query.items[0])
                if at == row.name:
                    row.threads.append(query)
                else:
                    row.elsewhere.append((query, form.add_prefix(at)))
        return rows

    def _absent(self, form: PageForm, name: str) -> Row:
        """Return the empty cell of an item that the version of this row does not ask."""
        label = self.crf.items()[name].label
        html = form.add_prefix(name)
        return Row(name, html, label, control="derived", asked=False, optional=False, editable=False)

    def _item(
        self, form: PageForm, name: str, asked: Item, *, shown: bool, earlier: PageRecord | None
    ) -> Row:
        record = form.record
        typed = form.typed(name)
        value = record.values.get(name) if record else None
        row = Row(
            name=name,
            html=form.add_prefix(name),
            label=asked.label,
            control=control_of(asked),
            asked=shown,
            optional=asked.required == "O",
            editable=self.editable and name not in form.closed,
            unit=asked.unit,
            usual=str(asked.soft) if isinstance(asked.soft, Range) else "",
            typed=typed,
            text=self.read(asked, value),
            previous=self.read(asked, earlier.values.get(name)) if earlier else "",
            errors=[str(error) for error in form.errors.get(name, ())] if form.is_bound else [],
            suggestion=form.suggestion(name) if form.is_bound else "",
            needed=asked.required not in ("O", "–") and not asked.required_if,
            signed=may_be_negative(asked),
            ahead=getattr(asked, "future_ok", False),
            keep_asked=form.is_bound and form.asks_to_keep(name),
            queries=self.queries_on(record, name),
            show_if=asking.for_browser(asked),
            nested=name in follow_ups(self.crf),
            longest=getattr(asked, "max_length", None) or 0,
            hint=self.beside(name),
            notes=[note for note in record.notes if note.item == name] if record else [],
            page_id=str(record.id) if record else "",
        )
        row.answers = self._answers(asked, typed)
        row.reasons = _reasons(typed.missing) if asked.accepts_missing else ()
        if isinstance(asked, PartialDateItem):
            parts = (typed.text.split("-") + ["", "", ""])[:3]
            row.parts = (parts[0], parts[1], parts[2])
            row.asks_day = asked.precision == "day"
        if self.theirs is not None and record is not None and self.theirs.id == record.id:
            row.stored_by_other = self._theirs(asked, name, typed)
        if self.plan is not None and record is not None:
            marks.put(row, record, plan=self.plan, dossier=self.dossier, may_verify=self.may_verify)
        return row

    def _theirs(self, item: Item, name: str, typed: Typed) -> str:
        """Return what stands now where it differs from what this person typed."""
        assert self.theirs is not None
        value = self.theirs.values.get(name)
        stands = ",".join(value) if isinstance(value, list) else shown_text(item, value)
        mine = ",".join(typed.codes) or typed.text
        return "" if stands == mine else self.read(item, value) or _("no value")

    def beside(self, name: str) -> Bilingual | None:
        """Return what the system derives for a criterion, to stand beside the investigator's answer."""
        verdict = self.verdicts.get(name)
        if verdict is None:
            return None
        answer = IENA.decode(verdict.answer) if verdict.answer in IENA else UNDETERMINED
        return Bilingual(f"{answer.en}. {verdict.because.en}", f"{answer.zh}。{verdict.because.zh}")

    def known(self, form: PageForm) -> dict[str, Any]:
        """Return what show-if rules may read for this row of the form."""
        record = form.record
        ordinal = (
            record.ordinal
            if record
            else 1
            + max((page.ordinal for page in self.dossier.pages if page.form == self.crf.form), default=0)
        )
        values = dict(record.values) if record else {}
        values.update(form.known())
        return asking.answers(self.dossier, self.visit_code, values, ordinal, version=form.version)

    def _derived(self, form: PageForm, name: str, derived: Derived, known: Mapping[str, Any]) -> Row:
        record = form.record
        if derived.identity:
            value: Any = record.identity if record else ""
        else:
            value = derived.value(known, self.dossier)
        text = self.read(derived, value)
        return Row(
            name=name,
            html=form.add_prefix(name),
            label=derived.label,
            control="derived",
            asked=bool(text),
            optional=False,
            editable=False,
            unit=derived.unit,
            text=text,
            queries=self.queries_on(record, name),
        )

    def read(self, asked: Item | Derived, value: Any) -> str:
        """Return a value in words for a reader, in the language of the page."""
        language = reader.language()
        if value is None or value == "":
            return ""
        if isinstance(asked, Derived):
            return asked.codelist.decode(value).in_(language) if asked.codelist else str(value)
        if isinstance(asked, RefItem):
            found = next((c for c in self.choices.get(asked.name, ()) if c.code == value), None)
            return found.label.in_(language) if found else str(value)
        return asked.show(value, language)

    def queries_on(self, record: PageRecord | None, name: str) -> list[Query]:
        """Return the queries that concern an item, closed and cancelled ones left out."""
        if record is None:
            return []
        return [
            query
            for query in self.queries
            if query.page_id == record.id and name in query.items and query.state in ("OPEN", "ANSWERED")
        ]

    def _answers(self, item: Item, typed: Typed) -> tuple[Answer, ...]:
        if isinstance(item, CodeItem | MultiCodeItem):
            return answers_of(item.codelist, (*typed.codes, typed.text))
        return tuple(
            Answer(choice.code, choice.label, str(number), choice.code == typed.text)
            for number, choice in enumerate(self.choices.get(item.name, ()), start=1)
        )


@lru_cache(maxsize=64)
def _reasons(chosen: str) -> tuple[Answer, ...]:
    """Return the missing reasons in the order of their keys, with the one that stands."""
    return tuple(Answer(code, MISSR.decode(code), MISSING_KEYS[code], code == chosen) for code in MISSR.codes)


def row_prefix(page_id: uuid.UUID) -> str:
    """Return the prefix of a stored row; it names the page."""
    return f"r{page_id.hex}"
