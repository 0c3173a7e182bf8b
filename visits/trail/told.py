"""Entries of the trail in words: who, when, why, and each item as it was and as it became (AUD-13).

Labels and decodes are those of the form version that the page had when the entry was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.apps import apps

from audit.models import Entry
from audit.reasons import REASONS
from audit.trail import Change, ItemChange, change
from protocol.version import FIRST
from protocol.words import Bilingual, T
from visits.capture.forms import SITE_ZONE
from visits.crfs import FORMS
from visits.items import Derived, Item
from visits.items.units import shown_unit
from visits.trail import wording
from visits.trail.names import Names
from visits.trail.wording import BLANK, REDACTED, same

MARK = "[redacted]"
TYPED = {crf._meta.db_table: form for form, crf in FORMS.items()}
SIGNED = "visits_signature"
ACTS: dict[str, Bilingual] = {
    "I": T("entered", "录入"),
    "U": T("changed", "修改"),
    "D": T("deleted", "删除"),
    "E": T("event", "事件"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One item or column as it was and as it became, in words; `old` is None for a first entry."""

    name: str
    label: Bilingual
    old: Bilingual | None
    new: Bilingual


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the trail in words; `draft` marks what was typed and not submitted at that time.

    `batch` names the act of signing that the entry is part of; `parts` are the entries of one such act, where
    they are read as one line.
    """

    chain: str
    n: int
    at: datetime
    who: str
    role: Bilingual
    origin: Bilingual
    on_behalf_of: str
    reason: Bilingual | None
    reason_text: str
    act: Bilingual
    about: Bilingual
    page_id: str | None
    form: str | None
    told: tuple[Told, ...]
    simulated: bool = False
    draft: bool = False
    batch: str = ""
    parts: tuple[Line, ...] = ()

    @property
    def local(self) -> str:
        """The time in the site's zone, with its offset."""
        return self.at.astimezone(SITE_ZONE).strftime("%Y-%m-%d %H:%M:%S %z")

    @property
    def utc(self) -> str:
        """The time in UTC."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def lines(entries: Sequence[Entry], *, versions: Mapping[str, Sequence[tuple[datetime, str]]]) -> list[Line]:
    """Return entries in words; `versions` gives each page's form versions, oldest first (versions_of)."""
    names = Names.of(entries)
    return [
        line(entry, names, _version(versions.get(entry.page_id or "", ()), entry.at)) for entry in entries
    ]


def line(entry: Entry, names: Names, version: str) -> Line:
    """Return one entry in words, by this version of its form."""
    one = change(entry)
    form = TYPED.get(entry.table_name)
    told = _items(one, form, version, names) if form else _columns(one, names)
    return Line(
        chain=one.chain,
        n=one.n,
        at=one.at,
        who=one.actor_name,
        role=wording.role_words(one.actor_role),
        origin=wording.ORIGINS.get(one.origin, same(one.origin)),
        on_behalf_of=names.person(one.on_behalf_of),
        reason=_reason(one),
        reason_text=one.reason_text or "",
        act=ACTS[one.op.value],
        about=_about(one, form),
        page_id=one.page_id,
        form=form or entry.form,
        told=tuple(told),
        simulated=one.simulated,
        batch=str((entry.new or {}).get("batch", "")) if entry.table_name == SIGNED else "",
    )


def versions_of(pages: Iterable[str]) -> dict[str, list[tuple[datetime, str]]]:
    """Return when each page took which form version, oldest first, in one statement."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    wanted = Entry.objects.filter(page_id__in=list(pages), table_name="visits_page", op__in=["I", "U"])
    for page_id, at, new in wanted.order_by("at", "n").values_list("page_id", "at", "new"):
        if page_id and new and isinstance(new.get("form_version"), str):
            found.setdefault(page_id, []).append((at, new["form_version"]))
    return found


def _version(known: Sequence[tuple[datetime, str]], at: datetime) -> str:
    before = [version for since, version in known if since <= at]
    return before[-1] if before else known[0][1] if known else FIRST


def _reason(one: Change) -> Bilingual | None:
    if not one.reason_code or one.reason_code not in REASONS:
        return None
    from django.utils.translation import override

    with override("en"):
        english = str(REASONS[one.reason_code])
    with override("zh-hans"):
        return Bilingual(english, str(REASONS[one.reason_code]))


def _about(one: Change, form: str | None) -> Bilingual:
    if form:
        return FORMS[form].title
    if one.op == "E":
        return wording.EVENTS.get(one.table, wording.OTHER_EVENT)
    known = wording.TABLES.get(one.table)
    return known.title if known else same(_model_name(one.table))


def _model_name(table: str) -> str:
    model = next((m for m in apps.get_models() if m._meta.db_table == table), None)
    return str(model._meta.verbose_name).capitalize() if model else ""


def _items(one: Change, form: str, version: str, names: Names) -> Iterator[Told]:
    """Yield what the entry says of each item of a form: value, missing reason and what was typed together."""
    questions = {**FORMS[form].questions(), **FORMS[form].questions_at(version)}
    changed = {item.item: item for item in one.items}
    missing, raw = _whole(changed.get("missing")), _whole(changed.get("raw"))
    touched = [name for name in questions if name in changed]
    touched += [name for name in {**missing[0], **missing[1]} if name in questions and name not in changed]
    for name in touched:
        asked = questions[name]
        item = changed.get(name, ItemChange(name, None, None))
        old = _answer(asked, item.old, missing[0].get(name), raw[0].get(name), names)
        new = _answer(asked, item.new, missing[1].get(name), raw[1].get(name), names)
        if old != new:
            yield Told(name, asked.label, None if one.op == "I" else old, new)
    for name in changed:
        if name not in questions and name not in ("missing", "raw", "digest"):
            item = changed[name]
            yield Told(name, _retired(form, name), _plain(item.old), _plain(item.new) or BLANK)


def _retired(form: str, name: str) -> Bilingual:
    """Return the label of a column that no version of the form asks any more (a column migrated away)."""
    return T("Filled in by the system", "系统填写") if name in FORMS[form].kept_besides else same(name)


def _whole(item: ItemChange | None) -> tuple[dict[str, Any], dict[str, Any]]:
    if item is None:
        return {}, {}
    return tuple(value if isinstance(value, dict) else {} for value in (item.old, item.new))  # type: ignore[return-value]


def _answer(asked: Item | Derived, value: Any, reason: Any, typed: Any, names: Names) -> Bilingual:
    if value == MARK:
        return REDACTED
    if value is None:
        return wording.missing_words(str(reason)) if reason else BLANK
    if not isinstance(asked, Item):
        return same(str(value))
    found = names.value(asked, value, str(typed) if typed else "")
    unit = shown_unit(asked.unit)
    return Bilingual(f"{found.en} {unit.en}".rstrip(), f"{found.zh} {unit.zh}".rstrip())


def _columns(one: Change, names: Names) -> Iterator[Told]:
    known = wording.TABLES.get(one.table)
    for item in one.items:
        column = known.columns.get(item.item) if known else None
        if column is None:
            continue
        old, new = (_code(column.codes, value) for value in (item.old, item.new))
        if old or new:
            yield Told(item.item, column.label, None if one.op == "I" else old or BLANK, new or BLANK)


def _code(codes: wording.Codes, value: Any) -> Bilingual | None:
    text = str(value).lower() if isinstance(value, bool) else value
    if isinstance(text, str) and text in codes:
        return codes[text]
    return _plain(value)


def _plain(value: Any) -> Bilingual | None:
    if value is None or value == "" or value == [] or value == {}:
        return None
    if value == MARK:
        return REDACTED
    if isinstance(value, dict | list):
        return None
    return same(_moment(value) if isinstance(value, str) else str(value))


def _moment(text: str) -> str:
    """Return an instant in the site's zone; any other text as it is."""
    if len(text) < len("2026-03-01T00:00:00") or text[10:11] != "T":
        return text
    try:
        return datetime.fromisoformat(text).astimezone(SITE_ZONE).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
