"""What changed on pages since their last signature: item, old, new, by whom, when and why."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import Q

from audit.models import Entry
from visits.review.signing.standing import BROKEN, Standing
from visits.trail.told import TYPED, Line, lines, versions_of


def since_signed(
    subject_id: uuid.UUID, standing: Mapping[uuid.UUID, Standing], *, broken_only: bool = True
) -> dict[uuid.UUID, list[Line]]:
    """Return the changes of each page whose last signature is broken, oldest first; a few statements."""
    acts = {
        str(one.last.signature.pk): page
        for page, one in standing.items()
        if one.last and (one.state == BROKEN or not broken_only)
    }
    if not acts:
        return {}
    chain = Entry.objects.filter(chain=f"subject:{subject_id}")
    signed = chain.filter(table_name="visits_signature", row_key__in=list(acts)).values_list("row_key", "n")
    after = {acts[row_key]: n for row_key, n in signed if row_key}
    if not after:
        return {}
    pages = [str(page) for page in after]
    later = chain.filter(
        Q(table_name__in=[*TYPED, "visits_page"]), n__gt=min(after.values()), page_id__in=pages
    ).order_by("n")
    told = lines(list(later), versions=versions_of(pages))
    return {page: list(_of(page, n, told)) for page, n in after.items()}


def _of(page: uuid.UUID, n: int, told: Iterable[Line]) -> Iterable[Line]:
    return (line for line in told if line.page_id == str(page) and line.n > n and line.told)
