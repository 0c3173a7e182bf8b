"""What is typed reaches the database and nothing else: no address, no log, no broker (PRI-07)."""

import os

import pytest
import redis
from playwright.sync_api import Request, expect

from tests.browser.hands import settled
from tests.browser.house import House
from tests.enrolled import screened
from visits import dossier as dossiers

CANARY = "Zeisig-4711"


@pytest.mark.urs("PRI-06", "PRI-07")
def test_a_value_that_is_typed_stays_out_of_addresses_logs_and_the_broker(house: House) -> None:
    subject = screened(house.people)
    page = house.sign_in("li_na")
    addresses: list[str] = []

    def seen(request: Request) -> None:
        addresses.append(request.url)
        addresses.append(request.headers.get("referer", ""))

    page.on("request", seen)
    page.goto(f"/subjects/{subject.pk}/M1/FU/")
    page.locator("input[name=p-contact_mode][value=MISS]").check(force=True)
    page.locator("[name=p-miss_reason]").fill(f"{CANARY}, 13812345678")  # refused: it may identify
    page.keyboard.press("Control+s")
    expect(page.locator("#refused")).to_be_visible()
    settled(page)
    page.locator("[name=p-miss_reason]").fill(CANARY)
    page.keyboard.press("Control+s")
    expect(page.locator(".banner.ok").first).to_be_visible()
    visit = dossiers.load(subject).at("M1", "FU")[0]
    assert visit.get("miss_reason") == CANARY

    assert not [address for address in addresses if CANARY in address]
    assert len(addresses) > 10 and {address for address in addresses if address} == {
        address for address in addresses if address.startswith(f"{house.url}/")
    }
    logs = list(house.logs.glob("*.log"))
    assert {log.stem for log in logs} >= {"web", "worker"}
    assert not [log.name for log in logs if CANARY in log.read_text(errors="replace")]
    broker = redis.Redis.from_url(os.environ["REDIS_URL"])
    kept = b"".join(broker.dump(key) or b"" for key in broker.scan_iter(count=1000))
    assert CANARY.encode() not in kept
