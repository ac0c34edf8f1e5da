"""Exercises out of solutions: the committed ones, one made here, and solutions broken on purpose."""
import re

from d2lhelpers import ROOT
from d2lhelpers.authoring import execute, exercises, my
from d2lhelpers.authoring.execute import name_of
from d2lhelpers.errors import CourseError

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HINT = '<details><summary>Hint</summary>\n\nWhat is the opposite of halving?\n\n</details>'
ANSWER = '''def answer_1(x, times=2):
    """Double a number.

    Returns
    -------
    int
    """
    # secret
    return times * x'''
CHECK = """def check_1(answer):  # as the package has them, without its import, which takes seconds
    assert answer(2) in (None, 4), 'It is not doubled.'
    print('Exercise 1: right: 4 it is.' if answer(2) else 'Exercise 1: not answered yet.')"""


def tagged(cell, *tags):
    cell.metadata.tags = list(tags)
    return cell


def solution():
    """A solution notebook with one exercise."""
    return new_notebook(cells=[
        new_markdown_cell('# Exercises 1: doubling'), tagged(new_markdown_cell('The worked answers.'), 'solution'), new_code_cell(CHECK),
        new_markdown_cell(f'## Exercise 1: Twice\n\nDouble a number.\n\n{HINT}'), tagged(new_code_cell(ANSWER), 'answer'),
        new_markdown_cell('Check it.'), new_code_cell('check_1(answer_1)'),
        tagged(new_code_cell('print(answer_1(21))'), 'solution'), tagged(new_markdown_cell('So it doubles.'), 'solution')])


@pytest.fixture
def root(tmp_path):
    """A repository with a lesson and a solution."""
    for folder in ('notebooks/solutions', 'data/results', 'd2lhelpers/exercises'):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / 'requirements.lock').write_text('')
    for name in ('checking', 'e01', 'e02'):
        (tmp_path / 'd2lhelpers' / 'exercises' / f'{name}.py').write_text('x = 1\n')
    nbformat.write(new_notebook(cells=[new_markdown_cell('# Lesson'), new_code_cell('1 + 1')]), tmp_path / 'notebooks/01_twice.ipynb')
    nbformat.write(solution(), tmp_path / 'notebooks/solutions/01_twice.ipynb')
    return tmp_path


def read(root, name):
    return nbformat.read(root / 'notebooks' / f'{name}.ipynb', as_version=4)


def change(root, name, index, source):
    nb = read(root, name)
    nb.cells[index].source = source
    nbformat.write(nb, root / 'notebooks' / f'{name}.ipynb')


def test_make_notebooks(root, capsys):
    assert execute.notebooks(root=root) == ['01_twice', 'solutions/01_twice', 'exercises/01_twice']
    nb = read(root, 'exercises/01_twice')
    assert [cell.source for cell in nb.cells] == [
        '# Exercises 1: doubling', CHECK, f'## Exercise 1: Twice\n\nDouble a number.\n\n{HINT}',
        'def answer_1(x, times=2):\n    """Double a number.\n\n    Returns\n    -------\n    int\n    """\n    ...', 'Check it.', 'check_1(answer_1)',
        '<details><summary>Expected output</summary>\n\n```\nExercise 1: right: 4 it is.\n```\n\n</details>']
    assert nb.cells[5].outputs[0].text == 'Exercise 1: not answered yet.\n'
    assert read(root, 'solutions/01_twice').cells[6].outputs[0].text == 'Exercise 1: right: 4 it is.\n'

    assert execute.notebooks(root=root) == []
    change(root, 'solutions/01_twice', 3, f'## Exercise 1: Two times\n\n{HINT}')  # text: nothing to compute, but the exercise follows
    assert execute.notebooks(root=root) == ['exercises/01_twice']
    assert 'Two times' in read(root, 'exercises/01_twice').cells[2].source
    change(root, 'solutions/01_twice', 4, ANSWER.replace('times * x', 'x + x'))
    with pytest.raises(CourseError, match='solutions/01_twice was edited and not executed since: make notebooks NB=solutions/01_twice'):
        execute.notebooks('exercises/01', root)
    assert execute.notebooks('solutions/01', root) == ['solutions/01_twice', 'exercises/01_twice']
    assert execute.notebooks('notebooks/01', root) == ['01_twice']


def test_a_failing_solution_leaves_its_exercise_alone(root):
    execute.notebooks(root=root)
    before = read(root, 'exercises/01_twice')
    change(root, 'solutions/01_twice', 4, ANSWER.replace('times * x', '3 * x'))
    with pytest.raises(CourseError, match=r'01_twice.ipynb, cell \[3\] .* raised AssertionError: It is not doubled.') as error:
        execute.notebooks(root=root)
    assert 'edited and not executed' not in str(error.value)
    assert read(root, 'exercises/01_twice') == before


@pytest.mark.parametrize('module, code, depends', [
    ('e01', 'from d2lhelpers.exercises import e01', True), ('e02', 'from d2lhelpers.exercises import e01', False),
    ('checking', 'from d2lhelpers.exercises import e01', True), ('e01', 'import d2lhelpers', False)])
def test_a_check_changes_only_the_notebooks_that_import_it(root, module, code, depends):
    nb = new_notebook(cells=[new_code_cell(code)])
    before = execute.code_hash(nb, root)
    (root / 'd2lhelpers' / 'exercises' / f'{module}.py').write_text('x = 2\n')
    assert (execute.code_hash(nb, root) != before) == depends


def executed():
    nb = solution()
    nb.cells[6].outputs = [nbformat.v4.new_output('stream', name='stdout', text='Exercise 1: right: 4 it is.\n')]
    return nb


def test_the_sound_solution():
    assert len(exercises.from_solution(executed(), 'solutions/01').cells) == 7


def no_exercise(nb):
    nb.cells[3:] = []


def no_heading(nb):
    nb.cells[3].source = HINT


def other_number(nb):
    nb.cells[3].source = nb.cells[3].source.replace('1', '2')


def no_hint(nb):
    nb.cells[3].source = '## Exercise 1: Twice\n\nDouble a number.'


def no_tag(nb):
    nb.cells[4].metadata = {}


def more_than_a_function(nb):
    nb.cells[4].source = 'import math\n\n\n' + ANSWER


def other_name(nb):
    nb.cells[4].source = ANSWER.replace('answer_1', 'answer_2')


def decorated(nb):
    nb.cells[4].source = '@staticmethod\n' + ANSWER


def no_docstring(nb):
    nb.cells[4].source = 'def answer_1(x):\n    return 2 * x'


def no_python(nb):
    nb.cells[4].source = 'def answer_1(x)'


def no_check(nb):
    nb.cells[6].source = 'answer_1(2)'


def check_left_out(nb):
    tagged(nb.cells[6], 'solution')


def not_executed(nb):
    nb.cells[6].outputs = []


def not_right(nb):
    nb.cells[6].outputs[0].text = 'Exercise 1: not yet. It is not doubled.\n'


def no_worked_answer(nb):
    nb.cells[7:] = []


@pytest.mark.parametrize('break_it, sentence', [
    (no_exercise, 'solutions/01 has no exercise'), (no_heading, 'solutions/01 has no exercise'),
    (other_number, 'exercise 1 is headed "Exercise 2"'), (no_hint, 'exercise 1 has no folded hint'),
    (no_tag, 'exercise 1 has 0 cells tagged answer'), (more_than_a_function, 'one function answer_1 with a docstring, and nothing else'),
    (other_name, 'one function answer_1'), (decorated, 'one function answer_1'), (no_docstring, 'one function answer_1 with a docstring'),
    (no_python, 'the answer is no Python'), (no_check, r'is to call check_1\(answer_1\)'), (check_left_out, 'has no check'),
    (not_executed, "the check says 'nothing', not that"), (not_right, "says 'Exercise 1: not yet. It is not doubled.'"),
    (no_worked_answer, 'no cell tagged solution')], ids=lambda value: getattr(value, '__name__', ''))
def test_broken_solution(break_it, sentence):
    nb = executed()
    break_it(nb)
    with pytest.raises(CourseError, match=sentence):
        exercises.from_solution(nb, 'solutions/01')


COMMITTED = sorted((ROOT / 'notebooks' / 'solutions').glob('*.ipynb'))


@pytest.mark.parametrize('path', COMMITTED, ids=name_of)
def test_committed_exercise_is_what_its_solution_makes(path):
    made = exercises.from_solution(nbformat.read(path, as_version=4), name_of(path))
    assert exercises.same(nbformat.read(path.parent.with_name('exercises') / path.name, as_version=4), made)


def test_exercises_have_solutions_and_lessons():
    names = {folder: {path.name for path in (ROOT / 'notebooks' / folder).glob('*.ipynb')} for folder in ('.', 'exercises', 'solutions')}
    assert names['exercises'] == names['solutions'] <= names['.']


LINK = re.compile(r'\]\(([^)#\s]+)[^)]*\)')


@pytest.mark.parametrize('path', execute.all_notebooks(), ids=name_of)
def test_links_lead_somewhere(path, tmp_path):
    """Here and in my/, where the notebooks stand in the same places."""
    targets = [link for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == 'markdown' for link in LINK.findall(cell.source)
               if '://' not in link and not link.startswith(('attachment:', 'mailto:'))]
    copied = ROOT / 'my' / path.relative_to(ROOT / 'notebooks')
    for target in targets:
        assert (path.parent / target).exists(), f'{name_of(path)} links to {target}, which is not there'
        found = (copied.parent / target).resolve()
        assert not found.is_relative_to(ROOT / 'my') or found.relative_to(ROOT / 'my').as_posix() in my.course_notebooks(ROOT), (
            f'{name_of(path)} links to {target}, which is not in my/')
