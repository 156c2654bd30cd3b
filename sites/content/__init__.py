"""A customer's website: pages, posts and media on Wagtail. Every table stands in each site's schema and
nowhere else."""
