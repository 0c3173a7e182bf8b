"""An entry of the trail in words, for the history of a subject that was voided."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Op
from audit.trail import Change
from sites.reader import said
from visits.crfs import FORMS

register = template.Library()

TABLES = {f"crf_{form.lower()}": form for form in FORMS}
KINDS = {
    "subjects_subject": gettext_lazy("Subject"),
    "subjects_voiding": gettext_lazy("Voiding"),
    "subjects_transfer": gettext_lazy("Transfer"),
    "visits_visit": gettext_lazy("Visit"),
    "visits_page": gettext_lazy("Page"),
    "visits_query": gettext_lazy("Query"),
    "visits_querystep": gettext_lazy("Query"),
    "visits_note": gettext_lazy("Note"),
    "visits_lock": gettext_lazy("Lock"),
    "page_moved": gettext_lazy("Page moved"),
}


@register.simple_tag
def trail_words(change: Change) -> str:
    """Say what an entry records: which form or kind of record, what was done, which items it concerns."""
    form = TABLES.get(change.table)
    if form is None:
        return f"{KINDS.get(change.table, _('Record'))}: {_done(change.op)}"
    questions = FORMS[form].questions()
    items = [said(questions[one.item].label) for one in change.items if one.item in questions]
    return f"{said(FORMS[form].title)}: {_done(change.op)}" + (f" ({', '.join(items)})" if items else "")


def _done(op: str) -> str:
    words = {Op.INSERT: _("added"), Op.UPDATE: _("changed"), Op.DELETE: _("deleted")}
    return words.get(Op(op), _("noted"))
