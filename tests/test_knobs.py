"""Errors in the cells "Turn it yourself"."""
from d2lhelpers import knobs

import pytest
from IPython.core.interactiveshell import InteractiveShell

CELL = '''# Turn it yourself: a rate (at once)
MY_RATE, MY_WORD = 'high', 'x'
MY_OTHER = 2
print(f'{MY_RATE:g}')
'''


@pytest.fixture
def run(monkeypatch, capsys):
    shell = InteractiveShell()
    shell.run_line_magic('colors', 'NoColor')
    monkeypatch.setattr(knobs, 'get_ipython', lambda: shell)
    knobs.explain()

    def one(cell):
        error = shell.run_cell(cell, store_history=True).error_in_exec
        return error, capsys.readouterr().out
    return one


def test_one_sentence_names_settings_and_line(run):
    error, shown = run(CELL)
    assert isinstance(error, ValueError)  # it is still an error, for whoever runs the notebook
    assert shown.strip() == ("ValueError in line 4: Unknown format code 'g' for object of type 'str'. With "
                             "MY_RATE = 'high', MY_WORD = 'x', MY_OTHER = 2 this cell does not work: take "
                             'values like those that its first lines suggest.')


def test_an_error_deeper_down_names_the_line_of_the_cell(run):
    _, shown = run(CELL.replace("print(f'{MY_RATE:g}')", "import json\njson.loads(MY_RATE)"))
    assert shown.startswith('JSONDecodeError in line 5: ') and 'Traceback' not in shown


def test_other_cells_and_sentences_of_the_course_stay_as_they_are(run):
    _, shown = run(CELL.split('\n', 1)[1])
    assert 'Traceback' in shown
    _, shown = run(CELL.replace("print(f'{MY_RATE:g}')",
                                "from d2lhelpers import CourseError\nraise CourseError('Choose another.')"))
    assert shown.strip() == 'CourseError: Choose another.'


def test_outside_of_ipython_it_does_nothing(monkeypatch):
    monkeypatch.setattr(knobs, 'get_ipython', lambda: None)
    assert knobs.explain() is None
