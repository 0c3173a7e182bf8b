"""The index procedure: lesions as found on the angiogram, their treatment, and the devices used."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from defier.demo.baseline import Covariates
from defier.demo.catalogue import PRODUCT

PRODUCTS_OF = {"DCB": ("ORCHID", "INPACT"), "DES": ("ZILVERPTX", "ELUVIA"), "BMS": ("LIFESTENT", "EVERFLEX")}


@dataclass(slots=True)
class Lesion:
    """One target lesion; lengths and distances in mm."""

    name: str
    tosaka: int
    length: int
    stenosis: int
    vessel: float
    beyond_prox: int
    beyond_dist: int
    to_profunda: int
    to_notch: int
    pacss: str
    segments: list[str]
    runoff: tuple[str, str, str]

    @property
    def patent_runoff(self) -> int:
        """Below-knee vessels that are patent."""
        return self.runoff.count("P")


@dataclass(slots=True)
class Device:
    """One device of one lesion; `overlap` None for the first in its lesion."""

    kind: str
    lesion: str
    product: str
    diameter: int
    length: int
    overlap: int | None
    role: str = ""


@dataclass(slots=True)
class Treatment:
    """What was done to one lesion and how it looked afterwards; percentages are residual stenosis."""

    lesion: str
    crossing: str
    predilated: bool
    balloon: int
    after_preparation: int
    preparation_dissection: str
    after_device: int
    dissection: str
    flow_limiting: bool
    final: int
    final_dissection: str
    adjunct: list[str]


@dataclass(slots=True)
class Procedure:
    """The index procedure of one subject."""

    lesions: list[Lesion]
    treatments: list[Treatment]
    devices: list[Device] = field(default_factory=list)
    crossover: bool = False
    bailout: str = ""
    """Reason for a provisional bare stent: RES, FLD or nothing."""
    start_hour: float = 9.0
    minutes: int = 90
    nights: int = 2
    """Nights in hospital after the procedure."""
    access_complication: str = "NONE"

    @property
    def stents(self) -> list[Device]:
        """Study stents, of either kind."""
        return [device for device in self.devices if device.kind in ("DES", "BMS")]

    def technical_success(self) -> bool:
        """Whether every lesion ended open enough (PARC: 30 % with a stent, 50 % without)."""
        stented = {device.lesion for device in self.stents}
        return all(t.final <= (30 if t.lesion in stented else 50) for t in self.treatments)


def draw_procedure(rng: Random, given: Covariates) -> Procedure:
    """Draw the index procedure of a subject with these covariates."""
    lesions = _lesions(rng, given)
    procedure = Procedure(lesions=lesions, treatments=[])
    procedure.crossover = rng.random() < 0.02
    if given.cohort == "DCB" and not procedure.crossover and rng.random() < 0.10:
        procedure.bailout = "FLD" if rng.random() < 0.6 else "RES"
    for lesion in lesions:
        first = lesion is lesions[0]
        procedure.treatments.append(_treatment(rng, given, lesion, procedure.bailout if first else ""))
        procedure.devices += _devices(rng, given.cohort, lesion)
    _extra_device(rng, given.cohort, procedure)
    procedure.start_hour = rng.choice((8.5, 9.0, 10.0, 11.0, 13.5, 14.5, 15.5)) + rng.randint(0, 25) / 60
    procedure.minutes = int(min(max(rng.gauss(95, 30), 35), 230))
    procedure.nights = rng.choices((1, 2, 3, 4, 6), (0.25, 0.35, 0.22, 0.12, 0.06))[0]
    if rng.random() < 0.03:
        procedure.access_complication = rng.choices(("HEMA", "PSA", "AVF"), (0.7, 0.25, 0.05))[0]
    return procedure


def _lesions(rng: Random, given: Covariates) -> list[Lesion]:
    total = round(given.length)
    runoff = _runoff(rng)
    vessel = min(max(rng.gauss(5.3, 0.5), 4.2), 6.8)
    if given.tosaka == 2 and total >= 130 and rng.random() < 0.3:
        first = round(total * 0.55)
        return [
            _lesion(rng, "L1", given.tosaka, first, vessel, runoff),
            _lesion(rng, "L2", given.tosaka, total - first, vessel, runoff),
        ]
    length = min(total, 50) if given.tosaka == 1 else max(total, 51 if given.tosaka == 2 else 5)
    return [_lesion(rng, "L1", given.tosaka, length, vessel, runoff)]


def _lesion(
    rng: Random, name: str, tosaka: int, length: int, vessel: float, runoff: tuple[str, str, str]
) -> Lesion:
    start = rng.randint(12, 90) if name == "L1" else rng.randint(150, 200)
    return Lesion(
        name=name,
        tosaka=tosaka,
        length=length,
        stenosis=100 if tosaka == 3 else rng.randint(62, 98),
        vessel=round(vessel, 1),
        beyond_prox=rng.choice((0, 0, 0, 5, 10, 15, 20)),
        beyond_dist=rng.choice((0, 0, 0, 5, 10, 20)),
        to_profunda=start,
        to_notch=max(12, 370 - start - length + rng.randint(-15, 25)),
        pacss=rng.choices("0123", (0.35, 0.35, 0.15, 0.15))[0],
        segments=_segments(start, length),
        runoff=runoff,
    )


def _segments(start: int, length: int) -> list[str]:
    borders = (("SFAP", 0, 110), ("SFAM", 110, 220), ("SFAD", 220, 340), ("P1", 340, 420))
    return [name for name, low, high in borders if start < high and start + length > low]


def _runoff(rng: Random) -> tuple[str, str, str]:
    vessels = rng.choices(("P", "S", "O"), (0.62, 0.16, 0.22), k=3)
    if "P" not in vessels:
        vessels[rng.randrange(3)] = "P"
    return vessels[0], vessels[1], vessels[2]


def _treatment(rng: Random, given: Covariates, lesion: Lesion, bailout: str) -> Treatment:
    after_device = 40 if bailout == "RES" else rng.randint(5, 28)
    if rng.random() < 0.02:
        after_device = 55 if given.cohort == "DCB" else 40
        final = after_device
    else:
        final = rng.randint(5, 18) if bailout else after_device
    dissection = "D" if bailout == "FLD" else rng.choices(("0", "A", "B"), (0.6, 0.27, 0.13))[0]
    crossing = "INT" if lesion.tosaka < 3 else rng.choices(("INT", "SUB", "MIX"), (0.7, 0.2, 0.1))[0]
    balloon = max(3, int(lesion.vessel) - (rng.random() < 0.3))
    return Treatment(
        lesion=lesion.name,
        crossing=crossing,
        predilated=rng.random() < 0.97,
        balloon=balloon,
        after_preparation=rng.randint(22, 48),
        preparation_dissection=rng.choices(("0", "A", "B", "C"), (0.5, 0.3, 0.15, 0.05))[0],
        after_device=after_device,
        dissection=dissection,
        flow_limiting=bailout == "FLD",
        final=final,
        final_dissection="0" if bailout else dissection,
        adjunct=rng.choices((["DA"], ["ELA"], ["CUT"]), (0.4, 0.4, 0.2))[0]
        if rng.random() < 0.18
        else ["NONE"],
    )


def _devices(rng: Random, kind: str, lesion: Lesion, role: str = "") -> list[Device]:
    product = PRODUCT[rng.choice(PRODUCTS_OF[kind])]
    bigger = 0.0 if kind == "DCB" else 0.6
    diameter = min(product.diameters, key=lambda size: abs(size - lesion.vessel - bigger))
    wanted = lesion.length + 10
    devices: list[Device] = []
    covered = 0
    while covered < wanted:
        overlap = rng.randint(5, 10) if devices else 0
        rest = wanted - covered + overlap
        length = next((size for size in product.lengths if size >= rest), product.lengths[-1])
        covered += length - overlap
        devices.append(
            Device(kind, lesion.name, product.code, diameter, length, overlap if devices else None)
        )
    for position, device in enumerate(devices):
        if kind == "DES":
            device.role = role or ("PLAN" if position == 0 else "ADD")
    return devices


def _extra_device(rng: Random, cohort: str, procedure: Procedure) -> None:
    lesion = procedure.lesions[0]
    if procedure.bailout:
        product = PRODUCT[rng.choice(PRODUCTS_OF["BMS"])]
        diameter = min(product.diameters, key=lambda size: abs(size - lesion.vessel - 0.6))
        length = next((s for s in product.lengths if s >= lesion.length // 2), product.lengths[-1])
        procedure.devices.append(Device("BMS", lesion.name, product.code, diameter, length, None))
    elif procedure.crossover:
        kind = "DES" if cohort == "DCB" else "DCB"
        extra = _devices(rng, kind, lesion, role="BAIL")[0]
        extra.length = PRODUCT[extra.product].lengths[0]
        procedure.devices.append(extra)
