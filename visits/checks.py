"""Edit checks that open a query and never refuse a save: which they are, and where they hold now.

Usual ranges and warnings of a CRF's class become checks here. A check names what it reads, so that a save
runs just those whose operands changed; one that holds no longer closes its own query (design §3.9).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from protocol.words import Bilingual
from visits.crfs import FORMS
from visits.crfs.base import Crf
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


@cache
def checks_of(form: str) -> tuple[str, ...]:
    """Return the ids of all checks that a form owns."""
    crf = FORMS[form]
    ranges = tuple(f"RNG-{form}.{name}-S" for name, item in crf.items().items() if item.soft is not None)
    return ranges + tuple(warning.id for warning in crf.warnings)


def firings(dossier: Dossier, pages: Iterable[PageRecord]) -> list[Firing]:
    """Return every check that holds on these pages now; removed and not-done pages hold none."""
    found: list[Firing] = []
    for page in pages:
        if not (page.removed or page.not_done):
            crf = FORMS[page.form]
            found += _unusual(crf, page)
            found += _warned(crf, page, dossier)
    return found


def _unusual(crf: type[Crf], page: PageRecord) -> list[Firing]:
    found = []
    for name, item in crf.items().items():
        value = page.values.get(name)
        if item.soft is None or value is None or item.soft.holds(value):
            continue
        unit = f" {item.unit}" if item.unit else ""
        message = Bilingual(
            f"{item.label.en}: {value}{unit} is outside the usual range ({item.soft.text}). Please check the source.",
            f"{item.label.zh}:{value}{unit} 超出常见范围({item.soft.text}),请核对源文件。",
        )
        check = f"RNG-{crf.form}.{name}-S"
        found.append(Firing(check, page, (name,), message, digest_of({name: value})))
    return found


def _warned(crf: type[Crf], page: PageRecord, dossier: Dossier) -> list[Firing]:
    return [
        Firing(
            warning.id,
            page,
            tuple(warning.items),
            warning.message,
            digest_of({name: page.values.get(name) for name in warning.items}),
        )
        for warning in crf.warnings
        if warning.holds(page.values)
    ]
