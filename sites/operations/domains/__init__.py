"""Names of people's own: claimed, proven, in use, parked, and given up."""

from sites.operations.domains.over_limit import park_domains, restore_domains

__all__ = ["park_domains", "restore_domains"]
