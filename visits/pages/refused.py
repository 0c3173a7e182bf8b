"""Why a save was not made, said where it belongs: at its item, in the save bar, or beside what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from protocol.words import Bilingual
from sites.reader import said
from visits.capture.entry import (
    ClearingUnconfirmed,
    Frozen,
    Gone,
    Locked,
    NotSaved,
    ReasonNeeded,
    SaveRefused,
)
from visits.capture.forms import ItemWidget, PageForm, in_both
from visits.capture.gate import NotCovered
from visits.capture.validation import STAMPED
from visits.pages.opened import is_plan_step
from visits.pages.sheet import Sheet


@dataclass(slots=True)
class Outcome:
    """What stands above the page and in the save bar after a save that was not made."""

    status: int = 200
    message: str = ""
    clearing: tuple[tuple[str, str], ...] = ()
    reason_asked: bool = False


def readable(sheet: Sheet, filled: Sequence[PageForm]) -> Outcome | None:
    """Return what to say where nothing can be stored: not this person's page, or text that cannot be read."""
    if sheet.locked:
        sheet.editable = True  # what was typed stays in its boxes
        return Outcome(409, _("This page is locked. Nothing was saved. Unlocking: data manager."))
    if not sheet.editable:
        return Outcome(403, _("You cannot change this page. Nothing was saved."))
    count = sum(len(form.errors) for form in filled)
    gone = _asked_no_longer(sheet, filled)
    if not count and gone:
        return Outcome(
            409,
            _(
                "The version of the protocol that this page takes has changed since you opened it, and it "
                "does not ask any more: %(items)s. Nothing was saved. Save again without these answers."
            )
            % {"items": "; ".join(said(label) for label in gone)},
        )
    if not count and _moved_away(sheet):
        return Outcome(
            409,
            _(
                "A record that you had open was moved to another page. Nothing was saved. What is shown here "
                "can be saved now; look at the record at its new place."
            ),
        )
    if not count:
        return None
    return Outcome(422, _("Nothing was saved: %(count)d to correct.") % {"count": count})


def _asked_no_longer(sheet: Sheet, filled: Sequence[PageForm]) -> list[Bilingual]:
    """Return the items that were answered and that the page's version asks no more: lost without a word."""
    if is_plan_step(sheet):
        return []
    stamped = STAMPED.get(sheet.crf.form, frozenset())
    return [
        item.label
        for form in filled
        for name, item in sheet.crf.items().items()
        if name not in form.fields and name not in stamped
        if not ItemWidget(item).value_from_datadict(form.data, {}, form.add_prefix(name)).is_blank
    ]


def _moved_away(sheet: Sheet) -> bool:
    """Whether a row was sent of a record that this page no longer holds: what was typed into it would go."""
    here = {f"{form.prefix}-revision" for form in sheet.forms}
    sent = sheet.forms[0].data if sheet.crf.repeating and sheet.forms else ()
    return any(name.endswith("-revision") and name not in here for name in sent)


def explain(sheet: Sheet, filled: Sequence[PageForm], refused: NotSaved) -> Outcome:
    """Put what was refused where it belongs; a conflict is answered by a comparison instead."""
    if isinstance(refused, SaveRefused):
        for problem in refused.problems:
            form = filled[problem.entry]
            form.add_error(problem.item if problem.item in form.fields else None, in_both(problem.message))
        return Outcome(422, _("Nothing was saved: %(count)d to correct.") % {"count": len(refused.problems)})
    if isinstance(refused, ReasonNeeded):
        return Outcome(422, _("Say why the stored value changes, then save again."), reason_asked=True)
    if isinstance(refused, ClearingUnconfirmed):
        items = sheet.crf.items()
        hidden = tuple((items[name].label.en, items[name].label.zh) for _number, name in refused.items)
        return Outcome(422, _("Your answers hide items that hold values."), clearing=hidden)
    if isinstance(refused, Gone):
        for form in filled:
            form.is_anew = True
        return Outcome(
            409,
            _(
                "Somebody has moved this page to another visit or subject since you opened it. Nothing was "
                "saved. Save again only if these answers belong here: they make a new page."
            ),
        )
    if isinstance(refused, NotCovered):
        return Outcome(403, in_both(refused.shut.why))
    if isinstance(refused, Frozen):
        return Outcome(
            409, _("This page is frozen: only items with an open query change. Nothing was saved.")
        )
    if isinstance(refused, Locked):
        return Outcome(409, _("This page is locked. Nothing was saved. Unlocking: data manager."))
    raise refused
