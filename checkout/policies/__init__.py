"""Rules of the two journeys. Pure."""
