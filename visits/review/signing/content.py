"""What a signature is bound to: the page's values by their digest, where it stands, and how it was worded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache

from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.items import Item


@cache
def wording_of(form: str, version: str) -> str:
    """Return the SHA-256 of the questions of a form version: labels, units and choices in both languages."""
    crf = FORMS[form]
    said = [crf.title.en, crf.title.zh]
    for name, asked in crf.questions_at(version).items():
        said += [name, asked.label.en, asked.label.zh, asked.unit]
        codelist = asked.codelist if isinstance(asked, Item) else None
        for code in codelist.codes if codelist else ():
            term = codelist.decode(code) if codelist else None
            said += [code, term.en if term else "", term.zh if term else ""]
    return _sha256(said)


def content_of(page: PageRecord) -> str:
    """Return the SHA-256 of all that is signed: it is what the signer's screen sends back (SIG-06)."""
    return _sha256(
        [
            *(
                str(page.id),
                page.form,
                page.form_version,
                page.digest,
                wording_of(page.form, page.form_version),
            ),
            *(str(page.visit_id or ""), page.removed, page.not_done, page.not_done_reason),
        ]
    )


def _sha256(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(list(parts), ensure_ascii=False).encode()).hexdigest()
