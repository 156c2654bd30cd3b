"""What can be done with sites."""

from sites.operations.content_switches import (
    ask_again,
    ask_for_old_content,
    ask_for_starter,
    retire_old_content,
    switch_content,
)
from sites.operations.create import create_site
from sites.operations.enter import Person, accept_hand_over, hand_over
from sites.operations.entitle import apply_entitlements, refresh_usage
from sites.operations.provision import provision_site
from sites.operations.template import ensure_template

__all__ = [
    "Person",
    "accept_hand_over",
    "apply_entitlements",
    "ask_again",
    "ask_for_old_content",
    "ask_for_starter",
    "create_site",
    "ensure_template",
    "hand_over",
    "provision_site",
    "refresh_usage",
    "retire_old_content",
    "switch_content",
]
