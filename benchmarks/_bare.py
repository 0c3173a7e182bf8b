"""What saving costs without trail, checks, queries, drafts, keys and jobs: the measure beside ours.

The same sign-in, the same form, the same typed row and page; nothing else is written, and the benchmark turns
the tables' triggers off. No product address leads here.
"""

import uuid

from django.db import transaction
from django.db.models import F
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path

from audit import clock
from defier import urls
from sites.access import Request, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.capture.forms import PageForm
from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.models import Page
from visits.pages import page_view


@needs(Action.PAGE_READ)
def page(request: Request, subject_id: uuid.UUID, visit: str, form: str) -> HttpResponseBase:
    """Show the page as the product does; POST writes its row and counts its revision up, and no more."""
    if request.method != "POST":
        return page_view.page(request, subject_id, visit, form)
    crf = FORMS[form]
    with transaction.atomic():
        subject = subject_or_404(request.actor, subject_id, Action.PAGE_READ)
        stored = Page.objects.select_for_update().get(subject=subject, form=form, visit__code=visit)
        row = crf._base_manager.get(page=stored)
        record = PageRecord(
            id=stored.pk,
            form=form,
            visit=visit,
            visit_code=visit,
            visit_id=stored.visit_id,
            ordinal=stored.ordinal,
            revision=stored.revision,
            removed=False,
            not_done=False,
            not_done_reason="",
            form_version=stored.form_version,
            unanswered=stored.unanswered,
            entered_at=stored.entered_at,
            values={name: getattr(row, name) for name in crf.items()},
        )
        made = PageForm(crf=crf, record=record, today=clock.today(), data=request.POST, prefix="p")
        made.is_valid()
        for name, (value, _missing, _raw) in made.cleaned_data.items():
            setattr(row, name, value)
        row.save(by_save_pages=True, force_update=True)
        Page.objects.filter(pk=stored.pk).update(revision=F("revision") + 1)
    return redirect(request.path)


urlpatterns = [path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/", page), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)
