"""The page from Gluon to PyTorch, as it is committed: `make pytorch` executes it, where PyTorch is."""
from d2lhelpers.environment import settings

import house_rules
import nbformat
import pytest

from tools import pytorch, selection
from tools.marks import mark, of_kind

PAGE = settings.root / 'notebooks' / f'{selection.PYTORCH}.ipynb'
RULES = [house_rules.executed, house_rules.no_errors, house_rules.no_stderr, house_rules.alt_texts,
         house_rules.headings, house_rules.line_lengths, house_rules.small,
         house_rules.no_traces, house_rules.kernel, house_rules.one_meaning]


@pytest.fixture(scope='module')
def page():
    return nbformat.read(PAGE, as_version=4)


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: rule.__name__)
def test_house_rules(page, rule):
    assert rule(page) == []


def test_cells_fit_a_screen(page):
    """Each idiom stands in both libraries in one cell, so more of them are long than in a lesson."""
    lines = [len(cell.source.splitlines()) for cell in page.cells if cell.cell_type == 'code']
    assert max(lines) <= house_rules.MOST_LINES


def test_all_its_claims_hold(page):
    verdicts = [mark(output)['verdict'] for cell in page.cells for output in of_kind(cell, 'claim')]
    assert len(verdicts) >= 9 and set(verdicts) == {'holds'}


def test_it_says_when_it_ran(page):
    printed = ''.join(output.get('text', '') for cell in page.cells for output in cell.get('outputs', []))
    assert 'Last run on ' in printed and 'PyTorch 2' in printed


def test_nothing_else_tries_to_run_it():
    assert PAGE not in selection.all_notebooks() and len(selection.all_notebooks()) > 10


def test_a_page_that_fails_is_one_sentence(monkeypatch, capsys):
    async def keep(path, nb):
        assert path == PAGE
        raise pytorch.CourseError('cell 3 raised')
    monkeypatch.setattr(pytorch, 'keep', keep)
    assert pytorch.main() == 1 and capsys.readouterr().err == 'cell 3 raised\n'
