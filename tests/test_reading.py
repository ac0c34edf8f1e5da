"""The check of a reading: what passes, and what is said of the rest."""
from d2lhelpers.exercises.checking import Wrong
from d2lhelpers.exercises.reading import reading

import pytest

READINGS = {'A': 'the line falls.', 'B': '', 'C': 'there is no line.'}
WHY = {1: 'nobody measured that.', 2: ''}


@pytest.mark.parametrize('answer', [('B', 2), ['B', 2], ('b', '2'), (' B ', 2)])
def test_the_right_reading_for_the_right_reason_passes(answer):
    assert reading(answer, READINGS, WHY) is None


@pytest.mark.parametrize('answer, sentence', [
    (('A', 2), 'Reading A: the line falls.'), (('C', 1), 'Reading C: there is no line.'),
    (('B', 1), 'Reading B is right, but not because of reason 1: nobody measured that.'),
    (('D', 2), "There is no reading 'D': return a letter and a number, such as return 'A', 1, first"),
    (('B', 7), 'There is no reason 7'), ((2, 'B'), 'There is no reading 2'),
    ('B', 'it is to return a letter and a number'), (('B', 1, 2), 'returned 3 things'),
    (None, 'returned nothing')])
def test_anything_else_is_answered_in_a_sentence(answer, sentence):
    with pytest.raises(Wrong) as told:
        reading(answer, READINGS, WHY)
    assert sentence in str(told.value)
