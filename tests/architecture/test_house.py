"""What import contracts cannot see: where foreign keys point, how files are called and how long they grow."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
CHAIN = ["accounts", "products", "memberships", "sites", "checkout"]
LONGEST_FILE_LINES = 450
FOLDERS = [
    *("accounts", "products", "memberships", "sites", "checkout", "config", "sandbox"),
    *("bench", "docs", "requirements", "templates", "tests", ".ci"),
]
HOSTS = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
HOMELESS = {"utils.py", "helpers.py", "services.py", "selectors.py", "common.py", "misc.py"}


def files(*endings: str) -> list[Path]:
    """What we wrote, without asking git, which a bare machine does not have."""
    return [
        path
        for folder in (ROOT, *(ROOT / name for name in FOLDERS))
        for path in (folder.iterdir() if folder == ROOT else folder.rglob("*"))
        if path.is_file() and path.suffix in endings and "__pycache__" not in path.parts
    ]


def sources() -> list[Path]:
    return [path for path in files(".py") if "migrations" not in path.parts]


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


def test_nothing_names_a_registry():
    texts = files(".py", ".toml", ".lock", ".in", ".md", ".yml", ".sh", "")
    naming = [str(path.relative_to(ROOT)) for path in texts if HOSTS.search(path.read_text(errors="replace"))]
    assert naming == []
