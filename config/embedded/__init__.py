"""A private PostgreSQL and Valkey for the demo and the tests, from wheels: no root or system packages needed.

They listen on loopback only, on free ports, behind passwords of their own, and end with the process that
started them. Production never imports this package.
"""

from config.embedded.places import DataInUseError, demo_folder, throwaway_folder
from config.embedded.process import EmbeddedError
from config.embedded.servers import Services

__all__ = ["DataInUseError", "EmbeddedError", "Services", "demo_folder", "throwaway_folder"]
