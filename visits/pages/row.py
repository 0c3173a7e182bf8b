"""One row of a page: an item with its control, its answers and keys, its marks (ux.md, Form patterns)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from protocol import expressions
from protocol.codelists import Codelist
from protocol.codelists.terms import Term
from protocol.words import Bilingual
from visits.capture.forms import Typed
from visits.crfs.base import Crf
from visits.dossier import NoteRecord
from visits.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    DecItem,
    IntItem,
    Item,
    MultiCodeItem,
    PartialDateItem,
    RefItem,
    TextItem,
)
from visits.models import Query

BUTTONS = 7  # up to so many answers stand as buttons, more as a list
LONG_TEXT = 200
FOLLOWING = 5  # an answer that more items wait for opens a part of the page, not a question below it
EMPTY = Typed("", (), "", "")


class Answer(NamedTuple):
    """One answer of a coded item as it stands on the page, with the key that chooses it."""

    code: str
    label: Bilingual
    key: str
    chosen: bool


@dataclass(slots=True)
class Row:
    """One item on the page: label, control, last visit's value, marks, thread."""

    name: str
    html: str
    label: Bilingual
    control: str
    asked: bool
    optional: bool
    editable: bool
    unit: str = ""
    usual: str = ""
    typed: Typed = EMPTY
    parts: tuple[str, str, str] = ("", "", "")
    asks_day: bool = True
    answers: tuple[Answer, ...] = ()
    reasons: tuple[Answer, ...] = ()
    text: str = ""
    note: str = ""
    previous: str = ""
    errors: list[str] = field(default_factory=list)
    suggestion: str = ""
    keep_asked: bool = False
    needed: bool = False
    signed: bool = False
    ahead: bool = False
    queries: list[Query] = field(default_factory=list)
    threads: list[Query] = field(default_factory=list)
    elsewhere: list[tuple[Query, str]] = field(default_factory=list)
    notes: list[NoteRecord] = field(default_factory=list)
    show_if: list[Any] | None = None
    nested: bool = False
    longest: int = 0
    hint: Bilingual | None = None
    stored_by_other: str = ""
    sdv: str = ""
    sdv_by: str = ""
    sdv_old: str = ""
    sdv_mark: str = ""
    page_id: str = ""

    @property
    def is_one_box(self) -> bool:
        """Whether a label can point at the one box of the item."""
        return self.editable and self.control in ("number", "date", "moment", "text", "long", "select")

    @property
    def troubled(self) -> bool:
        """Whether anything about what was typed has to be said below the control."""
        return bool(self.errors or self.stored_by_other or self.keep_asked)

    @property
    def missing_label(self) -> Bilingual | None:
        """The missing reason that stands, in words."""
        return next((reason.label for reason in self.reasons if reason.chosen), None)

    @property
    def state(self) -> str:
        """The class of the row: erred, warned or nothing."""
        if self.errors:
            return "erred"
        return "warned" if any(query.state == Query.State.OPEN for query in self.queries) else ""


def control_of(item: Item) -> str:
    """Return which control draws an item (ux.md, Form patterns)."""
    if isinstance(item, RefItem):
        return "select"
    if isinstance(item, MultiCodeItem):
        return "checks"
    if isinstance(item, CodeItem):
        if len(item.codelist.terms) > BUTTONS:
            return "select"
        return "steps" if is_scale(item.codelist) else "buttons"
    kinds: tuple[tuple[type[Item], str], ...] = (
        (PartialDateItem, "parts"),
        (DateTimeItem, "moment"),
        (DateItem, "date"),
        (IntItem, "number"),
        (DecItem, "number"),
    )
    for kind, control in kinds:
        if isinstance(item, kind):
            return control
    return "long" if isinstance(item, TextItem) and (item.max_length or 0) > LONG_TEXT else "text"


def is_scale(codelist: Codelist) -> bool:
    """Say whether a codelist is an ordered scale whose numbers are shown (Rutherford)."""
    return len(codelist.terms) == BUTTONS and all(term.code.isdigit() for term in codelist.terms)


@cache
def follow_ups(crf: type[Crf]) -> frozenset[str]:
    """Return the items that follow an answer of their form, as few others do: they stand indented under it.

    What most of a form depends on (the contact mode of a follow-up) is no parent of any one item.
    """
    items = crf.items()
    read = Counter(name for item in items.values() if item.show_if for name in conditions(item))
    return frozenset(
        name
        for name, item in items.items()
        if any(read[other] <= FOLLOWING and other in items for other in conditions(item))
    )


def conditions(item: Item) -> frozenset[str]:
    """Return what decides whether an item is asked."""
    return expressions.parse(item.show_if).reads if item.show_if else frozenset()


def may_be_negative(item: Item) -> bool:
    """Say whether a minus may begin an item's answer, so that it cannot stand for "no value"."""
    if not isinstance(item, IntItem | DecItem):
        return isinstance(item, TextItem)
    lowest = None if item.hard is None else item.hard.lo if item.hard.above is None else item.hard.above
    return lowest is None or lowest < 0


def keys_of(codelist: Codelist) -> dict[str, str]:
    """Return the key of each answer: Y, N, U for yes and no, the number of a scale, else 1 to 9."""
    codes = codelist.codes
    if set(codes) <= {"Y", "N", "U", "NA"}:
        return {code: "A" if code == "NA" else code for code in codes}
    if all(len(code) == 1 and code.isdigit() for code in codes):
        return {code: code for code in codes}
    return {code: str(number) if number < 10 else "" for number, code in enumerate(codes, start=1)}


_kept: dict[tuple[str, tuple[str, ...], frozenset[str]], tuple[tuple[Term, ...], tuple[Answer, ...]]] = {}


def answers_of(codelist: Codelist, given: Collection[str]) -> tuple[Answer, ...]:
    """Return the answers of a codelist with those that were given; they are made once for each choice."""
    chosen = frozenset(code for code in given if code in codelist)
    terms, answers = _kept.get((codelist.name, codelist.codes, chosen), ((), ()))
    if terms != codelist.terms:
        keys = keys_of(codelist)
        answers = tuple(
            Answer(term.code, stripped(term.label, term.code), keys[term.code], term.code in chosen)
            for term in codelist.terms
        )
        _kept[codelist.name, codelist.codes, chosen] = (codelist.terms, answers)
    return answers


def stripped(label: Bilingual, code: str) -> Bilingual:
    """Return a scale's label without the number that stands beside it as its key."""
    if not code.isdigit():
        return label
    english = label.en.removeprefix(f"{code} ")
    chinese = label.zh.removeprefix(f"{code}级").strip()
    return Bilingual(english, chinese) if english and chinese else label
