"""Which signatures stand: the acts under each page, and whether the last one is valid or broken.

Compared at every look, as the view visits_signed does for lists: no event is needed for a change to break a
signature, and none can be missed (SIG-05).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from protocol.words import Bilingual, T
from sites.reader import said
from visits.capture.forms import SITE_ZONE
from visits.dossier import PageRecord
from visits.review.signing.content import wording_of
from visits.review.signing.meanings import MEANINGS
from visits.review.signing.records import Signature

NONE, VALID, BROKEN, WITHDRAWN = "none", "valid", "broken", "withdrawn"
WORDS: dict[str, Bilingual] = {
    NONE: T("unsigned", "未签名"),
    VALID: T("valid", "有效"),
    BROKEN: T("broken: changed since", "失效：签名后已修改"),
    WITHDRAWN: T("withdrawn", "已撤回"),
}
REPLACED = T("replaced by a later act", "已由后续操作取代")
SIGNS = {NONE: "to-sign", VALID: "signed", BROKEN: "broken", WITHDRAWN: "to-sign"}
"""The glyph that stands for each."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act under a page as people read it: who, when (UTC and local), what it means, what it is worth."""

    signature: Signature
    state: str

    @property
    def meaning(self) -> Bilingual:
        """What the signer said by it."""
        return MEANINGS[self.signature.meaning]

    @property
    def words(self) -> Bilingual:
        """Whether it is valid, broken, withdrawn, or was replaced by a later act."""
        return WORDS.get(self.state, REPLACED)

    @property
    def moment(self) -> str:
        """The time at the site with its offset, and in UTC (SIG-01)."""
        at = self.signature.at
        local = f"{at.astimezone(SITE_ZONE):%Y-%m-%d %H:%M:%S %z}"
        return f"{local} ({at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"

    @property
    def glyph(self) -> str:
        """The glyph of its state."""
        return SIGNS.get(self.state, "")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands under one page; `acts` oldest first."""

    state: str = NONE
    acts: tuple[Act, ...] = ()
    addendum: bool = False
    reworded: bool = False

    @property
    def last(self) -> Act | None:
        """The act that counts."""
        return self.acts[-1] if self.acts else None

    @property
    def signed(self) -> bool:
        """Whether a signature covers the page as it is now."""
        return self.state == VALID

    @property
    def words(self) -> Bilingual:
        """The state in words."""
        return WORDS[self.state]

    @property
    def glyph(self) -> str:
        """The glyph of the state."""
        return SIGNS[self.state]

    def __str__(self) -> str:
        return said(self.words)


UNSIGNED = Standing()


def of_pages(pages: Iterable[PageRecord]) -> dict[uuid.UUID, Standing]:
    """Return what stands under each of these pages of one subject, in one statement."""
    pages = list(pages)
    if not pages:
        return {}
    by_page: dict[uuid.UUID, list[Signature]] = {page.id: [] for page in pages}
    for act in Signature.objects.filter(page_id__in=list(by_page)).order_by("page_id", "ordinal"):
        by_page[act.page_id].append(act)
    return {page.id: _standing(page, by_page[page.id]) for page in pages}


def _standing(page: PageRecord, acts: list[Signature]) -> Standing:
    if not acts:
        return UNSIGNED
    last = acts[-1]
    state = _state(page, last)
    told = [Act(act, "replaced") for act in acts[:-1]] + [Act(last, state)]
    wording = wording_of(page.form, last.form_version)
    return Standing(
        state=state,
        acts=tuple(told),
        addendum=page.form_version != last.form_version,
        reworded=last.wording != wording,
    )


def _state(page: PageRecord, last: Signature) -> str:
    if last.act == Signature.Act.WITHDRAW:
        return WITHDRAWN
    now = (page.digest, page.visit_id, page.not_done, page.not_done_reason)
    signed = (last.digest, last.visit_id, last.not_done, last.not_done_reason)
    return BROKEN if now != signed or page.removed else VALID
