"""The progress line: all figures stand in it, and a usual one fits into a window of 1000 pixels."""
from d2lhelpers import progress

import house_rules
import pytest


@pytest.fixture
def line(monkeypatch, capsys):
    """What the line says at its end, of training with some figures."""
    monkeypatch.setenv('JPY_SESSION_NAME', 'a notebook')

    def last(names, total=1200):
        with progress.bar(total, 'Training') as bar:
            bar.update(1200)
            bar.set_postfix(dict.fromkeys(names, '0.123'))
        return capsys.readouterr().out.replace('\r', '\n').rstrip().splitlines()[-1]
    return last


def test_no_figure_is_cut(line):
    names = [f'accuracy on the part {number} of the test' for number in range(8)]
    assert line(names).endswith(', '.join(f'{name}=0.123' for name in names))


def test_four_figures_fit_beside_the_bar(line):
    shown = line(['loss', 'training', 'validation', 'source'])
    assert '1200/1200' in shown and len(shown) <= house_rules.MOST_COLUMNS


def test_a_total_that_is_not_known(line):
    assert line(['loss'], total=None).endswith('1200/?, 00:00 left, loss=0.123')


def test_nobody_watches(monkeypatch, capsys):
    monkeypatch.delenv('JPY_SESSION_NAME', raising=False)
    monkeypatch.delenv('VSCODE_PID', raising=False)
    with progress.bar(3, 'Training') as bar:
        bar.update(3)
    assert capsys.readouterr().out == ''
