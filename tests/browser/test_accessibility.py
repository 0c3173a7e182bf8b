"""Every page in both languages, wide and on a phone: axe-core, no sideways scrolling, no error, no English.

The addresses are those of the policy walk (tests/sites/routes.py): a new page is walked without being named
here. Each is opened by the first person who may; homes by everybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from playwright.sync_api import Page, expect

from audit.context import Reason, acting
from outcomes.critical import critical_items
from outcomes.models import Snapshot
from outcomes.recomputation import recompute
from protocol.schedule import EXPECTED
from sites import accounts, invitations
from subjects.models import Subject
from tests.browser import course
from tests.browser.hands import answer, follow, picture, refused, settled, until
from tests.browser.house import PHONE, WIDE, House
from tests.browser.reading import misfits, untranslated, violations
from tests.people import FIRST, NAMED, PASSWORD, give_password
from tests.sites.routes import OK, ROUTES, World, build_world
from visits import dossier as dossiers
from visits.capture.autosaves import keep
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page as Crf
from visits.models import Query
from visits.review.locking import lock
from visits.review.queries import raise_query
from visits.review.sdv.plan import make_plan
from visits.review.sdv.states import seen
from visits.review.sdv.verifying import verify_items
from visits.review.signing.acts import Proven, declare, sign
from visits.review.signing.content import content_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Addresses that answer no page: for machines, for scripts, files.
NO_PAGE = {"healthz", "readyz", "session", "draft", "calendar-feed", "calendar-file"}
NO_PAGE |= {"import-template", "snapshot-file", "document", "file", "visit-report"}
NO_PAGE |= {"dashboard-visits", "access-history"}
APART = {"account_login", "account_logout", "mfa_authenticate", "invitation"}
"""Opened by tests of their own: by nobody, by somebody who leaves, by somebody new with a second factor."""
AMENDED = {"amendment", "upgrade-page"}
"""Walked where there is an amendment: tests/browser/test_amendment.py."""

FIRST_OF = ("li_na", "zhang_wei", "chen_jing", *NAMED)
STATES: dict[str, tuple[str, ...]] = {
    "li_na": (
        "/subjects/?show=needs",
        "/queries/?show=every",
        "/nothing/here/",
        "/accounts/",
        *(
            f"/subjects/{{subject}}/{visit}/"
            for visit in ("M12/FU", "PROC/DCB", "SCR/IE", "M12/DUS", "LOG/REV")
        ),
    ),
    "wang_lei": (
        "/dashboard/?site=07",
        "/dashboard/enrolled/",
        "/dashboard/verification/?state=waiting",
        *(f"/subjects/{{subject}}/{place}/" for place in ("M1/FU", "M12/FU", "PROC/DCB", "LOG/REV")),
        *("/queries/", "/queries/{query}/", "/sites/07/", "/trail/many_changes/"),
        *("/verify/?list=critical", "/verify/?list=all&site=07"),
    ),
    "zhang_wei": (
        *(f"/subjects/{{subject}}/{place}/" for place in ("M1/FU", "M6/FU", "M12/FU")),
        *(f"/signing/?show={state}" for state in ("broken", "refused", "all")),
        "/signing/{subject}/",
    ),
    "chen_jing": (
        *("/locks/?subject={subject}", "/locks/blockers/?what=UNSIGNED"),
        "/checks/?show=asking",
        "/queries/?show=every&check=EC-011",
        "/coding/?show=proposed",
        "/snapshots/{snapshot}/",
    ),
    "sun_qing": ("/snapshots/{snapshot}/", "/outcomes/", "/outcomes/{subject}/PPAT/"),
    "guo_tao": ("/subjects/{subject}/LOG/REV/", "/locks/", "/snapshots/", "/subjects/{subject}/trail/"),
    "zhao_min": ("/accounts/", "/transfers/"),
}
TYPED: tuple[str, ...] = (
    "Is this the day",
    "Is this so",
    "for the walk",
    "Interim analysis",
    "Claudication came back",
    "Bleeding at",
    "All that is critical",
)
TYPED += ("Short lesion", "Zhongshan Hospital", "First Affiliated", "Affiliated Hospital", "Good Clinical")


AS_WIDE = """() => [...document.querySelectorAll("[data-chart]:not([hidden])")].every((chart) => {
  const width = (one) => one.getBoundingClientRect().width;
  return Math.abs(width(chart.querySelector("canvas")) - width(chart)) <= 1;
})"""


def entered(house: House) -> Subject:
    """Make a treated subject with visits up to 12 months, its endpoints computed."""
    people = house.people
    consent = {**course.CONSENT, "screening_date": course.on(-3), "consent_dt": course.at(-3, 9)}
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=consent)
    subject, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)
    limb = {**course.LIMB_HISTORY, "symptom_onset": f"{course.on(-120):%Y-%m}"}
    plan = {"planned_cohort": "DCB", "plan_reason": "Short lesion"}
    criteria = {**course.fitting(course.CLINICAL), **course.fitting(course.ANGIOGRAPHIC), "exc01": "NA"}
    pages = [
        PageEntry(subject_id=subject.pk, form=form, visit="SCR", values=values)
        for form, values in {**course.screening(), "LH": limb, "IE": criteria}.items()
    ]
    pages.append(PageEntry(subject_id=subject.pk, form="PR", visit="PROC", values=plan))
    event = {
        **course.REVASCULARISATION,
        "rev_date": f"{course.on(course.CD_TLR_DAY)}",
        "rev_abi_pre": Decimal("0.55"),
    }
    event["rev_abi_pre_date"] = course.on(course.CD_TLR_DAY - 2)
    serious = {"ae_term": "Bleeding at the groin", "ae_serious": "Y", "ae_sae_crit": ["LT"]}
    later = [
        [PageEntry(subject_id=subject.pk, form="REV", values=event)],
        [PageEntry(subject_id=subject.pk, form="AE", values={**serious, "ae_start": f"{course.on(40)}"})],
    ]
    device = {**course.BALLOON, "dcb_expiry": course.on(400)}
    used = [PageEntry(subject_id=subject.pk, form="DCB", visit="PROC", values=device)]
    visits = course.visited(subject.pk, "M1", "M6", "M12")
    done = (pages, course.treated(subject.pk), used, course.discharged(subject.pk), *visits, *later)
    for entries in done:
        save_pages(entries, by=people.li_na)
    recompute([subject.pk])
    return subject


def trusted(house: House, subject: Subject) -> None:
    """Verify and sign the visits at one and six months, and change the day of the first."""
    people = house.people
    make_plan(by=people.chen_jing, reason="All that is critical", critical=critical_items())
    pages = {code: Crf.objects.get(subject=subject, form="FU", visit__code=code) for code in ("M1", "M6")}
    proof = Proven(people.zhang_wei.user_id or "")
    declare(by=people.zhang_wei, proven=proof)
    for page in pages.values():
        record = dossiers.load(subject).page(page.pk)
        assert record is not None
        verify_items(page=page, seen={"fu_date": seen(record, "fu_date")}, by=people.wang_lei)
        sign(seen={page.pk: content_of(record)}, by=people.zhang_wei, proven=proof)
    later = PageEntry(
        subject_id=subject.pk,
        form="FU",
        visit="M1",
        page_id=pages["M1"].pk,
        revision=pages["M1"].revision,
        values={"fu_date": course.on(31)},
    )
    save_pages([later], by=people.li_na, reason=Reason("SOURCE_CORRECTED"))


@dataclass(slots=True)
class Made:
    """The objects of the policy walk, and a subject with more on its pages."""

    world: World
    subject: Subject
    names: dict[str, str]


@pytest.fixture(scope="module")
def made(house: House) -> Made:
    """What the addresses are made of; a draft of the coordinator waits on one page."""
    people = house.people
    subject, locked = entered(house), entered(house)
    trusted(house, subject)
    page = Crf.objects.get(subject=subject, form="FU", visit__code="M12")
    raise_query(page=page, items=["fu_date"], text="Is this the day of the visit?", by=people.wang_lei)
    typed = {"p-contact_mode": ["CLIN"]}
    keep(subject, visit="M3", form="FU", key=uuid.uuid4(), typed=typed, by=people.li_na)
    lock(level="subject", subject=locked, by=people.chen_jing, reason="Interim analysis", interim=True)
    until(Snapshot.objects.exists, "the snapshot")
    names = {
        "subject": str(subject.pk),
        "query": str(Query.objects.get(page=page, origin="MANUAL").pk),
        "snapshot": str(Snapshot.objects.get().pk),
    }
    return Made(build_world(people), subject, names)


def walks(made: Made) -> dict[str, list[str]]:
    """Return who opens which addresses: every page of the policy walk, every form, every home."""
    by: dict[str, list[str]] = {name: ["/"] for name in NAMED if name != "ma_lin"}
    for name, route in ROUTES.items():
        if route.post or name in NO_PAGE | APART | AMENDED | {"home"}:
            continue
        able = [who for who in FIRST_OF if route.expected(made.world, made.world.people.actors[who]) == OK]
        by[able[0]].append(reverse(name, args=route.args(made.world)))
    for form in FORMS:
        visits = [visit for visit, forms in EXPECTED.items() if form in forms]
        place = "PROC" if "PROC" in visits else visits[-1] if visits else LOG
        by["he_ming" if form == "CEC" else "li_na"].append(
            reverse("page", args=[made.subject.pk, place, form])
        )
    for who, patterns in STATES.items():
        by[who] += [pattern.format(**made.names) for pattern in patterns]
    return {who: list(dict.fromkeys(addresses)) for who, addresses in by.items()}


def label(address: str, made: Made) -> str:
    """Return an address as the name of a picture."""
    short = address.strip("/").replace(str(made.subject.pk), "subject")
    return "".join(sign if sign.isalnum() else "-" for sign in short)[:60] or "home"


def read(page: Page, name: str, language: str) -> Iterator[str]:
    """Yield what is hard to read on the page as it stands, wide and on a phone.

    axe takes a second on a long page: it sees the English page wide and the Chinese one on a phone. All four
    are pictured when EDC_PICTURES is set.
    """
    if language != "en":
        yield from untranslated(page, typed=TYPED)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        picture(page, f"{name}-{language[:2]}-{size['width']}")
        found = misfits(page)
        if (language == "en") == (size == WIDE):
            found += violations(page)
        yield from (f"{size['width']}: {one}" for one in found)
    page.set_viewport_size(WIDE)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", [name for name in NAMED if name != "ma_lin"])
def test_pages_can_be_read_by_everybody(house: House, made: Made, name: str, language: str) -> None:
    page = house.sign_in(name, language=language)
    broken = []
    for address in walks(made)[name]:
        answered = page.goto(address)
        refused = address in ("/nothing/here/", "/accounts/") and name == "li_na"
        if answered is None or (answered.status != 200 and not refused):
            broken.append(f"{address}: {answered and answered.status}")
            continue
        shown = f"{name}-{label(address, made)}"
        broken += [f"{address} {finding}" for finding in read(page, shown, language)]
    page.context.close()
    assert not broken, "\n".join(broken)
    assert not house.complaints, "\n".join(house.complaints)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_a_page_becomes_while_one_works_can_be_read(house: House, made: Made, language: str) -> None:
    """A refused save, the question before leaving, signing in over the page, a comparison, a draft."""
    page = house.sign_in("li_na", language=language)
    address = reverse("page", args=[made.subject.pk, "M24", "FU"])
    broken: list[str] = []

    def look(state: str) -> None:
        broken.extend(f"{state} {finding}" for finding in read(page, f"state-{state}", language))

    page.goto(address)
    answer(page, {"contact_mode": "CLIN", "fu_date": "03/04/2025"})
    refused(page)
    expect(page.locator(".note.danger").first).to_be_visible()
    look("refused")
    page.locator("nav.rail a:not([aria-current])").first.click()
    expect(page.locator("#leaving")).to_be_visible()
    look("leaving")
    page.locator("#leaving button[value=stay]").click()
    page.evaluate("document.getElementById('sign-in').showModal()")
    look("signed-out")
    page.evaluate("document.getElementById('sign-in').close()")
    compared(house, made, page, language)
    look("comparison")
    page.goto(reverse("page", args=[made.subject.pk, "M3", "FU"]))
    look("draft")
    page.goto("/subjects/add/")
    answer(page, {"screening_date": "03/04/2025"})
    follow(page.locator("main button.btn-primary:visible").last)
    expect(page.locator("#row-p-screening_date .note.danger")).to_be_visible()
    look("screening-refused")
    page.evaluate("window.line && (window.line.left = true)")
    page.context.close()
    assert not broken, "\n".join(broken)
    assert not house.complaints, "\n".join(house.complaints)


def compared(house: House, made: Made, page: Page, language: str) -> None:
    """Change what the investigator changes meanwhile, and be asked to choose."""
    visit = "M12" if language == "en" else "M6"  # each language compares its own page
    page.evaluate("window.line && (window.line.left = true)")
    page.goto(reverse("page", args=[made.subject.pk, visit, "FU"]))
    stored = Crf.objects.get(subject=made.subject, form="FU", visit__code=visit)
    meanwhile = PageEntry(
        subject_id=made.subject.pk,
        form="FU",
        visit=visit,
        page_id=stored.pk,
        revision=stored.revision,
        values={"symptom_change": "BET"},
    )
    save_pages([meanwhile], by=house.people.zhang_wei, reason=Reason("SOURCE_CORRECTED"))
    answer(page, {"symptom_change": "WOR"})
    page.locator("#reason").select_option("TYPO")
    page.locator('button[name=then][value="stay"]').click()
    expect(page.locator("[data-conflict]")).to_be_visible()
    settled(page)


def test_signing_in_and_out_can_be_read_by_everybody(house: House) -> None:
    for language in ("en", "zh-hans"):
        page = house.nobody(language=language)
        page.goto("/login/")
        assert violations(page) + misfits(page) == []
        page.locator("#id_login").fill("li_na")
        page.locator("#id_password").fill("wrong")
        follow(page.locator("main button"))
        page.locator(".banner.danger").wait_for()
        page.set_viewport_size(PHONE)
        assert violations(page) + misfits(page) == []
        page.context.close()
        page = house.sign_in_by_hand("li_na", language=language)
        page.goto("/logout/")
        assert list(read(page, "li_na-logout", language)) == []
        page.context.close()
    assert not house.complaints


def test_the_ways_in_of_somebody_new_can_be_read(house: House) -> None:
    """The invitation, then the sign-in of whoever has set up a second factor."""
    for language in ("en", "zh-hans"):
        name = f"new-{language[:2]}"
        user = accounts.add_user(by=FIRST, username=name, full_name="New", email=f"{name}@example.org")
        page = house.nobody(language=language)
        page.goto(reverse("invitation", args=[invitations.send(user.pk, by=FIRST)]))
        expect(page.locator("main")).to_contain_text(name)
        assert list(read(page, "invitation", language)) == []
        give_password(user)
        with acting(by=FIRST):
            TOTP.activate(user, generate_totp_secret())
        page.goto("/login/")
        page.locator("#id_login").fill(name)
        page.locator("#id_password").fill(PASSWORD)
        follow(page.locator("main button"))
        assert page.url.endswith(reverse("mfa_authenticate"))
        assert list(read(page, "code", language)) == []
        page.context.close()
    assert not house.complaints


def test_charts_are_drawn_from_their_tables(house: House, made: Made) -> None:
    """Each chart has a canvas as wide as its panel, in both widths; the policy of content holds."""
    page = house.sign_in("wang_lei")
    page.goto("/dashboard/")
    charts = page.locator("[data-chart]:not([hidden])")
    expect(charts.locator("canvas")).to_have_count(charts.count())
    assert charts.count() >= 4
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        page.wait_for_function(AS_WIDE)
    page.context.close()
    assert not house.complaints
