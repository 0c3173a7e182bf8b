"""What happens to a page between being opened and being saved: drafts, and who else is typing there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sites.access import Request, from_script, needs, require
from sites.again import opened_by
from sites.rates import limited
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits.blinding import forms_open_to
from visits.capture import autosaves, presence
from visits.capture.autosaves import AlreadySent, CannotKeep
from visits.capture.forms import SITE_ZONE, PageForm, shown_text
from visits.capture.presence import Colleague
from visits.capture.save import action_for
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.items import TextItem
from visits.pages.neighbours import is_page
from visits.pages.sheet import Sheet


@dataclass(slots=True)
class Found:
    """An open draft of the person who opens its page; `taken_up` when they have said so."""

    key: uuid.UUID
    at: datetime
    typed: QueryDict
    taken_up: bool


def key_of(request: Request) -> uuid.UUID | None:
    """Return the one-time key of the form that was sent."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def typed_by_this_person(request: Request) -> bool:
    """Say whether a sent form was opened by the person who is signed in now."""
    return opened_by(request) in ("", request.actor.user_id)


def found(request: Request, sheet: Sheet) -> Found | None:
    """Return what this person typed on a page and did not save; one statement, none for who only reads."""
    if not sheet.editable:
        return None
    kept = autosaves.open_draft(
        sheet.dossier.subject, visit=sheet.visit, form=sheet.crf.form, by=request.actor
    )
    if kept is None:
        return None
    typed = autosaves.as_sent(kept.typed)
    for form in sheet.forms:
        _fill_withheld(form, typed)
    return Found(kept.key, kept.at, typed, taken_up=request.GET.get("draft") == str(kept.key))


def _fill_withheld(form: PageForm, typed: QueryDict) -> None:
    """Put what is stored where a text was not kept, because it might identify somebody."""
    if f"{form.prefix}-revision" not in typed or form.record is None:
        return
    for name, item in form.items.items():
        if isinstance(item, TextItem) and form.add_prefix(name) not in typed:
            typed[form.add_prefix(name)] = shown_text(item, form.record.get(name))


def differing(sheet: Sheet) -> dict[str, bool]:
    """Return the rows whose boxes differ from the record, and whether a stored value is replaced there."""
    rows = {}
    for form in (form for form in sheet.forms if f"{form.prefix}-revision" in form.data):
        stored = PageForm(
            crf=form.crf,
            record=form.record,
            today=sheet.today,
            prefix=form.prefix or "",
            version=form.version,
        )
        for name in form.items:
            typed, was = form.typed(name), stored.typed(name)
            if (typed.text, typed.codes, typed.missing) != (was.text, was.codes, was.missing):
                rows[f"row-{form.add_prefix(name)}"] = not was.is_blank
    return rows


@limited("autosave")
@needs(Action.PAGE_READ)
@require_POST
def draft(request: Request, subject_id: uuid.UUID, visit: str, form: str) -> HttpResponse:
    """Keep, discard or take up again what is typed on a page; say who else is there. By `act`:

    keep: the boxes of the form; here, leave: the page is open, or no longer; discard, undo: of one's draft.
    """
    if not is_page(visit, form) or form not in forms_open_to(request.actor):
        raise Http404
    subject = subject_or_404(request.actor, subject_id, Action.PAGE_READ)
    require(request.actor, action_for(form), subject.site_id)
    key = key_of(request)
    if key is None:
        return JsonResponse({"words": _("Open the page again: its key is missing.")}, status=422)
    if not typed_by_this_person(request):
        return JsonResponse({"person": request.actor.user_id}, status=HTTPStatus.CONFLICT)
    at = None if visit == LOG else visit
    act = request.POST.get("act", "keep")
    if act == "discard":
        return _discard(request, subject, visit, form, key)
    if act == "undo":
        autosaves.take_up(subject, key=key, by=request.actor)
        return redirect(f"{reverse('page', args=[subject.pk, visit, form])}?draft={key}")
    if act == "leave":
        presence.leave(key=key, by=request.actor)
        return JsonResponse({})
    answer = _keep(request, subject, at, form, key) if act == "keep" else {}
    typing = request.POST.get("typing") == "1"
    there = presence.here(subject, visit=at, form=form, key=key, typing=typing, by=request.actor)
    return JsonResponse({**answer, "others": [said_of(one) for one in there]})


def _keep(request: Request, subject: Subject, at: str | None, form: str, key: uuid.UUID) -> dict[str, Any]:
    """Keep the boxes of the form; the answer says when, or why not."""
    try:
        typed, withheld = autosaves.boxes(request.POST, FORMS[form])
    except CannotKeep:
        return {"words": _("Not kept: a character that cannot be stored.")}
    try:
        kept = autosaves.keep(subject, visit=at, form=form, key=key, typed=typed, by=request.actor)
    except AlreadySent:
        return {"key": str(uuid.uuid4())}
    answer: dict[str, Any] = {"kept": kept.at.astimezone(SITE_ZONE).strftime("%H:%M:%S")}
    if withheld:
        answer["words"] = _("A text that may identify a person is not kept before it is saved.")
    return answer


def _discard(request: Request, subject: Subject, visit: str, form: str, key: uuid.UUID) -> HttpResponse:
    gone = autosaves.discard(subject, key=key, by=request.actor)
    if from_script(request):
        return JsonResponse({"discarded": gone is not None})
    url = reverse("page", args=[subject.pk, visit, form])
    return redirect(f"{url}?discarded={key}" if gone else url)


def said_of(one: Colleague) -> str:
    """Say that somebody else is on the page."""
    since = (one.typing_since or one.since).astimezone(SITE_ZONE).strftime("%H:%M")
    words = (
        _("%(name)s is on this page, typing since %(time)s")
        if one.typing_since
        else _("%(name)s is on this page since %(time)s")
    )
    return words % {"name": one.name, "time": since}
