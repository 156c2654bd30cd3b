"""A plan group's page: its ladder, who may go where, and what is wrong with it."""

from tests.integration.checkout.reading import text_of


def test_the_group_page_shows_the_ladder(desk, make_product, high_end):
    make_product("free", group=high_end, rank=0)
    make_product("premium", group=high_end, rank=20)
    page = desk.get(f"/admin/products/plangroup/{high_end.pk}/change/").content.decode()
    assert "Members change plan inside" in page
    assert page.index("Premium") < page.index("Free")


def test_the_group_page_says_which_way_it_is_from_each_plan_to_each_other(desk, make_product, high_end):
    for code, rank in (("free", 0), ("pro", 20), ("plus", 20)):
        make_product(code, group=high_end, rank=rank, price=rank)
    make_product("old", group=high_end, rank=10, price=10, is_active=False)
    page = text_of(desk.get(f"/admin/products/plangroup/{high_end.pk}/change/"))
    page = page[page.index("Who may go where") :]
    assert (
        "From ↓ to → Plus Pro Old Free Plus – Price decides – Downgrade Pro Price decides – – Downgrade"
        " Old Upgrade Upgrade – Downgrade Free Upgrade Upgrade – –" in page
    )
    assert "Nobody can" not in page


def test_the_group_page_warns_of_plans_that_nobody_can_take_leave_or_reach(desk, make_product, high_end):
    make_product("free", group=high_end, price=0)
    make_product("bare", group=high_end, rank=20)
    page = text_of(desk.get(f"/admin/products/plangroup/{high_end.pk}/change/"))
    assert "Nobody can take Bare: it is active and has no price." in page
    assert "Nobody can leave Free: no other plan of its family is sold" in page
    assert "No member can change to Free: no other plan" in page
