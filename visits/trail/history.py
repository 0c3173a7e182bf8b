"""Histories of an item in place, of a page, of a subject (AUD-13); drafts stand among them as unsubmitted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import groupby

from django.db.models import Q, QuerySet

from audit.actors import Actor
from audit.models import Entry
from protocol.codelists import MISSR
from protocol.words import Bilingual
from visits.blinding import forms_open_to
from visits.capture import autosaves
from visits.capture.autosaves import BOX
from visits.capture.forms import SITE_ZONE
from visits.capture.unsaved import Autosave
from visits.crfs import FORMS
from visits.items import CodeItem, Item, MultiCodeItem
from visits.models import Page, Query
from visits.trail import wording
from visits.trail.told import SIGNED, TYPED, Line, Told, lines, versions_of
from visits.trail.wording import BLANK, UNSUBMITTED, same

PER_PAGE = 50
ONLY_ROW = "p"
VIEWS = ("trail_viewed", "trail_exported")
PART = re.compile(r"-(missing|yes|y|m|d|pick)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows a history or a list: who, between which days, which form, values alone or all."""

    user: str = ""
    since: date | None = None
    until: date | None = None
    form: str = ""
    item: str = ""
    values_only: bool = False

    def filter(self) -> Q:
        """Return the condition on entries."""
        found = Q()
        if self.user:
            found &= Q(actor_name__icontains=self.user)
        if self.since:
            found &= Q(at__gte=datetime.combine(self.since, time.min, SITE_ZONE))
        if self.until:
            found &= Q(at__lte=datetime.combine(self.until, time.max, SITE_ZONE))
        if self.form:
            found &= Q(table_name=FORMS[self.form]._meta.db_table)
        elif self.values_only:
            found &= Q(table_name__in=list(TYPED))
        if self.item:
            found &= Q(old__has_key=self.item) | Q(new__has_key=self.item)
        return found


def item_history(page: Page, item: str, *, by: Actor) -> list[Line]:
    """Return what was entered, changed and cleared at one item, and its drafts, newest first."""
    crf = FORMS[page.form]
    entries = Entry.objects.filter(page_id=str(page.pk), table_name=crf._meta.db_table)
    told = _only(lines(_kept(entries), versions=versions_of([str(page.pk)])), item)
    return _newest([*told, *_only(drafts(page, by=by), item)])


def page_history(page: Page, *, by: Actor) -> list[Line]:
    """Return everything about a page, newest first: values, state, queries, notes, locks, drafts."""
    asked = [str(pk) for pk in Query.objects.filter(page=page).values_list("pk", flat=True)]
    steps = Q(chain=f"subject:{page.subject_id}", table_name="visits_querystep", new__query_id__in=asked)
    entries = Entry.objects.filter(Q(page_id=str(page.pk)) | steps if asked else Q(page_id=str(page.pk)))
    entries = entries.exclude(table_name="visits_querystep") if not asked else entries
    found = lines(_kept(entries), versions=versions_of([str(page.pk)]))
    return _newest([*_telling(found), *drafts(page, by=by)])


def subject_history(
    subject_id: object, *, by: Actor, wanted: Wanted, before: int | None = None
) -> tuple[list[Line], int | None]:
    """Return entries of a subject's chain, newest first, and the number to go on from (None: no more)."""
    found = subject_entries(subject_id, by=by).filter(wanted.filter())
    if before is not None:
        found = found.filter(n__lt=before)
    entries = list(found.order_by("-n")[: PER_PAGE + 1])
    shown = entries[:PER_PAGE]
    further = len(entries) > PER_PAGE
    if further and shown[-1].table_name == SIGNED and shown[-1].new:
        same_act = Q(table_name=SIGNED, new__batch=shown[-1].new.get("batch"))
        shown += found.filter(same_act, n__lt=shown[-1].n).order_by("-n")
        further = found.filter(n__lt=shown[-1].n).exists()
    told = lines(shown, versions=versions_of({entry.page_id for entry in shown if entry.page_id}))
    return _gathered(_telling(told)), shown[-1].n if further else None


def _gathered(found: Sequence[Line]) -> list[Line]:
    """Let the entries of one act of signing be one line: what they share on it, each page under it."""
    gathered = []
    for batch, together in groupby(found, key=lambda line: line.batch or id(line)):
        parts = list(together)
        if len(parts) == 1 or not batch:
            gathered += parts
            continue
        shared = tuple(told for told in parts[0].told if all(told in part.told for part in parts))
        own = [replace(part, told=tuple(t for t in part.told if t not in shared)) for part in parts]
        gathered.append(replace(parts[0], page_id=None, told=shared, parts=tuple(reversed(own))))
    return gathered


def subject_entries(subject_id: object, *, by: Actor) -> QuerySet[Entry]:
    """Return the entries of a subject's chain but for forms that are not open to this person, and views."""
    closed = [FORMS[form]._meta.db_table for form in FORMS if form not in forms_open_to(by)]
    found = Entry.objects.filter(chain=f"subject:{subject_id}")
    return found.exclude(table_name__in=closed).exclude(op="E", table_name__in=VIEWS)


def _kept(entries: QuerySet[Entry]) -> list[Entry]:
    """Return entries oldest first, without the copy of a move in the chain that the page has left."""
    return [
        entry
        for entry in entries.order_by("at", "n")
        if not (
            entry.op == "U"
            and entry.new
            and "subject_id" in entry.new
            and entry.chain != f"subject:{entry.new['subject_id']}"
        )
    ]


def _newest(found: Sequence[Line]) -> list[Line]:
    return sorted(found, key=lambda line: (line.at, line.n), reverse=True)


def _telling(found: Sequence[Line]) -> list[Line]:
    """Return lines but for those that changed nothing that people read (counters, what a trigger keeps)."""
    return [line for line in found if line.told or line.act.en != "changed"]


def _only(found: Sequence[Line], item: str) -> list[Line]:
    """Return the lines that tell of one item, and of them just that."""
    narrowed = (replace(line, told=tuple(t for t in line.told if t.name == item)) for line in found)
    return [line for line in narrowed if line.told]


def drafts(page: Page, *, by: Actor) -> list[Line]:
    """Return what was typed on a page and kept before a save: one's own, and what a save has submitted."""
    visit = page.visit.key if page.visit else None
    acts = autosaves.history(page.subject, visit=visit, form=page.form, by=by)
    prefixes = {f"r{page.pk.hex}"} | (set() if FORMS[page.form].repeating else {ONLY_ROW, "new"})
    found, last = [], dict[object, dict[str, str]]()
    for act in acts:
        if act.act != Autosave.Act.KEPT:
            continue
        typed = _typed(act.typed, prefixes)
        told = tuple(_differences(page, last.get(act.key, {}), typed))
        last[act.key] = typed
        if told:
            found.append(_draft_line(page, act, told))
    return found


def _typed(boxes: Mapping[str, Sequence[str]], prefixes: set[str]) -> dict[str, str]:
    """Return what stood in the boxes of one record, by item; missing reasons as `missing:CODE`."""
    found: dict[str, list[str]] = {}
    for name, texts in boxes.items():
        box = BOX.fullmatch(name)
        if box is None or box["record"] not in prefixes or box["item"] in autosaves.OF_RECORD:
            continue
        part = PART.search(name)
        given = [text for text in texts if text]
        if part and part[1] == "missing":
            given = [f"missing:{text}" for text in given]
        elif part and part[1] in ("yes", "pick"):
            given = []
        found.setdefault(box["item"], []).extend(given)
    return {item: "-".join(texts) if _partial(texts) else ",".join(texts) for item, texts in found.items()}


def _partial(texts: Sequence[str]) -> bool:
    return len(texts) in (2, 3) and len(texts[0]) == 4 and all(text.isdigit() for text in texts)


def _differences(page: Page, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Told]:
    questions = {**FORMS[page.form].items(), **FORMS[page.form].items_at(page.form_version)}
    for name, item in questions.items():
        old, new = before.get(name, ""), now.get(name, "")
        if old != new:
            yield Told(name, item.label, _read(item, old) if old else None, _read(item, new))


def _read(item: Item, text: str) -> Bilingual:
    """Return typed text in words: codes decoded, all else as it was typed."""
    if not text:
        return BLANK
    if text.startswith("missing:"):
        code = text.removeprefix("missing:")
        return wording.missing_words(code) if code in MISSR else same(code)
    if isinstance(item, CodeItem | MultiCodeItem):
        words = [item.codelist.decode(code) for code in text.split(",") if code in item.codelist]
        if words:
            return Bilingual("; ".join(w.en for w in words), "; ".join(w.zh for w in words))
    return same(text)


def _draft_line(page: Page, act: Autosave, told: tuple[Told, ...]) -> Line:
    return Line(
        chain=f"subject:{page.subject_id}",
        n=0,
        at=act.at,
        who=act.author_name,
        role=Bilingual("", ""),
        origin=wording.ORIGINS["web"],
        on_behalf_of="",
        reason=None,
        reason_text="",
        act=UNSUBMITTED,
        about=FORMS[page.form].title,
        page_id=str(page.pk),
        form=page.form,
        told=told,
        draft=True,
    )
