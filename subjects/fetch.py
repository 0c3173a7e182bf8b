"""Fetching a subject with the permission: outsiders find nothing, the unentitled are refused."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from audit.actors import Actor
from sites.access import visible_sites
from sites.reconsent import beside_subject
from sites.roles import Action
from subjects.models import Subject


def subjects_visible(by: Actor, action: Action = Action.SUBJECT_READ) -> QuerySet[Subject]:
    """Return the subjects for which this person may do something; none where the role may not at all.

    Voided ones are in no list but their own (visits.arranging.voiding).
    """
    sites = visible_sites(by, action)
    found = Subject.objects.filter(voided_at=None).select_related("site")
    return found if sites is None else found.filter(site_id__in=sites)


def subject_or_404(
    by: Actor, subject_id: uuid.UUID, action: Action = Action.SUBJECT_READ, *, to_write: bool = False
) -> Subject:
    """Return a subject; 404 where this person may not even read it, 403 where only that (ACL-03).

    `to_write` takes the subject's row for the transaction, so that nobody else writes it meanwhile.
    """
    wanted = subjects_visible(by, action).filter(pk=subject_id).annotate(**beside_subject())
    found = (wanted.select_for_update(of=("self",)) if to_write else wanted).first()
    if found is not None:
        return found
    if subjects_visible(by).filter(pk=subject_id).exists():
        raise PermissionDenied
    raise Http404
