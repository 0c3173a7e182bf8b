"""Uploads: what is taken, how it is cleaned, who takes it out, and that a page names only what is there."""

import base64
import io
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from audit.models import Entry, Job
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import FIRST, People
from tests.pictures import jpeg, pdf, png
from visits.capture.entry import PageEntry, SaveRefused
from visits.capture.save import save_pages
from visits.uploads import checking, keeping
from visits.uploads.checking import UploadRefused, clean
from visits.uploads.records import Upload

SCRIPT = b"<< /Type /Action /S /JavaScript /JS (app.alert(1)) >> " * 3
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.mark.urs("SEC-06")
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.png", b"", checking.EMPTY),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", checking.WRONG_NAME),
        ("a.html", b"<html>", checking.WRONG_NAME),
        ("a", png(), checking.WRONG_NAME),
        ("a.png.exe", png(), checking.WRONG_NAME),
        ("a.jpg", png(), checking.WRONG_CONTENT),
        ("a.png", b"<html><script>alert(1)</script>", checking.WRONG_CONTENT),
        ("a.png", png()[:30], checking.WRONG_CONTENT),
        ("a.jpg", b"\xff\xd8\xff<html>", checking.WRONG_CONTENT),
        ("a.pdf", EICAR, checking.WRONG_CONTENT),
        ("a.pdf", b"%PDF-1.7 and nothing more", checking.WRONG_CONTENT),
        ("a.pdf", pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), checking.HAS_ACTIONS),
        ("a.pdf", pdf(b"/Names << /J#61vaScript 2 0 R >>"), checking.HAS_ACTIONS),
        (
            "a.pdf",
            pdf(b">> stream\n" + zlib.compress(b"<< /EmbeddedFile 1 0 R >>") + b"\nendstream <<"),
            checking.HAS_ACTIONS,
        ),
        ("a.pdf", pdf(b"/Encrypt 3 0 R"), checking.ENCRYPTED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.fault(38)
def test_what_is_not_what_it_says_or_acts_is_refused(name: str, content: bytes, why: Any) -> None:
    with pytest.raises(UploadRefused) as refused:
        clean(name, content)
    assert refused.value.message == why


def packed(filters: bytes, content: bytes) -> bytes:
    """Return a PDF with a stream of objects."""
    inside = b">> endobj 5 0 obj << /Type /ObjStm /N 1 /First 4 " + filters + b" >> stream\n"
    return pdf(inside + content + b"\nendstream endobj 6 0 obj <<")


def cut_short() -> bytes:
    """Return a script behind an uncompressed block that seems to end its stream."""
    end = b"\nendstream "
    block = b"\0" + len(end).to_bytes(2, "little") + (0xFFFF ^ len(end)).to_bytes(2, "little") + end
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    whole = end + SCRIPT
    rest = deflate.compress(SCRIPT) + deflate.flush()
    return b"\x78\x9c" + block + rest + zlib.adler32(whole).to_bytes(4, "big")


FLATE = b"/Filter /FlateDecode"


@pytest.mark.urs("SEC-06")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf(b"\n%stream\n/AA 2 0 R >> endobj 2 0 obj " + SCRIPT + b"\n%endstream\n"), checking.HAS_ACTIONS),
        (pdf(b"\n%stream\n/AcroForm << /XFA [(a) 3 0 R] >>\n%endstream\n"), checking.HAS_ACTIONS),
        (packed(b"/Filter /ASCIIHexDecode", SCRIPT.hex().encode() + b">"), checking.HIDDEN),
        (packed(b"/Fil#74er /ASCII85Decode", base64.a85encode(SCRIPT) + b"~>"), checking.HIDDEN),
        (
            packed(b"/Filter [ /ASCIIHexDecode /FlateDecode ]", zlib.compress(SCRIPT).hex().encode() + b">"),
            checking.HIDDEN,
        ),
        (
            packed(b"/Filter [/FlateDecode /FlateDecode]", zlib.compress(zlib.compress(SCRIPT))),
            checking.HIDDEN,
        ),
        (packed(FLATE, zlib.compress(SCRIPT)[:-4] + bytes(4)), checking.HIDDEN),
        (packed(FLATE + b" /DecodeParms << /Predictor 12 >>", zlib.compress(SCRIPT[::2])), checking.HIDDEN),
        (packed(FLATE, cut_short()), checking.HIDDEN),
        (pdf(b"\n%stream\n" + packed(FLATE, zlib.compress(SCRIPT))), checking.HIDDEN),
        (pdf(b"/#45ncrypt 3 0 R"), checking.ENCRYPTED),
    ],
    ids=[
        *("comment", "form", "hex", "base 85", "hex and flate", "twice", "checksum", "predictor"),
        *("seems to end", "stream in a stream", "escaped"),
    ],
)
def test_what_hides_in_a_pdf_is_refused(content: bytes, why: Any) -> None:
    with pytest.raises(UploadRefused) as refused:
        clean("a.pdf", content)
    assert refused.value.message == why


def test_a_pdf_with_packed_objects_and_an_odd_picture_is_taken() -> None:
    """Fonts and pictures cannot act, whatever their packing; nor can a place to open at."""
    content = packed(b"/Filter [ /FlateDecode ]", zlib.compress(b"7 0 << /Type /Page >>"))
    content = content.replace(
        b"endobj 6 0 obj",
        b"endobj 8 0 obj << /Filter /DCTDecode >> stream\n\xff\xd8/AA /JS \x00\nendstream endobj"
        b" 9 0 obj << /OpenAction [1 0 R /Fit] >> endobj 6 0 obj",
    )
    assert clean("a.pdf", content).content == content


@pytest.mark.urs("SEC-06")
@pytest.mark.parametrize(
    ("limit", "name", "content", "why"),
    [
        ("MOST_PIXELS", "a.png", png(101, 10), checking.TOO_MANY_PIXELS),
        ("MOST_BYTES", "a.png", png() + b"0" * 1000, checking.TOO_LARGE),
        (
            "MOST_INFLATED",
            "a.pdf",
            pdf(b">> stream\n" + zlib.compress(b"0" * 5000) + b"\nendstream"),
            checking.TOO_LARGE,
        ),
    ],
    ids=["pixels", "bytes", "inflated"],
)
@pytest.mark.fault(38)
def test_bombs_are_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, name: str, content: bytes, why: Any
) -> None:
    monkeypatch.setattr(checking, limit, 1000)
    with pytest.raises(UploadRefused) as refused:
        clean(name, content)
    assert refused.value.message == why


@pytest.mark.urs("PRI-04", "SEC-06")
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.fault(38)
def test_what_a_camera_wrote_and_what_hangs_behind_is_gone(orientation: int) -> None:
    content = jpeg(orientation=orientation) + b"<script>alert(1)</script>"
    cleaned = clean("a.JPG", content)
    assert not any(word in cleaned.content for word in (b"Wang", b"Exif", b"<script>"))
    picture = Image.open(io.BytesIO(cleaned.content))
    assert picture.size == ((16, 8) if orientation == 1 else (8, 16))
    assert not picture.getexif()


def sent(
    client: Client, subject: Subject, name: str = "a.png", content: bytes | None = None, **more: str
) -> int:
    file = SimpleUploadedFile(name, png() if content is None else content)
    data = {"file": file, "label": "Angiogram of the left leg", "attested": "1", **more}
    return client.post(f"/subjects/{subject.pk}/files/", data).status_code


@pytest.mark.urs("SEC-06", "SEC-07")
@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.png", "%2e%2e%2fa.png", "%252e%252e/a.png", "\u202egnp.a.png", "x" * 300 + ".png"],
)
def test_the_name_that_a_file_had_is_kept_nowhere(people: People, subject: Subject, name: str) -> None:
    client = people.client("li_na")
    assert sent(client, subject, name) == 302
    kept = Upload.objects.get()
    answer = client.get(f"/files/{kept.pk}/")
    assert answer["Content-Disposition"] == f'attachment; filename="{kept.pk}.png"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer.content == bytes(kept.content)
    assert "passwd" not in str(Entry.objects.values("new", "row_key"))


@pytest.mark.urs("SEC-06", "ACL-03")
def test_a_file_is_taken_out_by_its_site_and_by_who_reads_subjects(people: People, subject: Subject) -> None:
    sent(people.client("li_na"), subject)
    address = f"/files/{Upload.objects.get().pk}/"
    got = {
        name: people.client(name).get(address).status_code
        for name in ("li_na", "wang_lei", "ma_lin", "he_ming", "zhao_min")
    }
    assert got == {"li_na": 200, "wang_lei": 200, "ma_lin": 404, "he_ming": 403, "zhao_min": 403}
    assert Entry.objects.filter(table_name="upload_taken").count() == 2
    assert Client().get(address)["Location"].startswith("/login/")


@pytest.mark.urs("SEC-06", "PRI-03")
@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"label": "Tel 13812345678"}, {"attested": ""}, {"name": "a.exe"}]
)
def test_a_refused_upload_is_said_and_recorded(people: People, subject: Subject, wrong: Any) -> None:
    assert sent(people.client("li_na"), subject, **wrong) == 422
    assert not Upload.objects.exists()
    assert Entry.objects.filter(table_name="upload_refused").count() == 1


def test_who_only_reads_uploads_nothing(people: People, subject: Subject) -> None:
    assert sent(people.client("wang_lei"), subject) == 403
    assert sent(people.client("ma_lin"), subject) == 404


@pytest.mark.urs("SEC-06")
def test_the_same_file_is_kept_once(people: People, subject: Subject) -> None:
    client = people.client("li_na")
    assert (sent(client, subject), sent(client, subject)) == (302, 302)
    assert Upload.objects.count() == 1


def quiet(content: bytes) -> bool:
    return EICAR not in content


def down(content: bytes) -> bool:
    raise ConnectionError("the scanner is away")


@pytest.mark.urs("SEC-06")
@pytest.mark.fault(12)
def test_a_file_stays_in_quarantine_until_it_was_scanned(
    people: People, subject: Subject, settings: Any
) -> None:
    settings.FILE_SCANNER = f"{__name__}.down"
    client = people.client("li_na")
    sent(client, subject)
    sent(client, subject, "b.pdf", pdf(b"(" + EICAR + b")"))
    assert Job.objects.filter(kind="scan_upload").count() == 2
    clean_one, infected = Upload.objects.get(kind="PNG"), Upload.objects.get(kind="PDF")
    with pytest.raises(ConnectionError):
        keeping.scan(clean_one.pk, by=FIRST)
    assert client.get(f"/files/{clean_one.pk}/").status_code == 404
    settings.FILE_SCANNER = f"{__name__}.quiet"
    assert keeping.scan(clean_one.pk, by=FIRST) == "READY"
    assert keeping.scan(infected.pk, by=FIRST) == "REFUSED"
    assert client.get(f"/files/{clean_one.pk}/").status_code == 200
    assert client.get(f"/files/{infected.pk}/").status_code == 404


def test_a_page_names_only_files_of_its_subject(people: People, subject: Subject) -> None:
    sent(people.client("li_na"), subject)
    kept, other = Upload.objects.get(), screened(people)
    for whose, digest, taken in (
        (subject, "0" * 64, False),
        (other, kept.sha256, False),
        (subject, kept.sha256, True),
    ):
        entry = PageEntry(subject_id=whose.pk, form="REV", visit="LOG", values={"rev_docs": digest})
        if taken:
            save_pages([entry], by=people.li_na)
        else:
            with pytest.raises(SaveRefused):
                save_pages([entry], by=people.li_na)
    page = people.client("li_na").get(f"/subjects/{subject.pk}/LOG/REV/?record=1").content.decode()
    assert "Angiogram of the left leg" in page
