"""Lists of the network admin whose rows hold a secret."""

from typing import ClassVar

from django.http import HttpRequest


class KeepsSecrets:
    """Nobody finds out what is in the fields `secrets` by asking, in the list's address, which rows' begin how. The
    test of all lists knows which fields must be there."""

    secrets: ClassVar[frozenset[str]]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if lookup.partition("__")[0] in self.secrets:
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)  # type: ignore[misc]  # ModelAdmin's
        return allowed
