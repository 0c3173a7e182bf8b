"""PP: Post-procedure."""

from protocol.codelists import ATREG, NY, PCOMPL
from protocol.words import T
from visits.crfs.base import Crf, Section
from visits.items import CodeItem, DateItem, DecItem, MultiCodeItem, Range, Unusual


class PostProcedure(Crf):
    """The first three days after the procedure."""

    form = "PP"
    title = T("Post-procedure", "术后")

    pp_date = DateItem(T("Assessment date", "评估日期"), "R!", sdtm="SV.SVSTDTC")
    pp_access_compl = MultiCodeItem(
        T("Access-site complication", "穿刺部位并发症"),
        PCOMPL,
        "R!",
        exclusive=("NONE",),
        sdtm="FA[ACCCOMPL]",
    )
    pp_limb_status = CodeItem(
        T("Acute ischaemia of the target limb", "靶肢急性缺血"),
        NY,
        "R!",
        soft=Unusual("Y"),
        sdtm="CE.CEOCCUR",
    )
    pp_chest_pain = CodeItem(
        T("Symptoms of myocardial ischaemia", "心肌缺血症状"), NY, "R", sdtm="CE.CEOCCUR"
    )
    pp_transfusion_u = DecItem(
        T("Red-cell units transfused", "输注红细胞单位数"),
        4,
        1,
        "R",
        unit="U",
        hard=Range(0, 50),
        soft=Range(hi=0),
        sdtm="CM.CMDOSE",
    )
    pp_at_regimen = CodeItem(
        T("Antithrombotic regimen", "抗栓方案"), ATREG, "R!", soft=Unusual("NONE"), sdtm="FA[ATREG]"
    )
    pp_dus_done = CodeItem(T("Baseline duplex done", "是否完成术后基线超声"), NY, "R", soft=Unusual("N"))

    layout = (
        Section(
            T("After the procedure", "术后情况"),
            (
                "pp_date",
                "pp_access_compl",
                "pp_limb_status",
                "pp_chest_pain",
                "pp_transfusion_u",
                "pp_at_regimen",
                "pp_dus_done",
            ),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_pp"
