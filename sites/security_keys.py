"""Security keys (WebAuthn): at sign-in they stand in for a code of the authenticator app (ACC-05).

A key is added beside the app, never instead of it: what proves a person within a session (sites.proof) is a
code, and the recovery codes come with the app. A key answers to one challenge of one session, for the address
of this system alone, so that nothing of an answer is good twice or on another site.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from audit.context import record_event
from sites.factors import SHUT, current_request
from sites.lockout import count_failure, is_locked_out
from sites.models import User

Type = Authenticator.Type
LONGEST_NAME = 60
MOST = 5
REFUSED = _("This key was not accepted. Try again, or type a code.")
# A client can send any JSON as its answer; the library reads it without checking its shape.
UNREADABLE = (
    ValidationError,
    *(ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error, UnsupportedAlgorithm),
)


class KeyForm(AuthenticateWebAuthnForm):
    """A key's answer at sign-in; a wrong one counts towards the lockout, like a wrong code."""

    def clean_credential(self) -> Authenticator:
        """Take the answer to the challenge of this session, once."""
        request = current_request()
        if is_locked_out(request, self.user):
            request.axes_locked_out = True  # type: ignore[attr-defined] # axes answers as at sign-in
            raise ValidationError(SHUT)
        answer = self.cleaned_data["credential"]
        try:
            webauthn.parse_authentication_response(answer)
            return webauthn.complete_authentication(self.user, answer)
        except UNREADABLE as wrong:
            webauthn.clear_state()
            count_failure(request, self.user, at="key")
            raise ValidationError(REFUSED) from wrong


def keys_of(user: User) -> list[Authenticator]:
    """Return a person's keys, the first one first."""
    return list(Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).order_by("created_at", "pk"))


def challenge(user: User) -> dict[str, Any]:
    """Return what a browser needs to make a new key, with a challenge that this session remembers."""
    return webauthn.begin_registration(user, passwordless=False)


def add_key(*, user: User, name: str, answer: str, by: Actor) -> Authenticator:
    """Keep a key that answered to the challenge of this session.

    Raises ValidationError where it did not, where the name is empty, or where there are too many.
    """
    name = name.strip()[:LONGEST_NAME]
    if not name:
        raise ValidationError({"name": _("Give the key a name, for example its colour.")})
    if len(keys_of(user)) >= MOST:
        raise ValidationError(_("There are five keys already: remove one first."))
    try:
        credential = json.loads(answer)
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except UNREADABLE as wrong:
        webauthn.clear_state()
        raise ValidationError(_("The key was not added: try again.")) from wrong
    with transaction.atomic():
        kept: Authenticator = webauthn.WebAuthn.add(user, name, credential).instance
        record_event("factor_added", by=by, detail={"kind": "key", "name": name})
    return kept


def remove_key(*, user: User, key: int, by: Actor) -> None:
    """Take away one of a person's own keys; ValidationError where there is no such key."""
    with transaction.atomic():
        found = Authenticator.objects.filter(user=user, type=Type.WEBAUTHN, pk=key).first()
        if found is None:
            raise ValidationError(_("There is no such key."))
        detail = {"kind": "key", "name": found.data["name"], "username": user.username}
        found.delete()
        record_event("factor_removed", by=by, detail=detail)
