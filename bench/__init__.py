"""``./run bench``: how fast it is, beside the alternative, in the same run. See docs/performance.md."""
