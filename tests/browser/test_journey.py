"""The main job in the browser: screen, enrol, treat, follow up, compute, print, lock, download."""

import hashlib
import json
import re
import zipfile
from datetime import timedelta

import pypdf
import pytest
from playwright.sync_api import Page, expect

from outcomes.models import Snapshot
from subjects.models import Subject
from tests.browser import course
from tests.browser.hands import PATIENCE, answer, follow, is_save, picture, refused, save, until
from tests.browser.house import House
from tests.people import PASSWORD
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_subject_from_screening_to_the_locked_dataset(house: House) -> None:
    site = house.sign_in_by_hand("li_na")
    subject = screened(house, site)
    baseline(house, site, subject)
    planned_and_treated(house, site, subject)
    investigator = house.sign_in("zhang_wei")
    confirmed(investigator, subject)
    followed(house, site, subject)
    queried(house, site, subject)
    explained(site, subject)
    printed(site, subject)
    snapshot = locked(house, site, subject)
    downloaded(house, site, snapshot)
    assert not house.complaints


def screened(house: House, page: Page) -> Subject:
    """The consent page makes the subject; a date that could be read in two ways is refused and kept."""
    picture(page, "01-home-coordinator-empty")
    page.goto("/subjects/add/")
    answer(page, {"screening_date": "03/04/2025", **course.CONSENT})
    answer(page, {"consent_dt": course.typed(course.at(-3, 9))})
    follow(page.get_by_role("button", name="Screen this subject"))
    erred = page.locator("#row-p-screening_date")
    expect(erred.locator(".note.danger")).to_contain_text("03/04/2025")
    expect(erred.locator("input")).to_have_value("03/04/2025")
    picture(page, "02-add-subject-refused")
    assert not Subject.objects.exists()
    answer(page, {"screening_date": course.on(-3)})
    page.get_by_role("button", name="Screen this subject").click()
    page.wait_for_url(re.compile(r"/subjects/[0-9a-f-]{36}/"))
    picture(page, "03-subject-screened")
    return Subject.objects.get()


def baseline(house: House, page: Page, subject: Subject) -> None:
    """Demographics, limb history, prior stent, clinical status and the criteria of screening, typed."""
    born = course.on(-3).replace(day=1) - timedelta(days=round(68.5 * 365.25))
    page.goto(f"/subjects/{subject.pk}/SCR/DM/")
    answer(page, {"birth_ym": f"{born:%Y-%m}", **course.DEMOGRAPHICS, "age": "6B"})
    refused(page)
    expect(page.locator("#row-p-age input").first).to_have_value("6B")
    answer(page, {"age": 68})
    save(page)
    picture(page, "04-demographics")
    page.goto(f"/subjects/{subject.pk}/SCR/LH/")
    answer(page, {**course.LIMB_HISTORY, "symptom_onset": f"{course.on(-120):%Y-%m}"})
    save(page)
    page.goto(f"/subjects/{subject.pk}/SCR/PS/")
    answer(page, {**course.PRIOR_STENT, "ps_implant_date": f"{course.on(-900):%Y-%m}"}, row="new")
    save(page)
    picture(page, "05-prior-stent")
    page.goto(f"/subjects/{subject.pk}/SCR/BCS/")
    answer(page, {"bcs_date": course.on(-2), **course.STATUS, "claud_distance_m": 90})
    save(page)
    page.goto(f"/subjects/{subject.pk}/SCR/IE/")
    answer(page, {**course.fitting(course.CLINICAL), "exc01": "NA"})
    save(page)
    picture(page, "06-eligibility-at-screening")
    rest = [
        PageEntry(subject_id=subject.pk, form=form, visit="SCR", values=values)
        for form, values in course.screening().items()
    ]
    save_pages(rest, by=house.people.li_na)


def planned_and_treated(house: House, page: Page, subject: Subject) -> None:
    """The plan is a step of its own before the device; then the procedure and the balloon."""
    page.goto(f"/subjects/{subject.pk}/PROC/PR/")
    expect(page.locator("#row-p-proc_date")).to_have_count(0)
    answer(page, {"planned_cohort": "DCB", "plan_reason": "Short lesion, nothing left behind"})
    picture(page, "07-plan")
    save(page)
    expect(page.locator("#row-p-proc_date")).to_be_visible()
    save_pages(course.treated(subject.pk), by=house.people.li_na)
    page.goto(f"/subjects/{subject.pk}/PROC/DCB/")
    answer(page, {**course.BALLOON, "dcb_expiry": course.on(400)}, row="new")
    save(page)
    picture(page, "08-balloon")
    save_pages(course.discharged(subject.pk), by=house.people.li_na)


def confirmed(page: Page, subject: Subject) -> None:
    """The investigator completes the criteria of the angiogram, accepts the declaration, and signs."""
    page.goto(f"/subjects/{subject.pk}/SCR/IE/")
    answer(page, {**course.fitting(course.ANGIOGRAPHIC), "elig_outcome": "ELIG", "elig_date": course.on(0)})
    save(page)
    picture(page, "09-eligibility-to-confirm")
    follow(page.get_by_role("link", name="Accept the declaration on electronic signatures first."))
    page.get_by_label("I accept this declaration.").check()
    page.get_by_label("Your password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Accept"))
    page.goto(f"/subjects/{subject.pk}/SCR/IE/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm and sign").click()
    expect(page.locator(".banner.ok").first).to_contain_text("Eligibility confirmed and signed.")
    picture(page, "10-eligibility-confirmed")


def followed(house: House, page: Page, subject: Subject) -> None:
    """Visits, one typed with its slips; a revascularisation before 12 months is clinically driven."""
    for entries in course.visited(subject.pk, "M1", "M3", "M6"):
        save_pages(entries, by=house.people.li_na)
    page.goto(f"/subjects/{subject.pk}/LOG/REV/")
    answer(page, {"rev_date": course.on(course.CD_TLR_DAY)}, row="new")
    answer(
        page, {**course.REVASCULARISATION, "rev_abi_pre_date": course.on(course.CD_TLR_DAY - 2)}, row="new"
    )
    save(page)
    expect(page.locator("[data-item=rev_cd_site]").first).to_contain_text("Y")
    picture(page, "11-revascularisation")
    page.goto(f"/subjects/{subject.pk}/M12/FU/")
    answer(page, {**course.FOLLOW_UP, "new_revasc": "Y", "fu_date": "2026-02-30"})
    refused(page)
    expect(page.locator("#row-p-fu_date input")).to_have_value("2026-02-30")
    picture(page, "12-follow-up-refused")
    answer(page, {"fu_date": course.on(course.VISIT_DAYS["M12"])})
    save(page)
    picture(page, "13-follow-up")
    for entries in course.visited(subject.pk, "M12", "M24"):
        kept = [entry for entry in entries if (entry.visit, entry.form) != ("M12", "FU")]
        save_pages(kept, by=house.people.li_na)
    page.goto(f"/subjects/{subject.pk}/EOS/EXIT/")
    answer(
        page,
        {"exit_date": course.on(735), "exit_reason": "COMP", "last_contact_date": course.on(735)},
    )
    answer(page, {"all_events_entered": "Y"})
    save(page)
    picture(page, "14-exit")


def queried(house: House, site: Page, subject: Subject) -> None:
    """The monitor asks, the coordinator answers on the page, the monitor closes."""
    monitor = house.sign_in("wang_lei")
    address = f"/subjects/{subject.pk}/M12/FU/"
    monitor.goto(address)
    expect(monitor.locator("button[name=then]")).to_have_count(0)
    expect(monitor.locator("[data-item=symptom_change]")).to_contain_text("Unchanged")
    expect(monitor.locator("[data-item=symptom_change]")).to_be_visible()
    panel = monitor.locator("#raise")
    panel.locator("select[name=items]").select_option("symptom_change")
    panel.locator("[name=text]").fill("Source says worse. Please check.")
    panel.get_by_role("button", name="Ask").click()
    expect(monitor.locator(".thread")).to_contain_text("Source says worse.")
    site.goto(address)
    thread = site.locator(".thread", has_text="Source says worse.")
    thread.get_by_role("button", name="Write an answer").click()
    thread.locator("[name=text]").fill("Checked against the clinic note: same.")
    picture(site, "15-query-to-answer")
    thread.get_by_role("button", name="Answer", exact=True).click()
    expect(site.locator(".thread", has_text="Checked against the clinic note")).to_be_visible()
    monitor.goto("/queries/?show=answered")
    picture(monitor, "16-queries")
    monitor.goto(address)
    follow(monitor.locator(".thread a").first)
    monitor.locator("select[name=reason]").select_option(index=0)
    picture(monitor, "17-query")
    monitor.get_by_role("button", name="Close", exact=True).click()
    expect(monitor.locator(".chip").first).to_contain_text("closed")


def explained(page: Page, subject: Subject) -> None:
    """The worker computes the endpoints; the explanation names the page and item that decided."""
    from outcomes.models import Result

    def computed() -> bool:
        found = Result.objects.filter(subject=subject, paramcd="CDTLR24").first()
        return found is not None and (found.aval, found.cnsr) == (course.CD_TLR_DAY, 0)

    until(computed, "CDTLR24")
    page.goto(f"/subjects/{subject.pk}/")
    picture(page, "18-subject")
    page.goto(f"/outcomes/{subject.pk}/CDTLR24/")
    steps = page.locator(".steps-list")
    expect(steps).to_contain_text("First qualifying event on day 300.")
    picture(page, "19-why")
    steps.get_by_role("link", name="REV1").first.click()
    page.wait_for_url(f"**/subjects/{subject.pk}/LOG/REV/**")


def printed(page: Page, subject: Subject) -> None:
    """A job makes the casebook; its text has both languages, the subject's number and the pages' count."""
    page.goto(f"/subjects/{subject.pk}/")
    follow(page.get_by_role("button", name="Print casebook"))
    picture(page, "20-casebook-asked")
    made = page.locator("[data-job-link]")
    expect(made).to_be_visible(timeout=PATIENCE * 1000)
    with page.expect_download() as arriving:
        made.click()
    document = pypdf.PdfReader(arriving.value.path())
    text = "\n".join(sheet.extract_text() for sheet in document.pages)
    assert subject.usubjid in text
    assert "Revascularisation event" in text and "血运重建事件" in text
    assert re.search(rf"\b{len(document.pages)}\b", document.pages[-1].extract_text())


def locked(house: House, site: Page, subject: Subject) -> Snapshot:
    """The data manager locks the study and says why; what a coordinator sends afterwards is refused."""
    site.goto(f"/subjects/{subject.pk}/M24/FU/")
    answer(site, {"symptom_change": "BET"})
    manager = house.sign_in("chen_jing")
    manager.goto("/locks/")
    picture(manager, "21-before-the-lock")
    manager.locator("#whystudy").fill("Interim analysis at 24 months")
    manager.locator("[name=seen]").check()
    manager.get_by_role("button", name="Lock study").click()
    expect(manager.locator(".banner.ok")).to_contain_text("Locked.")
    with site.expect_response(is_save(site)) as sent:
        site.locator("button[name=then][value=stay]").click()
    assert sent.value.status == 409
    expect(site.locator("#refused")).to_contain_text("locked")
    picture(site, "22-refused-by-the-lock")
    until(Snapshot.objects.exists, "the snapshot")
    manager.reload()
    picture(manager, "23-locked")
    return Snapshot.objects.get()


def downloaded(house: House, site: Page, snapshot: Snapshot) -> None:
    """The statistician takes the dataset, whose files have the hashes of the manifest; nobody else does."""
    statistician = house.sign_in("sun_qing")
    statistician.goto("/snapshots/")
    follow(statistician.locator("main a.b").first)
    picture(statistician, "24-snapshot")
    with statistician.expect_download() as arriving:
        statistician.get_by_role("link", name="Everything").click()
    with zipfile.ZipFile(arriving.value.path()) as archive:
        files = {name.rsplit("/")[-1]: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(f"{snapshot.name}_manifest.json"))
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert (manifest["kind"], manifest["lock"]["reason"]) == ("INTERIM", "Interim analysis at 24 months")
    assert all("INTERIM" in name for name in files)
    assert b"CDTLR24" in files[f"{snapshot.name}_adtte.csv"]
    whole = f"/snapshots/{snapshot.pk}/{snapshot.name}.zip"
    for name in ("chen_jing", "wang_lei", "guo_tao"):
        other = house.sign_in(name)
        assert other.request.get(whole).status == 403, name
        other.context.close()
    assert site.request.get(whole).status == 403
