"""LH: Index-limb history."""

from protocol.codelists import AIOD, ISRN, NY, NYU, PRIORTX, SIDE
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, MultiCodeItem, PartialDateItem, TextItem, Unusual


class IndexLimbHistory(Crf):
    """History of the one limb that the study follows."""

    form = "LH"
    title = T("Index-limb history", "靶肢病史")

    target_limb = CodeItem(T("Target limb", "靶肢"), SIDE, "R!", sdtm="SUPPDM[TGTLIMB]")
    bilateral_isr = CodeItem(
        T("Eligible ISR in both limbs", "双侧均符合入组"), NY, "R!", soft=Unusual("Y"), sdtm="SUPPDM[BILAT]"
    )
    target_limb_rule = TextItem(
        T("Reason this limb was chosen", "选择该肢体的原因"),
        100,
        "C",
        show_if="bilateral_isr=Y",
        sdtm="SUPPDM[TLREAS]",
    )
    isr_number = CodeItem(T("Which ISR episode is this", "本次为第几次再狭窄"), ISRN, "R!", sdtm="FA[ISRNUM]")
    prior_isr_tx = MultiCodeItem(
        T("Prior treatments of this ISR", "既往ISR治疗方式"),
        PRIORTX,
        "R",
        exclusive=("NONE",),
        sdtm="PR.PRTRT",
    )
    prior_isr_tx_date = PartialDateItem(
        T("Date of last prior ISR treatment", "最近一次ISR治疗日期"),
        "C",
        show_if="prior_isr_tx<>NONE",
        sdtm="PR.PRSTDTC",
    )
    symptom_onset = PartialDateItem(
        T("Onset of current symptoms", "本次症状出现时间"), "R", sdtm="CE.CESTDTC"
    )
    aortoiliac_status = CodeItem(
        T("Aorto-iliac inflow", "主髂动脉流入道"), AIOD, "R!", soft=Unusual("U"), sdtm="FA[AIOD]"
    )
    contra_pad = CodeItem(T("PAD of the other limb", "对侧肢体动脉病变"), NYU, "O", sdtm="MH.MHOCCUR")

    layout = (
        Section(T("Target limb", "靶肢"), ("target_limb", "bilateral_isr", "target_limb_rule")),
        Section(
            T("This restenosis", "本次再狭窄"),
            ("isr_number", "prior_isr_tx", "prior_isr_tx_date", "symptom_onset"),
        ),
        Section(T("Inflow and other limb", "流入道与对侧肢体"), ("aortoiliac_status", "contra_pad")),
    )

    warnings = (
        Contradiction(
            "EC-130",
            ("prior_isr_tx", "isr_number"),
            lambda v: v["isr_number"] == "1" and "NONE" not in v["prior_isr_tx"],
            T("First ISR but prior ISR treatment recorded.", "首次再狭窄但有既往ISR治疗。"),
        ),
        Contradiction(
            "LH.prior_isr_tx",
            ("prior_isr_tx", "isr_number"),
            lambda v: v["isr_number"] in ("2", "3") and "NONE" in v["prior_isr_tx"],
            T(
                "Not the first ISR, but no prior ISR treatment recorded.",
                "非首次再狭窄,但未记录既往ISR治疗。",
            ),
            cells=("prior_isr_tx: NONE with isr_number in (2,3)",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_lh"
