"""One subject's visits as the matrix sees them, worked out from the dossier that is loaded already."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from audit.actors import Actor
from defier.drawing.happenings import visit_date
from protocol.schedule import EXPECTED, VISIT, VISITS
from protocol.words import Bilingual
from visits.capture import edition
from visits.crfs import FORMS
from visits.dossier import Dossier
from visits.facts import SubjectFacts
from visits.overview.course import Course, VisitFacts, ended_on
from visits.overview.status import CellFacts, Mark, acts_of, mark
from visits.review.signing.ready import SIGNABLE
from visits.review.signing.standing import BROKEN, UNSIGNED, Standing


@dataclass(frozen=True, slots=True)
class VisitState:
    """A visit of one subject: its key, facts and sign, when it took place, the forms it owes and lacks."""

    key: str
    code: str
    facts: CellFacts
    mark: Mark
    taken_on: date | None
    owed: dict[str, str]
    lacking: tuple[str, ...]
    form: str

    @property
    def label(self) -> Bilingual:
        """The visit in words."""
        return VISIT[self.code].label

    @property
    def entered(self) -> bool:
        """Whether a page of it stands in the record."""
        return self.facts.entered

    @property
    def waiting(self) -> bool:
        """Whether it is owed now and nothing has been entered."""
        return self.mark.sign in ("due", "closing", "overdue")


@dataclass(frozen=True, slots=True)
class Asked:
    """Open and answered queries of a page."""

    opened: int = 0
    answered: int = 0


def visit_states(
    dossier: Dossier,
    known: SubjectFacts,
    *,
    by: Actor,
    today: date,
    asked: dict[uuid.UUID, Asked],
    locked: Collection[uuid.UUID],
    standing: Mapping[uuid.UUID, Standing],
) -> list[VisitState]:
    """Return the visits in the order of the schedule, each unscheduled one by itself."""
    taken = dict(_taken(dossier, locked, standing))
    course = Course(known, taken, ended_on(known), today, edition.version_for(dossier, None))
    owed, acts = course.owed, acts_of(by)
    states = []
    for code, key in _keys(taken):
        one = replace(course, taken={key: taken[key]} if key in taken else {})
        facts, visit, lacking = one.cell(code)
        opened, answered = _asked(dossier, key, asked)
        facts = replace(facts, opened=opened, answered=answered, locked=facts.entered and facts.locked)
        states.append(
            VisitState(
                key=key,
                code=code,
                facts=facts,
                mark=mark(facts, today=today, acts=acts),
                taken_on=visit_date(dossier, key) if key in taken else None,
                owed=dict(owed.get(code, {})),
                lacking=lacking,
                form=one.form(code, visit, lacking),
            )
        )
    return states


def _keys(taken: Collection[str]) -> Iterator[tuple[str, str]]:
    for visit in VISITS:
        if visit.code != "UNS":
            yield visit.code, visit.code
            continue
        for key in sorted((key for key in taken if key.startswith("UNS")), key=lambda key: int(key[3:])):
            yield "UNS", key


def _taken(
    dossier: Dossier, locked: Collection[uuid.UUID], standing: Mapping[uuid.UUID, Standing]
) -> Iterator[tuple[str, VisitFacts]]:
    """Read off the dossier what the matrix reads in SQL."""
    keys = dict.fromkeys(page.visit for page in dossier.pages if page.visit and not page.removed)
    for key in keys:
        pages = [page for page in dossier.pages if page.visit == key and not page.removed]
        follow_up = next((page for page in pages if page.form == "FU"), None)
        stand = [standing.get(page.id, UNSIGNED) for page in pages if page.form in SIGNABLE]
        open_forms = sorted(page.form for page in pages if page.incomplete)
        yield (
            str(key),
            VisitFacts(
                forms=frozenset(page.form for page in pages),
                unanswered=sum(page.lacking for page in pages if not page.not_done),
                all_not_done=all(page.not_done for page in pages),
                all_locked=all(page.id in locked for page in pages),
                contact=str(follow_up.get("contact_mode") or "") if follow_up else "",
                tests_excused=bool(follow_up and follow_up.get("fu_tests_missing")),
                lacking=open_forms[0] if open_forms else "",
                to_sign=sum(not one.signed or one.addendum for one in stand),
                broken=sum(one.state == BROKEN for one in stand),
            ),
        )


def _asked(dossier: Dossier, key: str, asked: dict[uuid.UUID, Asked]) -> tuple[int, int]:
    counts = [asked[page.id] for page in dossier.pages if page.visit == key and page.id in asked]
    return sum(count.opened for count in counts), sum(count.answered for count in counts)


def awaited(states: Collection[VisitState]) -> VisitState | None:
    """Return the visit that comes next: of those owed and not entered the one that closes first."""
    waiting = [one for one in states if one.facts.owed and not one.entered and one.facts.closes]
    return min(waiting, key=lambda one: one.facts.closes or date.max, default=None)


def known_of(dossier: Dossier) -> SubjectFacts:
    """Return the subject's facts from the dossier."""
    kinds = {kind for kind in ("DCB", "DES") for page in dossier.of(kind) if _delivered(page.values, kind)}
    return SubjectFacts(
        facts=dossier.facts(),
        planned_cohort=dossier.value("pr.planned_cohort"),
        as_treated="MIXED" if len(kinds) == 2 else next(iter(kinds), "NONE"),
        proc_date=dossier.proc_date,
        disc_date=dossier.value("disc.disc_date"),
        exit_date=dossier.value("exit.exit_date"),
        death_date=str(dossier.value("dth.death_date") or "") or None,
        target_limb=dossier.target_limb,
    )


def _delivered(values: dict[str, object], kind: str) -> bool:
    return values.get(f"{kind.lower()}_outcome") in ("OK", "PART")


def forms_of(state: VisitState, dossier: Dossier, allowed: Collection[str]) -> list[str]:
    """Return the forms that a visit owes or has: the schedule's first, in its order, then any others."""
    entered = {page.form for page in dossier.pages if page.visit == state.key and not page.removed}
    ordered = dict.fromkeys([*EXPECTED.get(state.code, {}), *FORMS])
    return [form for form in ordered if form in (set(state.owed) | entered) & set(allowed)]
