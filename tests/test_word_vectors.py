"""Embeddings as an object, and the lists of words that packages carry."""
from d2lhelpers.datasets import load_word_lists
from d2lhelpers.errors import CourseError
from d2lhelpers.word_vectors import WordVectors

import numpy
import pytest

VECTORS = WordVectors(['north', 'east', 'northeast', 'south', 'nowhere'],
                      [[0, 2], [1, 0], [1, 1.2], [0, -1], [0, 0]])


def test_rows_by_word():
    assert VECTORS['east'].tolist() == [1, 0] and 'west' not in VECTORS and len(VECTORS) == 5
    assert VECTORS.number['south'] == 3


def test_nearest_by_direction_not_by_length():
    assert VECTORS.nearest('north', 2) == ['northeast', 'east']
    assert VECTORS.nearest(numpy.array([0., 1]), 2) == ['north', 'northeast']
    assert VECTORS.nearest('north', 1, without=['northeast']) == ['east']
    assert len(VECTORS.nearest('north', 99)) == 4


def test_unknown_words_are_a_sentence():
    with pytest.raises(CourseError, match="'nort' is none of the 5 words .* in spelling are north, "):
        VECTORS.nearest('nort')
    with pytest.raises(CourseError, match='every word needs one row of its own'):
        WordVectors(['a', 'a'], numpy.zeros((2, 3)))
    with pytest.raises(CourseError, match='every word needs one row of its own'):
        WordVectors(['a', 'b'], numpy.zeros((3, 3)))


def test_fingerprint_of_words_and_rows():
    def vectors(words='ab', by=1.):
        return WordVectors(list(words), by * numpy.arange(6.).reshape(2, 3)).fingerprint
    assert vectors() == vectors(by=1 + 1e-6) and len({vectors(), vectors('ba'), vectors(by=1.1)}) == 3


def test_lists_of_words():
    lists = load_word_lists()
    every = [word for words in lists.values() for word in words]
    assert len(lists) == 5 and len(set(every)) == len(every)
    assert all(word.isalpha() and word.islower() for word in every)
    for name, word in {'colours': 'blue', 'distributions': 'poisson', 'estimators': 'kmeans',
                       'functions': 'cos', 'exceptions': 'valueerror'}.items():
        assert word in lists[name]
