"""Where stents, lesions, devices and events of a leg lie, in millimetres below the origin of the profunda.

What was not entered is drawn at the best place that is known, and said in words (`Span.because`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from visits.dossier import Dossier, PageRecord

# The stretches by which a segment stands where no distance was entered; the vessel is drawn with the same.
NOMINAL: dict[str, tuple[float, float]] = {
    "CFA": (-30, 0),
    "SFAP": (0, 90),
    "SFAM": (90, 180),
    "SFAD": (180, 280),
    "P1": (280, 320),
    "P2": (320, 350),
    "P3": (350, 372),
}
USUAL_LENGTH = 60.0
EVENT_LENGTH = 14.0
DEVICES = ("DCB", "DES", "BMS")
DELIVERED = ("OK", "PART")


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lies along the vessel; `because` says what is not known of its place."""

    name: str
    kind: str
    start: float
    end: float
    because: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """The stretch that the index devices treated, by lesion."""

    lesion: str
    start: float
    end: float


@dataclass(slots=True)
class Placed:
    """All that is drawn of a leg, and in words what could not be."""

    stents: list[Span] = field(default_factory=list)
    lesions: list[Span] = field(default_factory=list)
    devices: list[Span] = field(default_factory=list)
    events: list[Span] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        """Everything that has a place."""
        return [*self.stents, *self.lesions, *self.devices, *self.events]


def place(dossier: Dossier) -> Placed:
    """Return where everything of the target limb lies."""
    placed = Placed()
    placed.lesions = [_lesion(page) for page in dossier.target_lesions()]
    lesions = {span.name: span for span in placed.lesions}
    placed.stents = [_stent(page, dossier) for page in dossier.of("PS")]
    for name, lesion in lesions.items():
        _treat(placed, dossier, name, lesion)
    for page in _ordered(dossier.of("REV")):
        _event(placed, page, dossier.target_limb)
    return placed


def _ordered(pages: Sequence[PageRecord]) -> list[PageRecord]:
    return sorted(pages, key=lambda page: page.ordinal)


def _nominal(segments: Sequence[str] | None) -> tuple[float, float] | None:
    known = [NOMINAL[code] for code in segments or () if code in NOMINAL]
    return (min(low for low, high in known), max(high for low, high in known)) if known else None


def _lesion(page: PageRecord) -> Span:
    name, start, length = page.identity, page.get("dist_profunda_mm"), page.get("lesion_length_mm")
    by_segment = _nominal(page.get("les_segment")) or NOMINAL["SFAM"]
    because = []
    if start is None:
        because.append(
            _("%(name)s: distance to the profunda not entered, drawn by its segments") % {"name": name}
        )
    if length is None:
        because.append(_("%(name)s: length not entered") % {"name": name})
    top = float(start) if start is not None else by_segment[0]
    reach = float(length) if length is not None else min(USUAL_LENGTH, by_segment[1] - by_segment[0])
    return Span(name, "LES", top, top + reach, "; ".join(because))


def _stent(page: PageRecord, dossier: Dossier) -> Span:
    """Lay an old stent by the lesion in it, whose reading tells how far it reaches beyond the stent."""
    length = page.get("ps_length_mm")
    carried = next(iter(dossier.target_lesions()), None) if page.get("ps_carries_tl") == "Y" else None
    if carried is not None and carried.get("dist_profunda_mm") is not None:
        lesion = _lesion(carried)
        start = lesion.start + float(carried.get("ext_prox_mm") or 0)
        end = lesion.end - float(carried.get("ext_dist_mm") or 0)
        because = ""
        if length is not None and length > end - start:
            # Longer than the lesion: how far it reaches beyond is not recorded, so half on each side.
            beyond = (length - (end - start)) / 2
            start, end = start - beyond, end + beyond
            because = _("%(name)s: edges not recorded, laid around its lesion") % {"name": page.identity}
        return Span(page.identity, "PS", start, max(end, start + 1), because)
    top, bottom = _nominal(page.get("ps_segment")) or NOMINAL["SFAM"]
    because = _("%(name)s: drawn by its segments") % {"name": page.identity}
    return Span(page.identity, "PS", top, top + float(length) if length else bottom, because)


def _treat(placed: Placed, dossier: Dossier, name: str, lesion: Span) -> None:
    """Lay the devices of a lesion one after the other from the proximal treated edge, less their overlap."""
    record = next((page for page in dossier.of("PRL") if page.get("prl_lesion") == name), None)
    start = record.get("treated_prox_mm") if record else None
    length = record.get("treated_len_mm") if record else None
    at = float(start) if start is not None else lesion.start
    because = "" if start is not None else _("device edges of %(name)s not entered") % {"name": name}
    first = len(placed.devices)
    for kind in DEVICES:
        end = at
        for page in _ordered(dossier.of(kind)):
            item = kind.lower()
            if page.get(f"{item}_lesion") != name or page.get(f"{item}_outcome") not in DELIVERED:
                continue
            begun = end - float(page.get(f"{item}_overlap_mm") or 0) if end > at else at
            reach = float(page.get(f"{item}_deployed_mm") or page.get(f"{item}_len_mm") or USUAL_LENGTH)
            why = because
            if kind == "BMS":
                begun = max(at, (lesion.start + lesion.end - reach) / 2)
                why = _("%(name)s: place not recorded, drawn at the lesion") % {"name": page.identity}
            end = begun + reach
            placed.devices.append(Span(page.identity, kind, begun, end, why))
    laid = placed.devices[first:]
    if start is not None and length is not None:
        placed.zones.append(Zone(name, float(start), float(start) + float(length)))
    elif laid:
        placed.zones.append(Zone(name, min(s.start for s in laid), max(s.end for s in laid)))


def _event(placed: Placed, page: PageRecord, limb: str | None) -> None:
    """Place a revascularisation by its distance from the nearest device edge."""
    if page.get("rev_kind") == "DIAG":
        return
    name, edge, distance = page.identity, page.get("rev_edge"), page.get("rev_edge_mm")
    zone = next((z for z in placed.zones if z.lesion == page.get("rev_tl_lesion")), None)
    zone = zone or (placed.zones[0] if len(placed.zones) == 1 else None)
    if page.get("rev_side") not in (limb, None):
        placed.elsewhere.append(_("%(name)s: other leg") % {"name": name})
    elif zone is None or edge is None:
        placed.elsewhere.append(
            _("%(name)s: outside the drawn vessel, or place not entered") % {"name": name}
        )
    else:
        away = float(distance or 0)
        because = (
            ""
            if distance is not None or edge == "IN"
            else _("%(name)s: distance not entered") % {"name": name}
        )
        if edge == "PROX":
            placed.events.append(
                Span(name, "REV", zone.start - away - EVENT_LENGTH, zone.start - away, because)
            )
        elif edge == "DIST":
            placed.events.append(Span(name, "REV", zone.end + away, zone.end + away + EVENT_LENGTH, because))
        else:
            middle = (zone.start + zone.end) / 2
            placed.events.append(Span(name, "REV", middle - EVENT_LENGTH, middle + EVENT_LENGTH, because))
