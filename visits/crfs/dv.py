"""DV: Protocol deviation."""

from django.db import models

from protocol.codelists import DVCAT, DVSEV, NY
from protocol.words import T
from visits.crfs.base import Crf, Section, Values
from visits.items import CodeItem, DateItem, Derived, TextItem, Unusual

# What a deviation that the system created stands for; no question of the form, and never typed.
CAUSE = "dv_cause"


def _made_by_the_system(v: Values) -> str | None:
    """Say whether the system made the row; None for one that nobody has begun."""
    if v.get(CAUSE):
        return "Y"
    return "N" if any(answer is not None for answer in v.values()) else None


class Deviation(Crf):
    """One deviation from the protocol, entered by people or created by the system.

    `dv_cause` names what made the system create it (visits.safety.deviations): each cause has one row.
    """

    form = "DV"
    title = T("Protocol deviation", "方案偏离")
    repeating = True

    dv_date = DateItem(T("Date", "发生日期"), "R!", sdtm="DV.DVSTDTC")
    dv_cat = CodeItem(T("Category", "类别"), DVCAT, "R!", sdtm="DV.DVCAT")
    dv_severity = CodeItem(T("Severity", "严重程度"), DVSEV, "R!", soft=Unusual("MAJ"), sdtm="SUPPDV[DVSEV]")
    dv_desc = TextItem(T("Description", "描述"), 500, "R!", sdtm="DV.DVTERM")
    dv_action = TextItem(T("Corrective action", "纠正措施"), 500, "R", sdtm="SUPPDV[ACTION]")
    dv_auto = Derived(
        T("Created by system", "系统自动生成"),
        lambda v, dossier: _made_by_the_system(v),
        codelist=NY,
        sdtm="SUPPDV[AUTOFL]",
    )
    dv_reported_ec = CodeItem(
        T("Reported to ethics committee", "是否报告伦理委员会"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="dv_severity=MAJ",
        sdtm="SUPPDV[ECREP]",
    )

    dv_cause = models.CharField(max_length=60, null=True, editable=False)
    kept_besides = (CAUSE,)

    layout = (
        Section(T("Deviation", "方案偏离"), ("dv_date", "dv_cat", "dv_severity", "dv_desc")),
        Section(T("Handling", "处理"), ("dv_action", "dv_auto", "dv_reported_ec")),
    )

    @classmethod
    def beyond_question(cls, values: Values) -> frozenset[str]:
        """Return the severity where the protocol itself gave it: nobody can confirm what nobody chose."""
        return frozenset({"dv_severity"}) if values.get(CAUSE) else frozenset()

    class Meta(Crf.Meta):
        db_table = "crf_dv"
        constraints = [models.UniqueConstraint(fields=["subject", CAUSE], name="deviation_cause_once")]
