"""Comparisons of a study's arms: the interval decides between three verdicts; undecided denies nothing."""
import functools
import re

from d2lhelpers import CourseError, beats, close, every, holds, widens, winners
from d2lhelpers.comparisons import FAILS, HOLDS, NOT_JUDGED, OPPOSITE, UNDECIDED, Outcome
from d2lhelpers.records import Table, pack

import numpy
import pandas
import pytest

NAMES = ('arm', 'pictures', 'longer')


def table(figures, why_not=None, units=None, right=None):
    """From {arm or (arm, pictures): test figures, one for each seed}; each arm also has a row at a setting
    that was not chosen. `right`, which test items were right, by arm: an array seeds x items.
    """
    rows, items = [], []
    for arm, values in figures.items():
        columns = dict(zip(NAMES, arm if isinstance(arm, tuple) else (arm,), strict=False))
        for seed, value in enumerate(values):
            rows += [{'seed': seed, **columns, 'lr': .1, 'validation': value, 'test': value, 'chosen': True},
                     {'seed': seed, **columns, 'lr': 9, 'validation': 0, 'test': float('nan'),
                      'chosen': False}]
            if right and arm in right:
                items.append([seed, *columns.values(), 'test', *pack(right[arm][seed])])
    rows = pandas.DataFrame(rows)
    arms = [name for name in NAMES if name in rows]
    items = pandas.DataFrame(items, columns=['seed', *arms, 'figure', 'items', 'right'])
    return Table(rows, arms, ['lr'], items=items, why_not=why_not, about={'units': units or {}})


def two(differences, base=.7):
    return table({'a': [base + each for each in differences], 'b': [base] * len(differences)})


def judged(right):
    """A table whose figures are the shares of these arrays."""
    return table({arm: each.mean(axis=1) for arm, each in right.items()}, right=right)


EMPTY = Table(pandas.DataFrame(columns=['seed', 'arm', 'validation', 'test', 'chosen']), ['arm'], [],
              why_not='There is no record.')


@pytest.fixture(autouse=True)
def fresh(as_a_learner):
    """Not strict."""


# --- beats


@pytest.mark.parametrize('differences, verdict', [
    ([.2, .21, .19], HOLDS),
    ([.01, .02, .001], UNDECIDED),  # all positive, and yet three seeds cannot tell
    ([.2, .2, .2, .2, -.001], HOLDS),
    ([.1, .1, .1, .1, -.11], UNDECIDED),
    ([.001] * 5, HOLDS),
    ([0, 0, 0], UNDECIDED),
    ([-.1, -.11, -.1], OPPOSITE),
    ([.5], UNDECIDED),  # one seed does not say anything
])
def test_beats(differences, verdict):
    outcome = beats(two(differences), 'a', 'b')
    assert outcome.verdict == verdict and outcome.holds is (verdict == HOLDS)
    mirrored = {HOLDS: OPPOSITE, OPPOSITE: HOLDS}
    assert beats(two(differences), 'b', 'a').verdict == mirrored.get(verdict, verdict)


def test_seeds_are_paired():
    """Arms that go up and down together differ clearly, where unpaired ones would not."""
    assert beats(table({'a': [.52, .721, .919], 'b': [.5, .7, .9]}), 'a', 'b').holds
    assert beats(table({'a': [.919, .52, .721], 'b': [.5, .7, .9]}), 'a', 'b').verdict == UNDECIDED
    # the fourth seed has no partner
    assert beats(table({'a': [.8, .81, .8, .1], 'b': [.7, .7, .7]}), 'a', 'b').holds


def test_test_items_are_paired_and_count():
    """Three seeds agree that a is right on three items more; so few items cannot tell."""
    b = numpy.zeros((3, 100), dtype=bool)
    b[:, :60] = True
    a = b.copy()
    a[:, 60:63] = True
    outcome = beats(judged({'a': a, 'b': b}), 'a', 'b')
    assert outcome.verdict == UNDECIDED and outcome.figures.endswith('3 seeds x 100 items')
    assert beats(table({'a': [.63] * 3, 'b': [.6] * 3}), 'a', 'b').holds  # by the seeds alone
    a[:, 60:75] = True
    assert beats(judged({'a': a, 'b': b}), 'a', 'b').holds
    # as many right, other items: paired, that is more noise
    b[:, :60], b[:, 40:] = False, True
    assert beats(judged({'a': a, 'b': b}), 'a', 'b').verdict == UNDECIDED


def test_items_that_only_one_arm_has_or_of_another_number_are_left_aside():
    figures = {'a': [.8, .81, .8], 'b': [.7, .7, .7]}
    one = table(figures, right={'a': numpy.ones((3, 10), dtype=bool)})
    other = table(figures, right={'a': numpy.ones((3, 10), dtype=bool), 'b': numpy.ones((3, 9), dtype=bool)})
    for each in (one, other):
        assert beats(each, 'a', 'b').figures.endswith('3 seeds')


def test_the_figures_of_an_outcome():
    outcome = beats(two([.1, .2, .3], base=.5), 'a', 'b')
    assert outcome.figures == '0.700 against 0.500, +20.0 points (95 %: -4.8 to +44.8), 3 seeds'
    assert beats(two([.1]), 'a', 'b').figures.endswith('(95 %: -inf to +inf), 1 seed')


def test_at_every_level_that_is_left_open():
    good, bad = [.8, .8, .81], [.6, .6, .6]
    both = table({('a', 25): good, ('b', 25): bad, ('a', 400): good, ('b', 400): bad})
    outcome = beats(both, 'a', 'b')
    assert outcome.holds and [line.split(':')[0] for line in outcome.figures.split('\n')] == [
        'holds at pictures = 25', 'holds at pictures = 400']
    only = table({('a', 25): good, ('b', 25): bad, ('a', 400): bad, ('b', 400): good})
    assert beats(only, 'a', 'b').verdict == FAILS
    assert 'the opposite holds at pictures = 400: 0.600 against' in beats(only, 'a', 'b').figures
    some = {'arm': 'a', 'pictures': 25}, {'arm': 'b', 'pictures': 25}
    assert beats(only, *some).holds and beats(only, *some).figures.startswith('0.803 against')
    # two sizes of one arm
    assert beats(only, {'arm': 'a', 'pictures': 25}, {'arm': 'a', 'pictures': 400}).holds


def test_an_undecided_level_denies_nothing():
    good, bad, noisy = [.8, .8, .81], [.6, .6, .6], [.3, .9, .7]
    some = table({('a', 25): good, ('b', 25): bad, ('a', 400): noisy, ('b', 400): bad})
    assert beats(some, 'a', 'b').verdict == UNDECIDED
    assert beats(some, 'a', 'b').figures.split('\n')[1].startswith('undecided here at pictures = 400: ')
    none = table({('a', 25): bad, ('b', 25): good, ('a', 400): bad, ('b', 400): good})
    assert beats(none, 'a', 'b').verdict == OPPOSITE


def test_two_columns_left_open_and_values_that_are_missing():
    good, bad = [.8, .8, .81], [.6, .6, .6]
    outcome = beats(table({('a', 25, 1): good, ('b', 25, 1): bad, ('a', 25, 10): good, ('b', 25, 10): bad}),
                    'a', 'b')
    assert outcome.holds and outcome.figures.startswith('holds at pictures = 25, longer = 1: 0.803')
    assert len(outcome.figures.split('\n')) == 2
    some = table({('a', 25): good, ('b', 25): bad, ('a',): bad, ('b',): good})
    assert some.rows['pictures'].isna().any()
    assert beats(some, 'a', 'b').verdict == FAILS and len(beats(some, 'a', 'b').figures.split('\n')) == 2


def test_an_arm_without_a_value():
    """None as a live study has it, and as it comes out of a file."""
    for none in (None, float('nan')):
        some = table({('frozen', none): [.9, .9, .91], ('frozen', 'last'): [.7] * 3,
                      ('frozen', 'None'): [.5] * 3})
        for parts in ('last', 'None'):
            assert beats(some, {'arm': 'frozen', 'pictures': None},
                         {'arm': 'frozen', 'pictures': parts}).holds


@pytest.mark.parametrize('words, a, b', [
    (r"no rows for {'arm': 'c'}; it has \[{'arm': 'a'", 'c', 'a'),
    (r"no rows for {'arm': 'a', 'steps': 9}", {'arm': 'a', 'steps': 9}, {'arm': 'b', 'steps': 9}),
    (r"no seed with 'test' for both .* at the same \['pictures'\]", 'a', 'far'),
    ('only one value of .pictures.: 25', 'a', 'b'),
])
def test_rows_that_are_missing_leave_it_unjudged_but_not_in_the_course(words, a, b, monkeypatch):
    figures = table({('a', 25): [.5, .6, .7], ('b', 25): [.5, .6, .7], ('far', 100): [.5, .6, .7]})
    along = functools.partial(widens, along='pictures')
    rules = [along] if words.startswith('only') else [beats, close, along]
    for rule in rules:
        outcome = rule(figures, a, b)
        assert outcome.verdict == NOT_JUDGED and re.search(words, outcome.figures)
        assert '\n' not in outcome.figures
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    for rule in rules:
        with pytest.raises(CourseError, match=words):
            rule(figures, a, b)


@pytest.mark.parametrize('words, a, b, figure', [
    ("no figure 'accuracy'", 'a', 'b', 'accuracy'),
    (r"do not name the same columns.*name \['pictures'\] in both", {'arm': 'a', 'pictures': 25}, 'b', 'test'),
])
def test_what_cannot_be_compared(words, a, b, figure):
    figures = table({(arm, pictures): [.5, .6, .7] for arm in 'ab' for pictures in (25, 50)})
    for rule in (beats, close):
        with pytest.raises(CourseError, match=words):
            rule(figures, a, b, figure)


# --- close: equivalence


@pytest.mark.parametrize('differences, base, within, verdict', [
    ([.01, .012, .011], .7, .25, HOLDS),  # the error is .3, so the margin .075
    ([.015, .016, .015], .96, .25, OPPOSITE),  # near the ceiling as many points are a third of the error
    ([.015, .016, .015], .96, .5, HOLDS),
    ([.1, .11, .1], .7, .25, OPPOSITE), ([-.1, -.11, -.1], .7, .25, OPPOSITE),
    ([.3, -.3, 0], .7, .25, UNDECIDED),  # close in the mean, and not known to be
    ([.07, .08, .075], .7, .25, UNDECIDED),
])
def test_close_is_that_the_whole_interval_lies_within_the_margin(differences, base, within, verdict):
    outcome = close(two(differences, base), 'a', 'b', within=within)
    assert outcome.verdict == verdict
    assert outcome.figures.endswith(f'3 seeds; margin {100 * within * (1 - base):.1f}')


def test_close_at_every_level():
    near, far = [.7, .701, .7], [.9, .9, .9]
    outcome = close(table({('a', 25): near, ('b', 25): near, ('a', 50): near, ('b', 50): far}), 'a', 'b')
    assert outcome.verdict == FAILS
    assert [line.rpartition('; ')[2] for line in outcome.figures.split('\n')] == ['margin 7.5', 'margin 2.5']


def test_close_of_what_is_no_share():
    far = table({'a': [5.1, 5.1, 5.11], 'b': [5.] * 3}, units={'test': 'nats'})
    assert close(far, 'a', 'b', within=.1).holds  # a tenth of 5
    assert close(far, 'a', 'b', within=.01).verdict == OPPOSITE


# --- widens


def lead(small, large, middle=None):
    figures = {}
    for pictures, differences in ((50, middle or [0] * len(small)), (400, large), (25, small)):
        figures['a', pictures] = [.5 + each for each in differences]
        figures['b', pictures] = [.5] * len(differences)
    return table(figures)


@pytest.mark.parametrize('small, large, verdict', [
    ([.2, .21, .2], [.1, .1, .1], HOLDS),
    ([.2, .3, .05], [.1, .1, .1], UNDECIDED),
    ([.1, .11, .1], [.2, .2, .2], OPPOSITE),
    ([.3, .3, .3, .3, .2], [.1] * 5, HOLDS),
    ([-.1, -.1, -.11], [-.3, -.3, -.3], HOLDS),  # from far behind to nearly level
    ([.3], [.1], UNDECIDED),
])
def test_widens(small, large, verdict):
    outcome = widens(lead(small, large), 'a', 'b', along='pictures')
    assert outcome.verdict == verdict
    assert re.fullmatch(r'lead .* at pictures = 25, .* at 400: change \S+ points \(95 %: \S+ to \S+\), '
                        rf'{len(small)} seeds', outcome.figures)


def test_widens_pairs_the_items_of_both_ends():
    rng = numpy.random.default_rng(0)
    b = rng.random((3, 400)) < .5
    a = b | (rng.random((3, 400)) < .4)
    right = {('a', 25): a, ('b', 25): b, ('a', 400): b, ('b', 400): b}
    outcome = widens(judged(right), 'a', 'b', along='pictures')
    assert outcome.holds and outcome.figures.endswith('3 seeds x 400 items')


def test_what_cannot_widen():
    with pytest.raises(CourseError, match=r"along 'pictures' alone, but a and b leave \[\] open"):
        widens(two([.1] * 3), 'a', 'b', along='pictures')
    apart = table({('a', 25): [.5], ('b', 25): [.5], ('a', 50): [.5, .6], ('b', 50): [.5, .6]})
    apart.rows.loc[(apart.rows['pictures'] == 50) & (apart.rows['seed'] == 0), 'test'] = float('nan')
    assert 'no seed' in widens(apart, 'a', 'b', along='pictures').figures


# --- several, and conditions


def test_an_outcome_with_the_place_where_it_was_measured():
    outcome = beats(two([.2, .2, .21], base=.5), 'a', 'b')
    assert outcome.named('n = 2').holds and outcome.named('n = 2').figures == f'n = 2: {outcome.figures}'


@pytest.mark.parametrize('verdicts, all_of_them', [
    ([HOLDS, HOLDS], HOLDS), ([HOLDS, UNDECIDED], UNDECIDED), ([OPPOSITE, OPPOSITE], OPPOSITE),
    ([HOLDS, OPPOSITE], FAILS), ([UNDECIDED, OPPOSITE], FAILS), ([HOLDS, FAILS, UNDECIDED], FAILS),
    ([NOT_JUDGED, OPPOSITE], NOT_JUDGED), ([UNDECIDED] * 3, UNDECIDED)])
def test_every(verdicts, all_of_them):
    assert every(*(Outcome(verdict, '.9 against .8') for verdict in verdicts)).verdict == all_of_them


def test_every_gives_the_verdict_of_each():
    yes, open_, levels = (Outcome(HOLDS, '.9 against .8'), Outcome(UNDECIDED, '.7 against .8'),
                          Outcome(HOLDS, 'holds at n = 1: .9\nholds at n = 2: .8'))
    assert every(yes, open_, yes, levels).figures == (
        'holds: .9 against .8\nundecided here: .7 against .8\nholds at n = 1: .9\nholds at n = 2: .8')
    with pytest.raises(CourseError, match='every was given no comparison'):
        every()


def test_nothing_is_judged_without_a_record_or_after_an_interrupt():
    for outcome in (beats(EMPTY, 'a', 'b'), close(EMPTY, 'a', 'b'),
                    widens(EMPTY, 'a', 'b', along='pictures')):
        assert outcome.verdict == NOT_JUDGED and outcome.figures == 'There is no record.'
    stopped = table({'a': [.9] * 3, 'b': [.5] * 3}, why_not='interrupted')
    assert beats(stopped, 'a', 'b').verdict == NOT_JUDGED


def test_a_condition_on_the_rows(monkeypatch):
    assert holds(two([.1] * 3), lambda rows: (rows['test'] > .6).all()).verdict == HOLDS
    assert holds(two([.1] * 3), lambda rows: len(rows) > 6).verdict == FAILS  # only rows that were chosen
    assert holds(EMPTY, lambda rows: rows['nothing'] > 1).figures == 'There is no record.'
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    assert holds(EMPTY, lambda rows: 1 / 0).verdict == NOT_JUDGED


def test_only_shares_are_spoken_of_in_points():
    far = table({('a', 25): [3.2, 3.3, 3.4], ('b', 25): [1.2, 1.3, 1.4], ('a', 50): [3, 3, 3],
                 ('b', 50): [2, 2, 2]}, units={'test': 'nats'})
    outcome = beats(far, 'a', 'b')
    assert outcome.figures.split('\n')[0] == (
        'holds at pictures = 25: 3.300 against 1.300, +2.000 nats (95 %: +2.000 to +2.000), 3 seeds')
    assert widens(far, 'a', 'b', 'pictures').figures == (
        'lead +2.000 at pictures = 25, +1.000 at 50: change +1.000 nats (95 %: +1.000 to +1.000), 3 seeds')
    bare = beats(table({'a': [5.] * 3, 'b': [4.] * 3}, units={'test': ''}), 'a', 'b')
    assert bare.figures == '5.000 against 4.000, +1.000 (95 %: +1.000 to +1.000), 3 seeds'
    assert 'points' not in bare.figures + outcome.figures


# --- winners


def test_winners_names_the_best_of_each_box_and_what_it_does_not_clearly_beat():
    found = winners(table({('a', 50): [.9, .8, .9], ('b', 50): [.7, .7, .7], ('c', 50): [.89, .81, .88],
                           ('a', 800): [.5, .5, .51], ('b', 800): [.7, .7, .7], ('c', 800): [.4, .4, .4]}))
    assert list(found.columns) == ['pictures', 'best', 'test', 'not clearly worse']
    assert found.drop(columns='test').values.tolist() == [[50, 'a', 'c'], [800, 'b', '']]
    assert found['test'].round(3).tolist() == [.867, .7]


def test_the_best_is_chosen_by_validation():
    some = two([.1] * 3)
    some.rows.loc[some.rows['arm'] == 'b', 'validation'] = .99
    assert winners(some)[['best', 'not clearly worse']].values.tolist() == [['b', 'a']]


def test_winners_by_two_columns_and_by_another_figure():
    arms = {(arm, n, longer): [value] * 3 for (arm, n, longer), value in
            {('a', 50, 1): .5, ('b', 50, 1): .6, ('a', 50, 2): .8, ('b', 50, 2): .6}.items()}
    both = table(arms)
    assert winners(both)[['pictures', 'longer', 'best']].values.tolist() == [[50, 1, 'b'], [50, 2, 'a']]
    both.rows['speed'] = -both.rows['test']
    assert winners(both, 'speed')['not clearly worse'].tolist() == ['a', 'b']


def test_winners_of_nothing():
    empty = Table(pandas.DataFrame(columns=['seed', 'arm', 'pictures', 'validation', 'test', 'chosen']),
                  ['arm', 'pictures'], [], why_not='No record.')
    assert len(winners(empty)) == 0 and 'best' in winners(empty)


def test_winners_where_the_arms_have_no_other_column():
    assert winners(two([.1] * 3))[['best', 'not clearly worse']].values.tolist() == [['a', '']]
