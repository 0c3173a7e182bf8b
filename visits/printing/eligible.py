"""The eligibility sheet as one HTML document."""

from __future__ import annotations

from django.template.loader import render_to_string

from protocol.words import Bilingual
from sites.models import User
from visits.dossier import Dossier
from visits.eligibility import concluded_words, conversation
from visits.printing.content import signature_words, visible
from visits.printing.pages import Printing
from visits.review.signing.standing import UNSIGNED, of_pages

NONE = Bilingual("–", "")


def eligibility_html(dossier: Dossier, printing: Printing) -> str:
    """Return the criteria of a subject, the investigator's answers beside those of the data, with reasons."""
    talk = conversation(dossier)
    confirmed = dossier.value("ie.elig_confirmed_by")
    by = User.objects.filter(pk=confirmed).values_list("full_name", flat=True).first() if confirmed else None
    page = dossier.one("IE")
    standing = of_pages([page]).get(page.id, UNSIGNED) if page else UNSIGNED
    signature = signature_words(standing)
    usubjid = dossier.subject.usubjid
    footer = [f"Printed 打印 {printing.moment} (Asia/Shanghai)", printing.by_name, "Defier EDC"]
    if printing.simulated:
        footer.append("DEMO: simulated data 模拟数据")
    return render_to_string(
        "printing/eligibility.html",
        {
            "title": f"{usubjid} eligibility",
            "printed_at": printing.at.isoformat(timespec="seconds"),
            "header": visible(f"NCT07277218 · {usubjid} · {standing.words.en} {standing.words.zh}"),
            "footer": visible(" · ".join(footer)),
            "simulated": printing.simulated,
            "usubjid": usubjid,
            "talk": talk,
            "concluded": concluded_words(talk.concluded) or NONE,
            "follows": concluded_words(talk.follows) or NONE,
            "signature": f"{signature.en} {signature.zh}",
            "confirmed": visible(by or "–"),
        },
    )
