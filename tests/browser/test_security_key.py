"""A security key in the browser, from adding it to signing in with it; the key is Chromium's virtual one."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.hands import follow, picture, settled
from tests.browser.house import PHONE, WIDE, House
from tests.browser.reading import misfits, violations
from tests.people import PASSWORD


def with_virtual_key(page: Page) -> None:
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "isUserVerified": True, "hasUserVerification": True}
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.urs("ACC-05", "SEC-03")
def test_a_key_is_added_and_signs_in(house: House) -> None:
    here = house.url.replace("127.0.0.1", "localhost")  # keys know no bare addresses
    context = house.browser.new_context(base_url=here, viewport=WIDE, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    with_virtual_key(page)

    def sign_in() -> None:
        page.goto("/login/")
        page.get_by_label("User name").fill("xu_fang")
        page.locator("#id_password").fill(PASSWORD)
        follow(page.locator("main button"))

    sign_in()
    page.goto("/profile/factor/")
    secret = re.sub(r"\s", "", page.locator("main code").first.inner_text())
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    follow(page.get_by_role("button", name="Set up"))
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.goto("/profile/keys/")
    assert violations(page) + misfits(page) == []
    page.get_by_label("Name of a new key").fill("blue")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Add a key").click()
    expect(page.get_by_role("cell", name="blue", exact=True)).to_be_visible()
    settled(page)
    picture(page, "security-keys")
    page.set_viewport_size(PHONE)
    assert violations(page) + misfits(page) == []
    picture(page, "security-keys-360")
    page.set_viewport_size(WIDE)

    page.goto("/logout/")
    follow(page.locator("main button"))
    sign_in()
    expect(page.get_by_role("heading", name="Code")).to_be_visible()
    assert violations(page) + misfits(page) == []
    picture(page, "security-key-sign-in")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(f"{here}/")
    assert [words for words in heard if "Failed to load resource" not in words] == []
    context.close()
