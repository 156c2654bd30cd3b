"""Who stays when there is no room for all, and that every kind of limit has its class."""

from hypothesis import given
from hypothesis import strategies as st

from products.limits import Kind
from sites.kinds.base import CountedInNetwork, CountedInSite, registry
from sites.policies.over_limit import Item, Policy, who_stays

ITEMS = [Item(key=key, name=key.upper(), is_parked=key in "cd") for key in "abcde"]


def staying(*, allowed: int | None, chosen: str = "", restore: bool = True) -> str:
    return "".join(sorted(who_stays(ITEMS, allowed=allowed, chosen=set(chosen), restore=restore)))


def test_the_chosen_stay_before_those_who_are_there_and_those_before_the_parked():
    assert staying(allowed=2) == "ab"
    assert staying(allowed=4) == "abce"
    assert staying(allowed=2, chosen="e") == "ae"
    assert staying(allowed=2, chosen="d") == "ad"


def test_more_chosen_than_there_is_room_for_stay_in_their_order():
    assert staying(allowed=2, chosen="edb") == "be"


def test_without_restoring_the_parked_stay_parked():
    assert staying(allowed=None, restore=False) == "abe"
    assert staying(allowed=5, chosen="cd", restore=False) == "abe"


@given(
    items=st.lists(
        st.builds(Item, key=st.sampled_from("abcdefgh"), name=st.just("x"), is_parked=st.booleans()),
        unique_by=lambda item: item.key,
    ),
    allowed=st.integers(0, 8) | st.none(),
    chosen=st.sets(st.sampled_from("abcdefghi")),
)
def test_never_more_than_allowed_stay_and_no_place_is_left_empty(items, allowed, chosen):
    stay = who_stays(items, allowed=allowed, chosen=chosen, restore=True)
    assert len(stay) == (len(items) if allowed is None else min(allowed, len(items)))
    again = who_stays(
        [Item(key=item.key, name="x", is_parked=item.key not in stay) for item in items],
        allowed=allowed,
        chosen=chosen,
        restore=True,
    )
    assert again == stay


def test_every_kind_that_is_not_a_switch_has_one_class_that_counts_it():
    assert set(registry) == {kind for kind in Kind if not kind.is_switch}
    for kind, each in registry.items():
        assert each.kind == kind
        assert isinstance(each, CountedInSite) != isinstance(each, CountedInNetwork)


def test_what_holds_for_each_kind_until_the_network_decides():
    assert {kind: each.policies[0] for kind, each in registry.items()} == {
        Kind.POSTS: Policy.PARK,
        Kind.PAGES: Policy.PARK,
        Kind.DOMAINS: Policy.PARK,
        Kind.SITES: Policy.PARK,
        Kind.DISK: Policy.KEEP,
        Kind.USERS: Policy.KEEP,
        Kind.VISITS: Policy.BLOCK,
    }
