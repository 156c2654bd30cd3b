"""What import contracts cannot see: where foreign keys point, how files are called and how long they grow."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
CHAIN = ["accounts", "products", "memberships", "sites", "checkout"]
LONGEST_FILE_LINES = 450
HOSTS = r"pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org"
HOMELESS = {"utils.py", "helpers.py", "services.py", "selectors.py", "common.py", "misc.py"}


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in listed if "/migrations/" not in name and (ROOT / name).exists()]


@pytest.mark.parametrize("app", CHAIN)
def test_foreign_keys_point_down_the_chain(app: str):
    upward = [
        f"{model.__name__}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model._meta.app_label in CHAIN
        if CHAIN.index(field.related_model._meta.app_label) > CHAIN.index(app)
    ]
    assert upward == []


def test_no_foreign_key_leaves_a_sites_schema():
    in_sites = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    leaving = [
        f"{model._meta.label}.{field.name}"
        for label in in_sites
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if field.related_model._meta.app_label not in in_sites
    ]
    assert leaving == []


def test_every_file_has_a_home():
    assert [str(path.relative_to(ROOT)) for path in sources() if path.name in HOMELESS] == []


def test_no_file_grows_beyond_reading():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if "tests" not in path.parts and (lines := path.read_text().count("\n")) > LONGEST_FILE_LINES
    }
    assert long == {}


def test_every_silenced_check_says_why():
    silenced = re.compile(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[^\]]+\])\s*$")
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if silenced.search(line)
    ]
    assert bare == []


def test_constraints_are_named_as_sentences():
    unnamed = [
        f"{model._meta.label}: {constraint.name}"
        for app in CHAIN
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
        if constraint.name.count("_") < 3
    ]
    assert unnamed == []


def test_nothing_committed_names_this_machine_or_a_registry():
    found = subprocess.run(
        ["git", "grep", "-nIE", HOSTS, "--", ".", ":!tests/architecture"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    assert found == ""
