"""Forms of second factor and invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sites.plain_forms import Plain

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric"}


def _password(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        strip=False,
        max_length=128,
    )


class AppForm(Plain):
    """A code of the authenticator app that is to be added, and the password."""

    password = _password(_("Password"), "current-password")
    code = forms.CharField(
        label=_("Code that the app shows now"), max_length=20, widget=forms.TextInput(attrs=CODE)
    )


class CodesForm(Plain):
    """The password, and a code where the last one is some time ago."""

    password = _password(_("Password"), "current-password")
    code = forms.CharField(
        label=_("Code of your app, or a recovery code"),
        max_length=20,
        widget=forms.TextInput(attrs=CODE),
    )


class KeysForm(Plain):
    """A security key that has just answered to its name; the password, and a code where that is due."""

    name = forms.CharField(label=_("Name of a new key"), max_length=60, required=False)
    password = _password(_("Password"), "current-password")
    code = forms.CharField(
        label=_("Code of your app, or a recovery code"), max_length=20, widget=forms.TextInput(attrs=CODE)
    )
    credential = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)


class ChosenPasswordForm(Plain):
    """The password that an invited person chooses, twice."""

    new = _password(_("New password (12 characters or more)"), "new-password")
    again = _password(_("New password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Refuse a repetition that differs."""
        cleaned = super().clean()
        if cleaned.get("new") != cleaned.get("again"):
            self.add_error("again", _("The two are different."))
        return cleaned
