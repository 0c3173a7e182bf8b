"""Which column of a file is which item: proposed from its header, decided by the person who loads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from protocol.schedule import LOGS
from protocol.words import Bilingual, T
from visits.capture.validation import STAMPED
from visits.crfs import FORMS

SUBJECT, VISIT = "@subject", "@visit"
PLACES: dict[str, Bilingual] = {SUBJECT: T("Subject", "受试者编号"), VISIT: T("Visit", "访视")}
# Consent makes a subject, and the committee and the system write theirs: none of these comes from a file.
NOT_IMPORTED = frozenset({"IC", "IE", "CEC", "DV"})
IMPORTED = tuple(form for form in FORMS if form not in NOT_IMPORTED)

# What tells two rows of a repeating form apart: the same key names the same row (EDQ-10).
ROW_KEY: dict[str, tuple[str, ...]] = {
    "LB": ("lb_test", "lb_dt"),
    "DUS": ("dus_date", "dus_lesion", "dus_reader"),
    "XR": ("xr_date", "xr_stent", "xr_reader"),
    "IMG": ("img_date", "img_lesion", "img_reader"),
    "LES": ("lesion_no", "les_reader"),
    "CM": ("cm_name", "cm_start"),
    "AE": ("ae_term", "ae_start"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a column can be: a place (subject, visit) or an item of the form."""

    code: str
    label: Bilingual


def targets(form: str) -> list[Target]:
    """Return what the columns of a file for a form can be, places first."""
    stamped = STAMPED.get(form, frozenset())
    places = [Target(code, PLACES[code]) for code in places_of(form)]
    items = [
        Target(name, item.label)
        for name, item in FORMS[form].items().items()
        if name not in stamped and item.until is None
    ]
    return places + items


def places_of(form: str) -> tuple[str, ...]:
    """Return what a row must say of where it belongs: the subject; the visit too unless the form is a log."""
    return (SUBJECT,) if form in LOGS else (SUBJECT, VISIT)


def proposed(form: str, header: Iterable[str], *, before: Mapping[str, str]) -> dict[str, str]:
    """Return a target for each header: as the same source had it before, else by name or label, else none."""
    known: dict[str, str] = {}
    for target in targets(form):
        for word in (target.code, target.label.en, target.label.zh, target.code.removeprefix("@")):
            known.setdefault(_plain(word), target.code)
    codes = {target.code for target in targets(form)}
    found: dict[str, str] = {}
    for name in header:
        if not name:
            continue
        code = before.get(name, known.get(_plain(name), ""))
        found[name] = code if code in codes and code not in found.values() else ""
    return found


def problems_of(form: str, columns: Mapping[str, str]) -> list[Bilingual]:
    """Return why a mapping cannot be used: a place or key that no column is, or two columns for one item."""
    chosen = [code for code in columns.values() if code]
    allowed = {target.code: target.label for target in targets(form)}
    found = []
    for code in (*places_of(form), *ROW_KEY.get(form, ())):
        if code not in chosen:
            label = allowed[code]
            found.append(Bilingual(f"No column is: {label.en}.", f"缺少列:{label.zh}。"))
    for code in sorted({code for code in chosen if chosen.count(code) > 1}):
        label = allowed.get(code, Bilingual(code, code))
        found.append(Bilingual(f"Two columns are: {label.en}.", f"有两列对应:{label.zh}。"))
    return found


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
