"""The proof that every act of signing asks for anew: the password, and a code where there is one (SIG-03)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sites.access import Request
from sites.proof import LockedOut, needs_code, prove
from visits.review.signing.acts import Proven


class Unproven(Exception):
    """Who signs did not prove to be who is signed in; `status` is 403, or 429 for an account that is shut."""

    def __init__(self, words: str, status: int = 403) -> None:
        super().__init__(words)
        self.status = status


def proven(request: Request) -> Proven:
    """Have the person prove again who they are, with the boxes of signing/proof.html; raises Unproven.

    What is wrong counts towards the lockout of the account.
    """
    sent, with_code = request.POST, needs_code(request)
    try:
        prove(request, password=sent.get("password", ""), code=sent.get("code", ""), at="signature")
    except LockedOut as error:
        raise Unproven(_("Too many attempts failed: the account is shut for 30 minutes."), 429) from error
    except ValidationError as error:
        raise Unproven(" ".join(error.messages) + " " + _("Nothing was signed.")) from error
    return Proven(str(request.user.pk), "PASSWORD+CODE" if with_code else "PASSWORD")
