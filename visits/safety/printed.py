"""The report of a serious event as one HTML document: what it said when it was made, and what was new in it.

Everything in it stands in the report itself, so that the same version is the same document whenever it is
printed; it names the subject by number alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.template.loader import render_to_string

from protocol.safety import Clock, State, clocks_of
from protocol.words import Bilingual, T
from visits.capture.forms import SITE_ZONE
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.printing.content import Line, Reader, visible
from visits.safety import reports as reporting
from visits.safety.records import SaeReport

REPORT = T("Report of a serious adverse event", "严重不良事件报告")
NO_ANSWER = T("no answer", "未填")


@dataclass(frozen=True, slots=True)
class Changed:
    """One item that a version says otherwise than the version before it."""

    label: Bilingual
    before: str
    now: str


def sae_html(dossier: Dossier, report: SaeReport, reports: Sequence[SaeReport], *, simulated: bool) -> str:
    """Return one version as HTML; `reports` are all versions of the event, `dossier` its subject's pages."""
    record = as_reported(dossier, report)
    [sheet] = Reader(dossier, [record]).sheets()
    earlier = [one for one in reports if one.is_of_site and one.number < report.number]
    before = as_reported(dossier, earlier[-1]) if earlier else None
    title = reporting.title_of(report, reports)
    at = report.at.astimezone(SITE_ZONE)
    header = (
        "NCT07277218",
        dossier.subject.usubjid,
        f"{record.identity}",
        f"{title.en} {title.zh}",
        f"version 版本 {report.number}",
    )
    footer = [f"Made 制作 {at:%Y-%m-%d %H:%M} (Asia/Shanghai)", report.by_name, "Defier EDC"]
    if simulated:
        footer.append("DEMO: simulated data 模拟数据")
    return render_to_string(
        "printing/sae.html",
        {
            "title": f"NCT07277218 {dossier.subject.usubjid} {record.identity} {title.en}",
            "printed_at": at.isoformat(timespec="seconds"),
            "header": visible(" · ".join(header)),
            "footer": visible(" · ".join(footer)),
            "simulated": simulated,
            "report": REPORT,
            "version": title,
            "usubjid": dossier.subject.usubjid,
            "lines": _about(dossier, report, record),
            "clocks": _clocks(report, record, earlier),
            "before": reporting.title_of(earlier[-1], reports) if earlier else None,
            "changes": changes(dossier, before, record) if before else [],
            "sheet": sheet,
            "digest": report.digest,
        },
    )


def as_reported(dossier: Dossier, report: SaeReport) -> PageRecord:
    """Return the page of a report with the answers that it reported."""
    page = dossier.page(report.page_id)
    if page is None:
        raise LookupError(f"page {report.page_id} is not in its subject's dossier")
    items = FORMS[page.form].items()
    return replace(
        page,
        values={name: items[name].from_json(value) for name, value in report.values.items() if name in items},
        missing=dict(report.missing),
        raw={},
        revision=report.revision,
        form_version=report.form_version,
        removed=False,
    )


def changes(dossier: Dossier, before: PageRecord, now: PageRecord) -> list[Changed]:
    """Return what a version says otherwise than the one before it, in words and in the order of the form."""
    reader = Reader(dossier, [before, now])
    said = [
        {line.label: line for part in reader.page(one).parts for line in part.lines} for one in (before, now)
    ]
    labels = [question.label for question in FORMS[now.form].questions().values()]
    found = []
    for label in labels:
        old, new = (_said(lines.get(label)) for lines in said)
        if old != new:
            found.append(Changed(label, old, new))
    return found


def _said(line: Line | None) -> str:
    return line.text if line is not None else f"{NO_ANSWER.en} {NO_ANSWER.zh}"


def _about(dossier: Dossier, report: SaeReport, record: PageRecord) -> list[Line]:
    subject, at = dossier.subject, report.at.astimezone(SITE_ZONE)
    site = subject.site
    words = [
        (T("Study", "研究编号"), _same("NCT07277218")),
        (T("Subject", "受试者编号"), _same(subject.usubjid)),
        (T("Site", "研究中心"), Bilingual(f"{site.code} {site.name_en}", site.name_zh)),
        (T("Event", "事件编号"), _same(record.identity)),
        (T("Version of this report", "报告版本"), _same(str(report.number))),
        (T("Sent to", "报送对象"), reporting.recipients(report)),
        (T("Made by", "制作人"), _same(visible(report.by_name))),
        (T("Made at", "制作时间"), _same(f"{at:%Y-%m-%d %H:%M} (Asia/Shanghai)")),
    ]
    return [Line(label, answer, "value") for label, answer in words]


def _clocks(report: SaeReport, record: PageRecord, earlier: Sequence[SaeReport]) -> list[Line]:
    told = reporting.authority_told([*earlier, report])
    found = clocks_of(record.values, now=report.at, authority_told=told)
    return [
        Line(one.duty.label, state_of(one), "value", notes=(one.because,))
        for one in found
        if one.state is not State.NOT_APPLICABLE
    ]


def state_of(one: Clock) -> Bilingual:
    """Return how a clock stood, with the moment that was due and the one when it was done."""
    english, chinese = one.state.label.en, one.state.label.zh
    if one.due is not None:
        due = f"{one.due.astimezone(SITE_ZONE):%Y-%m-%d %H:%M}"
        english, chinese = f"{english}; due {due}", f"{chinese};截止 {due}"
    if one.done is not None:
        done = f"{one.done.astimezone(SITE_ZONE):%Y-%m-%d %H:%M}"
        english, chinese = f"{english}, done {done}", f"{chinese},完成 {done}"
    return Bilingual(english, chinese)


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)
