"""What the world outside knows of a site's names."""
