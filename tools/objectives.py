"""The table at the end of a lesson: its objectives, the sections that teach each, the exercises that practise
it.

The objectives are the numbered list at the top of the lesson. What an exercise practises is written once, in
the solution, below the heading: ``*Practises objective 2 (sections 1.4, 1.6).*``. ``make notebooks`` writes
the table into the text cell of the lesson that is tagged ``objectives``; as it is text, nothing is due.
"""
import re

from d2lhelpers.course import markdown_table, sections
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole

import nbformat

from .marks import tagged

PRACTISES = re.compile(r'^\*Practises objectives? ([\d, and]+) \(sections? ([\d., and]+)\)\.\*$',
                       re.MULTILINE)


def write(path):
    """Write the table into a lesson that has a cell for it.

    Parameters
    ----------
    path : pathlib.Path
        The lesson.

    Raises
    ------
    CourseError
        See `table`.
    """
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if tagged(cell, 'objectives') and cell.source != (fresh := table(path)):
            cell.source = fresh
            write_whole(path, nbformat.writes(nb))


def table(path):
    """The text of the cell.

    Parameters
    ----------
    path : pathlib.Path
        The lesson; its solution lies in ``solutions/`` beside it.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    CourseError
        If an objective has no exercise, or an exercise names no objective or section that is there.
    """
    taught, lines = _sections(path), []
    for goal, places, exercises in rows(path):
        lines.append([goal, ', '.join(f'[{place}](#{taught[place]})' for place in places),
                      '<br>'.join(f'[{exercise.removeprefix("Exercise ")}]'
                                  f'(exercises/{path.name}#{_anchor(exercise)})' for exercise in exercises)])
    return ('**What you can do now, and where to try it.** Each exercise tells at once whether your answer '
            f'is right. The [solutions](solutions/{path.name}) are for afterwards.\n\n'
            + markdown_table(['after this lesson you can', 'sections', 'exercises'], lines).rstrip())


def rows(path):
    """Which sections teach each objective of a lesson, and which exercises practise it.

    Parameters
    ----------
    path : pathlib.Path
        The lesson; its solution lies in ``solutions/`` beside it.

    Returns
    -------
    list of tuple of (str, list of str, list of str)
        The objective with its number, numbers of sections, headings of exercises.

    Raises
    ------
    CourseError
        If an objective has no exercise, or an exercise names no objective or section that is there.
    """
    goals, taught = _objectives(path), _sections(path)
    practised = practises(path)
    for exercise, (numbers, places) in practised.items():
        missing = [f'objective {number}' for number in numbers if number not in goals]
        missing += [f'section {place}' for place in places if place not in taught]
        if missing:
            raise CourseError(f'solutions/{path.stem}, {exercise}: the lesson has no {missing[0]}.')
    lines = []
    for number, goal in goals.items():
        here = {exercise: places for exercise, (numbers, places) in practised.items() if number in numbers}
        if not here:
            raise CourseError(f'{path.stem}: objective {number} ({goal}) has no exercise. Name it below the '
                              f'heading of one in solutions/{path.stem}, or change the objective.')
        lines.append((f'{number}. {goal}', [place for place in taught
                                            if any(place in places for places in here.values())], list(here)))
    return lines


def _objectives(path):
    """The objectives of a lesson by their numbers."""
    first = nbformat.read(path, as_version=4).cells[0].source
    listed = first.partition('**After this lesson you can**')[2].strip().partition('\n\n')[0]
    found = re.findall(r'^(\d+)\. (.+?)[;.]?$', listed, re.MULTILINE)
    if not found:
        raise CourseError(f'{path.stem}: below "**After this lesson you can**" in the first cell there is no '
                          'numbered list of objectives.')
    return {int(number): goal for number, goal in found}


def _sections(path):
    """By the number of each section of a lesson what leads to it."""
    numbers = {heading: re.match(r'\d+\.\d+(?= )', heading or '') for heading in sections(path)}
    return {number[0]: _anchor(heading) for heading, number in numbers.items() if number}


def practises(path):
    """By the heading of each exercise of a lesson the numbers of its objectives, and of its sections."""
    path, found = path.parent / 'solutions' / path.name, {}
    for heading, (first, *_) in sections(path).items():
        if re.match(r'Exercise \d+:', heading or ''):
            line = PRACTISES.search(first.source)
            if line is None:
                raise CourseError(f'solutions/{path.stem}, {heading}: below the heading there is no line '
                                  'like "*Practises objective 2 (sections 1.4, 1.6).*".')
            found[heading] = ([int(number) for number in re.findall(r'\d+', line[1])],
                              re.findall(r'\d+\.\d+', line[2]))
    return found


def _anchor(heading):
    return heading.replace(' ', '-')
