"""Forms of the upkeep pages; what they hold is checked again by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from protocol.codelists import DRUG
from protocol.thresholds import DEFAULTS
from sites.models import (
    DELEGATED,
    TASKS,
    ConsentVersion,
    Delegation,
    DeviceProduct,
    Site,
    Study,
    User,
)
from sites.plain_forms import Plain, PlainModelForm
from sites.roles import AT_A_SITE

STATUSES = (
    (Site.Status.PLANNED, _("Planned")),
    (Site.Status.ACTIVE, _("Active")),
    (Site.Status.SUSPENDED, _("Suspended")),
    (Site.Status.CLOSED, _("Closed")),
)


class SiteForm(PlainModelForm):
    """What can be changed of a site."""

    status = forms.ChoiceField(label=_("Status"), choices=STATUSES)

    class Meta:
        model = Site
        fields = (
            *("status", "ethics_no", "ethics_date", "ethics_document"),
            *("activation_date", "close_date", "planned_n"),
        )
        labels = {
            "ethics_no": _("Ethics approval number"),
            "ethics_date": _("Ethics approval date"),
            "ethics_document": _("The approval document is on file"),
            "activation_date": _("Activated on"),
            "close_date": _("Closed on"),
            "planned_n": _("Subjects planned at this site"),
        }


class DelegationForm(PlainModelForm):
    """A line of a site's delegation log."""

    role = forms.ChoiceField(
        label=_("Delegated as"),
        choices=[(role, f"{words.en} {words.zh}") for role, words in DELEGATED.items()],
    )
    tasks = forms.MultipleChoiceField(
        label=_("May"),
        choices=[(task, f"{words.en} {words.zh}") for task, words in TASKS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Delegation
        fields = ("user", "role", "tasks", "from_date", "to_date")
        labels = {"user": _("Person"), "from_date": _("From"), "to_date": _("Until")}

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = User.objects.filter(memberships__site=site, memberships__role__in=AT_A_SITE, is_active=True)
        self.fields["user"].queryset = own.distinct().order_by("full_name")  # type: ignore[attr-defined]


class ProductForm(PlainModelForm):
    """A product of the device catalogue."""

    drug = forms.ChoiceField(
        label=_("Drug"), choices=[(term.code, f"{term.label.en} {term.label.zh}") for term in DRUG.terms]
    )
    site_codes = forms.MultipleChoiceField(
        label=_("Only at these sites"), required=False, widget=forms.CheckboxSelectMultiple
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
            "site_codes",
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_codes"].choices = [  # type: ignore[attr-defined]
            (site.code, f"{site.code} {site}") for site in Site.objects.filter(role=Site.Role.CLINICAL)
        ]
        self.fields["kind"].choices = [("", "–"), *((kind, kind) for kind in DeviceProduct.Kind.values)]  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["code"]


class ConsentVersionForm(PlainModelForm):
    """An approved version of the consent form."""

    class Meta:
        model = ConsentVersion
        fields = ("site", "version", "approved_from", "approved_to", "reconsent_from")
        labels = {
            "site": _("Site"),
            "version": _("Version"),
            "approved_from": _("Approved from"),
            "approved_to": _("Approved until"),
            "reconsent_from": _("Subjects in the study consent again from"),
        }


class ApprovalForm(Plain):
    """The ethics approval of a version of the protocol, and the day from which the site works by it."""

    ethics_no = forms.CharField(label=_("Ethics approval number"), max_length=60)
    ethics_date = forms.DateField(label=_("Ethics approval date"))
    effective_from = forms.DateField(label=_("In force from"))


class ConsentDaysForm(Plain):
    """The last day of a consent version, and from when subjects in the study have to sign it again."""

    on = forms.DateField(label=_("Last day"), required=False)
    reconsent_from = forms.DateField(label=_("Subjects in the study consent again from"), required=False)


class StudyForm(PlainModelForm):
    """The study's facts, and the numbers that the endpoint rules read (protocol §3.33)."""

    psvr_threshold = forms.DecimalField(label=_("Restenosis: PSVR above"), max_digits=4, decimal_places=2)
    tlr_margin_mm = forms.IntegerField(label=_("Target lesion: margin (mm)"), min_value=0, max_value=100)
    abi_drop_abs = forms.DecimalField(label=_("ABI: fall of more than"), max_digits=3, decimal_places=2)
    abi_drop_rel = forms.DecimalField(label=_("ABI: fall of this share"), max_digits=3, decimal_places=2)
    ctcae_version = forms.CharField(label=_("CTCAE version"), max_length=8, required=False)
    core_reads_dus = forms.BooleanField(label=_("The core laboratory reads every duplex"), required=False)
    core_reads_img = forms.BooleanField(label=_("The core laboratory reads every angiogram"), required=False)

    NUMBERS = (
        *("psvr_threshold", "tlr_margin_mm", "abi_drop_abs", "abi_drop_rel", "ctcae_version"),
        *("core_reads_dus", "core_reads_img"),
    )

    class Meta:
        model = Study
        fields = ("brief_title", "title_zh", "target_n", "planned_start", "planned_completion")
        labels = {
            "brief_title": _("Title"),
            "title_zh": _("Chinese title"),
            "target_n": _("Subjects planned"),
            "planned_start": _("Planned start"),
            "planned_completion": _("Planned completion"),
        }
        widgets = {"brief_title": forms.Textarea({"rows": 3}), "title_zh": forms.Textarea({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        config = self.instance.config
        defaults = {
            "psvr_threshold": f"{DEFAULTS.psvr / 100:.2f}",
            "tlr_margin_mm": DEFAULTS.tlr_margin_mm,
            "abi_drop_abs": f"{DEFAULTS.abi_drop / 100:.2f}",
            "abi_drop_rel": f"{DEFAULTS.abi_drop_percent / 100:.2f}",
            "ctcae_version": "5.0",
            "core_reads_dus": False,
            "core_reads_img": False,
        }
        for name in self.NUMBERS:
            self.fields[name].initial = config.get(name, defaults[name])

    def facts(self) -> dict[str, Any]:
        """Return what the service takes: the fields, and the configuration with the numbers in it."""
        data = dict(self.cleaned_data)
        numbers = {name: data.pop(name) for name in self.NUMBERS}
        kept = {
            name: value if isinstance(value, int) else str(value)
            for name, value in numbers.items()
            if value != ""
        }
        return {**data, "config": {**self.instance.config, **kept}}
