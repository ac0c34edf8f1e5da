"""Data of the course: every ``load_...`` function returns the same kind of object, a `Dataset`."""
from .base import Dataset, Pictures, batches, subset
from .hotdog import load_hotdog
from .photos import read_picture

__all__ = ['Dataset', 'Pictures', 'batches', 'load_hotdog', 'read_picture', 'subset']
