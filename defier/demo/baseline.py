"""What a subject brings along: the covariates of the hazard (protocol.md §8.2), and the history."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

DCB_SHARE = 0.55
TOSAKA = {"DCB": (0.36, 0.38, 0.26), "DES": (0.22, 0.40, 0.38)}


@dataclass(frozen=True, slots=True)
class Covariates:
    """The covariates that protocol.md §8.2 names; `length` in mm over all target lesions."""

    cohort: str
    tosaka: int
    length: float
    diabetes: bool
    rutherford: int
    isr: int
    age: int
    male: bool
    smoking: str
    dialysis: bool


def draw_cohort(rng: Random) -> str:
    """Draw the cohort that the physician plans."""
    return "DCB" if rng.random() < DCB_SHARE else "DES"


def draw_covariates(rng: Random, cohort: str) -> Covariates:
    """Draw the covariates of a subject of a cohort."""
    tosaka = rng.choices((1, 2, 3), TOSAKA[cohort])[0]
    return Covariates(
        cohort=cohort,
        tosaka=tosaka,
        length=_length(rng, tosaka),
        diabetes=rng.random() < 0.55,
        rutherford=rng.choices((2, 3, 4, 5), (0.25, 0.50, 0.12, 0.13))[0],
        isr=rng.choices((1, 2, 3), (0.68, 0.22, 0.10))[0],
        age=_age(rng),
        male=rng.random() < 0.66,
        smoking=rng.choices(("CUR", "FOR", "NEV"), (0.35, 0.30, 0.35))[0],
        dialysis=rng.random() < 0.05,
    )


def _length(rng: Random, tosaka: int) -> float:
    if tosaka == 1:
        drawn = min(rng.gammavariate(6, 5), 50.0)
    elif tosaka == 2:
        drawn = max(rng.gammavariate(6, 24), 51.0)
    else:
        drawn = rng.gammavariate(6, 30)
    return min(max(drawn, 5.0), 300.0)


def _age(rng: Random) -> int:
    while True:
        age = rng.gauss(70, 9)
        if 40 <= age <= 92:
            return int(age)


@dataclass(frozen=True, slots=True)
class History:
    """The rest of what is known at screening; conditions map an item of the MH form to Y or N."""

    birth_month: int
    height: float
    weight: float
    conditions: dict[str, str]
    diabetes_treatment: str
    diabetes_years: int
    pack_years: float
    nyha: str
    limb: str
    abi: float
    """Target limb, true value before the procedure."""
    abi_other: float
    incompressible: bool
    brachial: int
    stents: int
    stent_months: tuple[int, ...]
    """Months from implantation to screening, one per prior stent."""


_PREVALENCE = {
    "hypertension": 0.78,
    "dyslipidaemia": 0.55,
    "cad": 0.42,
    "atrial_fib": 0.09,
    "prior_cva": 0.16,
    "prior_tia": 0.05,
    "carotid_disease": 0.22,
    "copd": 0.08,
    "malignancy": 0.04,
    "prior_amp_target": 0.04,
}


def draw_history(rng: Random, given: Covariates) -> History:
    """Draw the history of a subject with these covariates."""
    found = {item: _yes(rng.random() < share) for item, share in _PREVALENCE.items()}
    coronary = found["cad"] == "Y"
    found["prior_mi"] = _yes(coronary and rng.random() < 0.35)
    found["prior_pci_cabg"] = _yes(coronary and rng.random() < 0.45)
    found["ckd"] = _yes(given.dialysis or rng.random() < 0.18)
    height = rng.gauss(168 if given.male else 157, 6)
    stents = 2 if rng.random() < 0.22 else 1
    return History(
        birth_month=rng.randint(1, 12),
        height=round(height, 1),
        weight=round(min(max(rng.gauss(23.8, 3.0), 17.5), 33.0) * (height / 100) ** 2, 1),
        conditions=found,
        diabetes_treatment=rng.choices(("OAD", "INS", "BOTH", "DIET"), (0.5, 0.25, 0.2, 0.05))[0],
        diabetes_years=min(rng.randint(1, 30), given.age - 25),
        pack_years=round(rng.uniform(8, 60), 1),
        nyha=rng.choices(("0", "1", "2", "3"), (0.68, 0.14, 0.13, 0.05))[0],
        limb=rng.choice("LR"),
        abi=min(max(rng.gauss(0.60, 0.15), 0.2), 0.89),
        abi_other=min(max(rng.gauss(0.92, 0.14), 0.35), 1.25),
        incompressible=rng.random() < 0.06,
        brachial=int(min(max(rng.gauss(141, 15), 104), 188)),
        stents=stents,
        stent_months=tuple(sorted((rng.randint(6, 84) for _ in range(stents)), reverse=True)),
    )


def _yes(true: bool) -> str:
    return "Y" if true else "N"
