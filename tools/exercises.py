"""Exercises out of solutions: the solution is written by hand, so the two cannot drift apart.

In ``notebooks/solutions/NN_name.ipynb`` an exercise is: a text cell ``## Exercise 3: ...`` with the question
and a folded hint; a code cell tagged ``answer`` with one function ``answer_3``; a cell that calls
``check_3(answer_3)``, whose output is marked as a check; and cells tagged ``solution``, the worked answer.
"""
import ast
import copy
import re

from d2lhelpers.errors import CourseError

from nbformat.v4 import new_markdown_cell

from .marks import mark, of_kind, said, tagged

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
    solutions = dict.fromkeys(path.parent.with_name('solutions') / path.name for path in paths
                              if path.parent.name in ('exercises', 'solutions'))
    return {path.parent.with_name('exercises') / path.name: path for path in solutions if path.exists()}


def same(one, other):
    """Whether two notebooks have the same cells, outputs left aside."""
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in one.cells] == [
        (cell.id, cell.cell_type, cell.source, cell.metadata) for cell in other.cells]


def from_solution(nb, name):
    """The exercise notebook, without outputs: bodies of answers emptied, worked answers left out, what the
    checks printed folded below them.

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
    if not parts or any(tagged(cell, 'answer') for cell in opening):
        what = 'has an answer before its first heading' if parts else 'has no exercise'
        raise CourseError(f'{name} {what}: each begins with a text cell "## Exercise 1: ...".')
    for number, part in enumerate([opening, *parts]):
        for cell in part:
            if not tagged(cell, 'solution'):
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


def _refuse(part, number, where):
    """Raise CourseError for an exercise that is not whole."""
    heading = re.search(r'^## Exercise (\d+):', part[0].source, re.MULTILINE)[1]
    if int(heading) != number:
        raise CourseError(f'{where} is headed "Exercise {heading}": count the headings from 1.')
    answers = [place for place, cell in enumerate(part) if tagged(cell, 'answer')]
    if len(answers) != 1:
        raise CourseError(f'{where} has {len(answers)} cells tagged answer: tag the one with '
                          f'answer_{number}.')
    place = answers[0]
    if not any(cell.cell_type == 'markdown' and HINT.search(cell.source) for cell in part[:place]):
        raise CourseError(f'{where} has no folded hint before its answer: <details><summary>Hint</summary> '
                          '... </details>.')
    _function(part[place].source, number, where)
    check = next((cell for cell in part[place + 1:] if cell.cell_type == 'code'), None)
    checks = [] if check is None or tagged(check, 'solution') else _checks(check, number)
    if not checks:
        raise CourseError(f'{where} has no check that has spoken: the next code cell after the answer is to '
                          f'call check_{number}(answer_{number}), and make notebooks to execute the '
                          'solution.')
    if mark(checks[-1])['verdict'] != 'right':
        raise CourseError(f'{where}: the check says {said(checks[-1]).strip()!r}, not that the answer is '
                          'right: mend it and execute the solution again.')
    if not any(tagged(cell, 'solution') for cell in part):
        raise CourseError(f'{where} has no cell tagged solution: give a worked answer.')


def _function(source, number, where):
    """The one function of an answer cell, parsed."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise CourseError(f'{where}: the answer is no Python ({error}).') from None
    if (len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != f'answer_{number}'
            or body[0].decorator_list or not ast.get_docstring(body[0])):
        raise CourseError(f'{where}: the answer cell is to hold one function answer_{number} with a '
                          'docstring, and nothing else.')
    return body[0]


def _checks(cell, number):
    """What the check of an exercise has said in a cell."""
    return [output for output in of_kind(cell, 'check') if mark(output)['exercise'] == number]


def _without_answer(cell, number):
    """What stands in the exercise in place of a cell of the solution: one cell, or two."""
    new = copy.deepcopy(cell)
    if cell.cell_type != 'code':
        return [new]
    new.outputs, new.execution_count = [], None
    if tagged(cell, 'answer'):
        function = _function(cell.source, number, '')
        function.body = [function.body[0], ast.Expr(ast.Constant(...))]
        new.source = ast.unparse(function)
    if not _checks(cell, number):
        return [new]
    printed = ''.join(map(said, cell.outputs)).strip()
    expected = new_markdown_cell('<details><summary>Expected output</summary>\n\n'
                                 f'```\n{printed}\n```\n\n</details>', id=f'{cell.id}-expected')
    return [new, expected]
