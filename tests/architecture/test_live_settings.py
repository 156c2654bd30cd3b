"""What can change while the network runs is read in one place, or a process would go on with what was."""

import re
from pathlib import Path

from accounts.network.live import names
from tests.architecture.test_deployment import product_code

ROOT = Path(__file__).resolve().parents[2]
THE_PLACE = {ROOT / "accounts/network/live.py"}
DECLARED = ROOT / "config/settings"


def test_nothing_else_reads_a_setting_that_can_change_at_the_desk():
    in_capitals = "|".join(name.upper() for name in names())
    reads = re.compile(rf"\bsettings\.({in_capitals})\b|settings,\s*\"({in_capitals})\"")
    found = [
        f"{file.relative_to(ROOT)}: {read[0]}"
        for file in product_code()
        if file not in THE_PLACE and DECLARED not in file.parents
        for read in reads.finditer(file.read_text())
    ]
    assert found == []
