from sites.admin import domain, site  # noqa: F401 -- importing registers them
