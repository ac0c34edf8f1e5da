"""The checks of the lessons' exercises, a module each: ``from d2lhelpers.exercises import e01``."""
