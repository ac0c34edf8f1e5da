"""Exercises out of solutions: the solution is written by hand, so the two cannot drift apart.

In ``notebooks/solutions/NN_name.ipynb`` an exercise is: a text cell ``## Exercise 3: ...`` with the question and a folded hint; a code cell tagged
``answer`` with one function ``answer_3``; a cell that calls ``check_3(answer_3)``; and cells tagged ``solution``, the worked answer.
"""
import ast
import copy
import re

from ..errors import CourseError

HINT = re.compile(r'<details>\s*<summary>[^<]*Hint[^<]*</summary>.*?</details>', re.DOTALL)


def of(paths):
    """Which exercises are made from which solutions.

    Parameters
    ----------
    paths : iterable of Path
        Notebooks of the course; of a pair one is enough.

    Returns
    -------
    dict of Path to Path
        The solution of each exercise.
    """
    solutions = dict.fromkeys(path.parent.with_name('solutions') / path.name for path in paths if path.parent.name in ('exercises', 'solutions'))
    return {path.parent.with_name('exercises') / path.name: path for path in solutions if path.exists()}


def same(one, other):
    """Whether two notebooks have the same cells, outputs left aside."""
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in one.cells] == [
        (cell.id, cell.cell_type, cell.source, cell.metadata) for cell in other.cells]


def from_solution(nb, name):
    """The exercise notebook, without outputs: bodies of answers emptied, worked answers left out, what the checks printed folded below them.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        The solution, executed.
    name : str
        What to call it in an error.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    CourseError
        If the solution is not built as the module's docstring says, or a check in it does not say right.
    """
    exercise = copy.deepcopy(nb)
    exercise.metadata.pop('d2lhelpers', None)
    exercise.cells = []
    opening, *parts = _parts(nb)
    for number, part in enumerate(parts, start=1):
        _refuse(part, number, f'{name}, exercise {number}')
    if not parts or any(_tagged(cell, 'answer') for cell in opening):
        raise CourseError(f'{name} {"has an answer before its first heading" if parts else "has no exercise"}: '
                          'each begins with a text cell "## Exercise 1: ...".')
    for number, part in enumerate([opening, *parts]):
        for cell in part:
            if not _tagged(cell, 'solution'):
                exercise.cells += _without_answer(cell, number)
    return exercise


def _parts(nb):
    """The cells before the first exercise, then those of each exercise."""
    parts = [[]]
    for cell in nb.cells:
        if cell.cell_type == 'markdown' and re.search(r'^## Exercise \d+:', cell.source, re.MULTILINE):
            parts.append([])
        parts[-1].append(cell)
    return parts


def _tagged(cell, tag):
    return tag in cell.metadata.get('tags', [])


def _refuse(part, number, where):
    """Raise CourseError for an exercise that is not whole."""
    heading = re.search(r'^## Exercise (\d+):', part[0].source, re.MULTILINE)[1]
    if int(heading) != number:
        raise CourseError(f'{where} is headed "Exercise {heading}": count the headings from 1.')
    answers = [place for place, cell in enumerate(part) if _tagged(cell, 'answer')]
    if len(answers) != 1:
        raise CourseError(f'{where} has {len(answers)} cells tagged answer: tag the one with answer_{number}.')
    place = answers[0]
    if not any(cell.cell_type == 'markdown' and HINT.search(cell.source) for cell in part[:place]):
        raise CourseError(f'{where} has no folded hint before its answer: <details><summary>Hint</summary> ... </details>.')
    _function(part[place].source, number, where)
    check = next((cell for cell in part[place + 1:] if cell.cell_type == 'code'), None)
    if check is None or not _checks(check, number) or _tagged(check, 'solution'):
        raise CourseError(f'{where} has no check: the next code cell after the answer is to call check_{number}(answer_{number}).')
    if f'Exercise {number}: right' not in _printed(check):
        raise CourseError(f'{where}: the check says {_printed(check).strip() or "nothing"!r}, not that the answer is right: '
                          'mend it and execute the solution again.')
    if not any(_tagged(cell, 'solution') for cell in part):
        raise CourseError(f'{where} has no cell tagged solution: give a worked answer.')


def _function(source, number, where):
    """The one function of an answer cell, parsed."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise CourseError(f'{where}: the answer is no Python ({error}).') from None
    if (len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != f'answer_{number}' or body[0].decorator_list
            or not ast.get_docstring(body[0])):
        raise CourseError(f'{where}: the answer cell is to hold one function answer_{number} with a docstring, and nothing else.')
    return body[0]


def _checks(cell, number):
    return re.search(rf'\bcheck_{number}\(answer_{number}\)', cell.source) is not None


def _printed(cell):
    return ''.join(output.text for output in cell.outputs if output.output_type == 'stream')


def _without_answer(cell, number):
    """What stands in the exercise in place of a cell of the solution: one cell, or two."""
    new = copy.deepcopy(cell)
    if cell.cell_type != 'code':
        return [new]
    new.outputs, new.execution_count = [], None
    if _tagged(cell, 'answer'):
        function = _function(cell.source, number, '')
        function.body = [function.body[0], ast.Expr(ast.Constant(...))]
        new.source = ast.unparse(function)
    if not _checks(cell, number):
        return [new]
    expected = copy.deepcopy(new)
    expected.update(cell_type='markdown', id=f'{cell.id}-expected', metadata={},
                    source=f'<details><summary>Expected output</summary>\n\n```\n{_printed(cell).strip()}\n```\n\n</details>')
    del expected['outputs'], expected['execution_count']
    return [new, expected]
