from products.admin import plan_group, product, tax_rate  # noqa: F401 -- importing registers them
