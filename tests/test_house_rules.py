"""The committed notebooks keep the house rules, and each rule goes red on a notebook that breaks it."""
import re
import subprocess
import sys

from d2lhelpers import ROOT
from d2lhelpers.authoring.execute import all_notebooks, clean, name_of, source_hash

import house_rules
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

COMMITTED = [(path, rule) for path in all_notebooks() for rule in house_rules.RULES_OF.get(path.parent.name, house_rules.RULES)]


@pytest.mark.parametrize('path, rule', COMMITTED, ids=lambda value: getattr(value, '__name__', None) or name_of(value))
def test_committed_notebook(path, rule):
    broken = rule(nbformat.read(path, as_version=4))
    assert not broken, f'{name_of(path)}: ' + '; '.join(broken)


def ruff(*paths):
    return subprocess.run([sys.executable, '-m', 'ruff', 'check', '--no-cache', '--config', str(ROOT / 'pyproject.toml'), *map(str, paths)],
                          cwd=ROOT, capture_output=True, text=True)


def test_ruff_finds_nothing():
    outcome = ruff(*(ROOT / folder for folder in ('d2lhelpers', 'tests', 'notebooks')))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def figure(alt):
    return new_output('display_data', {'image/png': 'iVBORw0KGgo='}, metadata={'image/png': {'alt': alt}})


def stream(name, text):
    return new_output('stream', name=name, text=text)


def sound():
    """A notebook that keeps all rules."""
    cells = [new_markdown_cell('# Title\n\nText.'), new_code_cell('plot()', execution_count=1, outputs=[figure('Accuracy rises.')]),
             new_markdown_cell('## Part\n\n![A cat](cat.png)\n\n### Detail\n\n```\n# no title, a comment\n```'),
             new_code_cell('print(2)', execution_count=2, outputs=[stream('stdout', '2\n')]), new_markdown_cell('## Part')]
    nb = clean(new_notebook(cells=cells))
    nb.metadata.d2lhelpers = {'source': source_hash(nb)}
    return nb


@pytest.mark.parametrize('rule', house_rules.RULES, ids=lambda rule: rule.__name__)
def test_sound_notebook(rule):
    assert rule(sound()) == []


def unexecuted(nb):
    nb.cells[3].execution_count = None


def executed_twice(nb):
    nb.cells[3].execution_count = 3


def edited(nb):
    nb.cells[3].source = 'print(3)'


def exception(nb):
    nb.cells[3].outputs = [new_output('error', ename='ValueError', evalue='', traceback=[])]


def warning(nb):
    nb.cells[3].outputs = [stream('stderr', 'FutureWarning')]


def figure_without_alt(nb):
    nb.cells[1].outputs = [figure(' ')]


def result_without_alt(nb):
    nb.cells[1].outputs = [new_output('execute_result', {'image/svg+xml': '<svg/>'}, execution_count=1)]


def picture_without_alt(nb):
    nb.cells[0].source += '\n\n![](cat.png)'


def tag_without_alt(nb):
    nb.cells[0].source += '\n\n<img src="cat.png" width="3">'


def no_title(nb):
    nb.cells[0].source = 'Text.'


def second_title(nb):
    nb.cells[4].source = '# Another'


def skipped_heading(nb):
    nb.cells[2].source = '### Detail'


def overlong_cell(nb):
    nb.cells[3].source = 'a = 1\n' * 26


def many_long_cells(nb):
    nb.cells[3].source = 'a = 1\n' * 16


def many_cells(nb):
    nb.cells += [new_code_cell('a = 1')] * 60


def big_file(nb):
    nb.cells[3].outputs = [stream('stdout', 'x' * 600_000)]


def path_in_text(nb):
    nb.cells[0].source += ' See /home/me/notes.'


def path_in_code(nb):
    nb.cells[3].source = "open('/home/me/data')"


def path_in_output(nb):
    nb.cells[3].outputs = [stream('stdout', 'read from\n/home/me/data.csv\n')]


def address(nb):
    nb.cells[3].outputs = [new_output('execute_result', {'text/plain': '<object at 0x7f3a2b1c4d50>'}, execution_count=2)]


def package_index(nb):
    nb.cells[3].source = '!pip install --index-url https://example.org/simple mxnet'


def other_kernel(nb):
    nb.metadata.kernelspec.name = 'conda-env-mine'


def versions(nb):
    nb.metadata.language_info.version = '3.11.4'


@pytest.mark.parametrize('rule, break_it, sentence', [
    ('executed', unexecuted, r'cell \[2\] \(print\(2\)\) was executed as number None'), ('executed', executed_twice, 'as number 3, but stands at 2'),
    ('executed', edited, 'edited after make notebooks'), ('no_errors', exception, 'ValueError'), ('no_stderr', warning, 'FutureWarning'),
    ('alt_texts', figure_without_alt, r'cell \[1\] \(plot\(\)\)'), ('alt_texts', result_without_alt, 'alt text'),
    ('alt_texts', picture_without_alt, 'text cell 0'), ('alt_texts', tag_without_alt, 'text cell 0'),
    ('headings', no_title, 'does not begin with a title'), ('headings', second_title, "second title: 'Another'"),
    ('headings', skipped_heading, "'Detail' skips from level 1 to 3"), ('cell_lengths', overlong_cell, '26 lines'),
    ('cell_lengths', many_long_cells, '1 of 2 code cells'), ('cell_lengths', many_cells, '62 code cells'), ('small', big_file, r'60\d kB'),
    ('no_traces', path_in_text, 'text cell 0 holds an absolute path'), ('no_traces', path_in_code, 'absolute path'),
    ('no_traces', path_in_output, 'the output of .* absolute path'), ('no_traces', address, 'address in memory'),
    ('no_traces', package_index, 'package index'), ('kernel', other_kernel, 'python3'), ('kernel', versions, 'language_info')],
    ids=lambda value: getattr(value, '__name__', ''))
def test_broken_notebook(rule, break_it, sentence):
    nb = sound()
    break_it(nb)
    broken = getattr(house_rules, rule)(nb)
    assert any(re.search(sentence, each) for each in broken), broken


def exercise(said):
    """A notebook with the check of an exercise."""
    nb = sound()
    nb.cells[3] = new_code_cell('e01.check_2(answer_2)', execution_count=2, outputs=[stream('stdout', said)])
    return nb


@pytest.mark.parametrize('rule, sound_output, broken_output', [
    ('unanswered', 'Exercise 2: not answered yet.\n', 'Exercise 2: right: it halves.\n'),
    ('answered', 'noise\nExercise 2: right: it halves.\n', 'Exercise 2: not answered yet.\n')])
def test_checks_of_exercises_and_solutions(rule, sound_output, broken_output):
    rule = getattr(house_rules, rule)
    assert rule(exercise(sound_output)) == []
    assert re.search(r'cell \[2\] \(e01.check_2\(answer_2\)\) does not say "Exercise 2: .*", but \'Exercise 2', rule(exercise(broken_output))[0])
    assert rule(sound()) == ['it has no check']


def test_an_exception_may_be_the_lesson():
    nb = sound()
    exception(nb)
    nb.cells[3].metadata.tags = ['raises-exception']
    assert house_rules.no_errors(nb) == []


def test_ruff_reads_notebooks(tmp_path):
    nbformat.write(sound(), tmp_path / 'sound.ipynb')
    assert 'F821' in ruff(tmp_path).stdout  # plot() is defined nowhere
