"""The most urgent sign of pages for one reader, by the precedence of the matrix (ux.md, Glyphs)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from visits.dossier import PageRecord
from visits.overview.status import GIVES_WAY, PRECEDENCE
from visits.review.guard import Guard, State
from visits.review.sdv.plan import InForce
from visits.review.sdv.states import to_verify
from visits.review.signing.ready import SIGNABLE
from visits.review.signing.standing import BROKEN, UNSIGNED, Standing


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a subject's pages beside their answers, and which signs are this reader's work.

    `opened`, `answered`: the pages with such queries. `plan` is None for who does not verify.
    """

    acts: frozenset[str] = frozenset()
    opened: frozenset[uuid.UUID] = frozenset()
    answered: frozenset[uuid.UUID] = frozenset()
    signed: Mapping[uuid.UUID, Standing] = field(default_factory=dict)
    guard: Guard = field(default_factory=Guard)
    plan: InForce | None = None
    usubjid: str = ""

    def sign(self, entered: str, pages: Iterable[PageRecord]) -> str:
        """Return the first sign that holds; `entered` says how far these pages are filled in."""
        held = {entered, *self._of([page for page in pages if not page.removed])}
        return next(
            (one for one in PRECEDENCE if one in held and (one in self.acts or one not in GIVES_WAY)), entered
        )

    def _of(self, pages: list[PageRecord]) -> set[str]:
        if not pages:
            return set()
        ids = {page.id for page in pages}
        found = {"query-open": bool(ids & self.opened), "query-answered": bool(ids & self.answered)}
        states = set() if self.guard.is_idle else {self.guard.state(page=page.id) for page in pages}
        found |= {"locked": states == {State.LOCKED}, "frozen": states == {State.FROZEN}}
        found |= self._signatures([page for page in pages if page.form in SIGNABLE], locked=found["locked"])
        if self.plan is not None:
            found |= self._verification(pages, self.plan)
        return {sign for sign, holds in found.items() if holds}

    def _signatures(self, pages: list[PageRecord], *, locked: bool) -> dict[str, bool]:
        standing = {page.id: self.signed.get(page.id, UNSIGNED) for page in pages}
        to_sign = [page for page in pages if not standing[page.id].signed or standing[page.id].addendum]
        settled = [
            page
            for page in to_sign
            if not page.incomplete and page.id not in self.opened and page.id not in self.answered
        ]
        return {
            "broken": not locked and any(one.state == BROKEN for one in standing.values()),
            "to-sign": not locked and bool(settled),
            "signed": bool(pages) and not to_sign,
        }

    def _verification(self, pages: list[PageRecord], plan: InForce) -> dict[str, bool]:
        counted = [page for page in pages if not page.not_done]
        stale = any(mark.stale for page in counted for mark in page.verified.values())
        waits = any(to_verify(page, plan=plan, usubjid=self.usubjid) for page in counted)
        verified = any(page.verified for page in counted) and not waits
        return {"stale": stale, "to-verify": waits and not stale, "verified": verified}
