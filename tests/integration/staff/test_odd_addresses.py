"""Addresses of the desk that somebody typed, or that name what is not there."""

import pytest

from tests.integration.staff import walk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", ["abc", "9" * 25, "-1", "1%00", "_"])
def test_what_is_no_number_of_a_row_leads_to_no_row_and_breaks_nothing(desk, monkeypatch, number):
    monkeypatch.setattr(walk, "first_row", lambda _kind: number)
    desk.raise_request_exception = False
    paths = [path for path in walk.addresses().values() if f"/{number}/" in path]
    assert f"/admin/memberships/membership/{number}/extend/" in paths
    answers = {
        (path, send.__name__): send(path).status_code for path in paths for send in (desk.get, desk.post)
    }
    assert {asked: status for asked, status in answers.items() if status not in {302, 403, 404, 405}} == {}
