"""What a signature means, and what a person declares before the first one; worded once, kept by version."""

from __future__ import annotations

import hashlib

from protocol.words import Bilingual, T

REVIEWED, ELIGIBLE, WITHDRAWN = "REVIEWED", "ELIGIBLE", "WITHDRAWN"
MEANINGS: dict[str, Bilingual] = {
    REVIEWED: T(
        "I have reviewed and confirm that these data are complete and correct.",
        "本人已审阅并确认上述数据完整、准确。",
    ),
    ELIGIBLE: T(
        "I have judged all criteria and confirm the conclusion on eligibility.",
        "本人已判断全部标准并确认入选结论。",
    ),
    WITHDRAWN: T("I withdraw my signature.", "本人撤回签名。"),
}
DECLARATION_VERSION = "1.0"
DECLARATION = T(
    "I declare that my electronic signature in this system is the legally binding equivalent of my "
    "signature by hand, that I alone use my account, and that I sign only what I have reviewed.",
    "本人声明：本人在本系统中的电子签名与手写签名具有同等法律效力；账户仅由本人使用；本人只签署已审阅的内容。",
)


def digest_of_declaration() -> str:
    """Return the SHA-256 of the declaration in both languages, as it is accepted."""
    return hashlib.sha256(f"{DECLARATION.en}\n{DECLARATION.zh}".encode()).hexdigest()
