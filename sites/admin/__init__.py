from sites.admin import domain, over_limit, site  # noqa: F401 -- importing registers them
