"""What job workers do for an import."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit import statistics
from audit.context import acting
from audit.jobs import Progress
from visits.imports import loading
from visits.imports.records import Import


def check_import(progress: Progress, staged_id: UUID) -> dict[str, Any]:
    """Check a staged file; run again, it finds the same."""
    staged = Import.objects.select_related("file").get(pk=staged_id)
    if staged.state in (Import.State.STAGED, Import.State.CHECKED):
        loading.check(staged, by=replace(progress.by, origin="import"), told=progress.set)
    return {"url": reverse("import", args=[staged.pk])}


def load_import(progress: Progress, staged_id: UUID) -> dict[str, Any]:
    """Load a checked file; where the study has moved on, say so on its page and load nothing."""
    staged = Import.objects.select_related("file").get(pk=staged_id)
    by = replace(progress.by, origin="import")
    if staged.state == Import.State.CHECKED:
        try:
            loading.load(staged, by=by, told=progress.set)
            statistics.refresh()
        except loading.LoadRefused:
            staged.refresh_from_db()
            staged.state, staged.counts = Import.State.STAGED, {"moved_on": 1}
            with acting(by=by):
                staged.save(update_fields=["state", "counts"])
    return {"url": reverse("import", args=[staged.pk])}
