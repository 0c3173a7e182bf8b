"""Files are staged, checked by the items and checks of the study, and loaded whole or not at all (EDQ-10)."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.jobs import Progress
from audit.models import Entry
from audit.verify import verify
from subjects.models import Subject
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.imports import loading, reading, shown, staging, templates, working
from visits.imports.columns import IMPORTED, NOT_IMPORTED, ROW_KEY, proposed, targets
from visits.imports.reading import FileRefused, read_table
from visits.imports.records import Import, ImportedRow
from visits.models import Page, Query

pytestmark = pytest.mark.django_db
HEADER = ["@subject", "@visit", "lb_dt", "lb_test", "lb_value", "lb_unit"]


def lines(subject: Subject, *rows: tuple[str, ...]) -> bytes:
    """Return a laboratory file of one subject's rows: date, test, result, unit."""
    text = [",".join(HEADER)] + [",".join((subject.usubjid, "SCR", *row)) for row in rows]
    return "\n".join(text).encode()


RESULTS = (("2026-03-01 08:10", "HGB", "128", "g/L"), ("2026-03-01 08:10", "ALT", "86", "U/L"))


def staged(content: bytes, people: People, *, form: str = "LB", source: str = "Central laboratory") -> Import:
    made = staging.stage(
        form=form, source=source, name="march.csv", content=content, encoding="utf-8-sig", by=people.chen_jing
    )
    return Import.objects.select_related("file").get(pk=made.pk)


def loaded(content: bytes, people: People) -> Import:
    one = staged(content, people)
    loading.check(one, by=people.chen_jing)
    assert one.counts["problems"] == 0, one.file.findings
    loading.load(one, by=people.chen_jing)
    return one


def problems(one: Import) -> list[tuple[int, str, str]]:
    return [(f["row"], p["column"], p["en"]) for f in one.file.findings for p in f["problems"]]


def results(subject: Subject) -> dict[str, Any]:
    pages = dossiers.load(subject).at("SCR", "LB")
    return {page.get("lb_test"): page.get("lb_value") for page in pages}


@pytest.mark.urs("EDQ-10")
def test_a_file_is_loaded_whole_and_its_counts_add_up(people: People, subject: Subject) -> None:
    one = loaded(lines(subject, *RESULTS), people)
    assert {k: one.counts[k] for k in ("rows", "new", "changed", "same")} == {
        "rows": 2,
        "new": 2,
        "changed": 0,
        "same": 0,
    }
    assert {test: str(value) for test, value in results(subject).items()} == {"HGB": "128", "ALT": "86"}
    assert ImportedRow.objects.filter(of=one).count() == 2
    entry = Entry.objects.filter(table_name="crf_lb").last()
    assert entry is not None
    assert entry.actor_name == people.chen_jing.name
    assert verify() == []


@pytest.mark.urs("EDQ-10")
def test_the_same_file_twice_changes_nothing(people: People, subject: Subject) -> None:
    loaded(lines(subject, *RESULTS), people)
    before = Entry.objects.filter(table_name__startswith="crf_").count()
    again = loaded(lines(subject, *RESULTS), people)
    assert (again.counts["same"], again.counts["new"], again.counts["changed"]) == (2, 0, 0)
    assert Entry.objects.filter(table_name__startswith="crf_").count() == before


@pytest.mark.urs("EDQ-10")
def test_one_bad_row_keeps_everything_out_and_is_named(people: People, subject: Subject) -> None:
    one = staged(lines(subject, *RESULTS).replace(b"86", b"8_6") + b"\n", people)
    loading.check(one, by=people.chen_jing)
    assert [(row, column) for row, column, _ in problems(one)] == [(3, "lb_value")]
    with pytest.raises(loading.LoadRefused):
        loading.load(one, by=people.chen_jing)
    assert not Page.objects.filter(form="LB").exists()


def test_a_check_leaves_no_trace_in_the_record(people: People, subject: Subject) -> None:
    one = staged(lines(subject, *RESULTS), people)
    before = Entry.objects.exclude(table_name="visits_import").count()
    loading.check(one, by=people.chen_jing)
    assert Entry.objects.exclude(table_name="visits_import").count() == before
    assert not Page.objects.filter(form="LB").exists()
    assert not Query.objects.exists()


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (("2026-03-01 08:10", "XYZ", "128", "g/L"), "lb_test", "not one of the answers"),
        (("03/04/2026 08:10", "HGB", "128", "g/L"), "lb_dt", "more than one date"),
        (("2026-03-01 08:10", "HGB", "１２８", "g/L"), "lb_value", "write 128"),
        (("2026-03-01 08:10", "HGB", "[ND]", "[ND]"), "lb_unit", "missing reason"),
        (("2026-03-01 08:10", "HGB", "1e3", "g/L"), "lb_value", "exponent"),
    ],
)
def test_a_cell_is_read_as_if_it_were_typed(
    people: People, subject: Subject, row: tuple[str, ...], column: str, said: str
) -> None:
    one = staged(lines(subject, row), people)
    loading.check(one, by=people.chen_jing)
    ((number, where, words),) = problems(one)
    assert (number, where) == (2, column)
    assert said in words


def test_codes_may_be_written_in_words_of_either_language(people: People, subject: Subject) -> None:
    term = FORMS["LB"].items()["lb_test"].codelist
    assert term is not None
    rows = [
        ("2026-03-01 08:10", term.decode("HGB").zh, "128", "g/L"),
        ("2026-03-01 08:10", term.decode("ALT").en, "86", "U/L"),
    ]
    loaded(lines(subject, *rows), people)
    assert set(results(subject)) == {"HGB", "ALT"}


def test_wrong_subjects_visits_and_repeated_rows_are_named(people: People, subject: Subject) -> None:
    unknown = subject.usubjid[:-1] + ("3" if subject.usubjid[-1] != "3" else "4")
    content = lines(subject, RESULTS[0], RESULTS[0]) + f"\n{unknown},SCR,2026-03-01 08:10,HGB,1,g/L".encode()
    content += f"\n{subject.usubjid},M13,2026-03-01 08:10,ALT,86,U/L".encode()
    one = staged(content, people)
    loading.check(one, by=people.chen_jing)
    found = {(row, column): words for row, column, words in problems(one)}
    assert "twice" in found[(3, "")]
    assert "check character" in found[(4, "@subject")]
    assert "schedule" in found[(5, "@visit")]


@pytest.mark.urs("EDQ-02")
def test_no_import_changes_what_a_person_entered(people: People, subject: Subject) -> None:
    values = {"lb_test": "HGB", "lb_value": Decimal(120), "lb_unit": "g/L"}
    one = staged(lines(subject, RESULTS[0]), people)
    loading.check(one, by=people.chen_jing)
    read = FORMS["LB"].items()["lb_dt"].parse("2026-03-01 08:10", today=date(2026, 11, 1)).value
    save_pages(
        [PageEntry(subject_id=subject.pk, form="LB", visit="SCR", values={**values, "lb_dt": read})],
        by=people.li_na,
    )
    with pytest.raises(loading.LoadRefused, match="moved on"):
        loading.load(one, by=people.chen_jing)
    loading.check(one, by=people.chen_jing)
    ((_row, column, words),) = problems(one)
    assert column == "lb_value"
    assert "A person entered another value" in words
    assert [str(value) for value in results(subject).values()] == ["120"]


def test_a_source_may_correct_what_it_loaded_itself(people: People, subject: Subject) -> None:
    loaded(lines(subject, *RESULTS), people)
    again = loaded(lines(subject, *RESULTS).replace(b"128", b"118"), people)
    assert (again.counts["changed"], again.counts["same"]) == (1, 1)
    assert str(results(subject)["HGB"]) == "118"
    entry = Entry.objects.filter(table_name="crf_lb").last()
    assert entry is not None
    assert entry.reason_code == "SOURCE_CORRECTED"
    assert "Central laboratory" in (entry.reason_text or "")


def test_only_those_entitled_hand_files_in(people: People, subject: Subject) -> None:
    for name in ("li_na", "wang_lei", "sun_qing", "guo_tao", "zhao_min"):
        with pytest.raises(PermissionDenied):
            staging.stage(
                form="LB",
                source="x",
                name="a.csv",
                content=lines(subject, *RESULTS),
                encoding="utf-8-sig",
                by=people.actors[name],
            )


@pytest.mark.urs("PRI-03")
def test_a_file_name_that_names_somebody_is_refused(people: People, subject: Subject) -> None:
    with pytest.raises(FileRefused, match="identify"):
        staging.stage(
            form="LB",
            source="Central laboratory",
            name="张伟_住院号0123456.csv",
            content=lines(subject, *RESULTS),
            encoding="utf-8-sig",
            by=people.chen_jing,
        )


def test_a_workbook_is_read_as_it_shows(subject: Subject) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["@subject", "n", "x", "day"])
        sheet.write_string(1, 0, subject.usubjid)
        sheet.write_number(1, 1, 128)
        sheet.write_number(1, 2, 12.5)
        sheet.write_datetime(1, 3, datetime(2026, 3, 1), day)
    assert read_table("a.xlsx", made.getvalue()) == [
        ["@subject", "n", "x", "day"],
        [subject.usubjid, "128", "12.5", "2026-03-01"],
    ]


def workbook(fill: Callable[[Any, Any], None]) -> bytes:
    """Return a workbook of which the first sheet was filled."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x", "y"])
        fill(book, sheet)
    return made.getvalue()


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize(
    ("pattern", "value", "text"),
    [
        ("mmm-yy", datetime(2026, 3, 1), "2026-03"),  # what Excel makes of a typed 2026-03
        ("yyyy-mm", datetime(2026, 3, 1), "2026-03"),
        ('yyyy"年"m"月"', datetime(2026, 3, 1), "2026-03"),
        ("yyyy", datetime(2026, 3, 1), "2026"),
        ("d mmm yyyy", datetime(2026, 3, 1), "2026-03-01"),
        ("[$-804]yyyy-mm-dd;@", datetime(2026, 3, 1), "2026-03-01"),
        ("yyyy-mm-dd hh:mm", datetime(2026, 3, 1, 14, 5), "2026-03-01 14:05:00"),
        ("0%", 0.5, "50%"),
        ("0.0", 0.5, "0.5"),
        ("General", 0.5, "0.5"),
    ],
)
def test_a_workbook_says_no_more_than_its_cells_show(pattern: str, value: Any, text: str) -> None:
    """A month that Excel keeps as its first day is a month: a day would be a guess."""

    def fill(book: Any, sheet: Any) -> None:
        form = book.add_format({"num_format": pattern})
        if isinstance(value, datetime):
            sheet.write_datetime(1, 1, value, form)
        else:
            sheet.write_number(1, 1, value, form)

    assert read_table("a.xlsx", workbook(fill))[1] == ["x", text]


@pytest.mark.urs("EDQ-10")
@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (lambda book, sheet: sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!"), "B2"),
        (lambda book, sheet: sheet.write_formula(1, 27, "=A1", None, ""), "AB2"),
        (lambda book, sheet: sheet.merge_range(1, 0, 2, 0, "x"), "merged"),
        (lambda book, sheet: sheet.merge_range(0, 0, 0, 1, "x"), "merged"),
    ],
)
def test_a_cell_that_shows_what_it_does_not_hold_refuses_the_file(
    fill: Callable[[Any, Any], None], words: str
) -> None:
    """Each would be read as empty: a value that the sheet shows would be lost in silence."""
    with pytest.raises(FileRefused, match=words) as refused:
        read_table("a.xlsx", workbook(fill))
    assert refused.value.message.zh


def sheet_of(cells: str, namespace: str = shown.MAIN.strip("{}")) -> bytes:
    """Return a workbook whose first sheet is written by hand below a header."""
    header = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    sheet = f'<worksheet xmlns="{namespace}"><sheetData>{header}{cells}</sheetData></worksheet>'
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(lambda book, sheet: None))) as before,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.namelist():
            after.writestr(part, sheet if part.endswith("sheet1.xml") else before.read(part))
    return changed.getvalue()


@pytest.mark.urs("SEC-06", "SEC-09")
@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "XFD1048576"),
        ('<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>', "XFD1048576"),
        ('<row r="1048576"><c><v>1</v></c></row>', "A1048576"),
        ('<row r="2"><c r="XFC2" s="0"/><c><v>1</v></c></row>', "XFD2"),
        ('<row r="2"><c r="A1048576" t="inlineStr"><is><t>b</t></is></c></row>', "A1048576"),
    ],
)
@pytest.mark.parametrize(
    "namespace", [shown.MAIN.strip("{}"), "http://purl.oclc.org/ooxml/spreadsheetml/main"]
)
def test_a_cell_far_away_is_refused_before_memory_is_laid_out_for_it(
    monkeypatch: pytest.MonkeyPatch, cells: str, place: str, namespace: str
) -> None:
    """Between A1 and XFD1048576 lie 17 billion cells: whichever process lays them out dies of it."""
    monkeypatch.delattr(reading, "CalamineWorkbook")
    with pytest.raises(FileRefused, match=f"Cell {place} is not empty"):
        read_table("a.xlsx", sheet_of(cells, namespace))


@pytest.mark.urs("SEC-06")
def test_another_sheet_takes_no_memory_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(book: Any, _sheet: Any) -> None:
        book.add_worksheet("all results").write(1_048_575, 16_383, "far")

    made = workbook(fill)
    monkeypatch.delattr(reading, "CalamineWorkbook")
    with pytest.raises(FileRefused, match="Cell XFD1048576 is not empty"):
        read_table("a.xlsx", made)


def test_a_style_far_away_is_no_cell() -> None:
    cells = '<row r="2"><c r="A2"><v>1</v></c></row><row r="30000"><c r="ZZ30000" s="0"/></row>'
    assert read_table("a.xlsx", sheet_of(cells)) == [["a"], ["1"]]


def second_sheet(book: Any, sheet: Any, header: tuple[str, ...]) -> None:
    other = book.add_worksheet("More")
    other.write_row(0, 0, header)
    other.write_row(1, 0, ["z", "z"])


def test_a_second_sheet_of_results_is_not_left_out_in_silence() -> None:
    alike = workbook(lambda book, sheet: second_sheet(book, sheet, ("a", "b")))
    with pytest.raises(FileRefused, match="More"):
        read_table("a.xlsx", alike)
    notes = workbook(lambda book, sheet: second_sheet(book, sheet, ("a", "notes")))
    assert read_table("a.xlsx", notes) == [["a", "b"], ["x", "y"]]


def test_a_hidden_first_sheet_is_not_read() -> None:
    def fill(book: Any, sheet: Any) -> None:
        second_sheet(book, sheet, ("c", "d"))
        book.get_worksheet_by_name("More").activate()
        sheet.hide()

    with pytest.raises(FileRefused, match="hidden"):
        read_table("a.xlsx", workbook(fill))


def test_a_computed_cell_is_read_as_its_result() -> None:
    made = workbook(lambda book, sheet: sheet.write_formula(1, 1, "=6*7", None, 42))
    assert read_table("a.xlsx", made)[1] == ["x", "42"]


@pytest.mark.urs("SEC-09")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "受试者,访视\nx,y".encode("gb18030")),
        ("a.csv", b"a,b"),
        ("a.csv", b"a,a\n1,2"),
        ("a.csv", b"a\n1,2"),
        ("a.csv", b'a\n"1'),
        ("a.xlsx", b"no workbook"),
        ("a.exe", b"a\n1"),
        ("a.csv", b"a\n" + b"x" * 4001),
        ("a.csv", b"a\n1\x00"),
        ("a.csv", b"a\x00\n1"),
    ],
)
def test_what_is_no_table_is_refused_in_both_languages(name: str, content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        read_table(name, content)
    assert refused.value.message.en and refused.value.message.zh


@pytest.mark.urs("SEC-09")
@pytest.mark.parametrize("name", ["/etc/passwd.csv", "php://input.csv", "file:///hosts.csv", "../../a.csv"])
def test_a_name_is_never_opened(name: str) -> None:
    assert read_table(name, b"a,b\n1,2") == [["a", "b"], ["1", "2"]]


@pytest.mark.urs("SEC-09")
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY y "ha"><!ENTITY z "&y;&y;&y;&y;&y;&y;&y;&y;"><!ENTITY y2 "&z;&z;&z;&z;">]>',
    ],
)
def test_entities_of_a_workbook_are_never_resolved(declared: str) -> None:
    made, changed = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["@subject", "n"])
        sheet.write_row(1, 0, ["x", "mark"])
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/sharedStrings.xml":
                head, body = content.split(b"?>", 1)
                content = head + b"?>" + declared.encode() + body.replace(b"mark", b"&y;")
            new.writestr(name, content)
    try:
        cells = [cell for row in read_table("a.xlsx", changed.getvalue()) for cell in row]
    except FileRefused:
        return
    assert not [cell for cell in cells if "root:" in cell or "ha" in cell]


def test_the_encoding_is_asked_for_and_not_guessed() -> None:
    content = "受试者,访视\n甲,乙".encode("gb18030")
    assert read_table("a.csv", content, encoding="gb18030") == [["受试者", "访视"], ["甲", "乙"]]


@pytest.mark.parametrize("form", IMPORTED)
def test_every_form_has_a_template_that_maps_onto_itself(form: str) -> None:
    for kind, content in (("csv", templates.as_csv(form)), ("xlsx", templates.as_workbook(form))):
        with pytest.raises(FileRefused, match="no rows"):
            read_table(f"a.{kind}", content)
    header = [target.code for target in targets(form)]
    assert proposed(form, header, before={}) == {code: code for code in header}
    by_words = [target.label.zh for target in targets(form)]
    if len(set(by_words)) == len(by_words):
        assert list(proposed(form, by_words, before={}).values()) == header
    assert templates.as_workbook(form) == templates.as_workbook(form)


def test_all_forms_are_loaded_or_named_as_not(people: People) -> None:
    assert set(IMPORTED) | NOT_IMPORTED == set(FORMS)
    for form, key in ROW_KEY.items():
        assert set(key) <= set(FORMS[form].items())


def test_a_file_goes_through_the_browser(people: People, subject: Subject) -> None:
    client = people.client("chen_jing")
    file = SimpleUploadedFile("march.csv", lines(subject, *RESULTS))
    sent = {"form": "LB", "source": "Central laboratory", "encoding": "utf-8-sig", "file": file}
    answer = client.post("/imports/", sent)
    one = Import.objects.get()
    assert answer.headers["Location"] == f"/imports/{one.pk}/"
    assert "No column is" not in client.get(f"/imports/{one.pk}/").content.decode()

    columns = {f"column-{at}": code for at, code in enumerate(HEADER)}
    answer = client.post(f"/imports/{one.pk}/", {"act": "check", **columns})
    assert answer.headers["Location"].startswith("/jobs/")
    working.check_import(Progress(by=people.chen_jing), one.pk)
    shown = client.get(f"/imports/{one.pk}/").content.decode()
    assert "Load all rows" in shown

    client.post(f"/imports/{one.pk}/", {"act": "load"})
    working.load_import(Progress(by=people.chen_jing), one.pk)
    working.load_import(Progress(by=people.chen_jing), one.pk)
    assert len(results(subject)) == 2
    assert Entry.objects.filter(table_name="crf_lb").values_list("origin", flat=True)[0] == "import"
    assert client.post(f"/imports/{one.pk}/", {"act": "discard"}).status_code == 409


def test_a_mapping_that_cannot_be_used_says_what_is_missing(people: People, subject: Subject) -> None:
    one = staged(lines(subject, *RESULTS), people)
    client = people.client("chen_jing")
    answer = client.post(f"/imports/{one.pk}/", {"act": "check", "column-0": "@subject"})
    assert answer.status_code == 409
    assert "No column is: Visit." in answer.content.decode()


def test_a_file_that_cannot_be_read_is_refused_with_what_was_typed(people: People) -> None:
    client = people.client("chen_jing")
    file = SimpleUploadedFile("a.csv", "\u53d7\u8bd5\u8005\nx".encode("gb18030"))
    sent = {"form": "DUS", "source": "Core laboratory", "encoding": "utf-8-sig", "file": file}
    answer = client.post("/imports/", sent)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "GB18030" in shown
    assert 'value="Core laboratory"' in shown
    assert '<option value="DUS" selected>' in shown
