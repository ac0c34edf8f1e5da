"""Exercises out of solutions: the committed ones, one made here, and solutions broken on purpose."""
import re

from d2lhelpers import my
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import nbformat
import pytest
import tiny
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import exercises
from tools.notebooks import notebooks
from tools.selection import all_notebooks, name_of

HINT = '<details><summary>Hint</summary>\n\nWhat is the opposite of halving?\n\n</details>'
ANSWER = '''def answer_1(x, times=2):
    """Double a number.

    Returns
    -------
    int
    """
    # secret
    return times * x'''
CHECK = """from d2lhelpers.messages import say


def check_1(answer):  # as the package has them, without its import, which takes seconds
    assert answer(2) in (None, 4), 'It is not doubled.'
    verdict = 'right' if answer(2) else 'not answered'
    say(f'Exercise 1: {verdict}: it returned {answer(2)}.', kind='check', exercise=1, verdict=verdict)"""
RIGHT = 'Exercise 1: right: it returned 4.'


def tagged(cell, *tags):
    cell.metadata.tags = list(tags)
    return cell


def solution():
    """A solution notebook with one exercise."""
    return new_notebook(cells=[
        new_markdown_cell('# Exercises 1: doubling'), tagged(new_markdown_cell('The worked answers.'),
                                                             'solution'), new_code_cell(CHECK),
        new_markdown_cell(f'## Exercise 1: Twice\n\nDouble a number.\n\n{HINT}'),
        tagged(new_code_cell(ANSWER), 'answer'),
        new_markdown_cell('Check it.'), new_code_cell('check_1(answer_1)'),
        tagged(new_code_cell('print(answer_1(21))'), 'solution'),
        tagged(new_markdown_cell('So it doubles.'), 'solution')])


@pytest.fixture
def course(root):
    """A tiny repository with a lesson and a solution."""
    tiny.write(root, '01_twice', '1 + 1')
    tiny.save(root / 'notebooks/solutions/01_twice.ipynb', solution())
    return root


def read(root, name):
    return tiny.read(root / 'notebooks' / f'{name}.ipynb')


def change(root, name, old, new):
    tiny.edit(root / 'notebooks' / f'{name}.ipynb', old, new)


def test_make_notebooks(course):
    assert notebooks(root=course) == ['solutions/01_twice', 'exercises/01_twice', '01_twice']
    nb = read(course, 'exercises/01_twice')
    assert [cell.source for cell in nb.cells] == [
        '# Exercises 1: doubling', CHECK, f'## Exercise 1: Twice\n\nDouble a number.\n\n{HINT}',
        ANSWER.replace('# secret\n    return times * x', '...'), 'Check it.', 'check_1(answer_1)',
        f'<details><summary>Expected output</summary>\n\n```\n{RIGHT}\n```\n\n</details>']
    said, = nb.cells[5].outputs
    assert said.data['text/plain'] == 'Exercise 1: not answered: it returned None.'
    assert said.metadata == {'d2lhelpers': {'kind': 'check', 'exercise': 1, 'verdict': 'not answered'}}
    assert read(course, 'solutions/01_twice').cells[6].outputs[0].data['text/plain'] == RIGHT
    assert 'd2lhelpers.messages' in nb.metadata.d2lhelpers['made_from']['modules']


def test_the_exercise_follows_its_solution(course):
    notebooks('solutions/01', course)
    assert notebooks('0', course) and notebooks(root=course) == []
    # text: nothing to compute
    change(course, 'solutions/01_twice', 'Exercise 1: Twice', 'Exercise 1: Two times')
    assert notebooks(root=course) == ['exercises/01_twice']
    assert 'Two times' in read(course, 'exercises/01_twice').cells[2].source
    change(course, 'solutions/01_twice', 'times * x', 'x + x')
    with pytest.raises(CourseError, match='solutions/01_twice was edited and not executed since: make '
                                          'notebooks NB=solutions/01_twice'):
        notebooks('exercises/01', course)
    assert notebooks('notebooks/01', course) == ['01_twice']
    assert notebooks(root=course) == ['solutions/01_twice']  # the stub is the same


def test_a_failing_solution_leaves_its_exercise_alone(course):
    notebooks('solutions/01', course)
    before = read(course, 'exercises/01_twice')
    change(course, 'solutions/01_twice', 'times * x', '3 * x')
    with pytest.raises(CourseError, match=r'01_twice.ipynb, cell \[3\] .* raised AssertionError: It is not '
                                          r'doubled.') as error:
        notebooks('solutions/01', course)
    assert 'edited and not executed' not in str(error.value)
    assert read(course, 'exercises/01_twice') == before


def check_says(verdict, sentence):
    mark = {'kind': 'check', 'exercise': 1, 'verdict': verdict}
    return [new_output('display_data', {'text/plain': sentence}, metadata={'d2lhelpers': mark})]


def executed():
    nb = solution()
    nb.cells[6].outputs = check_says('right', RIGHT)
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
    nb.cells[6].outputs = [new_output('stream', name='stdout', text=RIGHT)]


def check_of_another(nb):
    nb.cells[6].outputs[0].metadata.d2lhelpers.exercise = 2


def check_left_out(nb):
    tagged(nb.cells[6], 'solution')


def not_executed(nb):
    nb.cells[6].outputs = []


def not_right(nb):
    nb.cells[6].outputs = check_says('not yet', 'Exercise 1: not yet. It is not doubled.')


def no_worked_answer(nb):
    nb.cells[7:] = []


@pytest.mark.parametrize('break_it, sentence', [
    (no_exercise, 'solutions/01 has no exercise'), (no_heading, 'solutions/01 has no exercise'),
    (other_number, 'exercise 1 is headed "Exercise 2"'), (no_hint, 'exercise 1 has no folded hint'),
    (no_tag, 'exercise 1 has 0 cells tagged answer'),
    (more_than_a_function, 'one function answer_1 with a docstring, and nothing else'),
    (other_name, 'one function answer_1'), (decorated, 'one function answer_1'),
    (no_docstring, 'one function answer_1 with a docstring'),
    (no_python, 'the answer is no Python'), (no_check, r'is to call check_1\(answer_1\)'),
    (check_of_another, 'has no check'), (check_left_out, 'has no check'), (not_executed, 'has no check'),
    (not_right, "says 'Exercise 1: not yet. It is not doubled.'"),
    (no_worked_answer, 'no cell tagged solution')], ids=lambda value: getattr(value, '__name__', ''))
def test_broken_solution(break_it, sentence):
    nb = executed()
    break_it(nb)
    with pytest.raises(CourseError, match=sentence):
        exercises.from_solution(nb, 'solutions/01')


COMMITTED = sorted((settings.root / 'notebooks' / 'solutions').glob('*.ipynb'))


@pytest.mark.parametrize('path', COMMITTED, ids=name_of)
def test_committed_exercise_is_what_its_solution_makes(path):
    made = exercises.from_solution(nbformat.read(path, as_version=4), name_of(path))
    assert exercises.same(nbformat.read(path.parent.with_name('exercises') / path.name, as_version=4), made)


def test_exercises_have_solutions_and_lessons():
    names = {folder: {path.name for path in (settings.root / 'notebooks' / folder).glob('*.ipynb')}
             for folder in ('.', 'exercises', 'solutions')}
    assert names['exercises'] == names['solutions'] <= names['.']


LINK = re.compile(r'\]\(([^)#\s]+)[^)]*\)')


@pytest.mark.parametrize('path', all_notebooks(), ids=name_of)
def test_links_lead_somewhere(path):
    """Here and in my/, where the notebooks stand in the same places."""
    targets = [link for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == 'markdown'
               for link in LINK.findall(cell.source)
               if '://' not in link and not link.startswith(('attachment:', 'mailto:'))]
    copied = settings.root / 'my' / path.relative_to(settings.root / 'notebooks')
    for target in targets:
        assert (path.parent / target).exists(), f'{name_of(path)} links to {target}, which is not there'
        found = (copied.parent / target).resolve()
        if found.is_relative_to(settings.root / 'my'):
            assert found.relative_to(settings.root / 'my').as_posix() in my.course_notebooks(settings.root), (
                f'{name_of(path)} links to {target}, which is not in my/')
