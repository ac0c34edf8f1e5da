"""Data of the course: every ``load_...`` function returns the same kind of object, a `Dataset`.

A name is loaded when it is first used, so a lesson on sounds does not wait for what draws pictures.
"""
import importlib

from .. import process  # noqa: F401 - np semantics, for every module here

# By the module where they live; other modules, such as `picture_book`, are imported by their own name
_NAMES = {
    'batching': 'batches', 'corpora': 'load_corpus', 'dataset': 'Dataset Examples Pictures grey',
    'digits': 'load_digits', 'docstring_tasks': 'load_fields load_types', 'domains': 'load_domains',
    'faces': 'load_faces load_people', 'grain': 'load_grain', 'hotdog': 'load_hotdog',
    'mnist_m': 'load_mnist_m', 'moons': 'load_moons', 'own_photos': 'load_own_photos',
    'photos': 'read_picture',
    'reviews': 'load_glove load_reviews', 'subsets': 'per_class stratified', 'vowels': 'load_vowels',
    'word_lists': 'load_word_lists',
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    globals()[name] = value = getattr(importlib.import_module(f'.{_HOME[name]}', __name__), name)
    return value


def __dir__():
    return __all__
