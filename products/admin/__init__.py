from products.admin import plan_group, product  # noqa: F401 -- importing registers them
