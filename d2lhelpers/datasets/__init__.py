"""Data of the course: every ``load_...`` function returns the same kind of object, a `Dataset`."""
from .base import Dataset, Examples, Pictures, batches, few, subset
from .digits import load_digits
from .domains import load_domains
from .faces import load_faces, load_people
from .grain import load_grain
from .hotdog import load_hotdog
from .mnist_m import load_mnist_m
from .moons import load_moons
from .photos import read_picture
from .tasks import Task, grey
from .vowels import load_vowels

__all__ = ['Dataset', 'Examples', 'Pictures', 'Task', 'batches', 'few', 'grey', 'load_digits', 'load_domains', 'load_faces', 'load_grain',
           'load_hotdog', 'load_mnist_m', 'load_moons', 'load_people', 'load_vowels', 'read_picture', 'subset']
