"""Medical coding: a dictionary that the study loads, proposals, review by somebody else, recoding.

The terms below are made up; MedDRA and WHODrug are licensed and none of their content is here.
"""

import io
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.actors import Actor
from audit.models import Entry
from audit.verify import verify
from subjects.models import Subject
from tests.enrolled import entry_on
from tests.people import People
from tests.visits.test_save_pages import TYPO
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.coding.deciding import CODED, Moved, OwnProposal, code_text, propose_known, review, wordings
from visits.coding.dictionaries import DictionaryRefused, folded, load_dictionary, search
from visits.coding.records import Coding, Dictionary, Term
from visits.crfs import FORMS
from visits.items import TextItem
from visits.models import Page, Query

pytestmark = pytest.mark.django_db
HIERARCHY = [
    (
        "9001",
        "9010",
        "9100",
        "9500",
        "Leg swelling",
        "Swellings",
        "Oedemas",
        "Vessels",
        "Vess",
        "",
        "9500",
        "Y",
    ),
    (
        "9001",
        "9010",
        "9100",
        "9600",
        "Leg swelling",
        "Swellings",
        "Oedemas",
        "Tissues",
        "Tiss",
        "",
        "9500",
        "N",
    ),
    (
        "9002",
        "9020",
        "9200",
        "9500",
        "Access bleeding",
        "Bleedings",
        "Losses",
        "Vessels",
        "Vess",
        "",
        "9500",
        "Y",
    ),
]
LOWEST = [
    ("8001", "Swollen leg", "9001", "", "", "", "", "", "", "Y"),
    ("8002", "Leg swelling", "9001", "", "", "", "", "", "", "Y"),
    ("8003", "Groin bleeding", "9002", "", "", "", "", "", "", "Y"),
    ("8004", "Old word for swelling", "9001", "", "", "", "", "", "", "N"),
]
DRUGS = (
    "code,text,above_code,above_text\n"
    "D1,Clopidogrel,B01AC04,clopidogrel\n"
    "D2,Aspirin,B01AC06,acetylsalicylic acid\n"
)


def meddra(llt: Sequence[tuple[str, ...]] = LOWEST) -> bytes:
    """Return an archive in the form in which MedDRA is distributed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, rows in (("MedAscii/mdhier.asc", HIERARCHY), ("MedAscii/llt.asc", llt)):
            archive.writestr(name, "".join("$".join(row) + "$\r\n" for row in rows))
    return packed.getvalue()


@pytest.fixture
def second(people: People) -> Actor:
    """Another data manager."""
    return replace(people.chen_jing, user_id=str(uuid.uuid4()), name="Tang Wei")


@pytest.fixture
def loaded(people: People) -> Dictionary:
    return load_dictionary(kind="MEDDRA", version="0.1", language="en", content=meddra(), by=people.chen_jing)


def event(people: People, subject: Subject, term: str) -> Page:
    entry = PageEntry(subject_id=subject.pk, form="AE", visit=None, values={"ae_term": term})
    return Page.objects.get(pk=save_pages([entry], by=people.li_na).pages[0].id)


def states(people: People) -> dict[str, str]:
    return {one.text: one.state for one in wordings(by=people.chen_jing)}


def test_a_dictionary_is_read_from_its_own_files(loaded: Dictionary) -> None:
    assert loaded.terms_loaded == 3
    term = Term.objects.get(code="8001")
    assert [(step["level"], step["text"]) for step in term.path] == [
        ("PT", "Leg swelling"),
        ("HLT", "Swellings"),
        ("HLGT", "Oedemas"),
        ("SOC", "Vessels"),
    ]
    assert [one.code for one in search("MEDDRA", "LEG  swelling")] == ["8002"]
    assert {one.code for one in search("MEDDRA", "leg")} == {"8001", "8002"}
    assert search("MEDDRA", "  ") == []


def test_drugs_come_as_a_table_with_their_atc(people: People) -> None:
    made = load_dictionary(
        kind="WHODRUG", version="0.1", language="en", content=DRUGS.encode(), by=people.chen_jing
    )
    assert made.terms_loaded == 2
    assert Term.objects.get(code="D2").path == [
        {"level": "ATC", "code": "B01AC06", "text": "acetylsalicylic acid"}
    ]


@pytest.mark.parametrize(
    ("kind", "content"),
    [("MEDDRA", b"no archive"), ("WHODRUG", b"a,b\n1,2"), ("ATC", b""), ("ICD", b"x"), ("WHODRUG", b"\xff")],
)
def test_other_files_are_refused(people: People, kind: str, content: bytes) -> None:
    with pytest.raises(DictionaryRefused) as refused:
        load_dictionary(kind=kind, version="1", language="en", content=content, by=people.chen_jing)
    assert refused.value.message.zh
    assert not Dictionary.objects.exists()


HEAD = "code,text,above_code,above_text\n"


def sealed() -> bytes:
    """Return an archive that asks for a password."""
    packed = bytearray(meddra())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(signature)
        while at >= 0:
            packed[at + flags] |= 1
            at = packed.find(signature, at + 4)
    return bytes(packed)


@pytest.mark.urs("SEC-09")
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("WHODRUG", f"{HEAD}D1\n".encode()),
        ("WHODRUG", f"{HEAD}D1,Aspirin,,,further\n".encode()),
        ("WHODRUG", f"{HEAD}D1,,B01,x\n".encode()),
        ("WHODRUG", f"{HEAD}D1,Asp\0irin,,\n".encode()),
        ("WHODRUG", f"{HEAD}D1,Aspirin,B\0,x\n".encode()),
        ("WHODRUG", f"{HEAD}{'D' * 21},Aspirin,,\n".encode()),
        ("WHODRUG", f"{HEAD}D1,{'x' * 201},,\n".encode()),
        ("WHODRUG", f"{HEAD}D1,Aspirin,,\nD1,Clopidogrel,,\n".encode()),
        ("MEDDRA", meddra([*LOWEST, ("8001", "Another", "9001", "", "", "", "", "", "", "Y")])),
        ("MEDDRA", meddra([("", "No code", "9001", "", "", "", "", "", "", "Y")])),
        ("MEDDRA", sealed()),
    ],
)
def test_nothing_of_a_malformed_dictionary_is_dropped_or_cut(
    people: People, kind: str, content: bytes
) -> None:
    """A term that is left out in silence would later be missed, and nobody would know why."""
    client = people.client("chen_jing")
    sent = {"kind": kind, "version": "1", "language_of": "en", "file": SimpleUploadedFile("x", content)}
    assert client.post("/coding/dictionaries/", sent).status_code == 422
    assert not Dictionary.objects.exists()


@pytest.mark.parametrize("version", ["v" * 21, "1\0", "1\u202e2"])
def test_a_version_is_short_and_visible(people: People, version: str) -> None:
    with pytest.raises(DictionaryRefused, match="Version"):
        load_dictionary(
            kind="WHODRUG", version=version, language="en", content=DRUGS.encode(), by=people.chen_jing
        )


def test_a_version_is_loaded_once_and_replaces_the_one_in_use(people: People, loaded: Dictionary) -> None:
    with pytest.raises(DictionaryRefused, match="already"):
        load_dictionary(kind="MEDDRA", version="0.1", language="en", content=meddra(), by=people.chen_jing)
    load_dictionary(
        kind="MEDDRA", version="0.2", language="en", content=meddra(LOWEST[:1]), by=people.chen_jing
    )
    assert [one.version for one in Dictionary.objects.filter(in_use=True)] == ["0.2"]
    assert len(search("MEDDRA", "leg")) == 1


def test_equal_words_are_proposed_and_nothing_is_guessed(
    people: People, subject: Subject, loaded: Dictionary
) -> None:
    event(people, subject, "swollen LEG")
    event(people, subject, "Leg was swollen")
    assert propose_known(by=people.chen_jing) == 1
    assert states(people) == {"swollen LEG": "proposed", "Leg was swollen": "open"}
    assert propose_known(by=people.chen_jing) == 0
    entry = Entry.objects.filter(table_name="visits_coding").latest("at")
    assert entry.actor_role == "SYSTEM"
    assert entry.on_behalf_of == people.chen_jing.user_id


def test_somebody_else_reviews_and_the_next_equal_text_follows(
    people: People, second: Actor, subject: Subject, loaded: Dictionary
) -> None:
    first = event(people, subject, "Leg was swollen")
    code_text(
        page_ids=[first.pk], text="Leg was swollen", term=Term.objects.get(code="8001"), by=people.chen_jing
    )
    coding = Coding.objects.get()
    with pytest.raises(OwnProposal):
        review(codings=[coding.pk], by=people.chen_jing)
    assert review(codings=[coding.pk], by=second) == 1
    with pytest.raises(Moved):
        review(codings=[coding.pk], by=second)
    event(people, subject, "leg was  swollen.")
    assert propose_known(by=people.chen_jing) == 1
    assert Coding.objects.get(text="leg was  swollen.").origin == Coding.Origin.AS_BEFORE
    assert verify() == []


def test_a_text_that_changes_is_coded_anew(
    people: People, second: Actor, subject: Subject, loaded: Dictionary
) -> None:
    page = event(people, subject, "Swollen leg")
    propose_known(by=people.chen_jing)
    review(codings=[Coding.objects.get().pk], by=second)
    changed = entry_on(page, values={"ae_term": "Groin bleeding"})
    save_pages([changed], by=people.li_na, reason=TYPO)
    assert states(people) == {"Groin bleeding": "changed"}
    propose_known(by=people.chen_jing)
    assert states(people) == {"Groin bleeding": "proposed"}
    assert list(Coding.objects.order_by("at").values_list("term__code", flat=True)) == ["8001", "8003"]


def test_a_text_that_changed_while_it_was_looked_at_is_not_coded(
    people: People, subject: Subject, loaded: Dictionary
) -> None:
    page = event(people, subject, "Swollen leg")
    with pytest.raises(Moved):
        code_text(page_ids=[page.pk], text="Another", term=Term.objects.get(code="8001"), by=people.chen_jing)
    assert not Coding.objects.exists()


@pytest.mark.parametrize("name", ["li_na", "wang_lei", "sun_qing", "guo_tao", "zhao_min"])
def test_only_a_data_manager_codes(people: People, name: str) -> None:
    with pytest.raises(PermissionDenied):
        propose_known(by=people.actors[name])


def test_it_is_done_in_the_browser(people: People, subject: Subject, loaded: Dictionary) -> None:
    client = people.client("chen_jing")
    page = event(people, subject, "Leg was swollen")
    assert "Leg was swollen" in client.get("/coding/").content.decode()
    found = client.get(f"/coding/{page.pk}/", {"words": "swollen"}).content.decode()
    assert "Swollen leg" in found and "Oedemas" in found
    sent: dict[str, Any] = {
        "term": Term.objects.get(code="8001").pk,
        "text": "Leg was swollen",
        "pages": [str(page.pk)],
    }
    assert client.post(f"/coding/{page.pk}/", sent).status_code == 302
    shown = client.get("/coding/?show=proposed").content.decode()
    assert "somebody else reviews" in shown
    coding = Coding.objects.get()
    answer = client.post("/coding/", {"act": "review", "coding": [str(coding.pk)]}, follow=True)
    assert "You proposed this code yourself" in answer.content.decode()


def test_a_dictionary_is_loaded_in_the_browser(people: People) -> None:
    client = people.client("chen_jing")
    sent = {"kind": "WHODRUG", "version": "0.1", "language_of": "en"}
    file = SimpleUploadedFile("drugs.csv", DRUGS.encode())
    assert client.post("/coding/dictionaries/", {**sent, "file": file}).status_code == 302
    assert "WHODrug" in client.get("/coding/dictionaries/").content.decode()
    bad = SimpleUploadedFile("drugs.csv", b"x")
    answer = client.post("/coding/dictionaries/", {**sent, "version": "0.2", "file": bad})
    assert answer.status_code == 422
    assert 'value="0.2"' in answer.content.decode()


def test_what_is_coded_is_a_text_of_a_form() -> None:
    for form, (item, kind) in CODED.items():
        assert isinstance(FORMS[form].items()[item], TextItem)
        assert kind in Dictionary.Kind.values
    assert folded("  Ｌｅｇ swelling。") == "leg swelling"


def test_a_drug_that_the_dictionary_does_not_hold_is_asked_about(people: People, subject: Subject) -> None:
    """Protocol 3.12: silent while no dictionary is loaded; asked once one is."""

    def taken(name: str) -> list[str]:
        entry = PageEntry(subject_id=subject.pk, form="CM", visit=None, values={"cm_name": name})
        page = save_pages([entry], by=people.li_na).pages[0]
        return list(Query.objects.filter(page_id=page.id).values_list("check_id", flat=True))

    assert "RNG-CM.cm_name-S" not in taken("Clopidogrol")
    load_dictionary(kind="WHODRUG", version="1", language="en", content=DRUGS.encode(), by=people.chen_jing)
    assert "RNG-CM.cm_name-S" not in taken("clopidogrel")
    assert "RNG-CM.cm_name-S" in taken("Clopidogril")
