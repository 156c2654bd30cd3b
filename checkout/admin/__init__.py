from checkout.admin import order, quote  # noqa: F401 -- importing registers them
