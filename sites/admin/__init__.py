from sites.admin import domain, job, over_limit, site  # noqa: F401 -- importing registers them
