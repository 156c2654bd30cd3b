"""Nobody at the desk finds out a secret, be it by asking which rows' begins how."""

import pytest

from config.audit import SECRETS
from tests.integration.staff.walk import addresses, desks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lookup", ["", "__startswith", "__gte", "__regex"])
def test_no_list_is_narrowed_down_by_a_secret(desk, lookup):
    paths = addresses()
    asked = {
        f"{paths[f'{kind}_changelist']}?{field.name}{lookup}=a"
        for kind, page in desks().items()
        for field in page.model._meta.concrete_fields
        if f"{page.model._meta.db_table}.{field.column}" in SECRETS
    }
    assert f"/admin/hooks/endpoint/?secret{lookup}=a" in asked
    assert {path: desk.get(path).status_code for path in asked} == dict.fromkeys(asked, 400)
