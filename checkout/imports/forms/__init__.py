"""A row of a file as a form: its fields are the columns, and what is wrong is said at the column."""

from checkout.imports.forms.membership_row import MembershipRow
from checkout.imports.forms.product_row import ProductRow
from checkout.imports.forms.row import Row

ROWS: dict[str, type[Row]] = {"products": ProductRow, "memberships": MembershipRow}
"""What a row of each kind of file is, by the kind's name."""

__all__ = ["ROWS", "MembershipRow", "ProductRow", "Row"]
