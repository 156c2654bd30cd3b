from sites.admin import domain, job, over_limit, product, site, starter  # noqa: F401 -- importing registers them
