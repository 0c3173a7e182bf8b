"""Two answers that only a data manager may change once the subject was treated (protocol §3.7, §3.14).

The target limb and the planned cohort decide what every later page means. Before treatment the site corrects
them as any other answer; afterwards a data manager does, with a reason, and may write nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.actors import Actor
from protocol.words import Bilingual, T
from sites.access import can, require
from sites.roles import Action
from visits.capture.change import Change
from visits.capture.entry import PageEntry, Problem, SaveRefused
from visits.dossier import Dossier, PageRecord

RESERVED: dict[str, tuple[str, Bilingual]] = {
    "LH": (
        "target_limb",
        T(
            "The subject has been treated: only a data manager changes the target limb, with a reason.",
            "受试者已接受治疗：仅数据管理员可在说明原因后修改靶肢。",
        ),
    ),
    "PR": (
        "planned_cohort",
        T(
            "The first study device was introduced: only a data manager changes the planned cohort, "
            "with a reason.",
            "首个研究器械已进入体内：仅数据管理员可在说明原因后修改计划分组。",
        ),
    ),
}


def require_save(entry: PageEntry, *, by: Actor, site: str) -> None:
    """Raise PermissionDenied unless this person may write this form, or corrects just its reserved item."""
    action = Action.CEC_DECIDE if entry.form == "CEC" else Action.PAGE_SAVE
    if not can(by, action, site) and _only_its_reserved_item(entry):
        action = Action.RESERVED_CORRECT
    require(by, action, site)


def _only_its_reserved_item(entry: PageEntry) -> bool:
    item, _ = RESERVED.get(entry.form, ("", None))
    facts = (entry.removed, entry.not_done)
    return set(entry.values) == {item} and not any(entry.missing.values()) and facts == (None, None)


def refuse_reserved(dossier: Dossier, changes: Sequence[Change], *, by: Actor) -> None:
    """Raise SaveRefused where a reserved answer of a treated subject changes and this person may not."""
    found = []
    for change in changes:
        item, why = RESERVED.get(change.entry.form, ("", None))
        before = change.before
        if before is None or why is None or before.values.get(item) is None:
            continue
        removed = change.after.removed and not before.removed
        if (item in change.overwritten or removed) and _is_treated(dossier, before):
            found.append(Problem(change.number, item, "reserved", why))
    if found and not can(by, Action.RESERVED_CORRECT, dossier.subject.site_id):
        raise SaveRefused(found)


def _is_treated(dossier: Dossier, page: PageRecord) -> bool:
    """Say whether a study device had been introduced before this save."""
    procedure = page if page.form == "PR" else dossier.one("PR")
    if procedure is None:
        return False
    introduced = procedure.get("study_dev_introduced") == "Y"
    return introduced or procedure.get("study_dev_dt") is not None
