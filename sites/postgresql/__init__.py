"""The database engine of Sitewright: `ENGINE = "sites.postgresql"`."""
