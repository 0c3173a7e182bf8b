"""Two people saved one page: what stood when it was opened, what stands now, what this person typed.

What only one of them changed is chosen already; what both changed has to be chosen before anything is
saved. Nobody's input is overwritten unseen (CON-01).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from protocol.codelists import MISSR
from protocol.words import Bilingual
from sites.reader import said
from visits.capture import earlier
from visits.capture.earlier import Saving, Version
from visits.capture.forms import PageForm, shown_text
from visits.dossier import PageRecord
from visits.items import Item, MultiCodeItem, PartialDateItem
from visits.pages.sheet import Sheet

THEIRS, MINE = "theirs", "mine"
Standing = tuple[Any, str]
"""A value and a missing reason."""


@dataclass(slots=True)
class Difference:
    """One item that differs, in words; `pick` is what is chosen: theirs, mine, or nothing yet."""

    html: str
    label: Bilingual
    opened: str
    theirs: str
    mine: str
    by_them: bool
    by_me: bool
    who: str
    pick: str


@dataclass(slots=True)
class Comparison:
    """One record of a page that somebody else saved after it was opened."""

    form: PageForm
    record: PageRecord
    opened: int
    savings: list[Saving]
    differences: list[Difference] = field(default_factory=list)
    same: list[tuple[Bilingual, str]] = field(default_factory=list)

    @property
    def last(self) -> Saving | None:
        """The save that stands now; None where the trail does not say."""
        return self.savings[-1] if self.savings else None

    @property
    def undecided(self) -> int:
        """How many items are still to be chosen."""
        return sum(not one.pick for one in self.differences)


def compare(sheet: Sheet, sent: Sequence[PageForm], data: QueryDict) -> list[Comparison]:
    """Compare each sent record that was saved after it had been opened; one statement of the trail each."""
    return [
        _compared(sheet, form, data) for form in sent if form.record and form.revision != form.record.revision
    ]


def _compared(sheet: Sheet, form: PageForm, data: QueryDict) -> Comparison:
    assert form.record is not None
    base, savings = earlier.since(form.record, form.revision)
    made = Comparison(form=form, record=form.record, opened=form.revision, savings=savings)
    for name, item in form.items.items():
        theirs = _stored(form.record, name)
        mine, words = _typed(sheet, form, name, item)
        if theirs == mine:
            if theirs != (None, ""):
                made.same.append((item.label, _words(sheet, item, theirs)))
            continue
        made.differences.append(_difference(sheet, form, item, base, savings, mine, words, data))
    return made


def _difference(
    sheet: Sheet,
    form: PageForm,
    item: Item,
    base: Version | None,
    savings: Sequence[Saving],
    mine: Standing | None,
    words: str,
    data: QueryDict,
) -> Difference:
    assert form.record is not None
    name, html = item.name, form.add_prefix(item.name)
    theirs = _stored(form.record, name)
    opened = None if base is None else (base.values.get(name), base.missing.get(name, ""))
    by_them, by_me = theirs != opened, mine != opened
    given = data.get(f"{html}-pick", "")
    chosen = THEIRS if not by_me else MINE if not by_them else ""
    last = next((saving.by for saving in reversed(savings) if name in saving.items), "")
    return Difference(
        html=html,
        label=item.label,
        opened=_("not known") if opened is None else _words(sheet, item, opened),
        theirs=_words(sheet, item, theirs),
        mine=words,
        by_them=by_them,
        by_me=by_me,
        who=last,
        pick=given if given in (THEIRS, MINE) else chosen,
    )


def _stored(record: PageRecord, name: str) -> Standing:
    return record.values.get(name), record.missing.get(name, "")


def _typed(sheet: Sheet, form: PageForm, name: str, item: Item) -> tuple[Standing | None, str]:
    """Return what was typed as it was read, None where it cannot be read, and its words."""
    if name in form.errors:
        return None, form.typed(name).text
    value, missing, _raw = form.cleaned_data[name]
    return (value, missing), _words(sheet, item, (value, missing))


def _words(sheet: Sheet, item: Item, standing: Standing) -> str:
    value, missing = standing
    if missing in MISSR:
        return said(MISSR.decode(missing))
    text = sheet.read(item, value)
    return f"{text} {item.unit}".strip() if text else _("no value")


def settled(data: QueryDict, compared: Sequence[Comparison]) -> QueryDict:
    """Return what was sent with every choice made: "theirs" as it stands, revisions as they were compared."""
    made = data.copy()
    for comparison in compared:
        prefix = comparison.form.prefix
        made[f"{prefix}-revision"] = str(comparison.record.revision)
        for one in comparison.differences:
            if one.pick == THEIRS:
                name = one.html.removeprefix(f"{prefix}-")
                _put(made, one.html, comparison.form.items[name], comparison.record, name)
    for name in [name for name in made if name.endswith(("-pick", "-compared"))]:
        del made[name]
    return made


def _put(data: QueryDict, html: str, item: Item, record: PageRecord, name: str) -> None:
    """Let the boxes of an item hold what is stored."""
    for suffix in ("", "-y", "-m", "-d", "-yes"):
        data.pop(f"{html}{suffix}", None)
    value = record.values.get(name)
    data[f"{html}-missing"] = record.missing.get(name, "")
    if isinstance(item, MultiCodeItem):
        data.setlist(html, list(value or ()))
    elif isinstance(item, PartialDateItem):
        for part, text in zip("ymd", shown_text(item, value).split("-"), strict=False):
            data[f"{html}-{part}"] = text
    else:
        data[html] = shown_text(item, value)


def was_compared(data: QueryDict, form: PageForm) -> bool:
    """Say whether this person has seen and chosen between exactly what stands now and what was typed."""
    stands = str(form.record.revision) if form.record else ""
    return bool(stands) and data.get(f"{form.prefix}-compared") == stands


def carried(data: QueryDict, compared: Sequence[Comparison]) -> list[tuple[str, str]]:
    """Return the boxes of a sent form that go along with a comparison, each as a hidden input."""
    html = {one.html for comparison in compared for one in comparison.differences}
    own = {f"{name}-pick" for name in html} | {f"{one.form.prefix}-compared" for one in compared}
    apart = own | {"csrfmiddlewaretoken", "key", "then", "reason", "reason_text", "opened_by"}
    return [(name, text) for name, texts in data.lists() if name not in apart for text in texts]
