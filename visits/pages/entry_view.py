"""Acts beside a page: adding a subject, confirming eligibility, removing a record of a log."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.context import Reason
from sites.access import Request, needs, visible_sites
from sites.models import Site
from sites.roles import Action
from subjects.enrolment import CannotEnrol
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits import dossier as dossiers
from visits.blinding import forms_open_to
from visits.capture import edition
from visits.capture.confirm import NoAngiogram, NotReady, confirm_eligibility
from visits.capture.entry import Conflict, Locked, NotSaved, PageEntry, ReasonNeeded, SaveRefused, SentBefore
from visits.capture.forms import PageForm, in_both
from visits.capture.save import save_pages, screen_subject
from visits.crfs import FORMS
from visits.dossier import LOG, Dossier
from visits.models import Page
from visits.pages import draft_view as drafts
from visits.pages.neighbours import is_page
from visits.pages.sheet import ONLY_ROW, Sheet
from visits.review.query_view import page_url
from visits.review.signing.proving import Unproven, proven

LONGEST_REASON = 200


@needs(Action.SUBJECT_SCREEN)
@require_http_methods(["GET", "POST"])
def add_subject(request: Request) -> HttpResponse:
    """Enter the consent page of a new subject; the number is given when it is first saved (protocol §1.4)."""
    sites = list(_sites(request))
    if not sites:
        raise PermissionDenied
    ours = request.method == "POST" and drafts.typed_by_this_person(request)
    site = next((s for s in sites if s.code == request.POST.get("site")), sites[0])
    unborn = Dossier(subject=Subject(site=site), pages=[])
    form = PageForm(
        crf=FORMS["IC"],
        record=None,
        today=clock.today(),
        data=request.POST if ours else None,
        prefix=ONLY_ROW,
        version=edition.version_for(unborn, "SCR"),
    )
    sheet = Sheet(
        dossier=unborn,
        crf=FORMS["IC"],
        visit="SCR",
        records=[],
        forms=[form],
        editable=True,
        today=clock.today(),
    )
    status = 200
    if request.method == "POST" and not ours:
        status = 409
    elif ours:
        status = 422
        if form.is_valid():
            done = _screen(request, site, form)
            if done is not None:
                return done
    context = {
        "sheet": sheet,
        "somebody_else": status == 409,
        "sites": sites,
        "site": site,
        "key": (request.POST.get("key") if ours else "") or str(uuid.uuid4()),
    }
    return render(request, "crf/add_subject.html", context, status=status)


def _sites(request: Request) -> list[Site]:
    visible = visible_sites(request.actor, Action.SUBJECT_SCREEN)
    found = Site.objects.order_by("code")
    return list(found if visible is None else found.filter(code__in=visible))


def _screen(request: Request, site: Site, form: PageForm) -> HttpResponse | None:
    """Save the first page of a new subject; None when it was refused and the form says why."""
    entry = form.entry(
        uuid.UUID(int=0), visit="SCR", revision=0, clear_hidden=request.POST.get("clear_hidden") == "1"
    )
    try:
        key = uuid.UUID(request.POST.get("key", ""))
        subject, _saved = screen_subject(site=site, entry=entry, by=request.actor, key=key)
    except CannotEnrol as refused:
        form.add_error(None, in_both(refused.message))
    except SaveRefused as refused:
        for problem in refused.problems:
            form.add_error(problem.item if problem.item in form.fields else None, in_both(problem.message))
    except SentBefore as sent:
        form.add_error(
            None, _("This page was sent before: change it on the page of %(id)s.") % {"id": str(sent)}
        )
    except NotSaved:
        form.add_error(None, _("Answers hide items that hold values: empty those first."))
    except ValueError:
        form.add_error(None, _("Open the page again: its key is missing."))
    else:
        messages.success(request, _("%(id)s is screened.") % {"id": subject.usubjid})
        return redirect("subject", subject.pk)
    return None


@sensitive_post_parameters("password", "code")
@needs(Action.ELIGIBILITY_CONFIRM)
@require_POST
def confirm(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Sign the eligibility conclusion as the investigator who confirms it."""
    subject = subject_or_404(request.actor, subject_id, Action.ELIGIBILITY_CONFIRM)
    revision = _number(request, "revision")
    try:
        mine = proven(request)
        confirm_eligibility(subject=subject, revision=revision, by=request.actor, proven=mine)
    except Unproven as refused:
        messages.error(request, str(refused))
    except NoAngiogram:
        messages.error(request, _("Enter the reading of the index angiogram first: nothing was confirmed."))
    except NotReady:
        messages.error(
            request, _("The page is not complete, or a query on it is not closed: nothing was confirmed.")
        )
    except Conflict:
        messages.warning(request, _("The page changed meanwhile: read it again, then confirm."))
    except Locked:
        messages.error(request, _("This page is locked."))
    else:
        messages.success(request, _("Eligibility confirmed and signed."))
    return redirect("page", subject.pk, "SCR", "IE")


@needs(Action.PAGE_SAVE)
@require_POST
def remove_page(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Mark one record of a repeating form as removed, with a reason; it stays in the history (AUD-10)."""
    return _mark(request, subject_id, page_id, removed=True)


@needs(Action.PAGE_SAVE)
@require_POST
def restore_page(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Let a removed record count again, with a reason and the values that it had."""
    return _mark(request, subject_id, page_id, removed=False)


def _mark(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID, *, removed: bool) -> HttpResponse:
    subject = subject_or_404(request.actor, subject_id, Action.PAGE_SAVE)
    page = Page.objects.select_related("visit").filter(pk=page_id, subject=subject).first()
    if page is None or not FORMS[page.form].repeating or page.form not in forms_open_to(request.actor):
        raise Http404
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(
            request, _("Say why the record is removed.") if removed else _("Say why it is restored.")
        )
        return redirect(page_url(page))
    entry = PageEntry(
        subject_id=subject.pk,
        form=page.form,
        visit=page.visit.key if page.visit else None,
        page_id=page.pk,
        revision=_number(request, "revision"),
        removed=removed,
    )
    try:
        save_pages([entry], by=request.actor, reason=Reason("OTHER", text))
        said = _("Removed. It stays in the history.") if removed else _("Restored. It counts again.")
        messages.success(request, said)
    except NotSaved:
        messages.warning(request, _("The record changed or is locked: nothing was changed."))
    return redirect(page_url(page))


@needs(Action.PAGE_SAVE)
@require_POST
def not_done(request: Request, subject_id: uuid.UUID, visit: str, form: str) -> HttpResponse:
    """Record that a form was not done at a visit, with the reason; or, for one so marked, that it was."""
    subject = subject_or_404(request.actor, subject_id, Action.PAGE_SAVE)
    if not is_page(visit, form) or form not in forms_open_to(request.actor):
        raise Http404
    marked = next((page for page in dossiers.load(subject).at(visit, form) if page.not_done), None)
    text = request.POST.get("text", "").strip()
    if len(text) > LONGEST_REASON:
        messages.error(request, _("Reason: at most %(n)d characters.") % {"n": LONGEST_REASON})
        return redirect("page", subject.pk, visit, form)
    entry = PageEntry(
        subject_id=subject.pk,
        form=form,
        visit=None if visit == LOG else visit,
        page_id=marked.id if marked else None,
        revision=_number(request, "revision"),
        not_done=marked is None,
        not_done_reason=text,
    )
    try:
        save_pages([entry], by=request.actor, reason=Reason("OTHER", text) if marked and text else None)
        messages.success(request, _("Saved."))
    except (SaveRefused, ReasonNeeded):
        messages.error(request, _("Say why this page was not done."))
    except NotSaved:
        messages.warning(request, _("The page changed or is locked: nothing was changed."))
    return redirect("page", subject.pk, visit, form)


def _number(request: Request, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
