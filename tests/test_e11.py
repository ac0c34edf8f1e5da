"""The checks of exercises 11: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers.exercises import e11

import numpy
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import rand_score

# ---- 1: named from a description


def chances(scores):
    return 1 / (1 + numpy.exp(-scores))


def fit(scores, table):
    return numpy.log(chances(scores)) @ table.T + numpy.log(1 - chances(scores)) @ (1 - table).T


def one_by_one(scores, table):
    """Another style, picture by picture: p / (1 - p) is exp(score)."""
    return numpy.array([max(range(len(table)), key=lambda k, row=row: numpy.prod(
        numpy.where(table[k] == 1, chances(row), 1 - chances(row)))) for row in scores])


WRONG_1 = [
    (lambda scores, table: fit(scores, table).argmin(axis=1), 'fit worst'),
    (lambda scores, table: (chances(scores) @ table.T).argmax(axis=1), 'longest description'),
    (lambda scores, table: (numpy.log(chances(scores)) @ table.T).argmax(axis=1), 'shortest description'),
    (fit, 'your array has the shape'), (lambda scores, table: 0 * fit(scores, table)[:, 0], 'log (1 - p)'),
    (lambda scores, table: None if len(scores) else 0, 'returned nothing'),
]


# ---- 2: do groups agree?

def together(a):
    return a[:, None] == a


def by_loops(groups, kinds):
    """Another style, pair by pair."""
    pairs = [(i, j) for i in range(len(groups)) for j in range(i)]
    return sum((groups[i] == groups[j]) == (kinds[i] == kinds[j]) for i, j in pairs) / len(pairs)


WRONG_2 = [
    (lambda groups, kinds: (groups == kinds).mean(), 'the numbers of groups mean nothing'),
    (lambda groups, kinds: (together(groups) == together(kinds)).mean(), 'each picture with itself'),
    (lambda groups, kinds: 780 * by_loops(groups, kinds), 'divide by how many there are'),
    (lambda groups, kinds: (together(groups) & together(kinds)).sum() / together(kinds).sum(),
     'only pairs of one kind'),
    (lambda groups, kinds: .5, 'together in both or apart in both'),
    (lambda groups, kinds: together(groups), 'one number'),
]


# ---- 3: among five, among all

def told(*answer):
    return lambda: answer


WRONG_3 = [
    (told('A', 2), 'the descriptions do tell them apart'), (told('C', 2), 'is lost on the others'),
    (told('D', 2), 'answer two questions'), (told('B', 1), 'says nothing yet of the new kinds'),
    (told('B', 3), 'no network was trained anew'), (lambda: 'B', 'returned'),
]


# ---- 4: a study of features without labels

def plan(arms=('self-taught', 'random', 'supervised'), labels=(2, 20), pictures=None, features=None,
         lrs=(.01, .1, 1), seeds=(1, 2, 3), choose_by='validation'):
    return lambda: {
        'arms': [{'arm': arm, 'labels': n, 'pictures': (pictures or {}).get(arm, 800),
                  'features': (features or {}).get(arm, 64)} for arm in arms for n in labels],
        'grid': [{'lr': lr} for lr in lrs], 'seeds': list(seeds), 'choose_by': choose_by}


WRONG_4 = [
    (plan(pictures={'self-taught': 5000}), 'source pictures: 5000 with'),
    (plan(pictures=dict.fromkeys(('self-taught', 'random', 'supervised'), 5000)), '800 pictures have labels'),
    (plan(features={'random': 640}), 'features: 640'), (plan(arms=('self-taught', 'random')), "'supervised'"),
    (plan(labels=(2,)), 'labels = 20'), (plan(choose_by='test'), 'test accuracy'),
    (plan(seeds=(1,)), '1 seed'),
]


# ---- 5: grafting

def forgotten(model, x, labels, trees):
    model.set_params(n_estimators=15 + trees)
    return model.fit(x, labels)


def grafted(model, x, labels, trees):
    model.set_params(n_estimators=len(model.estimators_) + trees, warm_start=True)
    return model.fit(x, labels)


def a_new_one(model, x, labels, trees):
    return GradientBoostingClassifier(n_estimators=15 + trees, max_depth=2, random_state=0).fit(x, labels)


def the_number_of_the_new(model, x, labels, trees):
    return grafted(model, x, labels, trees - 15)


WRONG_5 = [
    (forgotten, 'without warm_start=True'), (a_new_one, 'without warm_start=True'),
    (lambda model, x, labels, trees: model, 'no other'), (the_number_of_the_new, '15 and 25 more'),
    (lambda model, x, labels, trees: grafted(model, x, 1 - labels, trees), 'do not help'),
    (lambda model, x, labels, trees: None if trees else 0, 'returned nothing'),
]

WRONG = {number: globals()[f'WRONG_{number}'] for number in range(1, 6)}


@pytest.mark.parametrize('number', WRONG)
def test_the_solution_is_right(said, solutions, number):
    assert said(number, solutions[number]).startswith(f'Exercise {number}: right: ')


@pytest.mark.parametrize(('number', 'answer', 'sentence'),
                         [(number, *each) for number, wrong in WRONG.items() for each in wrong])
def test_a_wrong_answer_gets_the_sentence_that_helps(said, number, answer, sentence):
    told = said(number, answer)
    assert told.startswith(f'Exercise {number}: not yet.') and sentence.lower() in told.lower()


@pytest.mark.parametrize(('number', 'answer'), [
    (1, one_by_one), (2, by_loops), (2, rand_score), (3, lambda: ['b', '2']), (4, plan(seeds=range(5)))])
def test_other_ways_that_are_as_good_are_right_too(said, number, answer):
    assert said(number, answer).startswith(f'Exercise {number}: right: ')


def test_what_the_figure_shows_is_what_the_check_judges():
    means = e11.handicapped().groupby(['arm', 'handicap'])['right'].mean()
    seen, new = (means[f'pictures of {arm}'] for arm in ('kinds that were seen', 'new kinds'))
    assert seen.is_monotonic_decreasing and new.is_monotonic_increasing
    assert seen[0] > new[0] and seen[4] < new[4]  # the lines cross
