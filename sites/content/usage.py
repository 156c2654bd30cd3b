"""What counts as used in a site, one line for each kind of limit that is counted there."""

from products.limits import Kind
from sites.entitlements import count

count(Kind.POSTS, "SELECT count(*) FROM content_postpage")
count(Kind.PAGES, "SELECT count(*) FROM content_standardpage")
count(Kind.USERS, "SELECT count(*) FROM accounts_user")
count(
    Kind.DISK,
    "SELECT coalesce((SELECT sum(file_size) FROM content_siteimage), 0)"
    " + coalesce((SELECT sum(file_size) FROM content_siterendition), 0)"
    " + coalesce((SELECT sum(file_size) FROM content_sitedocument), 0)",
)
