"""The dictionary of the form files, made from the CRF classes, and the digest of all codelists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from outcomes.datasets.files import BuiltFile, csv_of_rows
from outcomes.datasets.forms import KEYS, MISSING
from protocol.codelists import CODELISTS, Codelist
from protocol.words import T
from visits.crfs import FORMS
from visits.items import DecItem, Derived, Item, MultiCodeItem, Range, RefItem, TextItem, Unusual

HEADER = (
    *("dataset", "form_title_en", "form_title_zh", "variable", "label_en", "label_zh", "type", "length"),
    *("decimals", "unit", "codelist", "decodes_en", "decodes_zh", "hard_limits", "soft_limits", "required"),
    *("required_if", "show_if", "target", "sdtm", "since", "until", "in_file"),
)
TITLE = T("Dictionary of the form files", "表单数据字典")
KEY_LABELS = {
    "usubjid": T("Subject", "受试者编号"),
    "site": T("Site", "研究中心"),
    "visit": T("Visit; empty on a log", "访视；日志为空"),
    "ordinal": T("Row number within the subject and form", "该受试者该表单内的行号"),
    "page": T("Page, as other rows point at it", "页面标识，供其他行引用"),
    "form_version": T("Protocol version of the form", "表单对应的方案版本"),
    "not_done": T("Y: the page was marked not done", "Y：该页标记为未做"),
    "not_done_reason": T("Why it was not done", "未做原因"),
}


def dictionary(stem: str) -> BuiltFile:
    """Return dictionary.csv: a row per variable of every form file, and per derived item outside of them."""
    return csv_of_rows(f"{stem}_dictionary.csv", TITLE, HEADER, _rows())


def codelists_sha256() -> str:
    """Return the digest of all codelists: names, codes and decodes in both languages, in their order."""
    stated = {
        name: [[term.code, term.label.en, term.label.zh] for term in codelist.terms]
        for name, codelist in sorted(CODELISTS.items())
    }
    return hashlib.sha256(json.dumps(stated, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _rows() -> Iterator[list[Any]]:
    for crf in FORMS.values():
        head = [crf.form.lower(), crf.title.en, crf.title.zh]
        for name, _expression in KEYS:
            label = KEY_LABELS[name]
            yield [*head, name, label.en, label.zh, "key", *[""] * 15, "Y"]
        for name, question in crf.questions().items():
            yield [*head, *_variable(name, question)]
            if isinstance(question, Item) and question.accepts_missing:
                english, chinese = f"{question.label.en}: why missing", f"{question.label.zh}：缺失原因"
                codes = _decodes(CODELISTS["MISSR"])
                row = [f"{name}{MISSING}", english, chinese, "code", 16, "", "", "MISSR", *codes]
                yield [*head, *row, *[""] * 6, "", question.since, question.until or "", "Y"]


def _variable(name: str, question: Item | Derived) -> list[Any]:
    stored = isinstance(question, Item)
    item = question if isinstance(question, Item) else None
    return [
        name,
        question.label.en,
        question.label.zh,
        question.kind,
        _length(question),
        question.places if isinstance(question, DecItem) else "",
        question.unit,
        question.codelist.name if question.codelist else "",
        *_decodes(question.codelist),
        str(item.hard) if item and item.hard else "",
        _soft(question.soft),
        question.required,
        item.required_if if item else "",
        question.show_if,
        question.target if isinstance(question, RefItem) else "",
        question.sdtm,
        question.since,
        (item.until or "") if item else "",
        "Y" if stored else "N",
    ]


def _length(question: Item | Derived) -> int | str:
    if isinstance(question, TextItem):
        return question.longest
    if isinstance(question, DecItem):
        return question.whole_digits + question.places
    if isinstance(question, MultiCodeItem):
        return ""
    return getattr(question, "max_length", None) or ""


def _decodes(codelist: Codelist | None) -> tuple[str, str]:
    if codelist is None:
        return "", ""
    english = "; ".join(f"{term.code}={term.label.en}" for term in codelist.terms)
    return english, "; ".join(f"{term.code}={term.label.zh}" for term in codelist.terms)


def _soft(soft: Range | Unusual | None) -> str:
    if soft is None:
        return ""
    return str(soft) if isinstance(soft, Range) else f"asked about: {', '.join(soft.codes)}"
