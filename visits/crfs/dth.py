"""DTH: Death."""

from protocol.codelists import AEREL, DTHCAT, DTHCAUSE, NYU
from protocol.partial_dates import PartialDate
from protocol.words import T
from visits.crfs.base import INCOMPLETE_DATE, Contradiction, Crf, Section
from visits.items import CodeItem, PartialDateItem, TextItem, Unusual


class Death(Crf):
    """Death, its cause, and how it became known."""

    form = "DTH"
    title = T("Death", "死亡")

    death_date = PartialDateItem(T("Date of death", "死亡日期"), "R!", sdtm="DM.DTHDTC")
    death_cat = CodeItem(
        T("Category (investigator)", "死因分类(研究者)"),
        DTHCAT,
        "R!",
        soft=Unusual("UNK"),
        sdtm="DD.DDRESCAT",
    )
    death_cause = CodeItem(T("Cause", "死因"), DTHCAUSE, "R!", soft=Unusual("UNK"), sdtm="DD[PRCDTH]")
    death_place = CodeItem(T("In hospital", "是否院内死亡"), NYU, "R", sdtm="DD[LOCDTH]")
    death_autopsy = CodeItem(T("Autopsy", "是否尸检"), NYU, "R", sdtm="DD[AUTOPIND]")
    death_rel_proc = CodeItem(
        T("Relation to procedure", "与手术相关性"),
        AEREL,
        "R!",
        soft=Unusual("1", "2", "3"),
        sdtm="DD[RELPROC]",
    )
    death_rel_device = CodeItem(
        T("Relation to device", "与器械相关性"), AEREL, "R!", soft=Unusual("1", "2", "3"), sdtm="DD[RELDEV]"
    )
    death_source = TextItem(T("Source of information", "信息来源"), 60, "R!", sdtm="SUPPDD[SOURCE]")

    layout = (
        Section(
            T("Death", "死亡"), ("death_date", "death_cat", "death_cause", "death_place", "death_autopsy")
        ),
        Section(
            T("Relation and source", "相关性与来源"), ("death_rel_proc", "death_rel_device", "death_source")
        ),
    )

    warnings = (
        Contradiction(
            "DTH.death_date",
            ("death_date",),
            lambda v: not PartialDate.of(v["death_date"]).complete,
            INCOMPLETE_DATE,
            cells=("death_date: incomplete",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_dth"
