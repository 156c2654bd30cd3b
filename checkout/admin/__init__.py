from checkout.admin import discount, membership, order, quote, sign_up  # noqa: F401 -- importing registers them
