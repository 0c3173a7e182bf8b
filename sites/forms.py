"""Forms of the upkeep pages, laid out by crispy-forms."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from protocol.codelists import DRUG
from sites.models import ConsentVersion, DeviceProduct, Membership, Site, Study, User
from sites.roles import Role

DATES = {"type": "date"}


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


class UpkeepForm(forms.ModelForm):
    """A form of an upkeep page: the model's own checks, drawn by crispy-forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper()


class SiteForm(UpkeepForm):
    """What can be changed of a site."""

    class Meta:
        model = Site
        fields = (
            "status",
            "ethics_no",
            "ethics_date",
            "ethics_covers_study",
            "activation_date",
            "close_date",
        )
        labels = {
            "status": _("Status"),
            "ethics_no": _("Ethics approval number"),
            "ethics_date": _("Ethics approval date"),
            "ethics_covers_study": _("The approval covers this study"),
            "activation_date": _("Activated on"),
            "close_date": _("Closed on"),
        }
        widgets = {
            name: forms.DateInput(attrs=DATES) for name in ("ethics_date", "activation_date", "close_date")
        }


class ProductForm(UpkeepForm):
    """A product of the device catalogue."""

    drug = forms.ChoiceField(
        label=_("Drug"), choices=[(term.code, f"{term.label.en} {term.label.zh}") for term in DRUG.terms]
    )

    class Meta:
        model = DeviceProduct
        fields = (
            "code",
            "brand",
            "manufacturer",
            "kind",
            "drug",
            "density_ug_mm2",
            "registration_no",
            "active_from",
            "active_to",
        )
        labels = {
            "code": _("Code"),
            "brand": _("Brand"),
            "manufacturer": _("Manufacturer"),
            "kind": _("Kind"),
            "density_ug_mm2": _("Drug density (µg/mm²)"),
            "registration_no": _("Registration number"),
            "active_from": _("In use from"),
            "active_to": _("In use until"),
        }
        widgets = {name: forms.DateInput(attrs=DATES) for name in ("active_from", "active_to")}


class ConsentVersionForm(UpkeepForm):
    """An approved version of the consent form."""

    class Meta:
        model = ConsentVersion
        fields = ("site", "version", "approved_from", "approved_to")
        labels = {
            "site": _("Site"),
            "version": _("Version"),
            "approved_from": _("Approved from"),
            "approved_to": _("Approved until"),
        }
        widgets = {name: forms.DateInput(attrs=DATES) for name in ("approved_from", "approved_to")}


class StudyForm(UpkeepForm):
    """The study's facts and configuration."""

    class Meta:
        model = Study
        fields = ("brief_title", "title_zh", "target_n", "planned_start", "planned_completion", "config")
        labels = {
            "brief_title": _("Title"),
            "title_zh": _("Chinese title"),
            "target_n": _("Subjects planned"),
            "planned_start": _("Planned start"),
            "planned_completion": _("Planned completion"),
            "config": _("Configuration"),
        }
        widgets = {
            "brief_title": forms.Textarea(attrs={"rows": 2}),
            "title_zh": forms.Textarea(attrs={"rows": 2}),
            "config": forms.Textarea(attrs={"rows": 8}),
        }


class AccountForm(UpkeepForm):
    """A person's account."""

    password = forms.CharField(
        label=_("First password"), widget=forms.PasswordInput, min_length=12, strip=False
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "full_name_zh", "email", "language")
        labels = {
            "username": _("User name"),
            "full_name": _("Name"),
            "full_name_zh": _("Chinese name"),
            "email": _("E-mail"),
            "language": _("Language"),
        }
        widgets = {"language": forms.Select(choices=[("en", "English"), ("zh-hans", "中文")])}


class MembershipForm(UpkeepForm):
    """A role that a person is given."""

    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, f"{role.label.en} {role.label.zh}") for role in Role]
    )

    class Meta:
        model = Membership
        fields = ("role", "site", "from_date", "to_date")
        labels = {"site": _("Site (empty: the whole study)"), "from_date": _("From"), "to_date": _("Until")}
        widgets = {name: forms.DateInput(attrs=DATES) for name in ("from_date", "to_date")}
