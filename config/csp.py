"""The content policy of the network admin. Every other page keeps the strict one of the settings.

Unfold's pages are driven by Alpine, which evaluates the expressions in its attributes: 'unsafe-eval' for
scripts. They set colours in a style element and widths in style attributes: 'unsafe-inline' for styles.
Scripts still come from our own files only: an injected script element or handler does not run.
"""

from collections.abc import Callable
from typing import Any, Final

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace

ADMIN_POLICY: Final = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


def with_admin_policy(view: Callable[..., Any]) -> Callable[..., Any]:
    """`view`, its answers under the admin's policy."""
    return csp_replace(ADMIN_POLICY)(view)
