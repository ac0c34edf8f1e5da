"""Claims: what they print, and that another verdict than the expected one is red in the course alone."""
import asyncio
import re

from d2lhelpers import CourseError, claim, claims, claims_table
from d2lhelpers.comparisons import FAILS, HOLDS, NOT_JUDGED, OPPOSITE, UNDECIDED, Outcome
from d2lhelpers.environment import settings

import nbformat
import numpy
import pytest
from nbformat.v4 import new_code_cell, new_notebook

TABLE = ('notebook,claim,embedded,full\n01_first,"tuning wins, mostly",holds,undecided here\n'
         '01_first,one is one,holds,\n')


@pytest.fixture(autouse=True)
def fresh(as_a_learner, monkeypatch, tmp_path):
    monkeypatch.setattr(claims, '_claims', {})
    monkeypatch.setattr(settings, 'root', tmp_path)
    (tmp_path / 'data/results').mkdir(parents=True)
    (tmp_path / 'data/results/verdicts.csv').write_text(TABLE)


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')


def test_claim_prints_its_verdict_and_its_figures(capsys):
    claim('a beats b', Outcome(UNDECIDED, '.9 against .8\n.7 against .8'))
    assert capsys.readouterr().out == 'undecided here: a beats b\n  .9 against .8\n  .7 against .8\n'
    claim('one is one', 1 == 1)
    assert capsys.readouterr().out == 'holds: one is one\n'
    claim('one is one', numpy.bool_(False))
    assert capsys.readouterr().out == 'does not hold: one is one\n'
    claim('one is one', None)
    assert capsys.readouterr().out == 'not judged: one is one\n'


@pytest.mark.parametrize('wrong', [.9, 'yes', numpy.array([True, False])])
def test_what_is_no_condition(wrong):
    with pytest.raises(CourseError, match='by a comparison, beats.*but was given a .*: write the condition'):
        claim('one is one', wrong)


@pytest.mark.parametrize('verdict, red', [(HOLDS, False), (NOT_JUDGED, False), (OPPOSITE, True),
                                          (UNDECIDED, True), (FAILS, True)])
def test_only_strict_raises(verdict, red, capsys, monkeypatch):
    outcome = Outcome(verdict, 'the figures')
    claim('tuning wins, mostly', outcome)
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    if red:
        with pytest.raises(AssertionError, match=f'came out as "{verdict}".*the course expects: holds.*'
                                                 'tuning wins, mostly the figures'):
            claim('tuning wins, mostly', outcome)
    else:
        claim('tuning wins, mostly', outcome)
    assert capsys.readouterr().out == 2 * f'{verdict}: tuning wins, mostly\n  the figures\n'


def test_each_profile_has_its_column(strict, monkeypatch):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    claim('tuning wins, mostly', Outcome(UNDECIDED, ''))
    with pytest.raises(AssertionError, match='the course expects: undecided here'):
        claim('tuning wins, mostly', True)


def test_a_claim_of_which_nothing_is_expected_is_red(strict, monkeypatch):
    with pytest.raises(AssertionError, match='it has no line there'):
        claim('two is two', True)
    claim('two is two', None)  # it was not measured
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    with pytest.raises(AssertionError, match='it has no line there'):
        claim('one is one', True)


def test_the_table_of_claims_in_a_real_kernel(tmp_path):
    from tools.execution import execute, kernel_environment

    path = tmp_path / 'claims.ipynb'
    cells = ['from d2lhelpers import claim, claims_table\nfrom d2lhelpers.comparisons import Outcome',
             "claim('one < two', Outcome('holds', 'the figures'))",
             "claim('judged', Outcome('not judged', 'no record'))\nclaim('three is two', False)",
             "claim('judged', True)", 'claims_table()']
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    nb, *_ = asyncio.run(execute(path, kernel_environment()))
    output, = nb.cells[-1].outputs
    html = output.data['text/html']
    assert html.startswith('<p>Claims: 2 × holds, 1 × does not hold.</p>')
    in_the_open, folded = html.split('<details><summary>What holds (2)</summary>')
    assert rows(in_the_open) == [['three is two', 'does not hold', '[3]']]
    assert rows(folded) == [['one &lt; two', 'holds', '[2]'], ['judged', 'holds', '[4]']]
    assert '0x' not in output.data['text/plain']


def rows(html):
    """The cells of the rows of a table, without its head."""
    found = [re.findall(r'<td[^>]*>(.*?)</td>', row)
             for row in re.findall(r'<tr>(.*?)</tr>', html, re.DOTALL)]
    return [row for row in found if row]


def test_the_table_of_claims_folds_only_what_holds():
    assert 'run the cells above' in claims_table().data
    claim('one is one', True)
    assert '<caption>' not in claims_table().data and 'Claims: 1 × holds.' in claims_table().data
    claims._claims.clear()
    claim('tuning wins', Outcome(UNDECIDED, ''))
    claim('it was measured', None)
    html = claims_table().data
    assert '<details>' not in html and '<caption>What does not hold here, or is undecided</caption>' in html
    assert [row[1] for row in rows(html)] == [UNDECIDED, NOT_JUDGED]


def test_the_table_of_claims_is_the_same_every_time():
    claim('one is one', True)
    claim('two is one', False)
    assert claims_table().data == claims_table().data and 'one is one' in claims_table().data
