"""What a printed page says: every answer in words, in both languages, with what is missing and derived."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from audit.clock import ZONE
from protocol.codelists import MISSR
from protocol.schedule import VISIT
from protocol.words import Bilingual, T
from sites.models import DeviceProduct, User
from subjects.models import Subject
from visits.capture import asking
from visits.crfs import FORMS
from visits.dossier import Dossier, NoteRecord, PageRecord
from visits.items import Derived, Item, RefItem
from visits.review.signing.standing import UNSIGNED, Standing, of_pages
from visits.uploads.records import Upload

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
VISITS = list(VISIT)
ORDER = list(FORMS)
LOG = T("Log", "事件记录")
NO_ANSWER = T("no answer", "未填")
NOT_DONE = T("Not done", "未做")
REMOVED = T("Removed: entered by mistake", "已移除:误录")
MISSING = T("Missing", "缺失")
NOTE = T("Note", "备注")
DERIVED = T("computed from other answers", "由其他项目计算得出")
HIDDEN = T("stands although another answer makes it unasked", "因其他答案无需填写,但已有数值")
TYPED = T("typed as", "录入原文")


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer; `kind` is value, derived, missing, blank (optional) or open."""

    label: Bilingual
    answer: Bilingual
    kind: str
    unit: str = ""
    notes: tuple[Bilingual, ...] = ()

    @property
    def text(self) -> str:
        """The answer with its unit, in English and then, where it differs, in Chinese."""
        english = f"{self.answer.en} {self.unit}".rstrip()
        return english if self.answer.zh == self.answer.en else f"{english} {self.answer.zh}"


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a page."""

    heading: Bilingual
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page in words: one form at one visit, or one row of a repeating form."""

    title: Bilingual
    record: PageRecord
    parts: tuple[Part, ...]
    remark: Bilingual | None
    standing: Standing = UNSIGNED

    @property
    def signature(self) -> Bilingual:
        """What stands under it: who, when, what it means, valid or broken (SIG-01, SIG-11)."""
        return signature_words(self.standing)

    @property
    def unanswered(self) -> int:
        """How many required items have neither value nor reason, and how many hard checks hold."""
        return self.record.lacking


@dataclass(slots=True)
class Sheet:
    """What begins a new sheet of paper: a form at a visit, with all its rows where it repeats."""

    form: str
    title: Bilingual
    visit: Bilingual
    pages: list[PrintedPage] = field(default_factory=list)
    repeating: bool = False
    opens_visit: bool = False

    @property
    def anchor(self) -> str:
        """The name of the place that the contents point at."""
        return f"s{self.pages[0].record.id.hex}"

    @property
    def rows(self) -> int:
        """How many rows stand on it; 0 where the form does not repeat."""
        return len(self.pages) if self.repeating else 0


def visit_label(page: PageRecord) -> Bilingual:
    """Return the name of a page's visit in words; the log for pages of the whole subject."""
    if page.visit_code is None or page.visit is None:
        return LOG
    known = VISIT[page.visit_code].label
    number = page.visit.removeprefix(page.visit_code)
    return Bilingual(f"{known.en} {number}".rstrip(), f"{known.zh} {number}".rstrip())


@dataclass
class Reader:
    """Puts the pages of one subject into words; what items point at is looked up once for all pages."""

    dossier: Dossier
    pages: list[PageRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pages = self.pages or self.dossier.pages

    def sheets(self) -> list[Sheet]:
        """Return all pages in words, by visit in the order of the schedule, logs last."""
        found: dict[tuple[str, str], Sheet] = {}
        for record in sorted(self.pages, key=_place):
            crf = FORMS[record.form]
            key = (record.visit or "", record.form)
            if key not in found:
                opens = not found or next(reversed(found))[0] != key[0]
                found[key] = Sheet(record.form, crf.title, visit_label(record), [], crf.repeating, opens)
            found[key].pages.append(self.page(record))
        return list(found.values())

    def page(self, record: PageRecord) -> PrintedPage:
        """Return one page in words."""
        crf = FORMS[record.form]
        parts: Iterable[Part] = ()
        if not record.not_done:
            known = asking.answers(
                self.dossier, record.visit_code, record.values, record.ordinal, version=record.form_version
            )
            asked = asking.asked(crf, known)
            derived = crf.complete(record.values, self.dossier)
            open_items = asking.unanswered(self.dossier, record, crf)
            parts = (
                Part(
                    section.heading,
                    tuple(
                        line
                        for name in section.items
                        if (line := self._line(record, name, asked, derived, open_items)) is not None
                    ),
                )
                for section in crf.layout
            )
        return PrintedPage(
            title=record.title,
            record=record,
            parts=tuple(part for part in parts if part.lines),
            remark=_remarks(record),
            standing=self._standing.get(record.id, UNSIGNED),
        )

    def _line(
        self,
        record: PageRecord,
        name: str,
        asked: Mapping[str, Item],
        derived: Mapping[str, Any],
        open_items: Collection[str],
    ) -> Line | None:
        """Return an item's line; None for what is neither asked nor answered."""
        crf = FORMS[record.form]
        question = crf.questions_at(record.form_version).get(name, crf.questions()[name])
        if isinstance(question, Derived):
            value = record.identity if question.identity else derived.get(name)
            if value is None or value == "":
                return None
            return Line(question.label, _derived(question, value), "derived", question.unit, (DERIVED,))
        value, reason = record.values.get(name), record.missing.get(name)
        notes = tuple(self._notes(record, name, hidden=name not in asked))
        if value is not None:
            return Line(question.label, self._words(question, value), "value", question.unit, notes)
        if reason:
            why = MISSR.decode(reason)
            said = Bilingual(f"{MISSING.en}: {why.en}", f"{MISSING.zh}:{why.zh}")
            return Line(question.label, said, "missing", "", notes)
        if name not in asked:
            return None
        return Line(question.label, NO_ANSWER, "open" if name in open_items else "blank")

    def _notes(self, record: PageRecord, name: str, *, hidden: bool) -> Iterator[Bilingual]:
        if hidden:
            yield HIDDEN
        typed = visible(str(record.raw.get(name) or ""))
        if typed:
            yield Bilingual(f"{TYPED.en} {typed}", f"{TYPED.zh} {typed}")
        yield from (_noted(note) for note in record.notes if note.item == name)

    def _words(self, item: Item, value: Any) -> Bilingual:
        if isinstance(item, RefItem):
            return self._pointed_at.get(str(value), _same(visible(str(value))))
        return Bilingual(visible(item.show(value, "en")), visible(item.show(value, "zh-hans")))

    @cached_property
    def _standing(self) -> dict[UUID, Standing]:
        """Return what stands under each of the pages."""
        return of_pages(self.pages)

    @cached_property
    def _pointed_at(self) -> dict[str, Bilingual]:
        """Return what references may name: pages by id and identity, products, people, subjects."""
        found: dict[str, Bilingual] = {}
        for page in self.dossier.pages:
            title = FORMS[page.form].title
            words = Bilingual(f"{page.identity} {title.en}", f"{page.identity} {title.zh}")
            found[str(page.id)] = words
            if page.form != "LES":
                found.setdefault(page.identity, words)
        wanted = self._wanted()
        for product in DeviceProduct.objects.filter(code__in=wanted.get("product", ())):
            found[product.code] = _same(visible(f"{product.brand}, {product.manufacturer}"))
        for user in User.objects.filter(pk__in=_uuids(wanted.get("person", ()))):
            found[str(user.pk)] = Bilingual(user.full_name, user.full_name_zh or user.full_name)
        for kept in Upload.objects.filter(sha256__in=wanted.get("file", ())).defer("content"):
            found[kept.sha256] = _same(visible(f"{kept.label} ({kept.kind}, SHA-256 {kept.sha256[:12]}…)"))
        for subject in Subject.objects.filter(pk__in=_uuids(wanted.get("subject", ()))):
            found[str(subject.pk)] = _same(subject.usubjid)
        return found

    def _wanted(self) -> dict[str, set[str]]:
        wanted: dict[str, set[str]] = {}
        for page in self.pages:
            for name, item in FORMS[page.form].items().items():
                if isinstance(item, RefItem) and page.values.get(name):
                    wanted.setdefault(item.target, set()).add(str(page.values[name]))
        return wanted


def signature_words(standing: Standing) -> Bilingual:
    """Return what stands under a page in words: its worth, who, when with both clocks, what it means."""
    act, worth = standing.last, standing.words
    if act is None:
        return worth
    said = f"{visible(act.signature.by_name)}, {act.moment}"
    return Bilingual(f"{worth.en}. {said}. {act.meaning.en}", f"{worth.zh}。{act.meaning.zh}")


def _noted(note: NoteRecord) -> Bilingual:
    """Return a note as it is printed: its words, who wrote them and on which day."""
    said = f"{visible(note.text)} ({note.by_name}, {note.at.astimezone(ZONE):%Y-%m-%d})"
    return Bilingual(f"{NOTE.en}: {said}", f"{NOTE.zh}:{said}")


def _remarks(record: PageRecord) -> Bilingual | None:
    """Return what is to be said of a page as a whole: that it was removed or not done, and its notes."""
    said = [REMOVED] if record.removed else []
    if record.not_done:
        why = visible(record.not_done_reason)
        said = [Bilingual(f"{NOT_DONE.en}: {why}", f"{NOT_DONE.zh}:{why}")]
    said += [_noted(note) for note in record.notes if not note.item]
    return Bilingual(" ".join(s.en for s in said), " ".join(s.zh for s in said)) if said else None


def _place(page: PageRecord) -> tuple[int, int, int, int]:
    """Where a page stands in the casebook: visit, number of the visit, form, row."""
    code, key = page.visit_code, page.visit or ""
    number = key.removeprefix(code or "")
    position = VISITS.index(code) if code else len(VISITS)
    return position, int(number) if number else 0, ORDER.index(page.form), page.ordinal


def visible(text: str) -> str:
    """Return a text in which characters that reorder, hide or break what is printed stand by their names."""
    return "".join(_named(char) if unicodedata.category(char) in INVISIBLE else char for char in text)


def _named(char: str) -> str:
    return char if char == "\n" else f"⟨U+{ord(char):04X}⟩"


def _derived(question: Derived, value: Any) -> Bilingual:
    if question.codelist is not None:
        return question.codelist.decode(value)
    return value if isinstance(value, Bilingual) else _same(str(value))


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
