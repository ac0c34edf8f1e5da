"""Signs that an experiment is broken: seen in a record, answered in words, and red where nobody answered."""
from d2lhelpers import CourseError, warning_signs
from d2lhelpers.environment import settings
from d2lhelpers.records import Table

import pandas
import pytest


def table(arms, seeds=3, **more):
    """From {arm: [(setting, chosen, validation of each seed), ...]}."""
    rows = [{'seed': seed, 'arm': arm, 'lr': lr, 'validation': values[seed], 'chosen': chosen,
             **{name: each.get(arm, [float('nan')] * seeds)[seed] for name, each in more.items()}}
            for arm, tried in arms.items() for lr, chosen, values in tried for seed in range(seeds)]
    return Table(pandas.DataFrame(rows), ['arm'], ['lr'])


def one(values, **more):
    return table({'a': [(.1, True, values)]}, len(values), **more)


def test_nothing_to_see():
    assert warning_signs.signs(one([.9, .91, .88])) == []
    assert warning_signs.signs(Table(pandas.DataFrame(columns=['arm', 'chosen']), ['arm'], ['lr'])) == []


def test_seeds_that_disagree():
    """The accuracies of lesson 1's scratch, when one layer never learned its statistics."""
    sign, = warning_signs.signs(one([.965, .945, .528, .945, .863]))
    assert sign == 'Seeds disagree: validation spans more than 0.25 with a.'
    far = one([1., 9., 2.])
    far.about['units'] = {'validation': 'm'}
    assert warning_signs.signs(far) == []


@pytest.mark.parametrize('loss, right, broken', [
    (.005, .53, True), (.005, .95, False), (1., .2, False), (.3, .7, False), (.3, .5, True), (.3, .4, True),
    (.48, .5, True), (.69, .5, False)])  # the same answer to everything: with a loss below, or as in guessing
def test_wrong_in_use_on_what_it_was_trained_on(loss, right, broken):
    found = warning_signs.signs(one([.5, .5], **{'training': {'a': [.99, right]},
                                                 'training loss': {'a': [.005, loss]}}))
    assert bool(found) is broken
    if broken:
        assert found[0].startswith('Wrong in use on what it was trained on') and found[0].endswith(': a.')


def test_a_choice_at_the_edge_of_its_grid():
    values = [.5, .5, .5]
    grid = {'low': [(.01, True, values), (.03, False, values), (.1, False, values)],
            'inside': [(.01, False, values), (.03, True, values), (.1, False, values)],
            'alone': [(.5, True, values)]}
    sign, = warning_signs.signs(table(grid))
    assert sign == 'At the edge of its grid: lr, of 0.01, 0.03, 0.1, 0.5, in 1 of 3 arms.'
    words = {'a': [('cosine', True, values), ('constant', False, values)]}
    assert warning_signs.signs(table(words)) == []


@pytest.fixture
def answers(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, 'root', tmp_path)
    path = tmp_path / 'data/results/answers/99.csv'
    path.parent.mkdir(parents=True)

    def write(**line):
        fields = {'record': '99_study', 'profile': 'embedded', 'sign': SIGN, 'answer': 'So it is.', **line}
        pandas.DataFrame([fields]).to_csv(path, index=False)
    return write


SIGN, BROKEN = 'Seeds disagree: validation spans more than 0.25 with a.', one([.9, .9, .5])


def test_an_answer_is_shown(answers, as_a_learner, capsys, monkeypatch):
    answers()
    for strict in '01':
        monkeypatch.setenv('D2LHELPERS_STRICT', strict)
        warning_signs.report(BROKEN, '99_study', 'embedded')
        assert capsys.readouterr().out == f'Noticed in this record. {SIGN}\n  Our answer: So it is.\n'


@pytest.mark.parametrize('other', [{'record': '98_study'}, {'profile': 'full'}, {'sign': 'Another.'}, None])
def test_without_an_answer_it_is_red_in_the_course_alone(answers, other, as_a_learner, capsys, monkeypatch):
    if other:
        answers(**other)
    warning_signs.report(BROKEN, '99_study', 'embedded')
    assert capsys.readouterr().out == ''
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    with pytest.raises(CourseError, match="'99_study' shows something that has no answer. Seeds dis"):
        warning_signs.report(BROKEN, '99_study', 'embedded')
