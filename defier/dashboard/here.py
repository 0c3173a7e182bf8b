"""Whose sites the dashboard is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit.actors import Actor
from sites.models import Site


@dataclass(frozen=True, slots=True)
class Here:
    """Whose sites the page is about: all that this person may see, or one of them."""

    by: Actor
    sites: Sequence[Site]
    chosen: str

    @property
    def codes(self) -> list[str]:
        """The clinical sites to show, in order."""
        return [site.code for site in self.sites if not self.chosen or site.code == self.chosen]

    @property
    def words(self) -> str:
        """The site in words, nothing for all."""
        return _("site %(code)s") % {"code": self.chosen} if self.chosen else ""
