"""What the package draws: things, people, and the scenes around them, with a pen of NumPy and OpenCV."""
