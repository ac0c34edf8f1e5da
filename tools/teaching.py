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

# What fits a day, by sections
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
    parts = [
        '# Syllabus', 'Made by `make notebooks` out of the lessons: do not edit it. Hours are estimates, for '
        f'a student who reads and tries: {course.READING} words per minute, {course.LINE} seconds per line '
        f'of code, {course.EXERCISE} minutes per exercise. The notes for each lesson, '
        '[lesson-1.md](lesson-1.md) and so on, have the minutes of a lecture.',
        '## Objectives', *map(_objectives, paths),
        '## One day', 'Before it, everybody runs `make lab` once and opens `00_start_here`. Between the '
        'parts are breaks.', markdown_table(['begins', 'sections', 'hours'], day),
        'The weeks below have about as many hours of reading and trying each; the column counts the '
        'exercises too. An exercise, and the objective that it practises, stand in the week in which the '
        'last of its sections is taught.',
        *(part for weeks in (7, 14) for part in (f'## {weeks} weeks', _plan(paths, weeks)))]
    return '\n\n'.join(part.rstrip() for part in parts) + '\n'


def _objectives(path):
    exercises = course.EXERCISE * len(objectives.practises(path))
    return (f'**{_title(path)}** ({_hours(course.minutes(path.stem))} hours, and {_hours(exercises)} for the '
            'exercises)\n\n' + markdown_table(
                ['objective', 'sections', 'exercises'],
                [[goal, ', '.join(places), ', '.join(map(_number, exercises))]
                 for goal, places, exercises in objectives.rows(path)]).rstrip())


def _plan(paths, weeks):
    """A row for each week: the sections of all lessons in their order, cut where the hours come out even."""
    lengths = {(path, number): course.minutes(path.stem, number)
               for path in paths for number in _numbers(path)}
    whole, done, plan = sum(lengths.values()), 0, [{} for _ in range(weeks)]
    for (path, number), length in lengths.items():
        plan[int(weeks * (done + length / 2) / whole)].setdefault(path, []).append(number)
        done += length
    return markdown_table(['week', 'sections', 'objectives', 'exercises', 'hours'],
                          [_week(number, taught, lengths) for number, taught in enumerate(plan, start=1)])


def _week(week, taught, lengths):
    """A row: by lesson the sections that are taught, and what belongs to them."""
    places, goals, tasks, minutes = [], [], [], 0
    for path, numbers in taught.items():
        here = {exercise: aims for exercise, (aims, of) in objectives.practises(path).items()
                if max(of, key=_order) in numbers}
        lesson = f'lesson {numbers[0].partition(".")[0]}: ' if len(taught) > 1 and here else ''
        places.append(f'[{_title(path)}](../notebooks/{path.name})' if numbers == _numbers(path)
                      else f'{numbers[0]} to {numbers[-1]}' if len(numbers) > 1 else numbers[0])
        if here:
            practised = sorted({goal for each in here.values() for goal in each})
            goals.append(lesson + ', '.join(map(str, practised)))
            tasks.append(lesson + ', '.join(map(_number, here)))
        minutes += sum(lengths[path, number] for number in numbers) + course.EXERCISE * len(here)
    return [str(week), '; '.join(places), '; '.join(goals), '; '.join(tasks), _hours(minutes)]


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
