"""What pages say where a code stood: kinds of jobs, ids of checks."""

import re

from defier.addresses import ROOT
from defier.job_page import KINDS
from visits.templatetags.crf import check_number, check_words


def test_every_kind_of_job_has_words() -> None:
    kinds = {
        kind
        for folder in ("audit", "sites", "subjects", "visits", "outcomes", "defier")
        for path in (ROOT / folder).rglob("*.py")
        for kind in re.findall(r'^@(?:jobs\.)?job\("(\w+)"', path.read_text(encoding="utf-8"), re.M)
    }
    assert len(kinds) > 20
    assert kinds <= KINDS.keys()


def test_only_a_check_of_the_protocol_is_named_by_its_number() -> None:
    assert check_number("EC-087") == "EC-087"
    assert check_number("RNG-DUS.psv_ref_cms-S") == ""
    assert check_words("EC-127") == "Reason required for a missing key assessment."
    assert check_words("EC-999") == "EC-999", "one that the study knows no more"
