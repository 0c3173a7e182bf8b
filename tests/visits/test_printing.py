"""Pages and casebooks as PDF: what they say is what is stored, and nothing outside gets in."""

import io
import re
import time
from datetime import UTC, datetime
from decimal import Decimal

import pypdf
import pytest
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from audit import running
from audit.context import Reason
from audit.jobs import Progress
from audit.models import Entry, Job
from sites import accounts
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import FIRST, OPEN, People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Document
from visits.printing import documents
from visits.printing.confined import TooCostly, confined_pdf
from visits.printing.content import Reader, visible
from visits.printing.pages import Printing, casebook_html, page_html
from visits.printing.render import DenyAll, OutsideAsset, Rendered, to_pdf
from visits.review.locking import lock

AT = datetime(2028, 9, 14, 1, 40, tzinfo=UTC)
PRINTING = Printing("Li Na", AT, simulated=True)
TYPO = Reason("TYPO")


@pytest.fixture
def subject(people: People) -> Subject:
    """Return a subject asked for consent by a delegated person: another would be a deviation of its own."""
    accounts.delegate(
        user=people.users["li_na"],
        site=people.sites["07"],
        role="PI",
        tasks=["CONSENT"],
        from_date=OPEN,
        by=FIRST,
    )
    made = screened(people, consent_by=people.li_na.user_id)
    demographics = {"birth_ym": "1955-04", "age": 70, "sex": "M", "weight_kg": Decimal("80.5")}
    pages = [
        PageEntry(
            subject_id=made.pk,
            form="DM",
            visit="SCR",
            values={**demographics, "height_cm": Decimal("171.5")},
            missing={"ethnic_cn": "REF"},
        ),
        PageEntry(
            subject_id=made.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="Subject left early"
        ),
        PageEntry(subject_id=made.pk, form="CM", values={"cm_name": "first"}),
        PageEntry(subject_id=made.pk, form="CM", values={"cm_name": "second"}),
    ]
    saved = save_pages(pages, by=people.li_na)
    removed = saved.pages[3]
    save_pages(
        [PageEntry(subject_id=made.pk, form="CM", page_id=removed.id, removed=True)],
        by=people.li_na,
        reason=TYPO,
    )
    return made


def text_of(content: bytes) -> str:
    """Return the text of a PDF, its white space evened."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_casebook_says_every_answer_in_both_languages(people: People, subject: Subject) -> None:
    dossier = dossiers.load(subject)
    made = to_pdf(casebook_html(dossier, dossier.pages, PRINTING))
    text = squeezed(text_of(made.content))
    for sheet in Reader(dossier).sheets():
        for page in sheet.pages:
            for part in page.parts:
                for line in part.lines:
                    for words in (line.label.en, line.label.zh, line.text):
                        assert squeezed(words) in text, words
    assert squeezed("Sex 性别 Male 男") in text
    assert squeezed("Missing: Refused 缺失:拒绝") in text
    assert squeezed("Not done: Subject left early") in text
    assert squeezed("Removed: entered by mistake 已移除:误录") in text
    assert squeezed("Body mass index 体重指数 27.4") in text
    assert squeezed("computed from other answers 由其他项目计算得出") in text
    assert squeezed("Li Na 李娜") in text
    assert squeezed("no answer 未填") in text


def test_every_page_carries_study_subject_version_time_number_and_unsigned(
    people: People, subject: Subject
) -> None:
    dossier = dossiers.load(subject)
    made = to_pdf(casebook_html(dossier, dossier.pages, PRINTING))
    reader = pypdf.PdfReader(io.BytesIO(made.content))
    assert len(reader.pages) == made.pages == 6  # cover, contents, one sheet per form and visit, LOG
    for number, page in enumerate(reader.pages, 1):
        text = squeezed(page.extract_text())
        for words in (
            "NCT07277218",
            subject.usubjid,
            "forms 表单版本 1.0",
            "unsigned 未签名",
            "Printed 打印 2028-09-14 09:40 (Asia/Shanghai) · Li Na",
            f"page 第 {number} / {made.pages} 页",
            "DEMO",
        ):
            assert squeezed(words) in text, (number, words)
    assert reader.metadata is not None
    assert str(reader.metadata["/CreationDate"]).startswith("D:20280914014000")


def test_the_contents_name_the_page_that_each_form_is_on(people: People, subject: Subject) -> None:
    dossier = dossiers.load(subject)
    made = to_pdf(casebook_html(dossier, dossier.pages, PRINTING))
    reader = pypdf.PdfReader(io.BytesIO(made.content))
    contents = squeezed(reader.pages[1].extract_text())
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages[2:], 3):
        title = squeezed(page.extract_text().splitlines()[1])
        assert re.search(rf"{re.escape(title)}(·\d+)?…{number}", contents), (title, contents)


def test_the_cover_says_status_and_lock_in_both_languages(people: People, subject: Subject) -> None:
    made = lock(
        level="subject", subject=subject, by=people.chen_jing, reason="Interim analysis", interim=True
    )
    dossier = dossiers.load(subject)
    text = squeezed(text_of(to_pdf(casebook_html(dossier, dossier.pages, PRINTING, locks=[made])).content))
    status = dossier.status().label
    assert squeezed(f"Status 状态 {status.en} {status.zh}") in text
    assert squeezed("Locked 锁定 subject, ") in text
    assert squeezed("受试者, ") in text


def test_real_data_carry_no_demo_mark(people: People, subject: Subject) -> None:
    dossier = dossiers.load(subject)
    real = Printing("Li Na", AT, simulated=False)
    assert "DEMO" not in text_of(to_pdf(page_html(dossier, dossier.pages[0], real)).content)


def test_the_same_page_prints_the_same_bytes(people: People, subject: Subject) -> None:
    dossier = dossiers.load(subject)
    html = page_html(dossier, dossier.pages[0], PRINTING)
    assert to_pdf(html).content == to_pdf(html).content


HOSTILE = "<img src='file:///etc/passwd'><script>x</script>{{ 7*7 }}</td></tr>\u202etxt.exe&lt;"


@pytest.mark.urs("SEC-10")
def test_hostile_text_is_printed_and_does_nothing(people: People, subject: Subject) -> None:
    save_pages(
        [
            PageEntry(
                subject_id=subject.pk,
                form="AE",
                values={"ae_serious": "Y", "ae_sae_crit": ["HOSP"], "ae_narrative": HOSTILE},
            )
        ],
        by=people.li_na,
    )
    dossier = dossiers.load(subject)
    made = to_pdf(casebook_html(dossier, dossier.pages, PRINTING))
    text = squeezed(text_of(made.content))
    assert squeezed("<img src='file:///etc/passwd'><script>x</script>{{ 7*7 }}</td></tr>") in text
    assert "⟨U+202E⟩txt.exe&lt;" in text
    assert "root:" not in text
    assert visible("a\nb\u200b\u2066") == "a\nb⟨U+200B⟩⟨U+2066⟩"


@pytest.mark.urs("SEC-10")
@pytest.mark.parametrize(
    "payload",
    [
        "<img src='file:///etc/passwd'>",
        "<img src='http://127.0.0.1:9/x.png'>",
        "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"/>'>",
        "<style>@import url(http://127.0.0.1:9/x.css);</style>",
        "<style>@font-face{font-family:x;src:url(file:///etc/passwd)} body{font-family:x}</style>",
        "<style>body{background:url(file:///etc/passwd)}</style>",
        "<link rel=stylesheet href='file:///etc/passwd'>",
        "<link rel=attachment href='file:///etc/passwd'>",
        "<a rel=attachment href='file:///etc/passwd'>x</a>",
        "<object data='file:///etc/passwd'></object>",
        "<embed src='file:///etc/passwd'>",
        "<svg><image href='file:///etc/passwd'/></svg>",
        "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><use xlink:href='file:///etc/passwd#a'/></svg>",
    ],
)
def test_nothing_is_fetched(payload: str) -> None:
    """Whatever asks for an asset ends the rendering; nothing of the file is in what comes out."""
    try:
        made = to_pdf(f"<p>before</p>{payload}<p>after</p>")
    except OutsideAsset:
        return
    assert not list(pypdf.PdfReader(io.BytesIO(made.content)).attachments)
    assert b"root:" not in made.content
    assert "root:" not in text_of(made.content)


@pytest.mark.urs("SEC-10")
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1:9/", "data:text/css,a{}", "ftp://x/"]
)
def test_the_fetcher_raises_the_fatal_error(url: str) -> None:
    for ask in (DenyAll().fetch, DenyAll(), DenyAll().open):
        with pytest.raises(FatalURLFetchingError):
            ask(url)
    with pytest.raises(FatalURLFetchingError):
        HTML(url="http://127.0.0.1:9/", url_fetcher=DenyAll())


def forever(html: str, *, told: object = None) -> Rendered:
    while True:
        time.sleep(0.01)


def hungry(html: str, *, told: object = None) -> Rendered:
    return Rendered(bytes(bytearray(4 << 30)), 1)


@pytest.mark.urs("SEC-11")
def test_a_rendering_without_end_is_ended(db: None) -> None:
    begun = time.monotonic()
    with pytest.raises(TooCostly):
        confined_pdf("<p>x</p>", seconds=1, draw=forever)
    assert time.monotonic() - begun < 5


@pytest.mark.urs("SEC-11")
def test_a_rendering_that_eats_memory_is_ended(db: None) -> None:
    with pytest.raises(TooCostly, match="MemoryError"):
        confined_pdf("<p>x</p>", memory=1 << 28, draw=hungry)


@pytest.mark.urs("SEC-11")
def test_too_many_pages_are_refused(db: None) -> None:
    from visits.printing.render import TooManyPages

    with pytest.raises(TooManyPages):
        confined_pdf("<p style='break-before: page'>x</p>" * 502)


@pytest.mark.urs("SEC-11")
def test_a_huge_css_value_and_a_long_text_harm_nobody(db: None) -> None:
    assert confined_pdf("<p style='margin: 99999999999999999999px'>x</p>").pages >= 1
    with pytest.raises(TooCostly):
        confined_pdf(f"<p>{'x' * 1_000_000}</p>", seconds=2)


def done(kind: str) -> Job:
    """Run the waiting job of a kind as a worker does."""
    job = Job.objects.filter(kind=kind).latest("created")
    import visits.jobs  # noqa: F401

    assert running.run(job.pk, beating=False)
    job.refresh_from_db()
    return job


def made(kind: str) -> str:
    """Run the waiting job of a kind; return the address of what it made."""
    result = done(kind).result
    assert result is not None
    return result["url"]


def test_a_casebook_is_asked_for_made_and_taken(people: People, subject: Subject) -> None:
    client = people.client("li_na")
    answer = client.post(f"/subjects/{subject.pk}/pdf/")
    job = Job.objects.get(kind="casebook")
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert job.queue == "pdf"
    job = done("casebook")
    assert job.result is not None
    assert job.result["url"].startswith("/documents/")
    assert job.done == job.total == job.result["pages"]
    taken = client.get(job.result["url"])
    assert (taken.status_code, taken["Content-Type"]) == (200, "application/pdf")
    assert f"{subject.usubjid}_casebook.pdf" in taken["Content-Disposition"]
    assert taken.content == bytes(Document.objects.get().content)
    events = Entry.objects.filter(op="E", subject_id=str(subject.pk)).values_list("table_name", "actor_name")
    assert ("document_made", "job:casebook") in list(events)
    assert ("document_taken", "Li Na") in list(events)
    assert f"{subject.usubjid}_casebook.pdf" in client.get(f"/subjects/{subject.pk}/pdf/").content.decode()


def test_the_job_makes_one_document_however_often_it_runs(people: People, subject: Subject) -> None:
    from visits.printing.making import make_casebook

    job = documents.request_casebook(subject=subject, by=people.li_na)
    for _ in range(2):
        make_casebook(Progress(by=people.li_na, job=job.pk), subject.pk, decisions=False, language="en")
    assert Document.objects.count() == 1


def test_one_page_is_printed(people: People, subject: Subject) -> None:
    page = dossiers.load(subject).one("DM")
    assert page is not None
    people.client("li_na").post(f"/subjects/{subject.pk}/pdf/", {"page": str(page.id)})
    done("page_pdf")
    document = Document.objects.get()
    assert (document.kind, document.name) == ("page", f"{subject.usubjid}_SCR_DM.pdf")
    assert squeezed("Printed 打印") in squeezed(text_of(bytes(document.content)))


@pytest.mark.urs("ACL-03")
@pytest.mark.parametrize(
    ("name", "status"),
    [("ma_lin", 404), ("wang_lei", 200), ("he_ming", 403), ("zhao_min", 403), ("sun_qing", 403)],
)
def test_a_document_is_open_to_its_site(people: People, subject: Subject, name: str, status: int) -> None:
    documents.request_casebook(subject=subject, by=people.li_na)
    url = made("casebook")
    client = people.client(name)
    assert client.get(url).status_code == status
    assert client.get(f"/subjects/{subject.pk}/pdf/").status_code == status
    assert people.client("zhang_wei").get(url).status_code == 200


def test_the_committees_decisions_stay_with_those_who_may_read_them(people: People, subject: Subject) -> None:
    save_pages(
        [PageEntry(subject_id=subject.pk, form="CEC", values={"cec_comment": "SECRET VERDICT"})],
        by=people.he_ming,
    )
    documents.request_casebook(subject=subject, by=people.chen_jing)
    url = made("casebook")
    assert "SECRET VERDICT" in text_of(people.client("chen_jing").get(url).content)
    assert people.client("li_na").get(url).status_code == 404
    documents.request_casebook(subject=subject, by=people.li_na)
    url = made("casebook")
    assert "SECRET VERDICT" not in text_of(people.client("li_na").get(url).content)


@pytest.mark.urs("SRC-03")
def test_a_damaged_document_is_not_handed_out(people: People, subject: Subject) -> None:
    documents.request_casebook(subject=subject, by=people.li_na)
    url = made("casebook")
    Document.objects.update(content=b"%PDF-forged")
    with pytest.raises(documents.Damaged):
        people.client("li_na").get(url)
