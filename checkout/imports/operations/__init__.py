"""Bring in a file: read it, try its rows, then import those that are right."""

from checkout.imports.operations.begin import begin_import
from checkout.imports.operations.reading import Unreadable, read_csv
from checkout.imports.operations.work import forget_old, run_import, stop_import, work_on

__all__ = ["Unreadable", "begin_import", "forget_old", "read_csv", "run_import", "stop_import", "work_on"]
