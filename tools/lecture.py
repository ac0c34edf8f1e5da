"""What a deck has that is in no lesson: a front page, an agenda, the exercises, the last slide; and its cuts
for 45 and for 90 minutes.
"""
import re

from d2lhelpers import course
from d2lhelpers.errors import CourseError

from nbformat.v4 import new_markdown_cell

COURSE = 'Transfer learning, hands on'
LICENCE = 'Text and figures: CC BY 4.0. Code: MIT. By the authors of the d2lhelpers course.'
CUTS = {45: ('must',), 90: ('must', 'may')}  # minutes, and the marks of what is shown
MARKS = ('must', 'may', 'skip')


def front(path, cells):
    """The slides before the lesson: title, course and licence; the sections.

    Parameters
    ----------
    path : pathlib.Path
        The lesson.
    cells : list of nbformat.NotebookNode
        Its cells that are shown.

    Returns
    -------
    list of nbformat.NotebookNode
    """
    sections = re.findall(r'^## (\d+\.\d+ .+)$', '\n'.join(cell.source for cell in cells
                                                            if cell.cell_type == 'markdown'), re.MULTILINE)
    text = next((cell.source for cell in cells if cell.cell_type == 'markdown'), '')
    title = re.search(r'^# +(.+)$', text, re.MULTILINE)
    adapted = re.search(r'^(?:The|This) lesson follows .+?\.(?= |$)', text, re.MULTILINE)
    cells = [_slide(f'# {title[1] if title else path.stem}\n\n{COURSE}\n\n'
                    + (f'{adapted[0]}\n\n' if adapted else '') + f'*{LICENCE}*')]
    if sections:
        cells.append(_slide('## Agenda\n\n' + '\n'.join(f'- {section}' for section in sections)))
    return cells


def last(path):
    """The slides after the lesson: its exercises, and the licence.

    Parameters
    ----------
    path : pathlib.Path
        The lesson; its exercises lie in ``exercises/`` beside it.

    Returns
    -------
    list of nbformat.NotebookNode
    """
    exercises, cells = path.parent / 'exercises' / path.name, []
    if exercises.exists():
        named = [re.sub(r'Exercise (\d+):', r'\1.', heading) for heading in course.sections(exercises)
                 if str(heading).startswith('Exercise ')]
        cells.append(_slide('\n'.join(['## Exercises now\n', *named, f'\n`my/exercises/{path.name}`'])))
    cells.append(_slide(f'## {COURSE}\n\n{LICENCE}\n\nShare and change it, and say where it comes from: '
                        '`CITATION.cff`.'))
    return cells


def cuts(cells):
    """For how many minutes there are decks of a lesson: the long one alone if no cell has a mark."""
    return list(CUTS) if any('lecture' in cell.metadata for cell in cells) else [max(CUTS)]


def cut(cells, minutes, name):
    """What is shown in so many minutes.

    Parameters
    ----------
    cells : list of nbformat.NotebookNode
        Of a lesson. ``metadata.lecture`` of a cell is ``must``, ``may`` or ``skip``; that of a heading holds
        for its section, as far as no other cell says otherwise. Without any it is ``must``.
    minutes : int
        45 or 90.
    name : str
        Of the lesson, for an error.

    Returns
    -------
    list of nbformat.NotebookNode

    Raises
    ------
    CourseError
        If a mark is another word.
    """
    kept, section = [], 'must'
    for cell in cells:
        mark = cell.metadata.get('lecture')
        if mark is not None and mark not in MARKS:
            raise CourseError(f'{name}: a cell has the lecture mark {mark!r}; it can be {", ".join(MARKS)}.')
        if cell.cell_type == 'markdown' and re.search(r'^#{1,2} ', cell.source, re.MULTILINE):
            section = mark or 'must'
        if (mark or section) in CUTS[minutes]:
            kept.append(cell)
    return kept


def _slide(text):
    return new_markdown_cell(text, metadata={'slideshow': {'slide_type': 'slide'}})
