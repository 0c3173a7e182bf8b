"""MH: Medical history & risk factors."""

from protocol.codelists import AMPLVL, CVATYPE, DMTX, DMTYPE, NY, NYHA, NYU, SMOKE
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DecItem, IntItem, PartialDateItem, Range, Unusual


class MedicalHistory(Crf):
    """Medical history and risk factors at baseline."""

    form = "MH"
    title = T("Medical history & risk factors", "既往史与危险因素")

    hypertension = CodeItem(T("Hypertension", "高血压"), NYU, "R", sdtm="MH.MHOCCUR")
    dm_type = CodeItem(T("Diabetes mellitus", "糖尿病类型"), DMTYPE, "R", sdtm="MH.MHTERM")
    dm_treatment = CodeItem(
        T("Diabetes treatment", "糖尿病治疗"), DMTX, "C", show_if="dm_type<>N", sdtm="SUPPMH[DMTX]"
    )
    dm_years = IntItem(
        T("Diabetes duration", "糖尿病病程"),
        "O",
        unit="years",
        hard=Range(0, 100),
        show_if="dm_type<>N",
        sdtm="SUPPMH[DMYRS]",
    )
    dyslipidaemia = CodeItem(T("Dyslipidaemia", "血脂异常"), NYU, "R", sdtm="MH.MHOCCUR")
    smoking = CodeItem(T("Smoking status", "吸烟状况"), SMOKE, "R", sdtm="SU.SUOCCUR")
    pack_years = DecItem(
        T("Pack-years", "吸烟包年"),
        4,
        1,
        "C",
        unit="pack-years",
        hard=Range(0, 250),
        soft=Range(hi=100),
        show_if="smoking<>NEV",
        sdtm="SU.SUDOSE",
    )
    cad = CodeItem(T("Coronary artery disease", "冠心病"), NYU, "R", sdtm="MH.MHOCCUR")
    prior_mi = CodeItem(T("Prior myocardial infarction", "既往心肌梗死"), NYU, "R", sdtm="MH.MHOCCUR")
    last_mi_date = PartialDateItem(
        T("Date of last MI", "最近一次心梗日期"), "C", show_if="prior_mi=Y", sdtm="MH.MHSTDTC"
    )
    prior_pci_cabg = CodeItem(T("Prior PCI or CABG", "既往PCI或CABG"), NYU, "R", sdtm="MH.MHOCCUR")
    nyha = CodeItem(
        T("Heart failure class (NYHA)", "NYHA心功能分级"), NYHA, "R", soft=Unusual("4"), sdtm="RS[NYHA]"
    )
    atrial_fib = CodeItem(T("Atrial fibrillation", "心房颤动"), NYU, "R", sdtm="MH.MHOCCUR")
    prior_cva = CodeItem(T("Prior stroke (CVA)", "既往脑血管意外"), NYU, "R", sdtm="MH.MHOCCUR")
    cva_type = CodeItem(
        T("Type of last CVA", "最近一次卒中类型"), CVATYPE, "C", show_if="prior_cva=Y", sdtm="SUPPMH[CVATYPE]"
    )
    last_cva_date = PartialDateItem(
        T("Date of last CVA", "最近一次卒中日期"), "C", show_if="prior_cva=Y", sdtm="MH.MHSTDTC"
    )
    prior_tia = CodeItem(T("Prior TIA", "既往短暂性脑缺血发作"), NYU, "R", sdtm="MH.MHOCCUR")
    carotid_disease = CodeItem(T("Carotid stenosis ≥ 50 %", "颈动脉狭窄≥50%"), NYU, "O", sdtm="MH.MHOCCUR")
    ckd = CodeItem(T("Chronic kidney disease", "慢性肾脏病"), NYU, "R", sdtm="MH.MHOCCUR")
    dialysis = CodeItem(T("Dialysis", "透析"), NY, "R", sdtm="MH.MHOCCUR")
    copd = CodeItem(T("COPD", "慢性阻塞性肺疾病"), NYU, "O", sdtm="MH.MHOCCUR")
    malignancy = CodeItem(
        T("Malignancy within 5 years", "5年内恶性肿瘤"), NYU, "R", soft=Unusual("Y"), sdtm="MH.MHOCCUR"
    )
    prior_amp_target = CodeItem(
        T("Prior amputation, target limb", "靶肢既往截肢"), NY, "R", sdtm="MH.MHOCCUR"
    )
    prior_amp_level = CodeItem(
        T("Level", "截肢平面"),
        AMPLVL,
        "C",
        soft=Unusual("SYME", "BKA", "TKA", "AKA", "HIP"),
        show_if="prior_amp_target=Y",
        sdtm="SUPPMH[AMPLVL]",
    )
    prior_amp_contra = CodeItem(
        T("Prior major amputation, other limb", "对侧既往大截肢"), NY, "R", sdtm="MH.MHOCCUR"
    )
    active_bleeding = CodeItem(
        T("Active bleeding or bleeding disorder", "活动性出血或出血性疾病"),
        NYU,
        "R",
        soft=Unusual("Y"),
        sdtm="MH.MHOCCUR",
    )
    allergy_contrast = CodeItem(
        T("Contrast allergy", "造影剂过敏"), NYU, "R", soft=Unusual("Y"), sdtm="MH.MHOCCUR"
    )
    allergy_paclitaxel = CodeItem(
        T("Paclitaxel hypersensitivity", "紫杉醇过敏"), NYU, "R", soft=Unusual("Y"), sdtm="MH.MHOCCUR"
    )
    allergy_antiplt = CodeItem(
        T("Intolerance of antiplatelet or anticoagulant", "抗血小板或抗凝药物不耐受"),
        NYU,
        "R",
        soft=Unusual("Y"),
        sdtm="MH.MHOCCUR",
    )
    life_exp_2y = CodeItem(
        T("Life expectancy ≥ 2 years", "预期寿命≥2年"), NY, "R!", soft=Unusual("N"), sdtm="SUPPMH[LIFEEXP]"
    )

    layout = (
        Section(
            T("Cardiovascular risk", "心血管危险因素"),
            ("hypertension", "dm_type", "dm_treatment", "dm_years", "dyslipidaemia", "smoking", "pack_years"),
        ),
        Section(
            T("Heart", "心脏"), ("cad", "prior_mi", "last_mi_date", "prior_pci_cabg", "nyha", "atrial_fib")
        ),
        Section(T("Brain", "脑"), ("prior_cva", "cva_type", "last_cva_date", "prior_tia")),
        Section(T("Other organs", "其他器官"), ("carotid_disease", "ckd", "dialysis", "copd", "malignancy")),
        Section(
            T("Earlier amputations", "既往截肢"), ("prior_amp_target", "prior_amp_level", "prior_amp_contra")
        ),
        Section(
            T("Bleeding, allergy, life expectancy", "出血、过敏与预期寿命"),
            ("active_bleeding", "allergy_contrast", "allergy_paclitaxel", "allergy_antiplt", "life_exp_2y"),
        ),
    )

    warnings = (
        Contradiction(
            "EC-014",
            ("ckd", "dialysis"),
            lambda v: v["dialysis"] == "Y" and v["ckd"] != "Y",
            T("Dialysis without chronic kidney disease.", "透析但未记录慢性肾脏病。"),
        ),
        Contradiction(
            "EC-015",
            ("pack_years", "smoking"),
            lambda v: v["smoking"] in ("FOR", "CUR") and v["pack_years"] == 0,
            T("Smoker or former smoker with 0 pack-years.", "吸烟或已戒烟者吸烟包年为0,请核实。"),
        ),
        Contradiction(
            "EC-019",
            ("allergy_paclitaxel",),
            lambda v: v["allergy_paclitaxel"] == "Y",
            T(
                "Paclitaxel hypersensitivity recorded: confirm suitability.",
                "记录有紫杉醇过敏,请确认是否适合入组。",
            ),
            limit_of=("allergy_paclitaxel",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_mh"
