"""The patches of tests/broken_rules.py still fit, and name tests that exist; `make mutants` runs them."""

import ast

import pytest

from tests.broken_rules import HOUSE, RULES, Rule, fits
from tests.requirements import REQUIREMENTS
from tests.trace import traced


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_patch_fits_and_its_test_exists(rule: Rule) -> None:
    assert fits(rule) and rule.new != rule.old
    file, _, test = rule.test.partition("::")
    tree = ast.parse((HOUSE / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_at_least_ten_rules_are_broken_each_by_its_id() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids) >= 10 and set(ids) <= set(REQUIREMENTS)
    proofs = traced().urs
    for rule in RULES:
        assert rule.test.removeprefix("tests/") in proofs[rule.id], rule.id
