from checkout.imports.admin import job, row  # noqa: F401 -- importing registers them
