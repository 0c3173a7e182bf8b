"""The second factor: codes of an authenticator app, and recovery codes; each is good once (ACC-05).

The secrets are kept by allauth, encrypted under the key of this installation. A code's moment is kept beside
the secret in PostgreSQL, so that no second process takes the same code again.
"""

from __future__ import annotations

import base64
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from audit.context import record_event
from sites.lockout import count_failure, is_locked_out
from sites.models import User
from sites.proven import mark_proven
from sites.way_in import tell_owner

Type = Authenticator.Type
WRONG = _("This code is wrong, or was used before. Wait for the next one.")
SHUT = _("Five attempts in a row failed for this account. It opens again by itself after 30 minutes.")


class FactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets encrypted; a new SECRET_KEY reads what its fallbacks wrote (SEC-14)."""

    def encrypt(self, text: str) -> str:
        """Return the secret as it is stored."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret itself."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """Return the name under which the authenticator app lists the account."""
        return "Defier EDC"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whose keys they are: of the host that the browser has asked."""
        return {"id": current_request().get_host().partition(":")[0], "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """Return how the browser names the account in its list of keys."""
        return {"id": user.pk.bytes, "name": user.username, "display_name": user.full_name}

    def get_totp_label(self, user: Any) -> str:
        """Return the account's name in the authenticator app."""
        return str(user.username)


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factor").derive(key.encode())
    return base64.urlsafe_b64encode(made)


class CodeForm(AuthenticateForm):
    """The code at sign-in; what is wrong counts towards the lockout."""

    code = forms.CharField(max_length=20)

    def clean_code(self) -> str:
        """Take the code once."""
        request = current_request()
        if is_locked_out(request, self.user):
            request.axes_locked_out = True  # type: ignore[attr-defined] # axes answers as at sign-in
            raise ValidationError(SHUT)
        found = take_code(self.user, self.cleaned_data["code"])
        if found is None:
            count_failure(request, self.user, at="code")
            raise ValidationError(WRONG)
        self.authenticator = found
        return str(self.cleaned_data["code"])


def current_request() -> HttpRequest:
    """Return the request that is being answered; the library's forms are given none."""
    from allauth.core import context

    request: HttpRequest = context.request
    return request


def take_code(user: User, code: str) -> Authenticator | None:
    """Use up a code of the person's app, or a recovery code; None where it is wrong or was used."""
    with transaction.atomic():
        for kept in Authenticator.objects.select_for_update().filter(user=user).order_by("-type"):
            if kept.type == Type.TOTP and _take_moment(kept, code):
                return kept
            if kept.type == Type.RECOVERY_CODES and RecoveryCodes(kept).validate_code(code):
                return kept
    return None


def _take_moment(kept: Authenticator, code: str) -> bool:
    """Accept the code of a moment later than the last one that was accepted (RFC 6238 §5.2)."""
    moment = moment_of(FactorAdapter().decrypt(kept.data["secret"]), code)
    if moment is None or moment <= kept.data.get("moment", 0):
        return False
    kept.data["moment"] = moment
    kept.save(update_fields=["data"])
    return True


def moment_of(secret: str, code: str) -> int | None:
    """Return the time step whose code this is, one step of clock drift allowed; None for no code of now."""
    for moment in totp.yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, moment))):
            return moment
    return None


def add_app(*, request: HttpRequest, user: User, secret: str, code: str, by: Actor) -> list[str]:
    """Keep the secret of a person's authenticator app and return new recovery codes, shown once.

    Raises ValidationError where the code is not one of this secret. The session counts as proven by it.
    """
    moment = moment_of(secret, code)
    if moment is None:
        raise ValidationError({"code": WRONG})
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        Authenticator.objects.filter(user=user, type__in=[Type.TOTP, Type.RECOVERY_CODES]).delete()
        kept = totp.TOTP.activate(user, secret).instance
        kept.data["moment"] = moment
        kept.save(update_fields=["data"])
        codes: list[str] = RecoveryCodes.activate(user).generate_codes()
        record_event("factor_added", by=by, detail={"kind": "app"})
    mark_proven(request, user)
    return codes


def renew_recovery_codes(*, user: User, by: Actor) -> list[str]:
    """Make new recovery codes; the old ones stop working."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(user).generate_codes()
        record_event("recovery_codes_renewed", by=by, detail={})
    return codes


def remove_factors(*, user: User, by: Actor) -> None:
    """Take away the second factor of somebody who lost it; they choose a new one at the next sign-in.

    The person is told of it.
    """
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        record_event("factor_removed", by=by, detail={"username": user.username})
        tell_owner(user=user, by=by)


def has_factor(user: User) -> bool:
    """Say whether a person has a second factor."""
    return Authenticator.objects.filter(user=user, type__in=[Type.TOTP, Type.WEBAUTHN]).exists()
