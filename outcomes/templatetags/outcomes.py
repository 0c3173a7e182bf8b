"""How outcome pages write: coordinates, results in words, the question an explanation answers."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.actors import Actor
from outcomes.explained import Explained
from outcomes.explained import outcome_words as in_words
from outcomes.models import Result
from outcomes.time_to_event import EVENT
from protocol.endpoints import Family
from sites.access import can
from sites.reader import said
from sites.roles import Action
from subjects.models import Subject

register = template.Library()


@register.filter
def coord(value: float, moved: float = 0) -> str:
    """Write a coordinate of a figure, moved by some units; never in a language's own number format."""
    return f"{float(value) + float(moved):.1f}"


@register.simple_tag
def outcome_words(result: Result) -> str:
    """Say how a result ends."""
    return said(in_words(result))


@register.simple_tag
def result_cell(result: Result) -> str:
    """Write a result as short as a cell: the day and how it ends, or the answer."""
    if result.aval is None or result.cnsr is None:
        return outcome_words(result)
    if result.cnsr == EVENT:
        return _("event, day %(day)s") % {"day": result.aval}
    return _("none to day %(day)s") % {"day": result.aval}


@register.simple_tag
def freedom(family: Family) -> str:
    """Name a family of endpoints as what its subjects stay free from."""
    return _("Freedom from %(event)s") % {"event": said(family.short)}


@register.simple_tag
def why_title(why: Explained) -> str:
    """Write the question that the explanation answers."""
    short = "-".join(why.result.subject.usubjid.split("-")[1:])
    if why.result.aval is None:
        return _("Why “%(answer)s” for %(subject)s?") % {
            "answer": outcome_words(why.result),
            "subject": short,
        }
    words = (
        _("Why an event for %(subject)s on day %(day)s?")
        if why.is_event
        else _("Why is %(subject)s censored on day %(day)s?")
    )
    return words % {"subject": short, "day": why.result.aval}


@register.simple_tag
def subject_link(subject: Subject, actor: Actor) -> SafeString:
    """Write the subject's number, as a link for those who may open the subject."""
    if can(actor, Action.SUBJECT_READ, subject.site_id):
        return format_html(
            '<a class="sid" href="{}">{}</a>', reverse("subject", args=[subject.pk]), subject.usubjid
        )
    return format_html('<span class="sid">{}</span>', subject.usubjid)
