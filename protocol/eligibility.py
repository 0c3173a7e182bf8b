"""The twenty criteria of the record, each answered from the other forms where that can be done (§1.2, §3.5).

An answer is Y, N or NA; U when the inputs do not decide it. It is set beside the investigator's own
answer and never replaces it. Partial dates are never imputed: a criterion that would be answered
differently by the earliest and the latest compatible date is undetermined.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from protocol import criteria
from protocol.eligibility_inputs import EligibilityInputs, TargetLesion, Verdict
from protocol.words import Bilingual, T


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: the item that answers it, its number in the record, its text and its rule."""

    id: str
    number: str
    text: Bilingual
    decide: Callable[[EligibilityInputs], Verdict]


def conclusion(answers: Mapping[str, str | None]) -> str | None:
    """Return ELIG when every criterion allows it, SF when one forbids it, None while some are blank."""
    verdicts = [_allows(criterion.id, answers.get(criterion.id)) for criterion in CRITERIA]
    if False in verdicts:
        return "SF"
    return None if None in verdicts else "ELIG"


def _allows(criterion: str, answer: str | None) -> bool | None:
    if answer is None:
        return None
    return answer == "Y" if criterion.startswith("inc") else answer in ("N", "NA")


CRITERIA: tuple[Criterion, ...] = (
    Criterion("inc01", "I1", T("Age > 18 years", "年龄>18岁"), criteria.age),
    Criterion("inc02", "I2", T("Willing and able to consent", "自愿并能够签署知情同意"), criteria.consents),
    Criterion(
        "inc03",
        "I3",
        T("Rutherford category 2–5", "Rutherford分级2-5级"),
        criteria.rutherford_in("2", "3", "4", "5"),
    ),
    Criterion(
        "inc04",
        "I4",
        T(
            "≥ 50 % stenosis or occlusion of an SFA stent > 30 d old, within the allowed segment",
            "股浅动脉支架(植入>30天)内狭窄≥50%和/或闭塞,位置符合要求",
        ),
        criteria.lesion_and_stent,
    ),
    Criterion(
        "inc05",
        "I5",
        T("Lesion within stent or ≤ 3 cm beyond", "病变位于支架内或超出支架≤3cm"),
        criteria.extension,
    ),
    Criterion("inc06", "I6", T("Planned DCB or DES", "计划采用DCB或DES"), criteria.plan),
    Criterion("inc07", "I7", T("Total lesion length ≤ 30 cm", "病变总长度≤30cm"), criteria.length),
    Criterion("inc08", "I8", T("≥ 1 patent runoff vessel", "膝下至少1支流出道通畅"), criteria.runoff),
    Criterion("inc09", "I9", T("Committed to follow-up", "承诺完成随访"), criteria.judged),
    Criterion("exc01", "E1", T("Pregnancy or lactation", "妊娠或哺乳"), criteria.pregnancy),
    Criterion("exc02", "E2", T("Rutherford 0 or 6", "Rutherford 0级或6级"), criteria.rutherford_in("0", "6")),
    Criterion(
        "exc03", "E3", T("Severe calcification precluding PTA", "严重钙化无法行PTA"), criteria.calcification
    ),
    Criterion("exc04", "E4", T("Acute ischaemia or thrombosis", "靶肢急性缺血或急性血栓"), criteria.acute),
    Criterion(
        "exc05",
        "E5",
        T("Untreated significant aorto-iliac stenosis", "未处理的主髂动脉显著狭窄"),
        criteria.inflow,
    ),
    Criterion("exc06", "E6", T("Stenosis < 50 %", "靶病变狭窄<50%"), criteria.insignificant),
    Criterion("exc07", "E7", T("Lesion length > 30 cm", "靶病变长度>30cm"), criteria.too_long),
    Criterion("exc08", "E8", T("CVA within 60 days", "60天内脑血管意外"), criteria.recent_cva),
    Criterion(
        "exc09",
        "E9",
        T("Contraindication to antithrombotic or thrombolytic therapy", "抗血小板/抗凝/溶栓治疗禁忌"),
        criteria.antithrombotic,
    ),
    Criterion(
        "exc10", "E10", T("Unable or unwilling to consent", "不能或不愿签署知情同意"), criteria.cannot_consent
    ),
    Criterion(
        "exc11",
        "E11",
        T("Life expectancy < 2 y or follow-up unlikely", "预期寿命<2年或难以随访"),
        criteria.follow_up_unlikely,
    ),
)
CRITERION: dict[str, Criterion] = {criterion.id: criterion for criterion in CRITERIA}

__all__ = [
    "CRITERIA",
    "CRITERION",
    "Criterion",
    "EligibilityInputs",
    "TargetLesion",
    "Verdict",
    "conclusion",
]
