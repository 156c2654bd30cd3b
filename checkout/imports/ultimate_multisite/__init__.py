"""What an Ultimate Multisite network knows of its products and members, as our two files. Pure: it reads an export of
its tables, and asks no database."""

from checkout.imports.ultimate_multisite.convert import Converted, convert
from checkout.imports.ultimate_multisite.tables import NotAnExport, read_tables

__all__ = ["Converted", "NotAnExport", "convert", "read_tables"]
