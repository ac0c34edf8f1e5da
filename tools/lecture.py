"""What a deck has that is in no lesson: a front page, an agenda, minutes for the speaker, the exercises, the
last slide; and its cuts for 45 and for 90 minutes. The minutes stand in ``teaching/lesson-N.md``.
"""
import dataclasses
import re

from d2lhelpers import course
from d2lhelpers.errors import CourseError

from nbformat.v4 import new_markdown_cell

COURSE = 'Transfer learning, hands on'
LICENCE = 'Text and figures: CC BY 4.0. Code: MIT. By the authors of the d2lhelpers course.'
CUTS = {45: ('must',), 90: ('must', 'may')}  # minutes, and the marks of what is shown
MARKS = ('must', 'may', 'skip')
ROW = re.compile(r'^\| ([\d., ]+) \| (.+?) \| ([\d–]+) \| ([\d–]+) \|', re.MULTILINE)
SECTION = re.compile(r'^## (\d+\.\d+) ', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What the notes of a lesson say.

    Attributes
    ----------
    minutes : dict of str to (str, str)
        By the number of a section, those of a lecture of 45 and of 90; a dash where it is left out.
    questions : dict of str to str
        For the room, by section.
    background : str
        The arc, and the misconceptions to expect.
    """

    minutes: dict
    questions: dict
    background: str


def plan(path):
    """The plan of a lesson; None if there are no notes for it.

    Parameters
    ----------
    path : pathlib.Path
        The lesson, in ``notebooks/``; its notes lie in ``teaching/`` beside that.

    Returns
    -------
    Plan or None
    """
    number = path.name[:2].removeprefix('0')
    notes = path.parent.parent / 'teaching' / f'lesson-{number}.md'
    if not notes.exists():
        return None
    parts = dict(re.findall(r'^## (.+)\n([^#]+)', notes.read_text(encoding='utf-8'), re.MULTILINE))
    minutes = {section: (short, long) for sections, _, short, long in ROW.findall(parts['Timing'])
               for section in sections.split(', ')}
    questions = dict(re.findall(r'^- (\d+\.\d+): (.+)$', parts['Ask the room'], re.MULTILINE))
    return Plan(minutes, questions, f'{parts["The arc"].strip()}\n\nMisconceptions to expect:\n\n'
                                    f'{parts["Misconceptions"].strip()}')


def front(path, cells, plan):
    """The slides before the lesson: title, course and licence; the sections.

    Parameters
    ----------
    path : pathlib.Path
        The lesson.
    cells : list of nbformat.NotebookNode
        Its cells that are shown.
    plan : Plan or None

    Returns
    -------
    list of nbformat.NotebookNode
    """
    sections = re.findall(r'^## (\d+\.\d+ .+)$', '\n'.join(cell.source for cell in cells
                                                            if cell.cell_type == 'markdown'), re.MULTILINE)
    text = next((cell.source for cell in cells if cell.cell_type == 'markdown'), '')
    title = re.search(r'^# +(.+)$', text, re.MULTILINE)
    adapted = re.search(r'^(?:The|This) lesson follows .+?\.(?= |$)', text, re.MULTILINE)
    cells = [_cell(f'# {title[1] if title else path.stem}\n\n{COURSE}\n\n'
                   + (f'{adapted[0]}\n\n' if adapted else '') + f'*{LICENCE}*'),
             _cell('Key S opens this view, O shows all slides.', 'notes')]
    if sections:
        cells += [_cell('## Agenda\n\n' + '\n'.join(f'- {section}' for section in sections)),
                  _cell(plan.background if plan else 'The sections of the lesson.', 'notes')]
    return cells


def with_minutes(cells, plan):
    """The cells of a deck; the speaker is told minutes and questions where a section begins, and on each
    slide without a note in which section it is.

    Parameters
    ----------
    cells : list of nbformat.NotebookNode
    plan : Plan or None

    Returns
    -------
    list of nbformat.NotebookNode
    """
    if plan is None:
        return list(cells)
    told, section, noted = [], None, True
    for cell in [*cells, None]:
        kind = cell.metadata.slideshow.slide_type if cell else 'slide'
        if kind in ('slide', 'subslide') and not noted:
            told.append(_cell(_minutes(section, plan), 'notes'))
        if cell is None:
            break
        told.append(cell)
        begins = SECTION.search(cell.source) if cell.cell_type == 'markdown' and kind != 'notes' else None
        if begins and begins[1] != section:
            section, noted = begins[1], True
            question = plan.questions.get(section)
            told.append(_cell(_minutes(section, plan) + (f'\n\nAsk the room: {question}' if question else ''),
                              'notes'))
        elif kind in ('slide', 'subslide'):
            noted = False
        noted |= kind == 'notes'
    return told


def _minutes(section, plan):
    if section is None:
        return 'Before the first section.'
    short, long = plan.minutes.get(section, ('–', '–'))
    return f'Section {section}: {short} of 45 minutes, {long} of 90.'


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
        cells += [_cell('\n'.join(['## Exercises now\n', *named, f'\n`my/exercises/{path.name}`'])),
                  _cell('Each exercise has a check that says at once what is right, and why not.', 'notes')]
    return [*cells, _cell(f'## {COURSE}\n\n{LICENCE}\n\nShare and change it, and say where it comes from: '
                          '`CITATION.cff`.'),
            _cell('Leave this slide on while there are questions.', 'notes')]


def cuts(plan):
    """For how many minutes there are decks of a lesson: the long one alone if it has no plan."""
    return list(CUTS) if plan else [max(CUTS)]


def cut(cells, minutes, plan, name):
    """What is shown in so many minutes.

    Parameters
    ----------
    cells : list of nbformat.NotebookNode
        Of a lesson. ``metadata.slide.cut`` of a cell is ``must``, ``may`` (only in 90 minutes) or ``skip``;
        else the section's minutes in the plan say it. What stands before the first section is shown, and so
        is the last one.
    minutes : int
        45 or 90.
    plan : Plan or None
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
    numbers = [found for cell in cells if cell.cell_type == 'markdown'
               for found in SECTION.findall(cell.source)]
    kept, here = [], 'must'
    for cell in cells:
        own = cell.metadata.get('slide', {}).get('cut')
        if own is not None and own not in MARKS:
            raise CourseError(f'{name}: slide.cut of a cell is {own!r}; it can be {", ".join(MARKS)}.')
        begins = SECTION.findall(cell.source) if cell.cell_type == 'markdown' else []
        if begins:
            here = _mark(begins[-1], numbers, plan)
        if (own or here) in CUTS[minutes]:
            kept.append(cell)
    return kept


def _mark(section, numbers, plan):
    if plan is None or section == numbers[-1]:
        return 'must'
    short, long = plan.minutes.get(section, ('–', '–'))
    return 'skip' if long == '–' else 'may' if short == '–' else 'must'


def _cell(text, kind='slide'):
    return new_markdown_cell(text, metadata={'slideshow': {'slide_type': kind}})
