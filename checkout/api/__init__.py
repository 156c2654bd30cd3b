"""The REST API of the network host: an edge like the pages, with their operations and their words."""
