"""Small extensions of Sphinx, each with one job."""
