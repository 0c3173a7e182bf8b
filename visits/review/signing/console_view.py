"""The signing console: what waits by subject and visit, the pages of one subject, signing and withdrawing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sites.access import Request, can, needs
from sites.gates import shut_gates
from sites.proof import needs_code
from sites.reader import said
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits import dossier as dossiers
from visits.blinding import forms_open_to
from visits.capture.entry import Locked
from visits.dossier import LOG, Dossier
from visits.models import Page
from visits.printing.content import PrintedPage, Reader, visit_label
from visits.review.signing import acts
from visits.review.signing.acts import Moved, NothingToWithdraw
from visits.review.signing.changes import since_signed
from visits.review.signing.meanings import DECLARATION, DECLARATION_VERSION, MEANINGS, REVIEWED
from visits.review.signing.proving import Unproven, proven
from visits.review.signing.ready import Candidate, candidates
from visits.review.signing.records import Signature
from visits.review.signing.waiting import totals, waiting
from visits.trail.told import Line

PER_PAGE = 100
SHOWN = ("ready", "broken", "refused", "all")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as the signer sees it: what it says, what changed on it, whether it is chosen."""

    one: Candidate
    visit: Any
    printed: PrintedPage
    changes: list[Line]
    chosen: bool


@sensitive_post_parameters("password", "code")
@never_cache
@needs(Action.SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def signing(request: Request) -> HttpResponse:
    """List what waits for a signature by subject and visit; POST accepts the declaration (SIG-10)."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            if not request.POST.get("accepted"):
                raise Unproven(_("Tick that you accept the declaration. Nothing was recorded."), 422)
            acts.declare(by=request.actor, proven=proven(request))
        except Unproven as refused:
            problem, status = str(refused), refused.status
        else:
            messages.success(request, _("Your acceptance is recorded. You can sign now."))
            return redirect("signing")
    return _list(request, problem, status)


def _list(request: Request, problem: str, status: int) -> HttpResponse:
    show = request.GET.get("show", "ready")
    if show not in SHOWN:
        raise Http404
    found = waiting(request.actor)
    ready, broken = totals(found)
    kept = [one for one in found if show == "all" or getattr(one, show)]
    context = {
        "page": Paginator(kept, PER_PAGE).get_page(request.GET.get("page")),
        "show": show,
        "ready": ready,
        "broken": broken,
        "refused": sum(one.refused for one in found),
        "problem": problem,
        **_signer(request),
    }
    return render(request, "signing/list.html", context, status=status)


def _signer(request: Request) -> dict[str, Any]:
    """Return what stands between this person and a signature: gates, declaration, second factor."""
    actor = request.actor
    return {
        "shut": shut_gates(actor, Action.SIGN, actor.site),
        "declared": acts.declared(actor.user_id),
        "declaration": DECLARATION,
        "declaration_version": DECLARATION_VERSION,
        "needs_code": needs_code(request),
        "signer_name": actor.name,
    }


@sensitive_post_parameters("password", "code")
@never_cache
@needs(Action.SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def signing_subject(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Show the pages of a subject (`?visit=` M12 or LOG, `?form=`) to sign; POST signs those chosen."""
    subject = subject_or_404(request.actor, subject_id, Action.SIGN)
    if request.method == "POST":
        return _sign(request, subject)
    return _pages(request, subject)


def _pages(request: Request, subject: Subject, *, problem: str = "", status: int = 200) -> HttpResponse:
    dossier = dossiers.load(subject)
    found = [one for one in candidates(dossier, by=request.actor) if _wanted(request, one)]
    ready = [one for one in found if one.ready]
    chosen = set(request.POST.getlist("page"))
    context = {
        "subject": subject,
        "dossier": dossier,
        "visit": request.GET.get("visit", ""),
        "form": request.GET.get("form", ""),
        "ready": _shown(dossier, ready, chosen),
        "refused": [(one, visit_label(one.page)) for one in found if not one.ready and one.open],
        "signed": [(one, visit_label(one.page)) for one in found if not one.open],
        "meaning": MEANINGS[REVIEWED],
        "problem": problem,
        "sees_cohort": can(request.actor, Action.COHORT_READ, subject.site_id),
        **_signer(request),
    }
    return render(request, "signing/subject.html", context, status=status)


def _wanted(request: Request, one: Candidate) -> bool:
    visit, form = request.GET.get("visit", ""), request.GET.get("form", "")
    return (not visit or (one.page.visit or LOG) == visit) and (not form or one.page.form == form)


def _shown(dossier: Dossier, ready: Sequence[Candidate], chosen: set[str]) -> list[Shown]:
    reader = Reader(dossier, [one.page for one in ready] or dossier.pages[:1])
    changed = since_signed(dossier.subject.pk, {one.page.id: one.standing for one in ready})
    return [
        Shown(
            one,
            visit_label(one.page),
            reader.page(one.page),
            changed.get(one.page.id, []),
            str(one.page.id) in chosen,
        )
        for one in ready
    ]


def _sign(request: Request, subject: Subject) -> HttpResponse:
    """Sign the chosen pages; a refusal shows the pages again as they stand, with what was chosen."""
    chosen = request.POST.getlist("page")
    if not chosen:
        return _pages(
            request, subject, problem=_("Choose at least one page. Nothing was signed."), status=422
        )
    seen = {_uuid(page): request.POST.get(f"seen-{page}", "") for page in chosen}
    if Page.objects.filter(pk__in=list(seen), subject=subject).count() != len(seen):
        raise Http404
    try:
        done = acts.sign(seen=seen, by=request.actor, proven=proven(request), level=_level(request, seen))
    except Unproven as refused:
        return _pages(request, subject, problem=str(refused), status=refused.status)
    except Moved as moved:
        words = "; ".join(said(page.title) for page in moved.pages)
        problem = _("Changed while you were reading, nothing was signed: %(pages)s. Read them again.")
        return _pages(request, subject, problem=problem % {"pages": words}, status=409)
    except Locked:
        return _pages(
            request, subject, problem=_("A lock covers these pages: nothing was signed."), status=409
        )
    _tell(request, done)
    return redirect("signing" if not done.refused else request.get_full_path())


def _level(request: Request, seen: dict[uuid.UUID, str]) -> str:
    if len(seen) == 1 or request.GET.get("form"):
        return Signature.Level.PAGE
    return Signature.Level.VISIT if request.GET.get("visit") else Signature.Level.SUBJECT


def _tell(request: Request, done: acts.Signed) -> None:
    n = len(done.made)
    if n:
        messages.success(request, ngettext("%(n)d page signed.", "%(n)d pages signed.", n) % {"n": n})
    for one in done.refused:
        why = _("; ").join(said(reason) for reason in one.refusals)
        messages.warning(
            request, _("Not signed: %(page)s (%(why)s)") % {"page": said(one.page.title), "why": why}
        )


@sensitive_post_parameters("password", "code")
@never_cache
@needs(Action.SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_signature(request: Request, page_id: uuid.UUID) -> HttpResponse:
    """Ask why a signature is withdrawn; POST records it as a signed act of its own (SIG-08)."""
    page = Page.objects.select_related("visit").filter(pk=page_id).first()
    if page is None or page.form not in forms_open_to(request.actor):
        raise Http404
    subject = subject_or_404(request.actor, page.subject_id, Action.SIGN)
    problem, status, reason = "", 200, request.POST.get("reason", "")
    if request.method == "POST":
        try:
            acts.withdraw(page=page, reason=reason, by=request.actor, proven=proven(request))
        except Unproven as refused:
            problem, status = str(refused), refused.status
        except ValueError:
            problem, status = _("Say why, in at most 400 characters. Nothing was withdrawn."), 422
        except NothingToWithdraw:
            problem, status = _("No valid signature stands under this page."), 409
        except Locked:
            problem, status = _("A lock covers this page: nothing was withdrawn."), 409
        else:
            messages.success(request, _("Withdrawn. The signature stays in the history."))
            return redirect("signing-subject", subject.pk)
    dossier = dossiers.load(subject)
    record = dossier.page(page.pk)
    context = {"subject": subject, "record": record, "problem": problem, "reason": reason, **_signer(request)}
    return render(request, "signing/withdraw.html", context, status=status)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
