"""Forms that guess nothing: plain numbers, dates in one order, text that can be stored (EDQ-02, EDQ-03)."""

from __future__ import annotations

import re
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
DATES = ("%Y-%m-%d", "%Y年%m月%d日")
DATE_INPUT = {"inputmode": "numeric", "placeholder": "YYYY-MM-DD", "autocomplete": "off"}


class Plain(forms.Form):
    """A form drawn by crispy-forms, whose fields take what is written as it is written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        for field in self.fields.values():
            if not field.required and not isinstance(field, forms.BooleanField):
                field.label = format_lazy("{} ({})", field.label, _("optional"))
            if isinstance(field, forms.DateField):
                field.input_formats = list(DATES)
                # Not type=date: browsers show that in the order of their own country.
                field.widget = forms.DateInput(attrs=DATE_INPUT, format=DATES[0])
            if isinstance(field, forms.ModelChoiceField) and field.empty_label:
                field.empty_label = "–"
            if isinstance(field, forms.IntegerField):
                field.widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def clean(self) -> dict[str, Any]:
        """Refuse numbers that Python reads but nobody writes (1_0, 1e3), and bytes that are no text."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            typed = self.data.get(self.add_prefix(name), "")
            if not isinstance(typed, str):
                continue
            if isinstance(field, forms.IntegerField) and typed.strip():
                if not PLAIN_NUMBER.fullmatch(typed.strip()):
                    self.add_error(name, _("Write the number in plain figures, for example 12.5."))
            elif "\ufffd" in typed:
                self.add_error(name, _("This text holds a broken character."))
        return cleaned


class PlainModelForm(Plain, forms.ModelForm):
    """A plain form of a model; what rows may not do together is for the services to say."""

    def validate_unique(self) -> None:
        """Leave it to the service, which words it."""

    def validate_constraints(self) -> None:
        """Leave it to the service, which words it."""


def show(form: forms.Form, refused: ValidationError) -> None:
    """Put what a service refused beside its fields, or above the form where the form has no such field."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, errors in refused.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
