"""Which protocol the forms and rules of this folder state, and how they came to differ from version 1.0."""

from dataclasses import dataclass
from datetime import date

from protocol.words import Bilingual

PROTOCOL_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A new version of the protocol; a site works by it once its ethics committee has approved it."""

    version: str
    dated: date
    summary: Bilingual


AMENDMENTS: tuple[Amendment, ...] = ()
