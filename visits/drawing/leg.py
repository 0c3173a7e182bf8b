"""The target leg as coordinates: length to scale, a lane each for old stents, lesions, devices, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from visits.dossier import Dossier
from visits.drawing.placing import NOMINAL, Placed, Span, Zone, place

TOP, BOTTOM = 28.0, 648.0
LANES = {"PS": 166, "LES": 224, "EVENT": 354}
DEVICE_LANES = (269, 289, 309)
BAR = 18.0
KINDS = ("PS", "LES", "DCB", "DES", "BMS", "REV")
COLOURS = {"DCB": "#123f86", "DES": "#934700", "BMS": "#56636f"}
MARGIN_COLOUR = "#8a4a00"
SHORTEST_NAMED = 15.0
GAP = 14.0
VESSELS = {"ATA": "ro_ata", "PTA": "ro_pta", "PERO": "ro_pero"}
SEGMENT_NAMES = {"SFAP": "SFA prox", "SFAM": "SFA mid", "SFAD": "SFA dist"}


@dataclass(slots=True)
class Bar:
    """One rectangle of a lane, with its name inside or beside it; dashed where its place is not certain."""

    kind: str
    name: str
    x: float
    y: float
    height: float
    dashed: bool

    @property
    def middle(self) -> float:
        """Where its name stands."""
        return round(self.y + self.height / 2 + 4, 1)

    @property
    def centre(self) -> float:
        """The middle of the lane."""
        return self.x + BAR / 2

    @property
    def short(self) -> str:
        """The number alone on a device, the whole name elsewhere."""
        return self.name[3:] if self.kind in COLOURS else self.name

    @property
    def named(self) -> bool:
        """Whether the name fits."""
        return self.height >= SHORTEST_NAMED


@dataclass(slots=True)
class Note:
    """Words at the right of a line."""

    y: float
    words: str
    colour: str


@dataclass(slots=True)
class Band:
    """A treated stretch with its margin on both sides."""

    top: float
    start: float
    end: float
    bottom: float
    colour: str

    @property
    def whole(self) -> float:
        """The height with the margins."""
        return round(self.bottom - self.top, 1)

    @property
    def upper(self) -> float:
        """The height of the margin above."""
        return round(self.start - self.top, 1)

    @property
    def lower(self) -> float:
        """The height of the margin below."""
        return round(self.bottom - self.end, 1)


@dataclass(slots=True)
class Leg:
    """The drawing: what the template writes down, and the same in words."""

    margin: int
    origin: float
    knee: float
    bars: list[Bar] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    ticks: list[tuple[float, int]] = field(default_factory=list)
    segments: list[tuple[float, float, str]] = field(default_factory=list)
    runoff: str = ""
    description: str = ""
    caveats: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """What the key below the drawing has to name."""
        return sorted({bar.kind for bar in self.bars}, key=KINDS.index)


@dataclass(frozen=True, slots=True)
class Scale:
    """Millimetres to coordinates."""

    low: float
    high: float

    def y(self, mm: float) -> float:
        """Return where a distance below the profunda lies."""
        return round(TOP + (mm - self.low) * (BOTTOM - TOP) / (self.high - self.low), 1)


def draw(dossier: Dossier, *, margin: int = 30) -> Leg:
    """Return the target leg of a subject; before any stent or lesion there are no bars."""
    placed = place(dossier)
    scale = _scale(placed, margin)
    leg = Leg(margin, scale.y(0), scale.y(NOMINAL["P3"][1]))
    leg.ticks = [(scale.y(mm), mm) for mm in range(0, int(scale.high) + 1, 50)]
    leg.segments = [
        (scale.y((max(low, scale.low) + high) / 2) + 4, scale.y(high), SEGMENT_NAMES.get(code, code))
        for code, (low, high) in NOMINAL.items()
    ]
    _bars(leg, placed, scale)
    kind = next((span.kind for span in placed.devices if span.kind != "BMS"), "BMS")
    for zone in placed.zones:
        _band(leg, zone, scale, COLOURS[kind])
    leg.notes = _apart(leg.notes)
    leg.runoff = _runoff(dossier)
    leg.description = _described(placed, margin)
    unsure = (span.because for span in placed.spans if span.because)
    leg.caveats = list(dict.fromkeys([*unsure, *placed.elsewhere]))
    return leg


def _scale(placed: Placed, margin: int) -> Scale:
    ends = [(span.start, span.end) for span in placed.spans]
    ends += [(zone.start - margin, zone.end + margin) for zone in placed.zones]
    low = min([-30.0, *(start - 10 for start, end in ends)])
    high = max([400.0, *(end + 10 for start, end in ends)])
    return Scale(low, high)


def _bars(leg: Leg, placed: Placed, scale: Scale) -> None:
    _beside(leg, placed.stents, LANES["PS"], scale)
    _beside(leg, placed.lesions, LANES["LES"], scale)
    for number, span in enumerate(placed.devices):
        lane = DEVICE_LANES[2] if span.kind == "BMS" else DEVICE_LANES[number % 2]
        leg.bars.append(_bar(span, lane, scale))
    _beside(leg, placed.events, LANES["EVENT"], scale)


def _beside(leg: Leg, spans: Sequence[Span], lane: int, scale: Scale) -> None:
    """Draw a lane; what would cover the one before stands a little to the right of it."""
    before: Span | None = None
    shifted = False
    for span in sorted(spans, key=lambda one: (one.start, one.name)):
        shifted = before is not None and span.start < before.end and not shifted
        leg.bars.append(_bar(span, lane - BAR / 2 + (BAR + 2 if shifted else 0), scale))
        before = span


def _bar(span: Span, x: float, scale: Scale) -> Bar:
    top = scale.y(span.start)
    height = round(max(scale.y(span.end) - top, 3), 1)
    return Bar(span.kind, span.name, x, top, height, bool(span.because))


def _band(leg: Leg, zone: Zone, scale: Scale, colour: str) -> None:
    top, bottom = scale.y(zone.start - leg.margin), scale.y(zone.end + leg.margin)
    band = Band(top, scale.y(zone.start), scale.y(zone.end), bottom, colour)
    leg.bands.append(band)
    leg.notes += [
        Note(band.top, f"−{leg.margin} mm", MARGIN_COLOUR),
        Note(band.start, f"{zone.start:.0f} mm", colour),
        Note(band.end, f"{zone.end:.0f} mm", colour),
        Note(band.bottom, f"+{leg.margin} mm", MARGIN_COLOUR),
    ]


def _apart(notes: Sequence[Note]) -> list[Note]:
    """Move notes down so that none covers another."""
    ordered = sorted(notes, key=lambda note: note.y)
    last = -GAP
    for note in ordered:
        note.y = round(max(note.y + 4, last + GAP), 1)
        last = note.y
    return ordered


def _runoff(dossier: Dossier) -> str:
    """Name the vessels below the knee with what was seen of them."""
    lesion = next(iter(dossier.target_lesions()), None)
    if lesion is None:
        return ""
    short = {"P": _("patent"), "S": _("stenosed"), "O": _("occluded"), "N": _("not seen")}
    grouped: dict[str, list[str]] = {}
    for name, item in VESSELS.items():
        code = str(lesion.get(item) or "")
        if code in short:
            grouped.setdefault(code, []).append(name)
    return "; ".join(f"{', '.join(names)}: {short[code]}" for code, names in grouped.items())


def _described(placed: Placed, margin: int) -> str:
    """Say in sentences what the drawing shows."""
    kinds = {"PS": _("Prior stent"), "LES": _("Lesion"), "REV": _("Revascularisation")}
    said = [
        _("%(what)s %(name)s from %(a).0f to %(b).0f mm below the profunda origin")
        % {"what": kinds.get(span.kind, _("Device")), "name": span.name, "a": span.start, "b": span.end}
        for span in placed.spans
    ]
    said += [
        _("device edges of %(name)s at %(a).0f and %(b).0f mm, with %(m)d mm on both sides")
        % {"name": zone.lesion, "a": zone.start, "b": zone.end, "m": margin}
        for zone in placed.zones
    ]
    return "; ".join(said) or _("No lesion has been entered yet.")
