"""Guesses that never block, and the one set of rules by which the course says that something is better."""
import asyncio
import functools
import re

from d2lhelpers import (
    CourseError,
    beats,
    claim,
    claims,
    claims_table,
    close,
    every,
    guess,
    holds,
    widens,
    winners,
)
from d2lhelpers.records import Table

import nbformat
import numpy
import pandas
import pytest
from nbformat.v4 import new_code_cell, new_notebook


def table(figures, why_not=None, n_test=200, units=None):
    """From {arm or (arm, pictures): test figures, one for each seed}; each arm also has a row at a setting
    that was not chosen.
    """
    rows = []
    for arm, values in figures.items():
        names = ('arm', 'pictures', 'longer')
        columns = dict(zip(names, arm if isinstance(arm, tuple) else (arm,), strict=False))
        for seed, value in enumerate(values):
            rows += [{'seed': seed, **columns, 'lr': .1, 'validation': 0, 'test': value, 'chosen': True},
                     {'seed': seed, **columns, 'lr': 9, 'validation': 0, 'test': float('nan'),
                      'chosen': False}]
    rows = pandas.DataFrame(rows)
    return Table(rows, [name for name in names if name in rows], ['lr'], None, why_not,
                 {'n_test': n_test, 'units': units or {}})


def two(differences, base=.7):
    return table({'a': [base + each for each in differences], 'b': [base] * len(differences)})


EMPTY = Table(pandas.DataFrame(columns=['seed', 'arm', 'validation', 'test', 'chosen']), ['arm'], [], None,
              'There is no record.')


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.delenv('D2LHELPERS_STRICT', raising=False)
    monkeypatch.setattr(claims, '_claims', {})


# --- beats


@pytest.mark.parametrize('differences, holds', [
    ([.01, .02, .001], True),  # every paired seed
    ([.2, .2, -.001], False),  # three seeds: one is enough against it
    ([.2, .2, .2, -.001], False),  # four too
    ([.2, .2, .2, .2, -.001], True),  # five: more than two standard errors
    ([.1, .1, .1, .1, -.11], False),  # five: less than two standard errors
    ([.001] * 5, True),
    ([0, 0, 0], False),
    ([-.1, -.2, -.1], False),
    ([.5, .5], None),  # two seeds do not say anything
    ([.5], None),
])
def test_beats(differences, holds):
    assert beats(two(differences), 'a', 'b').holds is holds


def test_seeds_are_paired():
    """Arms that go up and down together differ clearly, where unpaired ones would not."""
    assert beats(table({'a': [.52, .72, .92], 'b': [.5, .7, .9]}), 'a', 'b').holds
    assert beats(table({'a': [.92, .52, .72], 'b': [.5, .7, .9]}), 'a', 'b').holds is False
    # the fourth seed has no partner
    assert beats(table({'a': [.8, .8, .8, .1], 'b': [.7, .7, .7]}), 'a', 'b').holds


def test_the_figures_of_an_outcome():
    outcome = beats(two([.1, .2, .3], base=.5), 'a', 'b')
    assert (
        outcome.figures == '0.700 against 0.500, +20.0 ± 10.0 points over 3 seeds (below 9.8 may be chance)'
    )
    assert 'points over 1 seed (' in beats(two([.1]), 'a', 'b').figures
    assert 'chance' not in beats(two([.1] * 3), 'a', 'b', figure='validation').figures


def test_at_every_level_that_is_left_open():
    good, bad = [.8, .8, .8], [.6, .6, .6]
    both = table({('a', 25): good, ('b', 25): bad, ('a', 400): good, ('b', 400): bad})
    outcome = beats(both, 'a', 'b')
    assert outcome.holds and [line.split(':')[0]
                              for line in outcome.figures.split('\n')] == ['pictures = 25', 'pictures = 400']
    only = table({('a', 25): good, ('b', 25): bad, ('a', 400): bad, ('b', 400): good})
    assert beats(only, 'a', 'b').holds is False
    assert beats(only, {'arm': 'a', 'pictures': 25}, {'arm': 'b', 'pictures': 25}).holds
    assert beats(only, {'arm': 'a', 'pictures': 25},
                 {'arm': 'b', 'pictures': 25}).figures.startswith('0.800 against')
    # two sizes of one arm
    assert beats(only, {'arm': 'a', 'pictures': 25}, {'arm': 'a', 'pictures': 400}).holds
    assert beats(table({('a', 25): good, ('b', 25): bad, ('a', 400): good[:2], ('b', 400): bad[:2]}), 'a',
                 'b').holds is None


def test_two_columns_left_open_and_values_that_are_missing():
    good, bad = [.8, .8, .8], [.6, .6, .6]
    outcome = beats(table({('a', 25, 1): good, ('b', 25, 1): bad, ('a', 25, 10): good, ('b', 25, 10): bad}),
                    'a', 'b')
    assert outcome.holds and outcome.figures.startswith('pictures = 25, longer = 1: '
                                                        '0.800') and len(outcome.figures.split('\n')) == 2
    some = table({('a', 25): good, ('b', 25): bad, ('a',): bad, ('b',): good})
    assert some.rows['pictures'].isna().any()
    assert beats(some, 'a', 'b').holds is False and len(beats(some, 'a', 'b').figures.split('\n')) == 2


def test_an_arm_without_a_value():
    """None as a live study has it, and as it comes out of a file."""
    for none in (None, float('nan')):
        some = table({('frozen', none): [.9] * 3, ('frozen', 'last'): [.7] * 3, ('frozen', 'None'): [.5] * 3})
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
    rules = (
        [functools.partial(widens, along='pictures')]
        if words.startswith('only')
        else [beats, close, functools.partial(widens, along='pictures')]
    )
    for rule in rules:
        outcome = rule(figures, a, b)
        assert outcome.holds is None and re.search(words, outcome.figures) and '\n' not in outcome.figures
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


# --- close and widens


@pytest.mark.parametrize('differences, within, holds', [
    ([.04, .06, .04], .05, True), ([.06, .06, .06], .05, False), ([-.06, -.06, -.06], .05, False),
    ([.3, -.3, 0], .05, True), ([.02] * 3, .01, False),
])
def test_close(differences, within, holds):
    assert close(two(differences), 'a', 'b', within=within).holds is holds


def test_close_at_every_level():
    near, far = [.7, .7, .7], [.9, .9, .9]
    assert close(table({('a', 25): near, ('b', 25): near, ('a', 50): near, ('b', 50): far}), 'a',
                 'b').holds is False


def lead(small, large, middle=(0, 0, 0, 0, 0)):
    figures = {}
    for pictures, differences in ((50, middle), (400, large), (25, small)):
        figures['a', pictures], figures['b', pictures] = [.5 + each
                                                          for each in differences], [.5] * len(differences)
    return table(figures)


@pytest.mark.parametrize('small, large, holds', [
    ([.2, .3, .2], [.1, .1, .1], True),
    ([.2, .3, .05], [.1, .1, .1], False),
    ([.1, .1, .1], [.2, .2, .2], False),
    ([.3, .3, .3, .3, .05], [.1] * 5, True),
    ([-.1, -.1, -.1], [-.3, -.3, -.3], True),  # from far behind to nearly level
    ([.3, .3], [.1, .1], None),
])
def test_widens(small, large, holds):
    outcome = widens(lead(small, large), 'a', 'b', along='pictures')
    assert outcome.holds is holds and re.match(r'lead .* at pictures = 25, .* at 400: change .* points over '
                                               r'\d seeds', outcome.figures)


def test_what_cannot_widen():
    with pytest.raises(CourseError, match=r"along 'pictures' alone, but a and b leave \[\] open"):
        widens(two([.1] * 3), 'a', 'b', along='pictures')


def test_an_outcome_with_the_place_where_it_was_measured():
    outcome = beats(two([.1, .2, .3], base=.5), 'a', 'b')
    assert outcome.named('n = 2').holds and outcome.named('n = 2').figures == f'n = 2: {outcome.figures}'


def test_every():
    yes, no, open_ = (
        claims.Outcome(True, '.9 against .8'),
        claims.Outcome(False, '.7 against .8'),
        claims.Outcome(None, 'no record'),
    )
    assert every(yes, yes).holds is True and every(yes, no).holds is False and every(no, open_).holds is None
    assert every(yes, no, yes).figures == '.9 against .8\n.7 against .8'
    with pytest.raises(CourseError, match='every was given no comparison'):
        every()


def test_nothing_is_judged_without_a_record_or_after_an_interrupt():
    for outcome in (beats(EMPTY, 'a', 'b'), close(EMPTY, 'a', 'b'),
                    widens(EMPTY, 'a', 'b', along='pictures')):
        assert outcome.holds is None and outcome.figures == 'There is no record.'
    assert beats(table({'a': [.9] * 3, 'b': [.5] * 3}, why_not='interrupted'), 'a', 'b').holds is None


# --- claim


def test_claim_prints_its_figures(capsys):
    claim('a beats b', beats(two([.1, .2, .3]), 'a', 'b'))
    assert re.fullmatch(r'holds: a beats b\n  0\.900 against 0\.700, .*\n', capsys.readouterr().out)
    claim('b beats a', beats(two([.1, .2, .3]), 'b', 'a'))
    assert capsys.readouterr().out.startswith('does not hold here: b beats a\n  0.700 against')
    claim('a beats b', beats(EMPTY, 'a', 'b'))
    assert capsys.readouterr().out == 'not judged: a beats b\n  There is no record.\n'
    claim('one is one', 1 == 1)
    assert capsys.readouterr().out == 'holds: one is one\n'
    both = table({('a', 25): [.8] * 3, ('b', 25): [.7] * 3, ('a', 50): [.8] * 3, ('b', 50): [.7] * 3})
    claim('a beats b', beats(both, 'a', 'b'))
    assert re.fullmatch(r'holds: a beats b\n  pictures = 25: .*\n  pictures = 50: .*\n',
                        capsys.readouterr().out)


@pytest.mark.parametrize('holds, expected, red', [(True, True, False), (False, True, True),
                                                  (True, False, True), (False, False, False),
                                                  (None, True, False), (None, False, False)])
def test_only_strict_raises(holds, expected, red, monkeypatch, capsys):
    outcome = claims.Outcome(holds, 'the figures')
    claim('fine-tuning wins', outcome, expected)
    assert 'fine-tuning wins\n  the figures' in capsys.readouterr().out
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    if red:
        words = 'holds' if expected else 'does not hold'
        with pytest.raises(AssertionError, match=f'expects that this claim {words}, but it .*: fine-tuning '
                                                 'wins the figures'):
            claim('fine-tuning wins', outcome, expected)
    else:
        claim('fine-tuning wins', outcome, expected)
    assert 'fine-tuning wins\n  the figures' in capsys.readouterr().out  # in either case


def test_the_table_of_claims_in_a_real_kernel(tmp_path):
    from tools.execution import execute, kernel_environment

    path = tmp_path / 'claims.ipynb'
    cells = ['from d2lhelpers import claim, claims_table\nfrom d2lhelpers.claims import Outcome',
             "claim('one < two', Outcome(True, 'first line\\nsecond line'))",
             "claim('judged', Outcome(None, 'no record'))\nclaim('three is two', False, expected=False)",
             "claim('judged', True)", 'claims_table()']
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    nb, *_ = asyncio.run(execute(path, kernel_environment(D2LHELPERS_STRICT='1')))
    output, = nb.cells[-1].outputs
    shown = [re.findall(r'<td[^>]*>(.*?)</td>', row)
             for row in re.findall(r'<tr>(.*?)</tr>', output.data['text/html'], re.DOTALL)]
    assert [row for row in shown if row] == [['one &lt; two', 'holds', 'first line', 'In [2]'],
                                             ['judged', 'holds', '', 'In [4]'],
                                             ['three is two', 'does not hold here', '', 'In [3]']]
    assert '0x' not in output.data['text/plain']


def test_the_table_of_claims_is_the_same_every_time():
    claim('one is one', True)
    assert claims_table().data == claims_table().data and 'one is one' in claims_table().data


# --- guess


def test_a_guess_and_what_was_measured(capsys):
    bet = guess('Which wins?', ('fine-tuned', 'scratch'), choice='scratch')
    assert (
        capsys.readouterr().out
        == 'Which wins?\n  options:       fine-tuned, scratch\n  your guess:    scratch\n'
    )
    bet.compare('fine-tuned')
    assert (
        'your guess:    scratch\n  measured:      fine-tuned   (not as you guessed' in capsys.readouterr().out
    )
    bet.compare('scratch')
    assert '(as you guessed)' in capsys.readouterr().out


def test_no_guess_yet(capsys):
    bet = guess('How many?', (1, 2))
    assert 'no guess yet' in capsys.readouterr().out
    bet.compare(2)
    assert capsys.readouterr().out == 'How many?\n  no guess yet\n  measured:      2\n'


def test_a_guess_outside_the_options():
    with pytest.raises(CourseError, match="'both' is not among the options: choose one of 'fine-tuned', "
                                          "'scratch'"):
        guess('Which wins?', ('fine-tuned', 'scratch'), choice='both')


@pytest.mark.parametrize('number, cuts, option', [
    (.6, (.6, .75), 'middle'), (.59, (.6, .75), 'first'), (.9, (.6, .75), 'last'), (.9, (.75, .6), 'first'),
    (.75, (.75, .6), 'first'), (.7, (.75, .6), 'middle'), (.1, (.75, .6), 'last')])
def test_a_guess_of_a_number(number, cuts, option, capsys):
    bet = guess('How many?', ('first', 'middle', 'last'), choice='middle', cuts=cuts)
    bet.compare(number)
    said = capsys.readouterr().out
    assert f'measured:      {option} ({number:.3f})' in said and ('(as you guessed)' in said) is (option
                                                                                                  == 'middle')


@pytest.mark.parametrize('cuts', [(.5,), (.5, .6, .7), (.5, .5)[:1]])
def test_cut_points_that_do_not_fit(cuts):
    with pytest.raises(CourseError, match='do not fit 3 options: write the 2 limits'):
        guess('How many?', ('a', 'b', 'c'), cuts=cuts)
    with pytest.raises(CourseError, match='rising or falling'):
        guess('How many?', ('a', 'b', 'c', 'd'), cuts=(.5, .7, .6))


@pytest.mark.parametrize('nothing', [None, float('nan')])
def test_what_could_not_be_measured(nothing, capsys):
    guess('How many?', ('a', 'b'), choice='a', cuts=(.5,)).compare(nothing)
    assert capsys.readouterr().out.endswith('How many?\n  your guess:    a\n  measured:      not measured '
                                            'here\n')


# --- figures with units


def test_only_shares_are_spoken_of_in_points():
    far = table({('a', 25): [3.2, 3.3, 3.4], ('b', 25): [1.2, 1.3, 1.4], ('a', 50): [3, 3, 3],
                 ('b', 50): [2, 2, 2]},
                units={'test': 'nats'})
    outcome = beats(far, 'a', 'b')
    assert outcome.holds and outcome.figures.split('\n')[0] == (
        'pictures = 25: 3.300 against 1.300, +2.000 ± 0.000 nats over 3 seeds')
    assert widens(far, 'a', 'b', 'pictures').figures == ('lead +2.000 at pictures = 25, +1.000 at 50: change '
                                                         '+1.000 ± '
                                                         '0.000 nats over 3 seeds')
    bare = beats(table({'a': [5.] * 3, 'b': [4.] * 3}, units={'test': ''}), 'a', 'b')
    assert bare.figures == '5.000 against 4.000, +1.000 ± 0.000 over 3 seeds'
    assert 'points' not in bare.figures + outcome.figures and 'chance' not in bare.figures + outcome.figures
    assert 'chance' not in beats(table({'a': [.5] * 3, 'b': [.4] * 3}, n_test=None), 'a', 'b').figures


# --- conditions, and what is no condition


def test_a_condition_on_the_rows(monkeypatch):
    assert holds(two([.1] * 3), lambda rows: (rows['test'] > .6).all()).holds is True
    assert holds(two([.1] * 3), lambda rows: len(rows) > 6).holds is False  # only rows that were chosen
    assert holds(EMPTY, lambda rows: rows['nothing'] > 1).figures == 'There is no record.'
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    assert holds(EMPTY, lambda rows: 1 / 0).holds is None


def test_a_claim_of_nothing_is_not_judged(capsys):
    claim('one is one', None)
    assert capsys.readouterr().out == 'not judged: one is one\n'
    claim('one is one', numpy.bool_(True))
    assert capsys.readouterr().out == 'holds: one is one\n'
    for wrong in (.9, 'yes', numpy.array([True, False])):
        with pytest.raises(CourseError, match='by a comparison, beats.*but was given a .*: write the '
                                              'condition'):
            claim('one is one', wrong)


# --- winners


def test_winners_names_the_best_of_each_box_and_what_it_does_not_clearly_beat():
    found = winners(table({('a', 50): [.9, .8, .9], ('b', 50): [.7, .7, .7], ('c', 50): [.89, .81, .88],
                           ('a', 800): [.5, .5, .5], ('b', 800): [.7, .7, .7], ('c', 800): [.4, .4, .4]}))
    assert list(found.columns) == ['pictures', 'best', 'test', 'not clearly worse']
    assert found.drop(columns='test').values.tolist() == [[50, 'a', 'c'], [800, 'b', '']]
    assert found['test'].round(3).tolist() == [.867, .7]


def test_winners_by_two_columns_and_by_another_figure():
    arms = {(arm, n, longer): [value] * 3 for (arm, n, longer), value in
            {('a', 50, 1): .5, ('b', 50, 1): .6, ('a', 50, 2): .8, ('b', 50, 2): .6}.items()}
    both = table(arms)
    assert winners(both)[['pictures', 'longer', 'best']].values.tolist() == [[50, 1, 'b'], [50, 2, 'a']]
    both.rows['speed'] = -both.rows['test']
    assert winners(both, 'speed')['best'].tolist() == ['a', 'b']


def test_winners_of_nothing():
    empty = Table(pandas.DataFrame(columns=['seed', 'arm', 'pictures', 'validation', 'test', 'chosen']),
                  ['arm', 'pictures'], [], None, 'No record.')
    assert len(winners(empty)) == 0 and 'best' in winners(empty)


def test_winners_where_the_arms_have_no_other_column():
    assert winners(two([.1] * 3))[['best', 'not clearly worse']].values.tolist() == [['a', '']]
