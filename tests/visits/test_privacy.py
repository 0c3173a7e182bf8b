"""Nothing that identifies a person is asked for, and free text is asked about before it is stored."""

import re

import pytest
from django.test import Client

from subjects.models import Subject
from tests.visits.test_page_view import address, sent
from tests.visits.test_save_pages import stored
from visits.crfs import FORMS
from visits.items import TextItem
from visits.models import Query

BANNED = re.compile(
    r"\b(?:name of (?:the )?(?:subject|patient)|full name|initials|identity (?:card|number)|passport|phone|"
    r"mobile|e-?mail|wechat|address|record number|hospital number|insurance number|date of birth)\b|"
    r"姓名|首字母|身份证|护照|电话|手机|邮箱|微信|住址|地址|住院号|病历号|病案号|门诊号|医保号|出生日期",
    re.IGNORECASE,
)


@pytest.mark.urs("PRI-01")
def test_no_item_asks_for_what_identifies_a_person() -> None:
    """Every label and help text of every form, in both languages, against the list of banned words."""
    asked = [
        (form, name, words)
        for form, crf in FORMS.items()
        for name, question in crf.questions().items()
        for said in (question.label, getattr(question, "help", None))
        if said is not None
        for words in (said.en, said.zh)
        if BANNED.search(words)
    ]
    assert asked == []


@pytest.mark.urs("PRI-03")
def test_a_telephone_number_is_asked_about_before_it_is_stored(subject: Subject, li_na: Client) -> None:
    typed = {"contact_mode": "MISS", "miss_reason": "家属电话13812345678,不愿来院"}
    answer = sent(li_na, address(subject, "M1", "FU"), **typed)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "13812345678" in shown
    assert "电话号码" in shown and "telephone number" in shown
    assert not Query.objects.exists()

    kept = sent(li_na, address(subject, "M1", "FU"), **typed, miss_reason__yes="keep")
    assert kept.status_code == 302
    assert stored(subject, "FU").values["miss_reason"] == typed["miss_reason"]
    query = Query.objects.get(items__contains=["miss_reason"])
    assert "13812345678" not in query.message_en + query.message_zh


@pytest.mark.urs("PRI-03")
def test_a_clinical_text_is_stored_without_a_question(subject: Subject, li_na: Client) -> None:
    typed = {"contact_mode": "MISS", "miss_reason": "三次电话未接,左下肢血管长度120mm"}
    assert sent(li_na, address(subject, "M1", "FU"), **typed).status_code == 302


def test_codes_that_a_maker_prints_are_not_screened() -> None:
    unscreened = {
        name
        for crf in FORMS.values()
        for name, item in crf.items().items()
        if isinstance(item, TextItem) and not item.screened and not item.one_of
    }
    assert unscreened == {
        *(f"{device}_{code}" for device in ("dcb", "bms", "des") for code in ("udi", "lot")),
        "cm_unit",
        "lb_unit",
    }
