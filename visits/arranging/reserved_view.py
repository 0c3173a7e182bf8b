"""Correcting the target limb or the planned cohort of a treated subject: one answer, one reason."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.context import Reason
from sites.access import Request, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture.entry import Conflict, Locked, PageEntry, SaveRefused
from visits.capture.forms import in_both
from visits.capture.reserved import RESERVED
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.dossier import PageRecord

LONGEST = 200


@needs(Action.RESERVED_CORRECT)
@require_http_methods(["GET", "POST"])
def correct(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Ask for the right answer and the reason; POST saves it, or says what keeps it from being saved."""
    subject = subject_or_404(request.actor, subject_id, Action.RESERVED_CORRECT)
    record = dossiers.load(subject).page(page_id)
    if record is None or record.form not in RESERVED:
        raise Http404
    item = FORMS[record.form].items()[RESERVED[record.form][0]]
    chosen, why = record.get(item.name), ""
    wrong, status = "", 200
    if request.method == "POST":
        chosen, why = request.POST.get("value", ""), request.POST.get("why", "").strip()
        wrong, status = _save(request, subject, record, chosen, why)
        if not wrong:
            messages.success(request, _("Corrected. What depends on it is computed anew."))
            return redirect("page", subject.pk, record.visit or "LOG", record.form)
    context = {
        "subject": subject,
        "record": record,
        "item": item,
        "offered": [(code, item.codelist.decode(code)) for code in item.codelist.codes]
        if item.codelist
        else [],
        "chosen": chosen,
        "why": why,
        "wrong": wrong,
        "longest": LONGEST,
    }
    return render(request, "arrange/correct.html", context, status=status)


def _save(request: Request, subject: Subject, record: PageRecord, chosen: str, why: str) -> tuple[str, int]:
    """Save the answer; return what is wrong with it, in words, and the status that says so."""
    item, _why = RESERVED[record.form]
    seen = request.POST.get("revision", "")
    if not why or len(why) > LONGEST or not why.isprintable():
        return _("Reason: one line of at most %(n)d characters.") % {"n": LONGEST}, 422
    if not (seen.isascii() and seen.isdecimal() and len(seen) < 8):
        return _("The page changed meanwhile: nothing was saved. This is how it stands now."), 409
    entry = PageEntry(
        subject_id=subject.pk,
        form=record.form,
        visit=record.visit,
        page_id=record.id,
        revision=int(seen),
        values={item: chosen or None},
    )
    try:
        save_pages([entry], by=request.actor, reason=Reason("OTHER", why))
    except SaveRefused as refused:
        return " ".join(in_both(problem.message) for problem in refused.problems), 422
    except Conflict:
        return _("The page changed meanwhile: nothing was saved. This is how it stands now."), 409
    except Locked:
        return _("A lock covers this page: nothing was saved."), 409
    return "", 200
