"""What an amendment changes on the forms, read off the forms themselves: items, terms, windows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from protocol import version as protocol
from protocol.codelists import CODELISTS, Term
from protocol.schedule import VISIT, VisitDefinition
from protocol.words import Bilingual
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.items import Item, Range, Unusual

SAID = ("label", "help", "unit", "required", "hard", "soft", "show_if", "required_if")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a version changes: on which form and item, or of which visit, and in words.

    `kind`: added, retired or amended (an item), term-added, term-retired, window.
    """

    kind: str
    said: Bilingual
    form: str = ""
    item: str = ""
    code: str = ""
    visit: str = ""

    @property
    def key(self) -> str:
        """The name of the change in reports."""
        return ":".join(part for part in (self.kind, self.form, self.item, self.code, self.visit) if part)


def before(version: str) -> str:
    """Return the version that came before; ValueError for one that is not known."""
    known = protocol.versions()
    return known[max(known.index(version) - 1, 0)]


@cache
def changes_of(version: str) -> tuple[Change, ...]:
    """Return all that a version changes, in the order of the forms; KeyError for an unknown version."""
    protocol.amendment(version)
    found = [change for crf in FORMS.values() for change in _of_form(crf, version)]
    return (*found, *(change for visit in VISIT.values() for change in _of_visit(visit, version)))


def definition_of(version: str) -> str:
    """Return the SHA-256 of all that a version changes: a report is about this definition and no other."""
    lines = []
    for change in changes_of(version):
        item = FORMS[change.form].items()[change.item].at(version) if change.item else None
        limits = [str(getattr(item, what)) for what in SAID] if item is not None else []
        lines.append(repr((change.key, change.said.en, change.said.zh, limits)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _of_form(crf: type[Crf], version: str) -> Iterator[Change]:
    earlier = crf.items_at(before(version))
    title = crf.title
    for name, item in crf.items().items():
        said = item.at(version).label
        if item.since == version:
            words = Bilingual(f"{title.en}: new item “{said.en}”", f"{title.zh}:新增项目“{said.zh}”")
            yield Change("added", words, crf.form, name)
        elif item.until == version:
            words = Bilingual(
                f"{title.en}: “{said.en}” is asked no longer", f"{title.zh}:不再采集“{said.zh}”"
            )
            yield Change("retired", words, crf.form, name)
        elif name in earlier:
            yield from _of_item(crf, name, earlier[name], item.at(version), version)


def _of_item(crf: type[Crf], name: str, old: Item, new: Item, version: str) -> Iterator[Change]:
    told = [_difference(what, old, new) for what in SAID]
    said = [words for words in told if words is not None]
    if said:
        english = f"{crf.title.en}, “{old.label.en}”: " + "; ".join(words.en for words in said)
        chinese = f"{crf.title.zh},“{old.label.zh}”:" + ";".join(words.zh for words in said)
        yield Change("amended", Bilingual(english, chinese), crf.form, name)
    if new.codelist is None:
        return
    for term in CODELISTS.get(new.codelist.name, new.codelist).terms:
        yield from _of_term(crf, name, old, term, version)


def _of_term(crf: type[Crf], name: str, item: Item, term: Term, version: str) -> Iterator[Change]:
    at = Bilingual(f"{crf.title.en}, “{item.label.en}”", f"{crf.title.zh},“{item.label.zh}”")
    if term.since == version:
        words = Bilingual(f"{at.en}: new answer “{term.label.en}”", f"{at.zh}:新增选项“{term.label.zh}”")
        yield Change("term-added", words, crf.form, name, term.code)
    elif term.until == version:
        words = Bilingual(
            f"{at.en}: answer “{term.label.en}” is offered no longer",
            f"{at.zh}:不再提供选项“{term.label.zh}”",
        )
        yield Change("term-retired", words, crf.form, name, term.code)


def _of_visit(visit: VisitDefinition, version: str) -> Iterator[Change]:
    old, new = visit.at(before(version)), visit.at(version)
    if (old.target_day, old.lo, old.hi) != (new.target_day, new.lo, new.hi):
        words = Bilingual(
            f"{visit.label.en}: window day {new.lo} to {new.hi} instead of {old.lo} to {old.hi}",
            f"{visit.label.zh}:时间窗由第{old.lo}至{old.hi}天改为第{new.lo}至{new.hi}天",
        )
        yield Change("window", words, visit=visit.code)


WORDS = {
    "label": Bilingual("worded", "文字"),
    "help": Bilingual("help", "说明"),
    "unit": Bilingual("unit", "单位"),
    "required": Bilingual("required", "必填"),
    "hard": Bilingual("limits", "硬性范围"),
    "soft": Bilingual("usual range", "常规范围"),
    "show_if": Bilingual("asked if", "显示条件"),
    "required_if": Bilingual("required if", "必填条件"),
}
NEED = {
    "R!": Bilingual("yes, without reasons", "是,不接受缺失原因"),
    "R": Bilingual("yes", "是"),
    "C!": Bilingual("where it applies, without reasons", "适用时,不接受缺失原因"),
    "C": Bilingual("where it applies", "适用时"),
    "O": Bilingual("no", "否"),
}
NONE = Bilingual("none", "无")


def _difference(what: str, old: Item, new: Item) -> Bilingual | None:
    """Say how one thing that is said of an item differs; of a condition only that it does."""
    if getattr(old, what) == getattr(new, what):
        return None
    name = WORDS[what]
    if what in ("show_if", "required_if"):
        return Bilingual(f"{name.en} something else", f"{name.zh}有变化")
    was, now = _words(old, what), _words(new, what)
    return Bilingual(f"{name.en} “{now.en}” instead of “{was.en}”", f"{name.zh}由“{was.zh}”改为“{now.zh}”")


def _words(item: Item, what: str) -> Bilingual:
    value: Any = getattr(item, what)
    if isinstance(value, Bilingual):
        return value
    if what == "required":
        return NEED.get(value, NONE)
    if isinstance(value, Unusual) and item.codelist is not None:
        said = [item.codelist.decode(code) for code in value.codes]
        return Bilingual(", ".join(one.en for one in said), "、".join(one.zh for one in said))
    text = str(value) if isinstance(value, Range) else value
    return Bilingual(text, text) if text else NONE
