"""Forms of the account pages; what they hold is checked again by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from protocol import version as protocol
from sites.models import TRAININGS, Membership, Training, User
from sites.plain_forms import Plain, PlainModelForm
from sites.reader import said
from sites.roles import AT_A_SITE, WHOLE_STUDY, Role


class AccountForm(PlainModelForm):
    """A new account."""

    password = forms.CharField(
        label=_("First password (to be changed at the first sign-in); none: a link is mailed"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
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


class PersonForm(PlainModelForm):
    """What can be changed of an account; the user name stays."""

    class Meta(AccountForm.Meta):
        fields = ("full_name", "full_name_zh", "email", "language", "is_active")
        labels = {**AccountForm.Meta.labels, "is_active": _("The account is open")}


REMINDERS = {
    "closing": _("Mail: visit windows that close within 14 days"),
    "overdue": _("Mail: visits overdue"),
    "queries": _("Mail: queries older than 7 days"),
    "sae": _("Mail: serious events whose reporting time runs"),
}
HOW_OFTEN = [("none", _("never")), ("daily", _("every day")), ("weekly", _("on Mondays"))]


class ProfileForm(PlainModelForm):
    """How a person likes to work: one's own language and keys, and what to be reminded of by mail."""

    language = forms.ChoiceField(
        label=AccountForm.Meta.labels["language"], choices=[("en", "English"), ("zh-hans", "中文")]
    )

    class Meta:
        model = User
        fields = ("language", "single_keys")
        labels = {"single_keys": _("Letters, digits and signs act as keys")}
        help_texts = {
            "single_keys": _(
                "Off: only Tab, arrows, Enter and keys with Ctrl act. Choose so where speech or a "
                "slip of the hand types letters. Answering by key moves on to the next item only while "
                "this is on."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.reminders or {}
        for kind, words in REMINDERS.items():
            self.fields[f"remind_{kind}"] = forms.ChoiceField(
                label=words, choices=HOW_OFTEN, initial=kept.get(kind, "none"), required=False
            )

    def choices_made(self) -> dict[str, Any]:
        """Return what was chosen as the account keeps it; reminders never asked for are left out."""
        made = {name: value for name, value in self.cleaned_data.items() if not name.startswith("remind_")}
        asked = {kind: self.cleaned_data.get(f"remind_{kind}") or "none" for kind in REMINDERS}
        return {**made, "reminders": {kind: often for kind, often in asked.items() if often != "none"}}


class MembershipForm(PlainModelForm):
    """A role that a person is given."""

    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, f"{role.label.en} {role.label.zh}") for role in Role]
    )

    class Meta:
        model = Membership
        fields = ("role", "site", "from_date", "to_date")
        labels = {
            "site": _("Site, or the whole study"),
            "from_date": _("From"),
            "to_date": _("Until"),
        }

    def clean(self) -> dict[str, Any]:
        """Say at once where role and site do not fit."""
        cleaned = super().clean()
        role, site = cleaned.get("role"), cleaned.get("site")
        if role in AT_A_SITE and site is None:
            self.add_error("site", _("This role is held at a site: choose one."))
        if role in WHOLE_STUDY and site is not None:
            self.add_error("site", _("This role is held in the whole study: choose no site."))
        return cleaned


class TrainingForm(PlainModelForm):
    """A training that a person completed."""

    kind = forms.ChoiceField(label=_("Training"))
    version = forms.ChoiceField(label=_("Version, of a training in the protocol"), required=False)

    class Meta:
        model = Training
        fields = ("kind", "version", "on_date", "valid_to")
        labels = {"on_date": _("Completed on"), "valid_to": _("Valid until")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, version = self.fields["kind"], self.fields["version"]
        assert isinstance(kind, forms.ChoiceField) and isinstance(version, forms.ChoiceField)
        kind.choices = [(kept, said(words)) for kept, words in TRAININGS.items()]
        version.choices = [("", "–"), *((one, one) for one in reversed(protocol.versions()))]

    def clean(self) -> dict[str, Any]:
        """Ask for the version of a training in the protocol: nobody's training is guessed."""
        cleaned = super().clean()
        if cleaned.get("kind") == Training.Kind.PROTOCOL and not cleaned.get("version"):
            self.add_error("version", _("Choose the version that was taught."))
        return cleaned


class PasswordForm(Plain):
    """One's own password: the old one, and the new one twice."""

    old = forms.CharField(
        label=_("Present password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=128,
    )
    new = forms.CharField(
        label=_("New password (12 characters or more)"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
    )
    again = forms.CharField(
        label=_("New password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a repetition that differs, and a new password that is the old one."""
        cleaned = super().clean()
        if cleaned.get("new") != cleaned.get("again"):
            self.add_error("again", _("The two are different."))
        if cleaned.get("new") and cleaned.get("new") == cleaned.get("old"):
            self.add_error("new", _("This is the present password."))
        return cleaned


class NewPasswordForm(Plain):
    """A password that an administrator gives; its owner changes it at the next sign-in."""

    password = forms.CharField(
        label=_("New password (to be changed at the next sign-in)"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
    )
