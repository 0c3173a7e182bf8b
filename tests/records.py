"""Pages as a dossier holds them, made without a database."""

import uuid
from datetime import UTC, datetime
from typing import Any

from visits.dossier import PageRecord


def page(form: str, values: dict[str, Any], *, visit: str | None = None, ordinal: int = 1) -> PageRecord:
    """Return a page with these values, entered on 1 March 2026."""
    return PageRecord(
        id=uuid.uuid4(),
        form=form,
        visit=visit,
        visit_code=visit,
        visit_id=None,
        ordinal=ordinal,
        revision=1,
        removed=False,
        not_done=False,
        not_done_reason="",
        form_version="1.0",
        unanswered=0,
        entered_at=datetime(2026, 3, 1, tzinfo=UTC),
        values=values,
    )
