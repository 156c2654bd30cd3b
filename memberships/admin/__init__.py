from memberships.admin import (  # noqa: F401 -- importing registers them
    customer,
    discount,
    inbound_event,
    invoice,
    membership,
    notice,
    payment,
    wallet,
)
