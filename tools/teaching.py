"""``teaching/syllabus.md``, out of the notebooks: objectives, sections, exercises and hours, for a day, for 7
and for 14 weeks. ``make notebooks`` writes it.
"""
import re
from pathlib import Path

from d2lhelpers import course
from d2lhelpers.course import markdown_table
from d2lhelpers.environment import settings
from d2lhelpers.files import write_whole

from . import objectives
from .selection import lessons

# What fits a day, by sections; in the week plans a lesson is taken whole
DAY = {'09:00': ('01', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7'), '10:45': ('01', '1.8', '1.11'),
       '11:30': ('02', '2.1', '2.4', '2.5', '2.6'), '13:30': ('03', '3.1', '3.2', '3.3', '3.5'),
       '14:45': ('05', '5.1', '5.2', '5.4', '5.5'), '16:00': ('06', '6.1', '6.2', '6.3', '6.4', '6.6')}


def write(root=settings.root):
    """Write the syllabus, where there is a folder for it."""
    if (Path(root) / 'teaching').is_dir():
        write_whole(Path(root) / 'teaching' / 'syllabus.md', syllabus())


def syllabus():
    """The syllabus.

    Returns
    -------
    str
        Markdown.
    """
    paths = [path for path in lessons() if not path.name.startswith('00')]
    day = [[begins, _places(*part), _hours(course.minutes(*part))] for begins, part in DAY.items()]
    seven = [_week(week, path, _numbers(path)) for week, path in enumerate(paths, start=1)]
    halves = [(path, numbers) for path in paths for numbers in _halves(path)]
    fourteen = [_week(week, *half) for week, half in enumerate(halves, start=1)]
    parts = [
        '# Syllabus', 'Made by `make notebooks` out of the lessons: do not edit it. Hours are estimates, for '
        f'a student who reads and tries: {course.READING} words per minute, {course.LINE} seconds per line '
        f'of code, {course.EXERCISE} minutes per exercise. The notes for each lesson, '
        '[lesson-1.md](lesson-1.md) and so on, have the minutes of a lecture.',
        '## Objectives', *map(_objectives, paths),
        '## One day', 'Before it, everybody runs `make lab` once and opens `00_start_here`. Between the '
        'parts are breaks.', markdown_table(['begins', 'sections', 'hours'], day),
        '## 7 weeks', 'A lesson a week: a lecture of 90 minutes, then the exercises.',
        markdown_table(['week', 'lesson', 'objectives', 'exercises', 'hours'], seven),
        '## 14 weeks', 'A lesson in two weeks: two lectures of 45 to 90 minutes. An exercise belongs to the '
        'week in which the last of its sections is taught.',
        markdown_table(['week', 'sections', 'objectives', 'exercises', 'hours'], fourteen)]
    return '\n\n'.join(part.rstrip() for part in parts) + '\n'


def _objectives(path):
    title = _title(path)
    return f'**{title}** ({_hours(course.minutes(path.stem))} hours, and ' \
           f'{_hours(course.minutes(f"exercises/{path.stem}"))} for the exercises)\n\n' + markdown_table(
               ['objective', 'sections', 'exercises'],
               [[goal, ', '.join(places), ', '.join(map(_number, exercises))]
                for goal, places, exercises in objectives.rows(path)]).rstrip()


def _week(week, path, numbers):
    """A row: the sections of a lesson, or all of it, with what belongs to them."""
    whole = numbers == _numbers(path)
    here = {exercise: goals for exercise, (goals, places) in objectives.practises(path).items()
            if max(places, key=_order) in numbers}
    goals = sorted({goal for goals in here.values() for goal in goals})
    hours = course.minutes(path.stem, *([] if whole else numbers)) + course.EXERCISE * len(here)
    return [str(week), f'[{_title(path)}](../notebooks/{path.name})' if whole else
            f'{numbers[0]} to {numbers[-1]}', ', '.join(map(str, goals)), ', '.join(map(_number, here)),
            _hours(hours)]


def _halves(path):
    """The sections of a lesson in two parts of about the same length."""
    numbers = _numbers(path)
    lengths = [course.minutes(path.stem, number) for number in numbers]
    cut = min(range(1, len(numbers)), key=lambda cut: abs(sum(lengths[:cut]) - sum(lengths[cut:])))
    return numbers[:cut], numbers[cut:]


def _numbers(path):
    found = [re.match(r'\d+\.\d+(?= )', str(heading)) for heading in course.sections(path)]
    return [each[0] for each in found if each]


def _title(path):
    return next(iter(course.sections(path)))


def _places(notebook, *numbers):
    return ', '.join(course.link(notebook, number).replace('](', '](../notebooks/') for number in numbers)


def _number(exercise):
    return re.search(r'\d+', exercise)[0]


def _order(number):
    return [int(part) for part in number.split('.')]


def _hours(minutes):
    return f'{minutes / 60:.1f}'


if __name__ == '__main__':
    write()
