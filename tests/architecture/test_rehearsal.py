"""What a rehearsal relies on: what it may write has a copy to be written in, and nothing commits behind its back."""

from django.apps import apps

from checkout.operations.rehearsal.copies import ROWS
from tests.architecture.test_house import ROOT, sources


def test_every_table_of_what_is_paid_for_and_ordered_is_copied():
    tables = {
        model._meta.db_table
        for app in ("memberships", "checkout")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }
    assert tables == set(ROWS)


def test_only_one_function_asks_for_a_durable_transaction():
    asking = [
        str(path.relative_to(ROOT))
        for path in sources()
        if "durable=True" in path.read_text()
        and path.parts[len(ROOT.parts)] in {"memberships", "checkout", "sites"}
    ]
    assert asking == []
