"""What a kind of limit is to a site: how it is counted, how it is refused, and what may become of too much of it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from products.limits import Kind
from sites.policies.over_limit import Item, Policy

KEEP_OR_BLOCK: Final = (Policy.KEEP, Policy.BLOCK)


class LimitKind(ABC):
    """One kind. `policies` are those that can be chosen for too much of it; the first holds until one is.

    `refusal` is a lazy text with `%(used)s` and `%(allowed)s`. Visitors see a notice under the policies in
    `shows_notice`, after `grace`.
    """

    kind: ClassVar[Kind]
    refusal: ClassVar[Any]
    policies: ClassVar[tuple[Policy, ...]] = KEEP_OR_BLOCK
    shows_notice: ClassVar[frozenset[Policy]] = frozenset({Policy.BLOCK})
    grace: ClassVar[timedelta] = timedelta(0)


class CountedInSite(LimitKind):
    """A kind whose rows stand in the site's schema. Every method works in the current one."""

    sql: ClassVar[str]  # a SELECT of one whole number: what is used

    def items(self) -> list[Item]:
        """What takes places, by name: who stays longest first."""
        return []


class CountedInNetwork(LimitKind):
    """A kind whose rows stand in the network. Its holder is a site, or the membership whose sites share it."""

    @abstractmethod
    def used(self, holder: Any, *, now: datetime) -> int:
        """What is used. Must run while the connection is in public, like every method here."""

    def items(self, holder: Any) -> list[Item]:  # noqa: ARG002 -- for those who have names to tell
        """What takes places, by name: who stays longest first."""
        return []


class ParkedInSite(CountedInSite):
    """A kind of things that can be put away in the site's schema, and come back unchanged."""

    policies = (Policy.PARK, Policy.KEEP, Policy.BLOCK)

    @abstractmethod
    def park(self, keys: Collection[str], *, now: datetime) -> None:
        """Put these away. They no longer count as used."""

    @abstractmethod
    def restore(self, keys: Collection[str]) -> None:
        """Bring these back as they were."""


class ParkedInNetwork(CountedInNetwork):
    """A kind of things that the network puts away."""

    policies = (Policy.PARK, Policy.KEEP)

    @abstractmethod
    def fit(
        self, site: Any, *, allowed: int | None, chosen: Collection[str], restore: bool, now: datetime
    ) -> int:
        """Let `site` hold no more than `allowed`; with `restore`, bring back what there is room for.

        Returns how many of the site's are parked now.
        """


registry: Final[dict[Kind, LimitKind]] = {}


def register(kinds: Iterable[LimitKind]) -> None:
    """Make `kinds` known to the door. Called once, by the app that owns what they count."""
    registry.update({each.kind: each for each in kinds})


def counted_in_site() -> list[CountedInSite]:
    return [each for each in registry.values() if isinstance(each, CountedInSite)]


def counted_in_network() -> list[CountedInNetwork]:
    return [each for each in registry.values() if isinstance(each, CountedInNetwork)]
