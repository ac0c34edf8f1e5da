"""Guesses that never block, and what was measured beside them."""
import types

from d2lhelpers import CourseError, guess

import pytest


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
    assert f'measured:      {option} ({number:.3g})' in said and ('(as you guessed)' in said) is (option
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


@pytest.mark.parametrize('choice', ['70-80%', '70-80 %', ' 70 - 80 % '])
def test_spaces_in_a_guess_do_not_matter(choice, capsys):
    guess('How many?', ('below 70 %', '70-80 %'), choice=choice).compare('70-80 %')
    assert '(as you guessed)' in capsys.readouterr().out


def test_what_broke_off_is_no_result(capsys):
    bet = guess('How many?', ('few', 'many'), choice='many', cuts=(.5,))
    whole, broken = types.SimpleNamespace(diverged=False), types.SimpleNamespace(diverged=True)
    bet.compare(.9, whole)
    assert 'measured:      many (0.9)   (as you guessed)' in capsys.readouterr().out
    bet.compare(.9, whole, broken)
    assert 'measured:      nothing: training broke off' in (said := capsys.readouterr().out)
    assert 'as you guessed' not in said
