"""Every address of the network is looked at in the browser, or says why not."""

from tests.browser.pages import (
    AT_THE_DESK,
    DESK,
    FOR_PROGRAMS,
    NOT_AT_THE_DESK,
    NOT_VISITED,
    VISITS,
    routes,
)

HERE = {route for route in routes() if not route.startswith(DESK)}
VISITED = {each.route for each in VISITS}
LEFT_OUT = [route for reason in NOT_VISITED.values() for route in reason]


def test_a_new_page_is_looked_at_or_says_why_not():
    """It stands in one list of `tests/browser/pages.py` and in no other."""
    open_ = {route for route in HERE - VISITED - set(LEFT_OUT) if not route.startswith(FOR_PROGRAMS)}
    assert (open_, VISITED & set(LEFT_OUT), len(LEFT_OUT) - len(set(LEFT_OUT))) == (set(), set(), 0)


def test_the_lists_name_no_page_that_is_gone():
    assert (VISITED | set(LEFT_OUT)) - HERE == set()
    assert set(routes()) >= NOT_AT_THE_DESK


def test_every_visit_and_picture_knows_the_parts_of_its_address():
    class AnyThing(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return "00000000-0000-4000-8000-000000000000"

    for each in (*VISITS, *AT_THE_DESK):
        assert each.path(AnyThing()).startswith("/")
