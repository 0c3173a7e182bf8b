"""Serious adverse events that wait for the investigator's judgement: relations not answered yet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse

from audit.actors import Actor
from protocol.words import Bilingual
from sites.access import visible_sites
from sites.roles import Action
from visits.crfs import FORMS
from visits.crfs.ae import AdverseEvent
from visits.dossier import LOG

RELATIONS = ("ae_rel_proc", "ae_rel_device", "ae_rel_drug", "ae_rel_antithr")


@dataclass(frozen=True, slots=True)
class ToJudge:
    """A serious event, and the judgements that it lacks."""

    subject_id: uuid.UUID
    usubjid: str
    ordinal: int
    url: str
    lacking: tuple[Bilingual, ...]
    entered: date


def to_judge(by: Actor) -> list[ToJudge]:
    """Return the serious events whose relation is open, oldest first; one statement.

    An item with a reason for its absence is judged as far as it can be. Whether the investigator stands by
    the answers is told by signatures, which come later; nothing here stands in for them.
    """
    blank = Q()
    for name in RELATIONS:
        blank |= Q(**{f"{name}__isnull": True})
    unexpected = Q(ae_rel_device__gt="0", ae_anticipated__isnull=True)
    events = AdverseEvent.objects.filter(blank | unexpected, ae_serious="Y", page__removed=False)
    sites = visible_sites(by, Action.PAGE_READ)
    if sites is not None:
        events = events.filter(site_id__in=sites)
    found = [_of(event) for event in events.select_related("page__subject").order_by("page__entered_at")]
    return [one for one in found if one.lacking]


def _of(event: AdverseEvent) -> ToJudge:
    page = event.page
    device = event.ae_rel_device
    asked = [*RELATIONS, *(["ae_anticipated"] if device is not None and device > "0" else [])]
    lacking = [name for name in asked if getattr(event, name) is None and name not in (event.missing or {})]
    items = FORMS["AE"].questions()
    return ToJudge(
        page.subject_id,
        page.subject.usubjid,
        page.ordinal,
        f"{reverse('page', args=[page.subject_id, LOG, 'AE'])}?record={page.ordinal}",
        tuple(items[name].label for name in lacking),
        page.entered_at.date(),
    )
