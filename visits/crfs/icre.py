"""ICRE: Re-consent."""

from protocol.codelists import NY
from protocol.words import T
from visits.crfs.base import Crf, Section
from visits.items import CodeItem, DateItem, TextItem, Unusual


class ReConsent(Crf):
    """A consent renewed at a later visit, to a new version or at a new site."""

    form = "ICRE"
    title = T("Re-consent", "再次知情同意")
    repeating = True

    reconsent_date = DateItem(T("Re-consent date", "再次知情日期"), "R!", sdtm="DS.DSSTDTC")
    reconsent_version = TextItem(T("Version", "版本号"), 20, "R!", sdtm="SUPPDS[ICVER]")
    reconsent_given = CodeItem(T("Consent given", "是否同意"), NY, "R!", soft=Unusual("N"), sdtm="DS.DSDECOD")

    layout = (
        Section(T("Re-consent", "再次知情同意"), ("reconsent_date", "reconsent_version", "reconsent_given")),
    )

    class Meta(Crf.Meta):
        db_table = "crf_icre"
