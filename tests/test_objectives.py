"""The table at the end of each lesson: no objective without an exercise, no exercise without an objective."""
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pytest
import tiny
from nbformat.v4 import new_markdown_cell, new_notebook

from tools import freshness, objectives
from tools.marks import tagged
from tools.notebooks import notebooks
from tools.selection import name_of

WITH_EXERCISES = sorted((settings.root / 'notebooks/solutions').glob('*.ipynb'))
LESSON = ('# 1. Doubling\n\n**After this lesson you can**\n\n1. double a number;\n2. say what `2 * x` costs.'
          '\n\n**You need** this:\n\n1. a number.')


@pytest.mark.parametrize('path', WITH_EXERCISES, ids=name_of)
def test_the_committed_table_is_of_today(path):
    lesson = path.parents[1] / path.name
    cell, = (cell for cell in tiny.read(lesson).cells if tagged(cell, 'objectives'))
    assert cell.source == objectives.table(lesson), f'make notebooks NB=notebooks/{lesson.stem[:2]}'


@pytest.fixture
def lesson(root):
    """A lesson of two objectives and two sections, with two exercises."""
    cells = [new_markdown_cell(LESSON), new_markdown_cell('## 1.1 Twice: why?'),
             new_markdown_cell('## 1.2 Costs\n\n### A part'),
             new_markdown_cell(metadata={'tags': ['objectives']})]
    practise = [new_markdown_cell('# Exercises 1'),
                new_markdown_cell('## Exercise 1: Do it\n\n*Practises objective 1 (section 1.1).*\n\nWell?'),
                new_markdown_cell('## Exercise 2: Both\n\n*Practises objectives 1 and 2 (sections 1.2 and '
                                  '1.1).*')]
    tiny.save(root / 'notebooks/solutions/01_first.ipynb', new_notebook(cells=practise))
    return tiny.save(root / 'notebooks/01_first.ipynb', new_notebook(cells=cells))


def test_table(lesson):
    both = '[2: Both](exercises/01_first.ipynb#Exercise-2:-Both)'
    assert objectives.table(lesson).splitlines()[-2:] == [
        '| 1. double a number | [1.1](#1.1-Twice:-why?), [1.2](#1.2-Costs) | '
        f'[1: Do it](exercises/01_first.ipynb#Exercise-1:-Do-it)<br>{both} |',
        f'| 2. say what `2 * x` costs | [1.1](#1.1-Twice:-why?), [1.2](#1.2-Costs) | {both} |']


@pytest.mark.parametrize('name, old, new, sentence', [
    ('solutions/01_first', '\n\n*Practises objective 1 (section 1.1).*', '',
     'solutions/01_first, Exercise 1: Do it: below the heading there is no line like'),
    ('solutions/01_first', 'objective 1 (section 1.1)', 'objective 3 (section 1.1)',
     'Exercise 1: Do it: the lesson has no objective 3'),
    ('solutions/01_first', '(section 1.1)', '(section 1.10)',
     'Exercise 1: Do it: the lesson has no section 1.10'),
    ('solutions/01_first', 'objectives 1 and 2', 'objective 1',
     r'01_first: objective 2 \(say what `2 \* x` costs\) has no exercise'),
    ('01_first', 'After this lesson', 'After this', 'there is no numbered list of objectives')])
def test_what_does_not_fit(lesson, name, old, new, sentence):
    tiny.edit(lesson.parents[0] / f'{name}.ipynb', old, new)
    with pytest.raises(CourseError, match=sentence):
        objectives.table(lesson)


def test_make_notebooks_writes_it_and_nothing_is_due_for_it(root, lesson):
    assert notebooks('notebooks/01', root) == ['01_first']
    assert tiny.read(lesson).cells[-1].source == objectives.table(lesson)
    tiny.edit(root / 'notebooks/solutions/01_first.ipynb', 'Do it', 'Try it')
    objectives.write(lesson)
    nb = tiny.read(lesson)
    assert 'Try it' in nb.cells[-1].source and freshness.reasons(nb, root) == []
    tiny.edit(root / 'notebooks/solutions/01_first.ipynb', 'objectives 1 and 2', 'objective 1')
    with pytest.raises(CourseError, match='objective 2 .* has no exercise'):
        notebooks('notebooks/01', root)
