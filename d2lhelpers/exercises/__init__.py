"""The checks of the lessons' exercises, a module each: ``from d2lhelpers.exercises import e01``."""
from .. import process  # noqa: F401 - np semantics
