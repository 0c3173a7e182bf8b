"""The twenty criteria of the record, each answered from the other forms where that can be done (§1.2, §3.5).

An answer is Y, N or NA; U when the inputs do not decide it. It is set beside the investigator's own
answer and never replaces it. Partial dates are never imputed: a criterion that would be answered
differently by the earliest and the latest compatible date is undetermined.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from protocol.partial_dates import PartialDate, days_between, is_within
from protocol.words import Bilingual, T


@dataclass(frozen=True, slots=True)
class TargetLesion:
    """What the criteria read of one target lesion, as the site saw it."""

    stenosis_pct: int | None = None
    length_mm: int | None = None
    ext_prox_mm: int | None = None
    ext_dist_mm: int | None = None
    dist_profunda_mm: int | None = None
    dist_notch_mm: int | None = None
    runoff_count: int | None = None
    severe_calc_pta: str | None = None
    acute_thrombus: str | None = None


@dataclass(frozen=True, slots=True)
class EligibilityInputs:
    """All that the criteria read; `carrying_implants` has the implant date of each stent with the lesion."""

    age: int | None = None
    consent_on_bday: str | None = None
    sex: str | None = None
    childbearing: str | None = None
    pregnancy_test: str | None = None
    lactating: str | None = None
    consent_obtained: str | None = None
    rutherford: str | None = None
    acute_ischaemia: str | None = None
    lesions: tuple[TargetLesion, ...] = ()
    carrying_implants: tuple[PartialDate | None, ...] = ()
    proc_date: date | None = None
    planned_cohort: str | None = None
    outflow_treated: str | None = None
    runoff_after: int | None = None
    aortoiliac_status: str | None = None
    inflow_treated: str | None = None
    inflow_resid_pct: int | None = None
    prior_cva: str | None = None
    last_cva_date: PartialDate | None = None
    allergy_antiplt: str | None = None
    active_bleeding: str | None = None
    life_exp_2y: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer that the other forms give to a criterion, and why."""

    answer: str
    because: Bilingual


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: the item that answers it, its number in the record, its text and its rule."""

    id: str
    number: str
    text: Bilingual
    decide: Callable[[EligibilityInputs], Verdict]


OLDEST_EXCLUDED_CVA = 60
YOUNGEST_STENT = 31
LONGEST_MM = 300
FARTHEST_BEYOND_MM = 30
NEAREST_LANDMARK_MM = 10
SIGNIFICANT_PCT = 50
JUDGED = Verdict("U", T("The investigator judges this.", "由研究者判断。"))


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


def _unknown(english: str, chinese: str) -> Verdict:
    return Verdict("U", T(f"Not recorded: {english}.", f"尚未记录:{chinese}。"))


def _age(inputs: EligibilityInputs) -> Verdict:
    if inputs.age is None:
        return _unknown("age at consent", "签署知情同意时年龄")
    because = T(f"Aged {inputs.age} at consent.", f"签署知情同意时 {inputs.age} 周岁。")
    if inputs.age != 18:
        return Verdict("Y" if inputs.age > 18 else "N", because)
    if inputs.consent_on_bday == "N":
        return Verdict("Y", T("Consent after the 18th birthday.", "知情同意日期晚于18周岁生日。"))
    if inputs.consent_on_bday == "Y":
        return Verdict("U", T("Consent on the 18th birthday itself.", "知情同意日期即为18周岁生日。"))
    return _unknown("whether consent was given on the 18th birthday", "是否在18周岁生日当天签署")


def _consents(inputs: EligibilityInputs) -> Verdict:
    if inputs.consent_obtained is None:
        return _unknown("written consent", "书面知情同意")
    if inputs.consent_obtained == "Y":
        return Verdict("Y", T("Written consent obtained.", "已签署书面知情同意书。"))
    return Verdict("N", T("Written consent not obtained.", "未签署书面知情同意书。"))


def _cannot_consent(inputs: EligibilityInputs) -> Verdict:
    verdict = _consents(inputs)
    return Verdict({"Y": "N", "N": "Y"}.get(verdict.answer, "U"), verdict.because)


def _rutherford_in(*categories: str) -> Callable[[EligibilityInputs], Verdict]:
    def decide(inputs: EligibilityInputs) -> Verdict:
        if inputs.rutherford is None:
            return _unknown("Rutherford category of the target limb", "靶肢Rutherford分级")
        because = T(f"Rutherford category {inputs.rutherford}.", f"Rutherford {inputs.rutherford} 级。")
        return Verdict("Y" if inputs.rutherford in categories else "N", because)

    return decide


def _lesion_and_stent(inputs: EligibilityInputs) -> Verdict:
    lesion, stent = _located_stenosis(inputs), _stent_age(inputs)
    for answer in ("N", "U"):
        for verdict in (lesion, stent):
            if verdict.answer == answer:
                return verdict
    return Verdict(
        "Y", T(f"{lesion.because.en} {stent.because.en}", f"{lesion.because.zh}{stent.because.zh}")
    )


def _located_stenosis(inputs: EligibilityInputs) -> Verdict:
    for lesion in inputs.lesions:
        if lesion.stenosis_pct is not None and lesion.stenosis_pct < SIGNIFICANT_PCT:
            return Verdict("N", T(f"Stenosis {lesion.stenosis_pct} %.", f"狭窄 {lesion.stenosis_pct} %。"))
        for distance, words in (
            (lesion.dist_profunda_mm, T("the profunda origin", "股深动脉开口")),
            (lesion.dist_notch_mm, T("the intercondylar notch", "股骨髁间窝")),
        ):
            if distance is not None and distance < NEAREST_LANDMARK_MM:
                return Verdict("N", T(f"{distance} mm from {words.en}.", f"距{words.zh} {distance} mm。"))
    blank = any(
        None in (lesion.stenosis_pct, lesion.dist_profunda_mm, lesion.dist_notch_mm)
        for lesion in inputs.lesions
    )
    if blank or not inputs.lesions:
        return _unknown("stenosis and position of the target lesion", "靶病变狭窄率及位置")
    return Verdict(
        "Y", T("Every target lesion ≥ 50 % and within the segment.", "各靶病变狭窄均≥50%且位于允许节段。")
    )


def _stent_age(inputs: EligibilityInputs) -> Verdict:
    if inputs.proc_date is None or not inputs.carrying_implants:
        return _unknown(
            "procedure date, or the stent that carries the lesion", "研究手术日期或靶病变所在支架"
        )
    ages = [_old_enough(implant, inputs.proc_date) for implant in inputs.carrying_implants]
    if all(age is True for age in ages):
        return Verdict("Y", T("Every such stent is older than 30 days.", "所在支架植入均超过30天。"))
    if all(age is False for age in ages):
        return Verdict("N", T("Stent implanted 30 days ago or less.", "支架植入不超过30天。"))
    return Verdict("U", T("Some stent may be 30 days old or less.", "部分支架植入可能不超过30天。"))


def _old_enough(implant: PartialDate | None, proc_date: date) -> bool | None:
    if implant is None:
        return None
    fewest, most = days_between(implant, proc_date)
    if fewest >= YOUNGEST_STENT:
        return True
    return None if most >= YOUNGEST_STENT else False


def _extension(inputs: EligibilityInputs) -> Verdict:
    beyond = [mm for lesion in inputs.lesions for mm in (lesion.ext_prox_mm, lesion.ext_dist_mm)]
    known = [mm for mm in beyond if mm is not None]
    if known and max(known) > FARTHEST_BEYOND_MM:
        return Verdict("N", T(f"Extends {max(known)} mm beyond the stent.", f"超出支架 {max(known)} mm。"))
    if not beyond or len(known) < len(beyond):
        return _unknown("extension beyond the stent", "超出支架的长度")
    return Verdict("Y", T(f"At most {max(known)} mm beyond the stent.", f"超出支架最多 {max(known)} mm。"))


def _plan(inputs: EligibilityInputs) -> Verdict:
    if not inputs.planned_cohort:
        return _unknown("planned cohort", "计划分组")
    return Verdict("Y", T(f"{inputs.planned_cohort} planned.", f"计划采用 {inputs.planned_cohort}。"))


def _length(inputs: EligibilityInputs) -> Verdict:
    known = [lesion.length_mm for lesion in inputs.lesions if lesion.length_mm is not None]
    total = sum(known)
    if total <= LONGEST_MM and (not known or len(known) < len(inputs.lesions)):
        return _unknown("length of every target lesion", "各靶病变长度")
    because = T(f"Total length {total} mm.", f"总长度 {total} mm。")
    return Verdict("Y" if total <= LONGEST_MM else "N", because)


def _too_long(inputs: EligibilityInputs) -> Verdict:
    verdict = _length(inputs)
    return Verdict({"Y": "N", "N": "Y"}.get(verdict.answer, "U"), verdict.because)


def _runoff(inputs: EligibilityInputs) -> Verdict:
    counts = [lesion.runoff_count for lesion in inputs.lesions]
    if not counts or None in counts:
        return _unknown("runoff vessels", "流出道")
    if 0 not in counts:
        return Verdict("Y", T("At least one patent runoff vessel.", "至少1支流出道通畅。"))
    if any(counts):
        return Verdict("U", T("The lesions' runoff records disagree.", "各病变流出道记录不一致。"))
    if inputs.outflow_treated is None:
        return _unknown("whether the outflow was treated", "是否处理流出道")
    if inputs.outflow_treated == "Y" and inputs.runoff_after != 0:
        return Verdict("U", T("No runoff at first; outflow treated.", "术前无通畅流出道,已处理流出道。"))
    return Verdict("N", T("No patent runoff vessel.", "无通畅流出道。"))


def _pregnancy(inputs: EligibilityInputs) -> Verdict:
    if inputs.sex == "M":
        return Verdict("NA", T("Male.", "男性。"))
    if inputs.pregnancy_test == "POS":
        return Verdict("Y", T("Pregnancy test positive.", "妊娠试验阳性。"))
    if inputs.lactating == "Y":
        return Verdict("Y", T("Lactating.", "哺乳期。"))
    not_pregnant = inputs.pregnancy_test == "NEG" or inputs.childbearing == "NCBP"
    if inputs.sex == "F" and not_pregnant and inputs.lactating == "N":
        return Verdict("N", T("Neither pregnant nor lactating.", "未妊娠且非哺乳期。"))
    return _unknown("sex, pregnancy test or lactation", "性别、妊娠试验或哺乳情况")


def _copied(answers: Iterable[str | None], words: Bilingual) -> Verdict:
    """Return Y when one of the answers is Y, N when all are N."""
    recorded = list(answers)
    if "Y" in recorded:
        return Verdict("Y", T(f"Recorded: {words.en}.", f"已记录:{words.zh}。"))
    if not recorded or None in recorded:
        return _unknown(words.en, words.zh)
    return Verdict("N", T(f"Recorded as absent: {words.en}.", f"记录为无:{words.zh}。"))


def _calcification(inputs: EligibilityInputs) -> Verdict:
    judged = (lesion.severe_calc_pta for lesion in inputs.lesions)
    return _copied(judged, T("calcification that precludes PTA", "钙化致无法行PTA"))


def _acute(inputs: EligibilityInputs) -> Verdict:
    thrombi = [lesion.acute_thrombus for lesion in inputs.lesions] or [None]
    return _copied([inputs.acute_ischaemia, *thrombi], T("acute ischaemia or thrombus", "急性缺血或急性血栓"))


def _inflow(inputs: EligibilityInputs) -> Verdict:
    if inputs.aortoiliac_status is None:
        return _unknown("aorto-iliac inflow", "主髂动脉流入道")
    if inputs.aortoiliac_status != "U":
        return Verdict("N", T("No untreated aorto-iliac stenosis.", "无未处理的主髂动脉狭窄。"))
    if inputs.inflow_treated == "N":
        return Verdict("Y", T("Aorto-iliac stenosis left untreated.", "主髂动脉狭窄未处理。"))
    if inputs.inflow_treated is None or inputs.inflow_resid_pct is None:
        return _unknown("inflow treatment and its residual stenosis", "流入道处理及残余狭窄")
    residual = T(
        f"Inflow treated, {inputs.inflow_resid_pct} % left.",
        f"流入道已处理,残余 {inputs.inflow_resid_pct} %。",
    )
    return Verdict("N" if inputs.inflow_resid_pct < SIGNIFICANT_PCT else "Y", residual)


def _insignificant(inputs: EligibilityInputs) -> Verdict:
    known = [lesion.stenosis_pct for lesion in inputs.lesions if lesion.stenosis_pct is not None]
    worst = max(known, default=0)
    because = T(f"Worst stenosis {worst} %.", f"最重狭窄 {worst} %。")
    if worst >= SIGNIFICANT_PCT:
        return Verdict("N", because)
    if not known or len(known) < len(inputs.lesions):
        return _unknown("stenosis of every target lesion", "各靶病变狭窄率")
    return Verdict("Y", because)


def _recent_cva(inputs: EligibilityInputs) -> Verdict:
    if inputs.prior_cva == "N":
        return Verdict("N", T("No stroke in the history.", "无卒中病史。"))
    if inputs.prior_cva != "Y" or inputs.last_cva_date is None or inputs.proc_date is None:
        return _unknown("stroke, its date, or the procedure date", "卒中、卒中日期或研究手术日期")
    recent = is_within(inputs.last_cva_date, inputs.proc_date, 0, OLDEST_EXCLUDED_CVA)
    because = T(
        f"Stroke {inputs.last_cva_date}, procedure {inputs.proc_date}.",
        f"卒中 {inputs.last_cva_date},研究手术 {inputs.proc_date}。",
    )
    return Verdict("U" if recent is None else "Y" if recent else "N", because)


def _antithrombotic(inputs: EligibilityInputs) -> Verdict:
    if "Y" in (inputs.allergy_antiplt, inputs.active_bleeding):
        return Verdict(
            "U", T("Intolerance or bleeding recorded: suggests Yes.", "记录有不耐受或出血:提示应为“是”。")
        )
    return JUDGED


def _follow_up_unlikely(inputs: EligibilityInputs) -> Verdict:
    if inputs.life_exp_2y == "N":
        return Verdict("U", T("Life expectancy < 2 years: suggests Yes.", "预期寿命<2年:提示应为“是”。"))
    return JUDGED


def _judged(inputs: EligibilityInputs) -> Verdict:
    return JUDGED


CRITERIA: tuple[Criterion, ...] = (
    Criterion("inc01", "I1", T("Age > 18 years", "年龄>18岁"), _age),
    Criterion("inc02", "I2", T("Willing and able to consent", "自愿并能够签署知情同意"), _consents),
    Criterion(
        "inc03", "I3", T("Rutherford category 2–5", "Rutherford分级2-5级"), _rutherford_in("2", "3", "4", "5")
    ),
    Criterion(
        "inc04",
        "I4",
        T(
            "≥ 50 % stenosis or occlusion of an SFA stent > 30 d old, within the allowed segment",
            "股浅动脉支架(植入>30天)内狭窄≥50%和/或闭塞,位置符合要求",
        ),
        _lesion_and_stent,
    ),
    Criterion(
        "inc05", "I5", T("Lesion within stent or ≤ 3 cm beyond", "病变位于支架内或超出支架≤3cm"), _extension
    ),
    Criterion("inc06", "I6", T("Planned DCB or DES", "计划采用DCB或DES"), _plan),
    Criterion("inc07", "I7", T("Total lesion length ≤ 30 cm", "病变总长度≤30cm"), _length),
    Criterion("inc08", "I8", T("≥ 1 patent runoff vessel", "膝下至少1支流出道通畅"), _runoff),
    Criterion("inc09", "I9", T("Committed to follow-up", "承诺完成随访"), _judged),
    Criterion("exc01", "E1", T("Pregnancy or lactation", "妊娠或哺乳"), _pregnancy),
    Criterion("exc02", "E2", T("Rutherford 0 or 6", "Rutherford 0级或6级"), _rutherford_in("0", "6")),
    Criterion("exc03", "E3", T("Severe calcification precluding PTA", "严重钙化无法行PTA"), _calcification),
    Criterion("exc04", "E4", T("Acute ischaemia or thrombosis", "靶肢急性缺血或急性血栓"), _acute),
    Criterion(
        "exc05", "E5", T("Untreated significant aorto-iliac stenosis", "未处理的主髂动脉显著狭窄"), _inflow
    ),
    Criterion("exc06", "E6", T("Stenosis < 50 %", "靶病变狭窄<50%"), _insignificant),
    Criterion("exc07", "E7", T("Lesion length > 30 cm", "靶病变长度>30cm"), _too_long),
    Criterion("exc08", "E8", T("CVA within 60 days", "60天内脑血管意外"), _recent_cva),
    Criterion(
        "exc09",
        "E9",
        T("Contraindication to antithrombotic or thrombolytic therapy", "抗血小板/抗凝/溶栓治疗禁忌"),
        _antithrombotic,
    ),
    Criterion("exc10", "E10", T("Unable or unwilling to consent", "不能或不愿签署知情同意"), _cannot_consent),
    Criterion(
        "exc11",
        "E11",
        T("Life expectancy < 2 y or follow-up unlikely", "预期寿命<2年或难以随访"),
        _follow_up_unlikely,
    ),
)
CRITERION: dict[str, Criterion] = {criterion.id: criterion for criterion in CRITERIA}
