"""Proposing a code for a text, reviewing it, and saying which texts have none that holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from audit import clock
from audit.actors import Actor
from audit.context import acting, take_chains
from sites.access import require
from sites.roles import Action
from visits.coding.dictionaries import folded
from visits.coding.records import Coding, Term
from visits.models import Page

# The items that are coded, by form, and the dictionary they are coded with.
CODED: dict[str, tuple[str, str]] = {"AE": ("ae_term", "MEDDRA"), "CM": ("cm_name", "WHODRUG")}


class OwnProposal(PermissionError):
    """Nobody reviews a code that they proposed themselves."""


class Moved(Exception):
    """The text, or its code, changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One text that a site wrote and that is to be coded, with the code that stands for it if any.

    `state`: open (no code), changed (the text is another than the one that was coded), proposed, reviewed.
    """

    page_id: UUID
    subject_id: UUID
    usubjid: str
    site: str
    form: str
    ordinal: int
    item: str
    text: str
    coding: Coding | None

    @property
    def kind(self) -> str:
        """The dictionary that it is coded with."""
        return CODED[self.form][1]

    @property
    def state(self) -> str:
        """Where its coding stands."""
        if self.coding is None:
            return "open"
        if self.coding.text != self.text:
            return "changed"
        return "reviewed" if self.coding.reviewed_at else "proposed"


def wordings(*, by: Actor) -> list[Wording]:
    """Return every text to be coded, oldest page first; two statements for the whole study."""
    require(by, Action.CODING_READ)
    texts = " UNION ALL ".join(
        f"SELECT p.id, p.subject_id, s.usubjid, p.site_id, p.form, p.ordinal, '{item}', t.{item},"  # noqa: S608
        f" p.entered_at FROM crf_{form.lower()} t JOIN visits_page p ON p.id = t.page_id"
        f" JOIN subjects_subject s ON s.id = p.subject_id"
        f" WHERE NOT p.removed AND s.voided_at IS NULL AND t.{item} IS NOT NULL"
        for form, (item, _kind) in CODED.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{texts} ORDER BY 9, 1")
        rows = cursor.fetchall()
    standing = Coding.objects.filter(replaced_at=None).select_related("term__dictionary")
    by_place = {(coding.page_id, coding.item): coding for coding in standing}
    return [
        Wording(
            page_id=page,
            subject_id=subject,
            usubjid=usubjid,
            site=site,
            form=form,
            ordinal=ordinal,
            item=item,
            text=text,
            coding=by_place.get((page, item)),
        )
        for page, subject, usubjid, site, form, ordinal, item, text, _entered in rows
    ]


def propose_known(*, by: Actor) -> int:
    """Propose a code for each text without one that is written as a term, or as a text reviewed before.

    Returns how many were proposed. Nothing that a person decided is touched.
    """
    require(by, Action.CODE)
    waiting = [wording for wording in wordings(by=by) if wording.state in ("open", "changed")]
    earlier = _reviewed_before()
    found: list[tuple[Wording, Term, str]] = []
    for wording in waiting:
        known = earlier.get((wording.kind, folded(wording.text)))
        same = known or _term_of(wording)
        if same is not None:
            origin: str = Coding.Origin.AS_BEFORE if known else Coding.Origin.SAME_WORDS
            found.append((wording, same, origin))
    if not found:
        return 0
    system = Actor.system("coding", on_behalf_of=by.user_id or by.name)
    subjects = {wording.subject_id for wording, _term, _origin in found}
    with acting(by=system):
        take_chains(subjects=subjects)
        for wording, term, origin in found:
            _put(wording, term, origin=origin, by=system)
    return len(found)


def _reviewed_before() -> dict[tuple[str, str], Term]:
    reviewed = Coding.objects.filter(reviewed_at__isnull=False, term__dictionary__in_use=True)
    return {
        (coding.term.dictionary.kind, folded(coding.text)): coding.term
        for coding in reviewed.select_related("term__dictionary").order_by("reviewed_at")
    }


def _term_of(wording: Wording) -> Term | None:
    """Return the only term in use that is written like the text; of several nobody is guessed."""
    same = Term.objects.filter(
        dictionary__kind=wording.kind, dictionary__in_use=True, folded=folded(wording.text)
    )
    found = list(same[:2])
    return found[0] if len(found) == 1 else None


def code_text(*, page_ids: Sequence[UUID], text: str, term: Term, by: Actor) -> int:
    """Propose a term for one text on these pages. Raises Moved where a page says otherwise now."""
    require(by, Action.CODE)
    wanted = set(page_ids)
    chosen = [one for one in wordings(by=by) if one.page_id in wanted and one.text == text]
    if {one.page_id for one in chosen} != wanted:
        raise Moved
    with acting(by=by):
        take_chains(subjects={one.subject_id for one in chosen})
        for wording in chosen:
            _put(wording, term, origin=Coding.Origin.PERSON, by=by)
    return len(chosen)


def _put(wording: Wording, term: Term, *, origin: str, by: Actor) -> None:
    page = Page.objects.select_for_update().get(pk=wording.page_id)
    Coding.objects.filter(page=page, item=wording.item, replaced_at=None).update(replaced_at=clock.now())
    Coding.objects.create(
        site_id=page.site_id,
        subject_id=page.subject_id,
        page=page,
        item=wording.item,
        text=wording.text,
        term=term,
        origin=origin,
        by_id=by.user_id or "",
        by_name=by.name,
    )


def review(*, codings: Sequence[UUID], by: Actor) -> int:
    """Agree to proposed codes by name. Raises OwnProposal; Moved where one, or its text, has changed."""
    require(by, Action.CODE)
    known = {one.coding.pk: one for one in wordings(by=by) if one.coding is not None}
    chosen = [known[pk] for pk in codings if pk in known and known[pk].state == "proposed"]
    if len(chosen) != len(set(codings)):
        raise Moved
    if any(one.coding is not None and one.coding.by_id == (by.user_id or "-") for one in chosen):
        raise OwnProposal
    with acting(by=by):
        take_chains(subjects={one.subject_id for one in chosen})
        Coding.objects.filter(pk__in=codings, replaced_at=None).update(
            reviewed_by=by.user_id or "", reviewer_name=by.name, reviewed_at=clock.now()
        )
    return len(chosen)


def by_text(found: Sequence[Wording]) -> Iterator[tuple[str, str, list[Wording]]]:
    """Yield (form, text, wordings) for texts that are written alike, in the order of their first page."""
    groups: dict[tuple[str, str], list[Wording]] = {}
    for wording in found:
        groups.setdefault((wording.form, wording.text), []).append(wording)
    for (form, text), together in groups.items():
        yield form, text, together
