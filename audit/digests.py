"""The digest of the day: the heads of all chains, signed, written to a file and delivered (AUD-07).

It holds no value of the study. Before a new one is made, the trail is compared with the last one kept here;
where the trail was rewritten since, the new digest is still made, and what is wrong is told.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings

from audit import anchor, clock, delivery
from audit.actors import Actor
from audit.context import record_event
from audit.verify import Broken

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A digest that was made: name and hash of its file, how many chains, what the last one showed."""

    name: str
    sha256: str
    chains: int
    broken: tuple[Broken, ...]


def make_digest(*, by: Actor) -> Made:
    """Sign the heads of all chains and deliver them by every way of the settings; recorded as an event."""
    private, public = keys()
    broken = tuple(compare(public))
    for one in broken:
        log.error("trail_rewritten", chain=one.chain, n=one.n, what=one.what)
    heads = anchor.take()
    text = anchor.sign(heads, private)
    name = f"NCT07277218_trail_{clock.now():%Y-%m-%dT%H%M%SZ}.json"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    for deliver in delivery.ways():
        deliver(name, text)
    detail = {
        "name": name,
        "sha256": sha256,
        "chains": len(heads.chains),
        "broken": [str(one) for one in broken],
    }
    record_event("digest_made", by=by, detail=detail)
    return Made(name, sha256, len(heads.chains), broken)


def compare(public: bytes) -> list[Broken]:
    """Return what is wrong with the trail against the newest digest in the folder; nothing without one."""
    kept = sorted(Path(settings.DIGEST_FOLDER).glob("NCT07277218_trail_*.json"))
    if not kept:
        return []
    try:
        earlier = anchor.read(kept[-1].read_text(encoding="utf-8"), public)
    except anchor.ForgedAnchorError as error:
        return [Broken("digest", 0, f"{kept[-1].name}: {error}")]
    return anchor.check(earlier)


def keys() -> tuple[bytes, bytes]:
    """Return the private and public key of DIGEST_KEY; made on first use, readable to this account alone."""
    file = Path(settings.DIGEST_KEY)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        anchor.write_key(file)
    return file.read_bytes(), file.with_name(f"{file.name}.pub").read_bytes()
