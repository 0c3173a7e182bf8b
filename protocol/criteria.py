"""The rules of the criteria that other forms can answer (protocol §3.5, C03, C11–C20).

Each rule takes the inputs and returns a verdict. A criterion that must hold for every lesion fails by one.
"""

from collections.abc import Callable, Iterable
from datetime import date

from protocol.eligibility_inputs import EligibilityInputs, Verdict
from protocol.partial_dates import PartialDate, days_between, is_within
from protocol.words import Bilingual, T

OLDEST_EXCLUDED_CVA = 60
YOUNGEST_STENT = 31
LONGEST_MM = 300
FARTHEST_BEYOND_MM = 30
NEAREST_LANDMARK_MM = 10
SIGNIFICANT_PCT = 50
JUDGED = Verdict("U", T("The investigator judges this.", "由研究者判断。"))


def _unknown(english: str, chinese: str) -> Verdict:
    return Verdict("U", T(f"Not recorded: {english}.", f"尚未记录:{chinese}。"))


def age(inputs: EligibilityInputs) -> Verdict:
    """I1: over 18; on the 18th birthday itself the texts of the record differ (C03)."""
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


def consents(inputs: EligibilityInputs) -> Verdict:
    """I2: written consent."""
    if inputs.consent_obtained is None:
        return _unknown("written consent", "书面知情同意")
    if inputs.consent_obtained == "Y":
        return Verdict("Y", T("Written consent obtained.", "已签署书面知情同意书。"))
    return Verdict("N", T("Written consent not obtained.", "未签署书面知情同意书。"))


def cannot_consent(inputs: EligibilityInputs) -> Verdict:
    """E10: no written consent."""
    verdict = consents(inputs)
    return Verdict({"Y": "N", "N": "Y"}.get(verdict.answer, "U"), verdict.because)


def rutherford_in(*categories: str) -> Callable[[EligibilityInputs], Verdict]:
    """I3 and E2: return the rule that the category is one of these (C11)."""

    def decide(inputs: EligibilityInputs) -> Verdict:
        if inputs.rutherford is None:
            return _unknown("Rutherford category of the target limb", "靶肢Rutherford分级")
        because = T(f"Rutherford category {inputs.rutherford}.", f"Rutherford {inputs.rutherford} 级。")
        return Verdict("Y" if inputs.rutherford in categories else "N", because)

    return decide


def lesion_and_stent(inputs: EligibilityInputs) -> Verdict:
    """I4: stenosis and position of every target lesion, and the age of the stents that carry it (C12–C14)."""
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


def extension(inputs: EligibilityInputs) -> Verdict:
    """I5: at most 3 cm beyond either end of the stent."""
    beyond = [mm for lesion in inputs.lesions for mm in (lesion.ext_prox_mm, lesion.ext_dist_mm)]
    known = [mm for mm in beyond if mm is not None]
    if known and max(known) > FARTHEST_BEYOND_MM:
        return Verdict("N", T(f"Extends {max(known)} mm beyond the stent.", f"超出支架 {max(known)} mm。"))
    if not beyond or len(known) < len(beyond):
        return _unknown("extension beyond the stent", "超出支架的长度")
    return Verdict("Y", T(f"At most {max(known)} mm beyond the stent.", f"超出支架最多 {max(known)} mm。"))


def plan(inputs: EligibilityInputs) -> Verdict:
    """I6: a cohort is planned."""
    if not inputs.planned_cohort:
        return _unknown("planned cohort", "计划分组")
    return Verdict("Y", T(f"{inputs.planned_cohort} planned.", f"计划采用 {inputs.planned_cohort}。"))


def length(inputs: EligibilityInputs) -> Verdict:
    """I7: the target lesions together, extensions included (C15)."""
    known = [lesion.length_mm for lesion in inputs.lesions if lesion.length_mm is not None]
    total = sum(known)
    if total <= LONGEST_MM and (not known or len(known) < len(inputs.lesions)):
        return _unknown("length of every target lesion", "各靶病变长度")
    because = T(f"Total length {total} mm.", f"总长度 {total} mm。")
    return Verdict("Y" if total <= LONGEST_MM else "N", because)


def too_long(inputs: EligibilityInputs) -> Verdict:
    """E7: the same length, the other way round."""
    verdict = length(inputs)
    return Verdict({"Y": "N", "N": "Y"}.get(verdict.answer, "U"), verdict.because)


def runoff(inputs: EligibilityInputs) -> Verdict:
    """I8: a patent vessel at the start; outflow opened on the table leaves it to the investigator."""
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


def pregnancy(inputs: EligibilityInputs) -> Verdict:
    """E1: not applicable to men."""
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


def calcification(inputs: EligibilityInputs) -> Verdict:
    """E3: the judgement made on the angiogram, copied (C18)."""
    judged = (lesion.severe_calc_pta for lesion in inputs.lesions)
    return _copied(judged, T("calcification that precludes PTA", "钙化致无法行PTA"))


def acute(inputs: EligibilityInputs) -> Verdict:
    """E4: acute ischaemia, or fresh thrombus in a target lesion (C19)."""
    thrombi = [lesion.acute_thrombus for lesion in inputs.lesions] or [None]
    return _copied([inputs.acute_ischaemia, *thrombi], T("acute ischaemia or thrombus", "急性缺血或急性血栓"))


def inflow(inputs: EligibilityInputs) -> Verdict:
    """E5: significant, and neither treated before nor left with less than 50 % (C20)."""
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


def insignificant(inputs: EligibilityInputs) -> Verdict:
    """E6: every target lesion below 50 %."""
    known = [lesion.stenosis_pct for lesion in inputs.lesions if lesion.stenosis_pct is not None]
    worst = max(known, default=0)
    because = T(f"Worst stenosis {worst} %.", f"最重狭窄 {worst} %。")
    if worst >= SIGNIFICANT_PCT:
        return Verdict("N", because)
    if not known or len(known) < len(inputs.lesions):
        return _unknown("stenosis of every target lesion", "各靶病变狭窄率")
    return Verdict("Y", because)


def recent_cva(inputs: EligibilityInputs) -> Verdict:
    """E8: a stroke on the day of the procedure or in the 60 days before it (C16)."""
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


def antithrombotic(inputs: EligibilityInputs) -> Verdict:
    """E9: judged; intolerance or bleeding on record is pointed out (C17)."""
    if "Y" in (inputs.allergy_antiplt, inputs.active_bleeding):
        return Verdict(
            "U", T("Intolerance or bleeding recorded: suggests Yes.", "记录有不耐受或出血:提示应为“是”。")
        )
    return JUDGED


def follow_up_unlikely(inputs: EligibilityInputs) -> Verdict:
    """E11: judged; a short life expectancy on record is pointed out."""
    if inputs.life_exp_2y == "N":
        return Verdict("U", T("Life expectancy < 2 years: suggests Yes.", "预期寿命<2年:提示应为“是”。"))
    return JUDGED


def judged(inputs: EligibilityInputs) -> Verdict:
    """I9: judged, with nothing to go by."""
    return JUDGED
