"""What the database shows to a request: the rows of the sites of the person who asks (ACL-02)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from audit.actors import Actor
from audit.sight import seeing
from sites.access import SYSTEM, Request
from sites.roles import POLICY, Role, Scope


def sites_in_sight(by: Actor) -> tuple[str, ...] | None:
    """Return the sites whose rows the database shows to this person; None means all of them.

    This is the net below visible_sites, which asks for one action: it lets through what any action needs.
    """
    if by.site:
        return (by.site,)
    if by.role == SYSTEM:
        return None
    granted = POLICY[Role(by.role)].values() if by.role in Role.__members__ else ()
    return None if Scope.ALL_SITES in granted else ()


class SightMiddleware:
    """Declares for the whole request what its person sees; it stands behind ActorMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sites = sites_in_sight(cast("Request", request).actor)
        with seeing(sites):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _seen(iter(cast("Iterable[bytes]", response)), sites)
        return response


def _seen(content: Iterator[bytes], sites: tuple[str, ...] | None) -> Iterator[bytes]:
    """Yield the pieces of an answer that is read from the database while it is sent, after the request."""
    while True:
        with seeing(sites):
            piece = next(content, None)
        if piece is None:
            return
        yield piece
