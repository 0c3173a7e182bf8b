"""The study's endpoints as data (protocol §5): what each counts, until when, and what ends observation.

Time-to-event parameters are families (CDTLR) at horizons (CDTLR24); each parameter with a horizon also has
an evaluable proportion at that horizon (CDTLR24B). By-visit endpoints are named code.visit (PP.M12).
"""

from dataclasses import dataclass
from enum import StrEnum

from protocol.words import Bilingual, T


class Category(StrEnum):
    """Group of a parameter (ADTTE PARCAT1)."""

    TLR = "TLR"
    MALE = "MALE"
    PATENCY = "PATENCY"
    SURVIVAL = "SURVIVAL"
    FUNCTION = "FUNCTION"
    SAFETY = "SAFETY"


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of event in time, whatever the horizon it is counted to."""

    code: str
    label: Bilingual
    short: Bilingual
    category: Category
    section: str
    horizons: tuple[int | None, ...] = (None,)
    blocked: bool = False
    """An above-knee amputation of the target limb ends the assessment (CNSR 3)."""
    death_competes: bool = True
    """Death ends the observation as a competing event (CNSR 2)."""
    vital: bool = False
    """Followed until the last date known alive, not until the last date the limb was known."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One time-to-event parameter: a family at a horizon, or without one."""

    paramcd: str
    family: Family
    horizon: int | None

    @property
    def label(self) -> Bilingual:
        """The parameter's name with its horizon."""
        return _with_horizon(self.family.label, self.horizon)

    @property
    def short(self) -> Bilingual:
        """The parameter's short name with its horizon."""
        return _with_horizon(self.family.short, self.horizon)

    @property
    def binary(self) -> str | None:
        """The name of its evaluable proportion, None without a horizon."""
        return None if self.horizon is None else f"{self.paramcd}B"


@dataclass(frozen=True, slots=True)
class VisitEndpoint:
    """An endpoint that is read at visits: PP.M12, HEMO10.M6."""

    code: str
    label: Bilingual
    category: Category
    section: str
    visits: tuple[str, ...]

    @property
    def paramcds(self) -> tuple[str, ...]:
        """One name per visit."""
        return tuple(f"{self.code}.{visit}" for visit in self.visits)


@dataclass(frozen=True, slots=True)
class SafetyEndpoint:
    """An endpoint that is answered once, over days 0 to 30 (§5.16)."""

    paramcd: str
    label: Bilingual
    section: str = "5.16"


SUFFIX = {None: "", 30: "30", 365: "12", 730: "24", 790: "790"}
SPOKEN = {
    30: T("30 days", "30天"),
    365: T("12 months", "12个月"),
    730: T("24 months", "24个月"),
    790: T("790 days", "790天"),
}
TWO_YEARS = (None, 365, 730)


def _with_horizon(label: Bilingual, horizon: int | None) -> Bilingual:
    if horizon is None:
        return label
    spoken = SPOKEN[horizon]
    return Bilingual(f"{label.en}, {spoken.en}", f"{label.zh}({spoken.zh})")


def _tlr(code: str, label: Bilingual, short: Bilingual, section: str, *horizons: int | None) -> Family:
    return Family(code, label, short, Category.TLR, section, horizons or (None,), blocked=True)


def _patency(code: str, label: Bilingual, section: str) -> Family:
    return Family(code, label, label, Category.PATENCY, section, blocked=True, death_competes=False)


CDTLR = _tlr(
    "CDTLR",
    T("Clinically driven target lesion revascularisation", "临床驱动的靶病变血运重建"),
    T("CD-TLR", "CD-TLR"),
    "5.2",
    None,
    365,
    730,
    30,
    790,
)
CDTLRS = _tlr(
    "CDTLRS",
    T("CD-TLR with stenosis of 50 % or more", "狭窄≥50%的CD-TLR"),
    T("CD-TLR, stenosis ≥ 50 %", "CD-TLR(狭窄≥50%)"),
    "5.2",
)
CDTLR10M = _tlr(
    "CDTLR10M",
    T("CD-TLR within 10 mm of the device edge", "器械边缘10mm内的CD-TLR"),
    T("CD-TLR, 10 mm margin", "CD-TLR(10mm)"),
    "5.2",
)
TLR = _tlr("TLR", T("Target lesion revascularisation", "靶病变血运重建"), T("TLR", "TLR"), "5.4", *TWO_YEARS)
TVR = _tlr("TVR", T("Target vessel revascularisation", "靶血管血运重建"), T("TVR", "TVR"), "5.5", *TWO_YEARS)
NTLTVR = _tlr(
    "NTLTVR",
    T("Target vessel revascularisation outside the target lesion", "非靶病变的靶血管血运重建"),
    T("Non-TL TVR", "非靶病变TVR"),
    "5.5",
)
TLIMB = Family(
    "TLIMB",
    T("Target limb revascularisation", "靶肢血运重建"),
    T("Target limb revascularisation", "靶肢血运重建"),
    Category.TLR,
    "5.5",
    TWO_YEARS,
)
MALE = Family(
    "MALE",
    T("Major adverse limb event", "主要肢体不良事件"),
    T("MALE", "MALE"),
    Category.MALE,
    "5.6",
    (None, 365, 730, 30),
)
MALEB = Family(
    "MALEB",
    T(
        "Major adverse limb event: acute limb ischaemia or major amputation",
        "主要肢体不良事件:急性肢体缺血或大截肢",
    ),
    T("MALE, version B", "MALE(B定义)"),
    Category.MALE,
    "5.6",
    (365, 730),
)
MALEC = Family(
    "MALEC",
    T(
        "Major adverse limb event: any reintervention or major amputation",
        "主要肢体不良事件:任何再干预或大截肢",
    ),
    T("MALE, version C", "MALE(C定义)"),
    Category.MALE,
    "5.6",
    (365, 730),
)
MAJAMP = Family(
    "MAJAMP",
    T("Major amputation of the target limb", "靶肢大截肢"),
    T("Major amputation", "大截肢"),
    Category.MALE,
    "5.7",
    TWO_YEARS,
)
AFS = Family(
    "AFS",
    T("Major amputation of the target limb or death", "靶肢大截肢或死亡"),
    T("Amputation or death", "截肢或死亡"),
    Category.SURVIVAL,
    "5.7",
    TWO_YEARS,
    death_competes=False,
)
PPAT = _patency("PPAT", T("Loss of primary patency", "一期通畅丧失"), "5.8")
PPATCD = _patency("PPATCD", T("Loss of primary patency, CD-TLR only", "一期通畅丧失(仅计CD-TLR)"), "5.8")
APAT = _patency("APAT", T("Loss of assisted primary patency", "辅助一期通畅丧失"), "5.9")
SPAT = _patency("SPAT", T("Loss of secondary patency", "二期通畅丧失"), "5.10")
DEATH = Family(
    "DEATH",
    T("Death from any cause", "全因死亡"),
    T("Death", "死亡"),
    Category.SURVIVAL,
    "5.14",
    TWO_YEARS,
    death_competes=False,
    vital=True,
)

FAMILIES = (
    CDTLR,
    CDTLRS,
    CDTLR10M,
    TLR,
    TVR,
    NTLTVR,
    TLIMB,
    MALE,
    MALEB,
    MALEC,
    MAJAMP,
    AFS,
    PPAT,
    PPATCD,
    APAT,
    SPAT,
    DEATH,
)
PATENCY_FAMILIES = (PPAT, PPATCD, APAT, SPAT)

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    Endpoint(f"{family.code}{SUFFIX[horizon]}", family, horizon)
    for family in FAMILIES
    for horizon in family.horizons
)
ENDPOINT: dict[str, Endpoint] = {endpoint.paramcd: endpoint for endpoint in ENDPOINTS}
PRIMARY = ENDPOINT["CDTLR24"]

PATENCY_VISITS = ("M6", "M12", "M24")
FOLLOW_UP_VISITS = ("M1", "M3", "M6", "M12", "M24")
PP = VisitEndpoint("PP", T("Primary patency", "一期通畅"), Category.PATENCY, "5.8", PATENCY_VISITS)
APV = VisitEndpoint(
    "APV", T("Assisted primary patency", "辅助一期通畅"), Category.PATENCY, "5.9", PATENCY_VISITS
)
SPV = VisitEndpoint("SPV", T("Secondary patency", "二期通畅"), Category.PATENCY, "5.10", PATENCY_VISITS)


def _function(code: str, label: Bilingual, section: str) -> VisitEndpoint:
    return VisitEndpoint(code, label, Category.FUNCTION, section, FOLLOW_UP_VISITS)


VISIT_ENDPOINTS = (
    PP,
    APV,
    SPV,
    _function("RUCHG", T("Rutherford categories gained", "Rutherford分级改善"), "5.11"),
    _function("SCI1", T("Primary sustained clinical improvement", "一期持续临床改善"), "5.11"),
    _function("SCI2", T("Secondary sustained clinical improvement", "二期持续临床改善"), "5.11"),
    _function("ABICHG", T("Change of ABI (hundredths)", "ABI变化(×100)"), "5.12"),
    _function("HEMO10", T("Haemodynamic improvement, ABI + 0.10", "血流动力学改善(ABI升高≥0.10)"), "5.12"),
    _function("HEMO15", T("Haemodynamic improvement, ABI + 0.15", "血流动力学改善(ABI升高≥0.15)"), "5.12"),
    VisitEndpoint(
        "FRAC", T("Fracture of a study stent", "研究支架断裂"), Category.SAFETY, "5.13", ("M12", "M24")
    ),
)
SAFETY_ENDPOINTS = (
    SafetyEndpoint("DEATH30", T("Death, 30 days", "死亡(30天)")),
    SafetyEndpoint("MI30", T("Myocardial infarction, 30 days", "心肌梗死(30天)")),
    SafetyEndpoint("BLEED30", T("Major bleeding, 30 days", "大出血(30天)")),
    SafetyEndpoint("ORGAN30", T("Organ function decline, 30 days", "器官功能下降(30天)")),
    SafetyEndpoint("SAFE30", T("Death, major amputation or CD-TLR, 30 days", "死亡、大截肢或CD-TLR(30天)")),
    SafetyEndpoint("SAFE30X", T("Any safety event, 30 days", "任一安全性事件(30天)")),
)
BY_VISIT: dict[str, VisitEndpoint] = {
    paramcd: endpoint for endpoint in VISIT_ENDPOINTS for paramcd in endpoint.paramcds
}
BINARIES: dict[str, Endpoint] = {
    endpoint.binary: endpoint
    for endpoint in ENDPOINTS
    if endpoint.binary is not None and endpoint.horizon != 790
}

CNSR: dict[int, Bilingual] = {
    0: T("event", "事件"),
    1: T("last known contact", "末次已知联系"),
    2: T("death", "死亡"),
    3: T("above-knee amputation of the target limb", "靶肢膝上截肢"),
    4: T("end of the horizon", "到达观察时限"),
    5: T("consent withdrawn", "撤回知情同意"),
}
ANSWERS: dict[str, Bilingual] = {
    "Y": T("yes", "是"),
    "N": T("no", "否"),
    "NE": T("not evaluable", "不可评估"),
}
