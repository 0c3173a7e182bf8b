"""Names that no form sends: a request with one is an attempt to set what is not offered (ACL-10).

Nothing reads such a name, since every form and service names what it takes; the attempt is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from audit.context import record_event
from sites.access import Request

PROTECTED = frozenset(
    {
        *("id", "pk", "site", "site_id", "subject", "subject_id", "user", "user_id", "usubjid"),
        *("status", "state", "role", "is_active", "is_staff", "is_superuser", "must_change_password"),
        *("locked", "is_locked", "frozen", "signed_by", "signed_at", "verified_by", "digest"),
        *("created_at", "opened_at", "closed_at", "form_version", "cohort", "actual_cohort"),
    }
)
# What a page's own form does send under such a name.
OFFERED: dict[str, frozenset[str]] = {
    "sites": frozenset({"status", "role"}),
    "site": frozenset({"status", "role"}),
    "consents": frozenset({"site"}),
    "consent": frozenset({"site"}),
    "account": frozenset({"is_active"}),
    "grant-role": frozenset({"site", "role"}),
    "delegate": frozenset({"user", "role"}),
    "add-subject": frozenset({"site"}),
    "visit-reports": frozenset({"site"}),
    "trail-export": frozenset({"site", "user"}),
    "trail": frozenset({"site", "user"}),
    "trail-list": frozenset({"site", "user"}),
    "locks": frozenset({"subject", "site"}),
    "transfers": frozenset({"usubjid", "site"}),
}


class ProtectedNamesMiddleware:
    """Record who sends protected names, and which; the values are not kept, and the names change nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, plain: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> None:
        """Look at the names of a form that a signed-in person sent."""
        request = cast("Request", plain)
        if request.method != "POST" or request.actor.user_id is None or request.resolver_match is None:
            return
        address = request.resolver_match.url_name or ""
        sent = sorted(PROTECTED.intersection(request.POST) - OFFERED.get(address, frozenset()))
        if sent:
            record_event("protected_names", by=request.actor, detail={"address": address, "names": sent})
