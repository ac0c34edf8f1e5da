"""The five questions before a transfer."""
from d2lhelpers import CourseError, five_questions

import pandas
import pytest

EMPTY = dict.fromkeys(['needed', 'source', 'similar', 'pictures', 'method', 'baseline'])
MEASURED = pandas.DataFrame([('similar', 50, 'frozen'), ('similar', 800, 'fine-tuned'),
                             ('different', 50, 'scratch'), ('different', 50, 'fine-tuned'),
                             ('different', 800, 'scratch')], columns=['world', 'pictures', 'best'])


@pytest.mark.parametrize('similar, pictures, best', [
    (True, 3, ['frozen']), (True, 5000, ['fine-tuned']), (True, 190, ['frozen']), (True, 210, ['fine-tuned']),
    (False, 100, ['scratch', 'fine-tuned'])])
def test_the_nearest_measured_case(similar, pictures, best):
    assert five_questions({**EMPTY, 'similar': similar, 'pictures': pictures},
                          MEASURED)['best'].tolist() == best


def test_every_question_with_its_answer(capsys):
    assert five_questions({**EMPTY, 'similar': False, 'method': 'the head alone'}, MEASURED) is None
    said = capsys.readouterr().out
    assert said.count('not filled in yet') == 4 and 'works best?\n      the head alone\n' in said
    assert '      False\n' in said


def test_nothing_measured():
    assert len(five_questions({**EMPTY, 'similar': True, 'pictures': 9}, MEASURED[:0])) == 0


@pytest.mark.parametrize('answer, sentence', [
    ({'similar': 'no'}, "'similar' is 'no': write True or False, without quotes"),
    ({'similar': 1}, "'similar' is 1: write True or False"),
    ({'pictures': 'about 100'}, "'pictures' is 'about 100': write a whole number above 0"),
    ({'pictures': '100'}, "'pictures' is '100'"), ({'pictures': 0}, "'pictures' is 0"),
    ({'pictures': True}, "'pictures' is True"), ({'pictures': 99.5}, "'pictures' is 99.5"),
    ({'colour': 'red'}, "'colour' is none of the questions; they are needed, source")])
def test_an_answer_of_another_kind(answer, sentence):
    with pytest.raises(CourseError, match=sentence):
        five_questions({**EMPTY, **answer}, MEASURED)


def test_a_question_left_out():
    with pytest.raises(CourseError, match="'source' is missing: it is one of the questions"):
        five_questions({name: None for name in EMPTY if name != 'source'}, MEASURED)
