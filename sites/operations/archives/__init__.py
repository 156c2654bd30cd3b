"""A site as one file: the rows of its schema, its files, and a signed list of both."""
