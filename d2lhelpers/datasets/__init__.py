"""Data of the course: every ``load_...`` function returns the same kind of object, a `Dataset`."""
from .base import Dataset, Examples, Pictures, batches, few, subset
from .digits import load_digits
from .grain import load_grain
from .hotdog import load_hotdog
from .photos import read_picture
from .tasks import Task, grey
from .vowels import load_vowels

__all__ = ['Dataset', 'Examples', 'Pictures', 'Task', 'batches', 'few', 'grey', 'load_digits', 'load_grain', 'load_hotdog', 'load_vowels',
           'read_picture', 'subset']
