"""The acts of two people on locks: the final lock, lifting an interim one, unlocking for a time."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sites.access import Request, can, needs
from sites.proof import needs_code
from sites.roles import Action
from visits.crfs import FORMS
from visits.models import Lock
from visits.review import finality, locking, unlocking
from visits.review.lock_view import find_subject, pages_of, part_of
from visits.review.records import LockProposal, Unlock
from visits.review.signing.proving import Unproven, proven


@needs(Action.LOCK)
@sensitive_post_parameters("password", "code")
@require_POST
def propose(request: Request) -> HttpResponse:
    """Propose the final lock of the study, after proving again who one is."""
    try:
        signer = proven(request)
        finality.propose_lock(by=request.actor, reason=request.POST.get("reason", ""), proven=signer)
        messages.success(request, _("Proposed. Another person has to confirm the final lock."))
    except Unproven as refused:
        messages.error(request, str(refused))
    except ValueError:
        messages.error(request, _("Say why you lock. Nothing was locked."))
    except locking.AlreadyLocked:
        messages.warning(request, _("It is locked or proposed already."))
    except locking.Blocked:
        messages.error(request, _("Cannot lock: work is left open, listed below. Nothing was proposed."))
    return redirect("locks")


@needs(Action.LOCK_CONFIRM)
@sensitive_post_parameters("password", "code")
@require_POST
def decide_proposal(request: Request, proposal_id: uuid.UUID) -> HttpResponse:
    """Confirm a proposal, after proving again who one is, or withdraw it."""
    proposal = get_object_or_404(LockProposal, pk=proposal_id)
    move = request.POST.get("move", "")
    if move not in finality.MOVES:
        raise Http404
    try:
        signer = None
        if move == "confirm":
            if request.actor.user_id == proposal.by_id:
                raise PermissionDenied(_("Another person has to confirm this. Nothing was changed."))
            signer = proven(request)
        finality.decide(proposal=proposal, move=move, by=request.actor, proven=signer)
        messages.success(request, _("Done."))
    except Unproven as refused:
        messages.error(request, str(refused))
    except finality.Moved:
        words = _(
            "The data have changed since it was proposed. Withdraw it and propose anew. Nothing was locked."
        )
        messages.error(request, words)
    except (finality.Decided, locking.AlreadyLocked):
        messages.warning(request, _("Somebody has decided about this meanwhile. Nothing was changed."))
    except locking.Blocked:
        messages.error(request, _("Cannot lock: work is left open, listed below. Nothing was locked."))
    return redirect("locks")


@needs(Action.LOCK_READ)
@require_http_methods(["GET", "POST"])
def one_lock(request: Request, lock_id: uuid.UUID) -> HttpResponse:
    """Show a lock and its unlocks; POST ends a freeze, or asks for an unlock or a lift."""
    lock = get_object_or_404(locking.locks_visible(by=request.actor), pk=lock_id)
    if request.method == "POST":
        return _open(request, lock)
    subject = lock.subject or find_subject(request.GET.get("subject", ""))
    context = {
        "lock": lock,
        "unlocks": unlocking.unlocks_visible(by=request.actor).filter(lock=lock),
        "may_lock": can(request.actor, Action.LOCK) and lock.released_at is None,
        "subject": subject,
        "asked": request.GET.get("subject", ""),
        "pages": _reached(lock, subject),
        "days": unlocking.DAYS,
        "signatures": finality.signatures_of(lock),
        "content": finality.content_of_study()[0] if lock.confirmed_by_id else "",
        "items": FORMS[lock.page.form].items().items() if lock.page else (),
    }
    return render(request, "locks/lock.html", context)


def _reached(lock: Lock, subject: object) -> list[object]:
    """Return the pages of a subject that a lock covers."""
    pages = pages_of(subject) if subject is not None else []  # type: ignore[arg-type]
    if lock.page_id is not None:
        return [page for page in pages if page.id == lock.page_id]
    return [page for page in pages if lock.visit_id is None or page.visit_id == lock.visit_id]


def _open(request: Request, lock: Lock) -> HttpResponse:
    reason, actor = request.POST.get("reason", ""), request.actor
    try:
        if lock.kind == Lock.Kind.FROZEN:
            locking.unfreeze(frozen=lock, by=actor, reason=reason)
            messages.success(request, _("Values may change again."))
        elif request.POST.get("act") == "lift":
            finality.propose_lift(standing=lock, by=actor, reason=reason)
            messages.success(request, _("Proposed. Another person has to confirm it."))
        else:
            asked = find_subject(request.POST.get("subject", ""))
            if asked is None:
                raise Http404
            days = request.POST.get("days", "")
            unlocking.ask_to_unlock(
                lock=lock,
                **part_of(request, asked),
                by=actor,
                reason=reason,
                days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
            )
            messages.success(request, _("Asked for. Another person has to grant it."))
            return redirect("locks")
    except ValueError:
        messages.error(request, _("Say why, for how long, and what. Nothing was unlocked."))
    except (unlocking.NotPossible, locking.AlreadyLocked):
        messages.warning(request, _("This is asked for or decided already. Nothing was changed."))
    return redirect("lock", lock.pk)


@needs(Action.LOCK_READ)
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def one_unlock(request: Request, unlock_id: uuid.UUID) -> HttpResponse:
    """Show an unlock with what was changed under it; POST grants (proven anew), refuses or ends it."""
    unlock = get_object_or_404(unlocking.unlocks_visible(by=request.actor), pk=unlock_id)
    if request.method == "POST":
        move = request.POST.get("move", "")
        if move not in unlocking.MOVES:
            raise Http404
        try:
            signer = None
            if unlocking.MOVES[move].proof:
                if unlock.by_id == request.actor.user_id:
                    raise PermissionDenied(_("Another person has to grant this. Nothing was changed."))
                signer = proven(request)
            unlocking.decide(unlock=unlock, move=move, by=request.actor, proven=signer)
            messages.success(request, _("Done."))
        except Unproven as refused:
            messages.error(request, str(refused))
        except unlocking.NotPossible:
            messages.warning(request, _("Somebody has decided about this meanwhile. Nothing was changed."))
        return redirect("unlock", unlock.pk)
    mine = unlock.by_id == request.actor.user_id
    context = {
        "unlock": unlock,
        "changes": unlocking.told(unlock),
        "may_grant": can(request.actor, Action.LOCK_CONFIRM)
        and unlock.state == Unlock.State.ASKED
        and not mine,
        "may_refuse": can(request.actor, Action.LOCK_CONFIRM) and unlock.state == Unlock.State.ASKED,
        "may_end": can(request.actor, Action.LOCK) and unlock.state == Unlock.State.GRANTED,
        "needs_code": needs_code(request),
    }
    return render(request, "locks/unlock.html", context)
