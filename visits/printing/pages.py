"""A page, or a subject's casebook with cover and contents, as one HTML document that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string

from protocol.version import FIRST, place
from protocol.words import Bilingual, T
from sites.models import Study
from visits.capture.forms import SITE_ZONE
from visits.dossier import Dossier, PageRecord
from visits.models import Lock
from visits.printing.appendix import Appendix
from visits.printing.content import Line, Reader, Sheet, visible
from visits.review.guard import LEVELS
from visits.review.signing.ready import SIGNABLE
from visits.review.signing.standing import BROKEN, VALID

CASEBOOK = T("Casebook", "病例报告表册")
PAGE = T("Page", "病例报告表页")
SIGNATURES = T("Signatures", "签名")
STUDY = T(
    "Drug-coated balloon or drug-eluting stent for in-stent restenosis",
    "药物涂层球囊与药物洗脱支架治疗支架内再狭窄",
)


@dataclass(frozen=True, slots=True)
class Printing:
    """Who prints, when by the study's clock, and whether that clock is a demonstration's."""

    by_name: str
    at: datetime
    simulated: bool
    language: str = "en"

    @property
    def moment(self) -> str:
        """The time in the sites' zone."""
        return self.at.astimezone(SITE_ZONE).strftime("%Y-%m-%d %H:%M")


def page_html(dossier: Dossier, record: PageRecord, printing: Printing) -> str:
    """Return one page as HTML."""
    sheets = Reader(dossier, [record]).sheets()
    title = f"{dossier.subject.usubjid} {sheets[0].title.en}"
    return _document(dossier, sheets, printing, title=title)


def casebook_html(
    dossier: Dossier,
    pages: Sequence[PageRecord],
    printing: Printing,
    *,
    locks: Sequence[Lock] = (),
    appendix: Appendix | None = None,
) -> str:
    """Return these pages of a subject as HTML with cover, contents and appendix."""
    sheets = Reader(dossier, list(pages)).sheets() if pages else []
    study = Study.objects.first()
    cover = {
        "study": Bilingual((study and study.brief_title) or STUDY.en, (study and study.title_zh) or STUDY.zh),
        "title": CASEBOOK,
        "lines": _cover(dossier, sheets, printing, locks),
        "unsigned": _same(f"{SIGNATURES.en} {SIGNATURES.zh}: {_signed(sheets)}"),
    }
    return _document(
        dossier, sheets, printing, title=f"{dossier.subject.usubjid} casebook", cover=cover, appendix=appendix
    )


def _cover(
    dossier: Dossier, sheets: Sequence[Sheet], printing: Printing, locks: Sequence[Lock]
) -> list[Line]:
    subject, status = dossier.subject, dossier.status()
    pages = sum(len(sheet.pages) for sheet in sheets)
    words = [
        (T("Study", "研究编号"), _same("NCT07277218")),
        (T("Subject", "受试者编号"), _same(subject.usubjid)),
        (T("Site", "研究中心"), Bilingual(f"{subject.site_id} {subject.site.name_en}", subject.site.name_zh)),
        (T("Status", "状态"), status.label),
        (T("Protocol version of the forms", "表单对应方案版本"), _same(_versions(sheets))),
        (T("Pages", "页面数"), _same(str(pages))),
        (T("Printed", "打印时间"), _same(f"{printing.moment} (Asia/Shanghai), {printing.by_name}")),
        (T("Locked", "锁定"), _locked(locks)),
    ]
    return [Line(label, answer, "value") for label, answer in words]


def _locked(locks: Sequence[Lock]) -> Bilingual:
    if not locks:
        return T("no", "否")
    english, chinese = [], []
    for lock in locks:
        since = f"{lock.created_at.astimezone(SITE_ZONE):%Y-%m-%d %H:%M}, {visible(lock.by_name)}"
        english.append(f"{LEVELS[lock.level].en.lower()}, {since}")
        chinese.append(f"{LEVELS[lock.level].zh}, {since}")
    return Bilingual("; ".join(english), "; ".join(chinese))


def _document(
    dossier: Dossier,
    sheets: Sequence[Sheet],
    printing: Printing,
    *,
    title: str,
    cover: dict[str, object] | None = None,
    appendix: Appendix | None = None,
) -> str:
    subject = dossier.subject
    header = ("NCT07277218", subject.usubjid, f"forms 表单版本 {_versions(sheets)}", _signed(sheets))
    footer = [f"Printed 打印 {printing.moment} (Asia/Shanghai)", printing.by_name, "Defier EDC"]
    if printing.simulated:
        footer.append("DEMO: simulated data 模拟数据")
    return render_to_string(
        "printing/casebook.html",
        {
            "language": printing.language,
            "title": f"NCT07277218 {title}",
            "printed_at": printing.at.isoformat(timespec="seconds"),
            "header": " · ".join(header),
            "footer": visible(" · ".join(footer)),
            "simulated": printing.simulated,
            "cover": cover,
            "usubjid": subject.usubjid,
            "sheets": sheets,
            "appendix": appendix,
        },
    )


def _signed(sheets: Sequence[Sheet]) -> str:
    """Say how many of these pages are validly signed, and how many signatures are broken (SIG-11)."""
    signable = [
        page.standing.state
        for sheet in sheets
        for page in sheet.pages
        if sheet.form in SIGNABLE and not page.record.removed
    ]
    valid, broken = signable.count(VALID), signable.count(BROKEN)
    if not valid and not broken:
        return "unsigned 未签名"
    told = "signed 已签名" if valid == len(signable) else f"signed 已签名 {valid}/{len(signable)}"
    return f"{told}, broken 失效 {broken}" if broken else told


def _versions(sheets: Sequence[Sheet]) -> str:
    """Return the versions of the protocol by which these pages were entered."""
    found = {page.record.form_version for sheet in sheets for page in sheet.pages}
    return ", ".join(sorted(found, key=place)) or FIRST


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)
