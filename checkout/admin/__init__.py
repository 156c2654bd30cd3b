from checkout.admin import membership, order, quote  # noqa: F401 -- importing registers them
