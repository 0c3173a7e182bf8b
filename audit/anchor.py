"""Anchors: the heads of all chains, signed, to be kept where nobody of this machine can change them (AUD-07).

verify() sees every altered entry, but not a chain that its owner rewrote from the first entry on, or removed
together with its head. An anchor of any earlier day sees both.
"""

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.db import connections

from audit.verify import Broken

VERSION = 1


class ForgedAnchorError(Exception):
    """The anchor is not what was signed."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads at one moment: chain -> (n, hash in hexadecimal)."""

    at: str
    chains: dict[str, tuple[int, str]]

    def canonical(self) -> bytes:
        """Return the bytes that are signed."""
        text = {"version": VERSION, "at": self.at, "chains": self.chains}
        return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def take(*, using: str = "default") -> Anchor:
    """Return the heads as they are now."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT chain, n, encode(hash, 'hex') FROM audit_head WHERE n > 0 ORDER BY chain")
        chains = {chain: (n, hashed) for chain, n, hashed in cursor.fetchall()}
    return Anchor(at=datetime.now(UTC).isoformat(timespec="seconds"), chains=chains)


def check(anchor: Anchor, *, using: str = "default") -> list[Broken]:
    """Return the chains whose entry is no longer the one that was anchored, sorted by chain."""
    chains = sorted(anchor.chains)
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT e.chain, encode(e.hash, 'hex') FROM audit_entry AS e"
            " JOIN unnest(%s::text[], %s::bigint[]) AS a (chain, n) ON a.chain = e.chain AND a.n = e.n",
            [chains, [anchor.chains[chain][0] for chain in chains]],
        )
        present = dict(cursor.fetchall())
    broken = []
    for chain in chains:
        n, hashed = anchor.chains[chain]
        if chain not in present:
            broken.append(Broken(chain, n, f"missing: it was there at {anchor.at}"))
        elif present[chain] != hashed:
            broken.append(Broken(chain, n, f"rewritten since {anchor.at}"))
    return broken


def make_key() -> tuple[bytes, bytes]:
    """Return a new private and public key, as PEM."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def write_key(file: Path) -> None:
    """Write a new private key to a file that must not exist yet, and the public one beside it as .pub."""
    private, public = make_key()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        kept.write(private)
    file.with_name(f"{file.name}.pub").write_bytes(public)


def sign(anchor: Anchor, private: bytes) -> str:
    """Return the anchor as a signed text, one JSON object."""
    key = load_pem_private_key(private, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("Anchors are signed with an Ed25519 key")
    signature = base64.b64encode(key.sign(anchor.canonical())).decode()
    return json.dumps({"version": VERSION, "at": anchor.at, "chains": anchor.chains, "signature": signature})


def read(text: str, public: bytes) -> Anchor:
    """Return the anchor in a signed text; ForgedAnchorError where it is not what was signed."""
    key = load_pem_public_key(public)
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("Anchors are signed with an Ed25519 key")
    try:
        said: dict[str, Any] = json.loads(text)
        chains = {str(chain): (int(n), str(hashed)) for chain, (n, hashed) in said["chains"].items()}
        anchor = Anchor(at=str(said["at"]), chains=chains)
        key.verify(base64.b64decode(said["signature"], validate=True), anchor.canonical())
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForgedAnchorError("The anchor is not what was signed") from error
    return anchor
