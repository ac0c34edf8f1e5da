"""Tools for those who make the course, and what `make` calls. No lesson imports them."""
