"""Edit checks that open a query and never refuse a save: which they are, and where they hold now.

Usual ranges and warnings of a CRF's class become checks here. A check names what it reads, so that a save
runs just those whose operands changed; one that holds no longer closes its own query (design §3.9).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from protocol.words import Bilingual
from visits.crfs import FORMS
from visits.crfs.base import Contradiction, Crf
from visits.dossier import Dossier, PageRecord


@dataclass(frozen=True, slots=True)
class Firing:
    """A check that holds on a page: its id, the items it is about, the question, and what it has read."""

    check_id: str
    page: PageRecord
    items: tuple[str, ...]
    message: Bilingual
    digest: str


def digest_of(values: dict[str, Any]) -> str:
    """Return the SHA-256 of values in one canonical form; equal values, equal digest."""
    canonical = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def firings(dossier: Dossier, pages: Iterable[PageRecord]) -> list[Firing]:
    """Return every check that holds on these pages now; removed and not-done pages hold none."""
    found: list[Firing] = []
    for page in pages:
        if not (page.removed or page.not_done):
            crf = FORMS[page.form]
            values = {**dossier.context(), **crf.complete(page.values, dossier)}
            warned = [warning for warning in crf.warnings if warning.found_in(values)]
            stated = {item for warning in warned for item in warning.limit_of}
            found += [_warning(warning, page, values) for warning in warned]
            found += _unusual(crf, page, values, stated)
    return found


def _range_id(crf: type[Crf], name: str) -> str:
    return f"RNG-{crf.form}.{name}-S"


def _unusual(crf: type[Crf], page: PageRecord, values: Mapping[str, Any], stated: set[str]) -> list[Firing]:
    """Return what lies outside a usual range; a limit that a standing warning states asks once (§4)."""
    found = []
    for name, asked in crf.questions().items():
        question = asked.unusual(values.get(name)) if name not in stated else None
        if question is not None:
            digest = digest_of({name: values.get(name)})
            found.append(Firing(_range_id(crf, name), page, (name,), question, digest))
    return found


def _warning(warning: Contradiction, page: PageRecord, values: Mapping[str, Any]) -> Firing:
    read = {name: values.get(name) for name in warning.items}
    return Firing(warning.id, page, warning.items, warning.message, digest_of(read))
