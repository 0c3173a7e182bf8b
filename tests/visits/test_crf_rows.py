"""Typed rows defend themselves: nothing but save_pages writes them (design §3.6)."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from visits.crfs import FORMS, Crf, OnlySavePagesWrites

ROOT = Path(__file__).parents[2]
WRITERS = ("create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create")


@pytest.mark.parametrize("crf", FORMS.values())
def test_rows_refuse_to_be_saved_or_deleted(crf: type[Crf]) -> None:
    with pytest.raises(OnlySavePagesWrites, match="save_pages"):
        crf().save()
    with pytest.raises(OnlySavePagesWrites, match="never deleted"):
        crf().delete()


@pytest.mark.parametrize("writer", WRITERS)
def test_managers_and_querysets_refuse_to_write(writer: str) -> None:
    demographics = FORMS["DM"]
    for source in (demographics.objects, demographics.objects.all(), demographics.objects.filter(pk=None)):
        refuse: Any = getattr(source, writer, None)
        if refuse is not None:
            with pytest.raises(OnlySavePagesWrites):
                refuse()


@pytest.mark.parametrize("crf", FORMS.values())
def test_each_row_carries_site_and_subject(crf: type[Crf]) -> None:
    names = [field.name for field in crf._meta.concrete_fields]
    assert names[:5] == ["page", "site", "subject", "missing", "raw"]
    assert crf._meta.pk is not None
    assert crf._meta.pk.name == "page"
    assert crf._meta.db_table == f"crf_{crf.form.lower()}"
    assert all(field.null for field in crf.items().values())


@pytest.mark.parametrize("crf", FORMS.values())
def test_rows_look_like_plain_django_to_migrations(crf: type[Crf]) -> None:
    for item in crf.items().values():
        path = item.deconstruct()[1]
        assert path.startswith(("django.db.models.", "django.contrib.postgres.")), item.name
        assert isinstance(item.clone(), models.Field)


def test_one_class_one_file() -> None:
    for crf in FORMS.values():
        assert crf.__module__ == f"visits.crfs.{crf.form.lower()}"


def test_protocol_knows_no_django() -> None:
    for path in (ROOT / "protocol").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith(("django", "visits", "audit"))], path
