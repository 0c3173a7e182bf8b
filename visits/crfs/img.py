"""IMG: Follow-up angiography / CTA."""

from typing import Any

from protocol import patency
from protocol.codelists import IMGMOD, NY, READER
from protocol.codelists.followup import PATSTAT
from protocol.words import T
from visits.crfs.base import Crf, Section, Values
from visits.items import CodeItem, DateItem, Derived, IntItem, Range, RefItem, Unusual


def _status(v: Values, dossier: Any) -> str | None:
    if v.get("img_diagnostic") is None:
        return None
    return patency.angiography_status(diagnostic=v.get("img_diagnostic"), stenosis_pct=v.get("img_sten_pct"))


class FollowUpImaging(Crf):
    """One reading of one lesion on a follow-up angiogram, CTA or MRA."""

    form = "IMG"
    title = T("Follow-up angiography / CTA", "随访造影或CTA")
    repeating = True

    img_date = DateItem(T("Exam date", "检查日期"), "R!", sdtm="CV.CVDTC")
    img_mode = CodeItem(T("Modality", "检查方式"), IMGMOD, "R!", sdtm="CV.CVMETHOD")
    img_lesion = RefItem(T("Lesion", "病变编号"), "lesion", "R!", sdtm="CV.CVLNKID")
    img_reader = CodeItem(T("Reader", "判读方"), READER, "R!", sdtm="CV.CVEVAL")
    img_diagnostic = CodeItem(
        T("Diagnostic quality", "图像可诊断"), NY, "R!", soft=Unusual("N"), sdtm="CV[ADEQUATE]"
    )
    img_sten_pct = IntItem(
        T("Max diameter stenosis, lesion ± 30 mm", "最大直径狭窄率"),
        "C",
        unit="%",
        hard=Range(0, 100),
        show_if="img_diagnostic=Y",
        sdtm="CV[PCTDIAST]",
    )
    img_status = Derived(T("Patency status", "通畅状态"), _status, codelist=PATSTAT, sdtm="CV[PATSTAT]")

    layout = (
        Section(T("Exam", "检查"), ("img_date", "img_mode", "img_lesion", "img_reader")),
        Section(T("Finding", "所见"), ("img_diagnostic", "img_sten_pct", "img_status")),
    )

    class Meta(Crf.Meta):
        db_table = "crf_img"
