"""FU: Follow-up visit."""

from protocol.codelists import COMPLY, CONTACT, NY, NYU, RUTH, SMOKE, SYMCHG, SYMPT, VITAL
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, IntItem, MultiCodeItem, Range, TextItem, Unusual


class FollowUp(Crf):
    """One follow-up contact, or the record that it was missed."""

    form = "FU"
    title = T("Follow-up visit", "随访")

    fu_date = DateItem(T("Visit date", "访视日期"), "C!", show_if="contact_mode<>MISS", sdtm="SV.SVSTDTC")
    contact_mode = CodeItem(T("Contact mode", "随访方式"), CONTACT, "R!", sdtm="SV.SVCNTMOD")
    miss_reason = TextItem(
        T("Reason missed", "缺访原因"), 200, "C", show_if="contact_mode=MISS", sdtm="SV.SVREASOC"
    )
    vital_status = CodeItem(
        T("Vital status", "生存状态"),
        VITAL,
        "C!",
        soft=Unusual("U"),
        show_if="contact_mode<>MISS",
        sdtm="SS[SURVSTAT]",
    )
    tlr_status_known = CodeItem(
        T("Revascularisation/amputation status ascertained", "血运重建及截肢情况是否明确"),
        NY,
        "C!",
        soft=Unusual("N"),
        show_if="contact_mode<>MISS",
        sdtm="SUPPSV[STATKNWN]",
    )
    symptoms = MultiCodeItem(
        T("Symptoms of target limb", "靶肢症状"),
        SYMPT,
        "C",
        exclusive=("NONE",),
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="CE.CETERM",
    )
    symptom_change = CodeItem(
        T("Change since last visit", "与上次相比"),
        SYMCHG,
        "C",
        soft=Unusual("WOR"),
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="FA[SYMCHG]",
    )
    fu_rutherford = CodeItem(
        T("Rutherford category, target limb", "靶肢Rutherford分级"),
        RUTH,
        "C",
        soft=Unusual("6"),
        show_if="contact_mode in (CLIN,INPT) and vital_status=A",
        sdtm="RS[RUTHCAT]",
    )
    fu_rutherford_contra = CodeItem(
        T("Rutherford category, other limb", "对侧Rutherford分级"),
        RUTH,
        "O",
        show_if="contact_mode in (CLIN,INPT) and vital_status=A",
        sdtm="RS[RUTHCAT]",
    )
    fu_claud_m = IntItem(
        T("Pain-free walking distance", "无痛行走距离"),
        "C",
        unit="m",
        hard=Range(0, 10000),
        show_if="fu_rutherford in (1,2,3)",
        sdtm="FT[CLAUDDIS]",
    )
    wound_status = CodeItem(
        T("Index wound healed", "原有创面是否愈合"),
        NYU,
        "C",
        show_if="bcs.tissue_loss=Y and contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="FA[WNDHEAL]",
    )
    new_revasc = CodeItem(
        T("Revascularisation since last contact", "上次联系后有无血运重建"),
        NYU,
        "C!",
        soft=Unusual("U"),
        show_if="contact_mode<>MISS",
    )
    new_amputation = CodeItem(
        T("Amputation since last contact", "上次联系后有无截肢"),
        NYU,
        "C!",
        soft=Unusual("U"),
        show_if="contact_mode<>MISS",
    )
    new_hosp = CodeItem(
        T("Hospitalised since last contact", "上次联系后有无住院"),
        NYU,
        "C!",
        soft=Unusual("U"),
        show_if="contact_mode<>MISS",
        sdtm="HO.HOOCCUR",
    )
    new_ae = CodeItem(
        T("Adverse event since last contact", "上次联系后有无不良事件"),
        NY,
        "C!",
        show_if="contact_mode<>MISS",
    )
    comply_asa = CodeItem(
        T("Aspirin compliance", "阿司匹林依从性"),
        COMPLY,
        "C",
        soft=Unusual("PART", "STOP"),
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="FA[COMPLY]",
    )
    comply_p2y12 = CodeItem(
        T("P2Y12 inhibitor compliance", "P2Y12抑制剂依从性"),
        COMPLY,
        "C",
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="FA[COMPLY]",
    )
    comply_oac = CodeItem(
        T("Anticoagulant compliance", "抗凝药依从性"),
        COMPLY,
        "C",
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="FA[COMPLY]",
    )
    comply_statin = CodeItem(
        T("Statin compliance", "他汀依从性"),
        COMPLY,
        "C",
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="FA[COMPLY]",
    )
    fu_smoking = CodeItem(
        T("Smoking now", "目前吸烟状况"),
        SMOKE,
        "O",
        show_if="contact_mode in (CLIN,INPT,TEL) and vital_status=A",
        sdtm="SU.SUOCCUR",
    )
    fu_tests_missing = TextItem(T("Required test not done, reason", "必查项目未做原因"), 200, "O")

    layout = (
        Section(
            T("Contact", "随访"),
            ("contact_mode", "fu_date", "miss_reason", "vital_status", "tlr_status_known"),
        ),
        Section(
            T("Target limb", "靶肢"),
            (
                "symptoms",
                "symptom_change",
                "fu_rutherford",
                "fu_rutherford_contra",
                "fu_claud_m",
                "wound_status",
            ),
        ),
        Section(
            T("Events since last contact", "上次联系后的事件"),
            ("new_revasc", "new_amputation", "new_hosp", "new_ae"),
        ),
        Section(
            T("Drugs and smoking", "用药与吸烟"),
            ("comply_asa", "comply_p2y12", "comply_oac", "comply_statin", "fu_smoking"),
        ),
        Section(T("Tests", "检查"), ("fu_tests_missing",)),
    )

    warnings = (
        Contradiction(
            "EC-055",
            ("symptoms", "fu_rutherford"),
            lambda v: not {"ULC", "GANG"}.isdisjoint(v["symptoms"]) and v["fu_rutherford"] < "5",
            T("Tissue loss with Rutherford < 5.", "有溃疡或坏疽但Rutherford<5级。"),
        ),
        Contradiction(
            "FU.symptoms",
            ("symptoms", "fu_rutherford"),
            lambda v: "NONE" in v["symptoms"] and v["fu_rutherford"] >= "2",
            T("No symptoms, but Rutherford category 2 or higher.", "无症状,但Rutherford分级≥2级。"),
            cells=("symptoms: NONE with rutherford ≥ 2",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_fu"
