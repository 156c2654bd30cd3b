"""How a total is settled: with the wallet, by a charge, or later."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What leaves and what enters the wallet: total = due + used - added. Collecting a debt is below 0."""

    used: int = 0
    added: int = 0


def settle(total: int, *, wallet: int, minimum_charge: int) -> Settlement:
    """Use the wallet first. What is too small to charge becomes a debt in it, what is left over a credit."""
    if total < 0:
        return Settlement(added=-total)
    used = min(wallet, total)
    due = total - used
    return Settlement(used=used, added=-due if due < minimum_charge else 0)
