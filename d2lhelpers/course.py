"""The whole course, for its start page: what came out in all lessons, and how many hours a route takes."""
import re

import nbformat
import pandas
from IPython.display import Markdown

from . import provenance
from .comparisons import winners
from .environment import settings
from .errors import CourseError
from .lesson import measured
from .records import Table, recorded

# words a minute in a foreign language, seconds a line of code, minutes an exercise: estimates, not measured
READING, LINE, EXERCISE = 120, 6, 15


def sections(path):
    """The parts of a notebook: a dict from each heading (without its code marks) to the cells from there to
    the next one.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict of str to list of nbformat.NotebookNode
    """
    parts, heading = {}, None
    for cell in nbformat.read(provenance.read(path), as_version=4).cells:
        text = re.sub(r'```.*?```', '', cell.source, flags=re.DOTALL) if cell.cell_type == 'markdown' else ''
        found = [re.sub(r'[`*]', '', each) for each in re.findall(r'^#+ +(.+?)\s*$', text, re.MULTILINE)]
        for each in found:
            parts.setdefault(each, [])
        heading = found[-1] if found else heading
        parts.setdefault(heading, []).append(cell)
    return parts


def link(notebook, number):
    """A link in Markdown to a section of a lesson, by its number.

    Parameters
    ----------
    notebook : str
        Such as ``'01'``: how the lesson's name begins.
    number : str
        Such as ``'1.11'``.

    Raises
    ------
    CourseError
        If there is no such section.
    """
    path = _path(notebook)
    heading = next((each for each in sections(path) if each.startswith(f'{number} ')), None)
    if heading is None:
        raise CourseError(f'{path.name} has no section {number}.')
    return f'[{heading}]({path.name}#{heading.replace(" ", "-")})'


def outcomes(*rows):
    """Which method came out best, lesson by lesson, from the committed records; each line leads to the
    section where it is measured.

    Parameters
    ----------
    *rows : dict
        ``lesson`` (``'01'``), number of the ``section``, name of the ``record``; if need be the ``figure``
        that counts (``'test'``; higher is better) and ``by`` which the best is chosen, see `winners`; the
        values of columns to look at (``only={'each': [1]}``), and a column that is a part of the method's
        name (``method='n'``).

    Returns
    -------
    IPython.display.Markdown
    """
    lines = [line for row in rows for line in _outcomes(**row)]
    return Markdown(markdown_table(['measured in', 'where', 'best', 'accuracy', 'not clearly worse'], lines))


def _outcomes(lesson, section, record, figure='test', by='validation', only=None, method=None):
    table = recorded(record)
    arms = [name for name in table.arms if name != method]
    frames = []
    for frame in (table.rows, table.items):
        for name, values in (only or {}).items():
            frame = frame[frame[name].isin(values)]
        if method and len(frame):  # a record need not have items
            frame = frame.assign(arm=frame['arm'] + f' ({method} = ' + frame[method].astype(str) + ')')
        frames.append(frame)
    rows, items = frames
    best = winners(Table(rows, arms, table.settings, items=items, about=table.about), figure, by)
    for row in best.to_dict('records'):
        where = ', '.join(f'{row[name]:g} {name}' if isinstance(row[name], float | int) else str(row[name])
                          for name in arms if name != 'arm' and not pandas.isna(row[name]))
        yield [link(lesson, section), where, row['best'], f'{row[figure]:.3f}', row['not clearly worse']]


def hours(routes):
    """How long each route through the course takes: an estimate from its words, its lines of code, its
    exercises, and the measured minutes.

    Parameters
    ----------
    routes : dict of str to list
        For each route its notebooks by the beginnings of their names, ``'01'`` or ``'exercises/01'``; of a
        lesson that is taken in part, ``('01', '1.1', '1.2')`` names the sections.

    Returns
    -------
    IPython.display.Markdown
    """
    lines = []
    for name, parts in routes.items():
        total = sum(minutes(*([part] if isinstance(part, str) else part)) for part in parts) / 60
        told = ', '.join(part if isinstance(part, str) else f'{part[0]} ({", ".join(part[1:])})'
                         for part in parts)
        lines.append([name, told, f'{total:.0f}' if total > 3 else f'{total:.1f}'])
    how = (f'Estimated: {READING} words per minute, {LINE} seconds per line of code, {EXERCISE} minutes per '
           'exercise; the time to run the code is measured.')
    return Markdown(markdown_table(['route', 'notebooks', 'hours'], lines) + f'\n{how}')


def _path(notebook):
    folder, _, number = notebook.rpartition('/')
    found = sorted((_notebooks() / folder).glob(f'{number}*.ipynb'))
    if len(found) != 1:
        raise CourseError(f'{notebook} is the beginning of {len(found)} notebooks, not of one: write more of '
                          f'its name{"".join(f", {path.stem}" for path in found)}.')
    return found[0]


def _notebooks():
    return settings.root / 'notebooks'


def minutes(notebook, *numbers):
    """How long a notebook takes: an estimate, see `hours`.

    Parameters
    ----------
    notebook : str
        The beginning of its name.
    *numbers : str
        Sections; by default all of it.

    Returns
    -------
    float

    Raises
    ------
    CourseError
        If there is no such section.
    """
    path = _path(notebook)
    taken, found, number = {}, set(), None
    for heading, cells in sections(path).items():
        # headings without a number belong to the section above
        number = re.match(r'\d+\.\d+(?= )|', str(heading))[0] or number
        if not numbers or number in numbers:
            taken[heading] = cells
            found.add(number)
    if missing := set(numbers) - found:
        raise CourseError(f'{path.name} has no section {", ".join(sorted(missing))}.')
    cells = [cell for part in taken.values() for cell in part]
    words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == 'markdown')
    code = sum(len(cell.source.splitlines()) for cell in cells if cell.cell_type == 'code')
    exercises = sum(str(heading).startswith('Exercise ') for heading in taken)
    whole = sum(len(part) for part in sections(path).values())
    name = path.relative_to(_notebooks()).with_suffix('').as_posix()
    run = float(measured('embedded').get(name, {'seconds': 0})['seconds']) / 60 * len(cells) / whole
    return words / READING + code * LINE / 60 + exercises * EXERCISE + run


def markdown_table(head, lines):
    """A table in Markdown; `head` and each of the `lines` are lists of text."""
    return ''.join(f"| {' | '.join(line)} |\n" for line in [head, ['---'] * len(head), *lines])
