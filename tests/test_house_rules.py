"""The committed notebooks keep the house rules, and each rule goes red on a notebook that breaks it."""
import re
import subprocess
import sys

from d2lhelpers import provenance
from d2lhelpers.environment import settings

import house_rules
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import freshness
from tools.execution import clean
from tools.selection import all_notebooks, name_of

COMMITTED = [(path, rule) for path in all_notebooks()
             for rule in house_rules.RULES_OF.get(path.parent.name, house_rules.RULES)]


@pytest.mark.parametrize('path, rule', COMMITTED, ids=lambda value: getattr(value, '__name__', None)
                         or name_of(value))
def test_committed_notebook(path, rule):
    broken = rule(nbformat.read(path, as_version=4))
    assert not broken, f'{name_of(path)}: ' + '; '.join(broken)


def ruff(*paths):
    return subprocess.run([sys.executable, '-m', 'ruff', 'check', '--no-cache', '--config',
                           str(settings.root / 'pyproject.toml'), *map(str, paths)],
                          cwd=settings.root, capture_output=True, text=True)


def test_ruff_finds_nothing():
    outcome = ruff(settings.root)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def figure(alt):
    return new_output('display_data', {'image/png': 'iVBORw0KGgo='}, metadata={'image/png': {'alt': alt}})


def stream(name, text):
    return new_output('stream', name=name, text=text)


def sound():
    """A notebook that keeps all rules."""
    cells = [new_markdown_cell('# Title\n\nText.'),
             new_code_cell('plot()', execution_count=1, outputs=[figure('Accuracy rises.')]),
             new_markdown_cell('## Part\n\n![A cat](cat.png)\n\n### Detail\n\n```\n# no title, a '
                               'comment\n```'),
             new_code_cell('print(2)', execution_count=2, outputs=[stream('stdout', '2\n')]),
             new_markdown_cell('## Part')]
    nb = clean(new_notebook(cells=cells))
    used = {'modules': {'d2lhelpers.errors': provenance.module_hash('d2lhelpers.errors')},
            'files': {'LICENSE': provenance.file_hash(settings.root / 'LICENSE')}}
    nb.metadata.d2lhelpers = freshness.account(nb, used, {})
    return nb


@pytest.mark.parametrize('rule', house_rules.RULES, ids=lambda rule: rule.__name__)
def test_sound_notebook(rule):
    assert rule(sound()) == []


def unexecuted(nb):
    nb.cells[3].execution_count = None


def made_twice(nb):
    nb.cells += [new_code_cell('print(x)'), new_code_cell('x = 1'),
                 new_code_cell('for x in (1, 2):\n    pass')]


def added_to(nb):
    nb.cells += [new_code_cell('x = {}'), new_code_cell('x[1] = 2'), new_code_cell('print(x)')]


def hidden(nb):
    nb.cells.append(new_code_cell('fit = 1'))


def executed_twice(nb):
    nb.cells[3].execution_count = 3


def edited(nb):
    nb.cells[3].source = 'print(3)'


def never_executed(nb):
    nb.metadata.pop('d2lhelpers')


def other_module(nb):
    nb.metadata.d2lhelpers['made_from']['modules']['d2lhelpers.errors'] = 'another'


def other_file(nb):
    nb.metadata.d2lhelpers['made_from']['files']['LICENSE'] = 'another'


def other_record(nb):
    nb.metadata.d2lhelpers['studies']['01_nowhere'] = {'code': {}, 'data': []}


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


def wide_cell(nb):
    nb.cells[3].source = f'x = "{"x" * 98}"'


def big_file(nb):
    nb.cells[3].outputs = [stream('stdout', 'x' * 600_000)]


def path_in_text(nb):
    nb.cells[0].source += ' See /home/me/notes.'


def path_in_code(nb):
    nb.cells[3].source = "open('/home/me/data')"


def path_in_output(nb):
    nb.cells[3].outputs = [stream('stdout', 'read from\n/home/me/data.csv\n')]


def address(nb):
    nb.cells[3].outputs = [new_output('execute_result', {'text/plain': '<object at 0x7f3a2b1c4d50>'},
                                      execution_count=2)]


def package_index(nb):
    nb.cells[3].source = '!pip install --index-url https://example.org/simple mxnet'


def without_knob(nb):
    nb.cells += [new_markdown_cell('## 3.4 Another'), new_code_cell('# Turn it yourself: the rate'),
                 new_markdown_cell('## 3.5 The penalty'), new_code_cell('bet.compare(3)')]


def other_kernel(nb):
    nb.metadata.kernelspec.name = 'conda-env-mine'


def versions(nb):
    nb.metadata.language_info.version = '3.11.4'


@pytest.mark.parametrize('rule, break_it, sentence', [
    ('executed', unexecuted, r'cell \[2\] \(print\(2\)\) was executed as number None'),
    ('executed', executed_twice, 'as number 3, but stands at 2'),
    ('fresh', edited, r'it is due \(its code changed\)'), ('fresh', never_executed, 'never executed it'),
    ('one_meaning', made_twice, r'x, which cell \[3\] \(print\(x\)\) needs, is made by .* and by'),
    ('one_meaning', added_to, 'x, which .* is made by'),
    ('one_meaning', hidden, 'hides fit of the package'),
    ('fresh', other_module, 'd2lhelpers/errors.py changed'), ('fresh', other_file, 'LICENSE changed'),
    ('records', other_record, r'01_nowhere is out of date \(it was never computed\): make results$'),
    ('no_errors', exception, 'ValueError'),
    ('no_stderr', warning, 'FutureWarning'),
    ('alt_texts', figure_without_alt, r'cell \[1\] \(plot\(\)\)'),
    ('alt_texts', result_without_alt, 'alt text'),
    ('alt_texts', picture_without_alt, 'text cell 0'), ('alt_texts', tag_without_alt, 'text cell 0'),
    ('headings', no_title, 'does not begin with a title'),
    ('headings', second_title, "second title: 'Another'"),
    ('headings', skipped_heading, "'Detail' skips from level 1 to 3"),
    ('cell_lengths', overlong_cell, '26 lines'),
    ('cell_lengths', many_long_cells, '1 of 2 code cells'), ('cell_lengths', many_cells, '62 code cells'),
    ('line_lengths', wide_cell, r'cell \[2\] .* has a line of 104 columns, more than 103: x ='),
    ('small', big_file, r'60\d kB'),
    ('no_traces', path_in_text, 'text cell 0 holds an absolute path'),
    ('no_traces', path_in_code, 'absolute path'),
    ('no_traces', path_in_output, 'the output of .* absolute path'),
    ('no_traces', address, 'address in memory'),
    ('no_traces', package_index, 'package index'),
    ('knobs', without_knob, '^section 3.5 The penalty measures something, but has no cell'),
    ('kernel', other_kernel, 'python3'), ('kernel', versions, 'language_info')],
    ids=lambda value: getattr(value, '__name__', ''))
def test_broken_notebook(rule, break_it, sentence):
    nb = sound()
    break_it(nb)
    broken = getattr(house_rules, rule)(nb)
    assert any(re.search(sentence, each) for each in broken), broken


def exercise(*verdicts, answers=1):
    """A notebook with answers, and the verdicts of the checks of exercise 1, 2 and so on."""
    nb = sound()
    nb.cells += [new_code_cell(metadata={'tags': ['answer']}) for _ in range(answers)]
    for number, verdict in enumerate(verdicts, start=1):
        mark = {'kind': 'check', 'exercise': number, 'verdict': verdict}
        said = new_output('display_data', {'text/plain': f'It is {verdict}.'}, metadata={'d2lhelpers': mark})
        nb.cells.append(new_code_cell('e01.check()', outputs=[said]))
    return nb


@pytest.mark.parametrize('rule, verdict', [('unanswered', 'not answered'), ('answered', 'right')])
def test_checks_of_exercises_and_solutions(rule, verdict):
    rule = getattr(house_rules, rule)
    assert rule(exercise(verdict)) == rule(exercise(verdict, verdict, answers=2)) == []
    assert rule(exercise(verdict, 'not yet', answers=2)) == [
        f"the check of exercise 2 does not find it {verdict}, but says 'It is not yet.'"]
    assert rule(exercise(verdict, answers=2)) == ['the check of exercise 2 says nothing']
    assert rule(exercise(answers=0)) == ['it has no cell tagged answer']


def test_an_exception_may_be_the_lesson():
    nb = sound()
    exception(nb)
    nb.cells[3].metadata.tags = ['raises-exception']
    assert house_rules.no_errors(nb) == []


def test_ruff_reads_notebooks(tmp_path):
    nbformat.write(sound(), tmp_path / 'sound.ipynb')
    assert 'F821' in ruff(tmp_path).stdout  # plot() is defined nowhere
