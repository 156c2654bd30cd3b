from checkout.hooks.admin import endpoint, message  # noqa: F401 -- importing registers them
