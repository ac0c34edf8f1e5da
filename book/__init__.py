"""The reading edition: the course as a book, from the committed, executed notebooks; ``make book``."""
