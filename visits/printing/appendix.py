"""The appendix of a casebook: what was changed and why, the queries with their answers, the signatures.

First entries are not repeated: they stand on the pages, or as the old value of their first change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from audit.models import Entry
from protocol.schedule import VISIT
from protocol.words import Bilingual, T
from subjects.models import Subject
from visits.capture.forms import SITE_ZONE
from visits.crfs import FORMS
from visits.models import Page, Query
from visits.printing.content import visible
from visits.review.queries import CLOSE_REASONS
from visits.review.signing.meanings import MEANINGS
from visits.review.signing.records import Signature
from visits.trail.told import TYPED, Line, lines, versions_of
from visits.trail.wording import STATES, role_words

# Of these tables nothing is told here: queries, signatures and notes stand in places of their own, drafts are
# no values, and verifications are the monitor's work, told in the reports of visits.
ELSEWHERE = (
    *("visits_query", "visits_querystep", "visits_signature", "visits_autosave", "visits_note"),
    *("visits_verification", "visits_importedrow", "visits_safetynotice"),
)
ACTS = {"SIGN": T("signed", "签名"), "WITHDRAW": T("withdrawn", "撤回")}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a part: when, who, about what, what happened, why."""

    when: str
    who: str
    about: Bilingual
    told: tuple[str, ...]
    why: str = ""


@dataclass(slots=True)
class Appendix:
    """The three parts, each with its lines in the order of time."""

    changes: list[Row] = field(default_factory=list)
    queries: list[Row] = field(default_factory=list)
    signatures: list[Row] = field(default_factory=list)

    @property
    def parts(self) -> list[tuple[str, Bilingual, list[Row]]]:
        """The parts with anchor and title."""
        return [
            ("a-trail", T("Changes and their reasons", "变更及原因"), self.changes),
            ("a-queries", T("Queries and answers", "质疑与答复"), self.queries),
            ("a-signatures", T("Signatures", "签名"), self.signatures),
        ]


def appendix(subject: Subject, pages: Iterable[object]) -> Appendix:
    """Return the appendix for these pages of a subject, in eight statements at most."""
    wanted = [str(page) for page in pages]
    known = Page.objects.filter(pk__in=wanted).select_related("visit")
    places = {str(page.pk): _place(page) for page in known}
    return Appendix(
        changes=_changes(subject, places),
        queries=_queries(wanted, places),
        signatures=_signatures(wanted, places),
    )


def _place(page: Page) -> Bilingual:
    crf = FORMS[page.form]
    number = f" {page.form}{page.ordinal}" if crf.repeating else ""
    if page.visit is None:
        return Bilingual(f"{crf.title.en}{number}", f"{crf.title.zh}{number}")
    visit = VISIT[page.visit.code].label
    key = page.visit.key.removeprefix(page.visit.code)
    return Bilingual(
        f"{visit.en}{key and ' ' + key}, {crf.title.en}{number}",
        f"{visit.zh}{key},{crf.title.zh}{number}",
    )


def _changes(subject: Subject, places: dict[str, Bilingual]) -> list[Row]:
    entries = Entry.objects.filter(chain=f"subject:{subject.pk}").exclude(op="E").order_by("n")
    entries = entries.exclude(op="I", table_name__in=[*TYPED, "visits_page", "visits_visit"])
    kept = [
        entry
        for entry in entries.exclude(table_name__in=ELSEWHERE)
        if entry.page_id is None or entry.page_id in places
    ]
    told = lines(kept, versions=versions_of(places))
    return [_change(line, places) for line in told if line.told]


def _change(line: Line, places: dict[str, Bilingual]) -> Row:
    about = line.about
    if line.page_id in places:
        where = places[line.page_id]
        about = where if line.form else Bilingual(f"{about.en}: {where.en}", f"{about.zh}:{where.zh}")
    return Row(
        when=_when(line.at),
        who=f"{visible(line.who)}, {line.role.en} {line.role.zh}",
        about=about,
        told=tuple(
            visible(f"{_both(told.label)}: {f'{_both(told.old)} → ' if told.old else ''}{_both(told.new)}")
            for told in line.told
        ),
        why=" ".join(part for part in (_both(line.reason), visible(line.reason_text)) if part),
    )


def _queries(pages: Sequence[str], places: dict[str, Bilingual]) -> list[Row]:
    asked = Query.objects.filter(page_id__in=pages).exclude(state=Query.State.CANDIDATE)
    rows = []
    for query in asked.prefetch_related("steps").order_by("opened_at", "id"):
        said = [_both(Bilingual(query.message_en, query.message_zh or query.message_en))]
        for step in query.steps.all():
            closed = CLOSE_REASONS.get(step.reason) if step.to_state == Query.State.CLOSED else None
            words = " ".join(part for part in (_both(closed), step.text) if part)
            head = f"{_when(step.at)}, {step.by_name}: {_both(STATES[step.to_state])}"
            said.append(f"{head}{words and '. ' + words}")
        who = f"{_both(STATES[query.state])}"
        told = tuple(visible(text) for text in said)
        rows.append(Row(_when(query.opened_at), who, places[str(query.page_id)], told))
    return rows


def _signatures(pages: Sequence[str], places: dict[str, Bilingual]) -> list[Row]:
    made = Signature.objects.filter(page_id__in=pages).order_by("at", "ordinal")
    return [
        Row(
            when=_when(one.at),
            who=f"{visible(one.by_name)}, {_both(role_words(one.by_role))}",
            about=places[str(one.page_id)],
            told=(_both(ACTS[one.act]), _both(MEANINGS[one.meaning])),
            why=visible(one.reason),
        )
        for one in made
    ]


def _when(at: datetime) -> str:
    """Return an instant in the site's zone with its offset, and in UTC."""
    local = at.astimezone(SITE_ZONE)
    return f"{local:%Y-%m-%d %H:%M:%S %z} ({at:%H:%M:%S} UTC)"


def _both(words: Bilingual | None) -> str:
    if words is None:
        return ""
    return words.en if words.en == words.zh else f"{words.en} {words.zh}"
