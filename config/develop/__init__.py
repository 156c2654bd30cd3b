"""What `./run` offers to those who work on the code."""
