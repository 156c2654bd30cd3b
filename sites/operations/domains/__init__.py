"""Names of people's own: claimed, proven, in use, parked, and given up."""

from sites.operations.domains.check import ask_for_check, check_domain, names_to_look_up
from sites.operations.domains.claim import claim_domain
from sites.operations.domains.give_up import free_domain, remove_domain, remove_domains
from sites.operations.domains.hold import make_primary
from sites.operations.domains.over_limit import park_domains, restore_domains

__all__ = [
    "ask_for_check",
    "check_domain",
    "claim_domain",
    "free_domain",
    "make_primary",
    "names_to_look_up",
    "park_domains",
    "remove_domain",
    "remove_domains",
    "restore_domains",
]
