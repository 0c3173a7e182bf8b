"""A security key in software: it answers challenges as a browser hands them on, for one host."""

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cose
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG


class SoftKey:
    """One key, made for one address."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self.origin = origin
        self.id = os.urandom(16)
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.uses = 0

    def made(self, options: dict[str, Any]) -> str:
        """Answer to the challenge under which the key is added."""
        public = cose.ES256.from_cryptography_key(self.secret.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        said = self._said("webauthn.create", options)
        data = self._data(options["publicKey"]["rp"]["id"], FLAG.UP | FLAG.AT, credential)
        made = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": said, "attestationObject": bytes(made)})

    def given(self, options: dict[str, Any]) -> str:
        """Answer to a challenge at sign-in."""
        said = self._said("webauthn.get", options)
        data = self._data(options["publicKey"]["rpId"], FLAG.UP)
        signed = bytes(data) + hashlib.sha256(said).digest()
        signature = self.secret.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": said, "authenticatorData": bytes(data), "signature": signature}
        )

    def _said(self, kind: str, options: dict[str, Any]) -> bytes:
        return bytes(CollectedClientData.create(kind, options["publicKey"]["challenge"], self.origin))

    def _data(self, host: str, flags: Any, credential: bytes = b"") -> AuthenticatorData:
        self.uses += 1
        return AuthenticatorData.create(hashlib.sha256(host.encode()).digest(), flags, self.uses, credential)

    def _answer(self, response: dict[str, bytes]) -> str:
        name = websafe_encode(self.id)
        told = {key: websafe_encode(value) for key, value in response.items()}
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": told,
                "clientExtensionResults": {},
            }
        )
