"""The teaching pack and the notebooks say the same: sections, figures, objectives, counts."""
import re
from collections import Counter

from d2lhelpers import course
from d2lhelpers.environment import settings

import nbformat
import pytest

from tools import teaching
from tools.selection import lessons

PACK = settings.root / 'teaching'
QUESTION = re.compile(r'^\*\*((\d+)\.\d+)\*\* \[(\w+), (\d+\.\d+)\] (.+?)(?=^\*\*|^## |\Z)',
                      re.MULTILINE | re.DOTALL)
KINDS = {'choose', 'explain', 'compute', 'figure', 'design'}


def questions():
    return QUESTION.findall((PACK / 'questions.md').read_text())


def keys():
    return dict(re.findall(r'^\*\*(\d+\.\d+)\*\* (.+)$', (PACK / 'keys.md').read_text(), re.MULTILINE))


def test_seventy_five_questions_of_which_a_third_read_a_figure_and_twelve_plan_a_study():
    kinds = Counter(kind for _, _, kind, _, _ in questions())
    assert sum(kinds.values()) == 75 and set(kinds) == KINDS
    assert kinds['figure'] == 25 and kinds['design'] == 12
    assert len({number for number, *_ in questions()}) == 75
    assert {int(lesson) for _, lesson, *_ in questions()} == {int(path.name[:2]) for path in lessons()} - {0}


def test_no_question_is_overlooked():
    """What looks like a question is one, with a kind and a section."""
    found = re.findall(r'^\*\*(\d+\.\d+)\*\*', (PACK / 'questions.md').read_text(), re.MULTILINE)
    assert found == [number for number, *_ in questions()]


def test_every_question_has_a_key_and_every_choice_its_letter():
    assert list(keys()) == [number for number, *_ in questions()]
    letters = []
    for number, _, kind, _, text in questions():
        if kind == 'choose':
            assert re.findall(r'^- ([A-Z])\. ', text, re.MULTILINE) == list('ABCD'), number
            assert re.match(r'[A-D]\.', keys()[number]), number
            letters.append(keys()[number][0])
        else:
            assert not re.match(r'[A-D]\. ', keys()[number]), number
    # nobody passes by one letter
    assert set(letters) == set('ABCD') and max(Counter(letters).values()) <= len(letters) / 2


@pytest.mark.parametrize('number, lesson, kind, section, text', questions(), ids=lambda each: str(each)[:6])
def test_a_question_is_about_a_section_that_is_there(number, lesson, kind, section, text):
    assert course.link(f'{lesson:0>2}', section)
    if kind == 'figure':
        title, = re.findall(r'^\*"(.+?)"\.?\*', text)
        path = next(path for path in lessons() if path.name.startswith(f'{lesson:0>2}'))
        assert title in drawn(path, section), f'{number}: section {section} has no figure "{title}"'


def drawn(path, section):
    """The code of a section, where the titles of its figures stand."""
    found, here = '', ''
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == 'markdown':
            headings = re.findall(r'^## (\d+\.\d+) ', cell.source, re.MULTILINE)
            here = headings[-1] if headings else here
        elif here == section:
            found += cell.source.replace("\\'", "'")
    return found


@pytest.mark.parametrize('path', sorted(PACK.glob('lesson-*.md')), ids=lambda path: path.stem)
def test_the_notes_of_a_lesson_name_its_sections(path):
    text, number = path.read_text(), path.stem.removeprefix('lesson-')
    lesson = next(each for each in lessons() if each.name.startswith(f'{number:0>2}'))
    there = set(re.findall(r'^\d+\.\d+', '\n'.join(map(str, course.sections(lesson))), re.MULTILINE))
    named = set(re.findall(rf'(?<![\d.])({number}\.\d+)(?![\d.])', text))
    assert named <= there, f'{path.name} names {sorted(named - there)}, which the lesson does not have'
    for part in ('The arc', 'Timing', 'Ask the room', 'Misconceptions', 'Show live', 'Leave out'):
        assert f'## {part}' in text, f'{path.name} has no part "{part}"'
    rows = re.findall(r'^\| ([\d., ]+) \| (.+?) \| ([\d–]+) \| ([\d–]+) \|', text, re.MULTILINE)
    for column, most in ((2, 45), (3, 90)):
        total = sum(int(row[column]) for row in rows if row[column] != '–')
        assert most - 10 <= total <= most, f'{path.name}: {total} minutes of {most}'


def test_there_are_notes_for_every_lesson():
    assert len(list(PACK.glob('lesson-*.md'))) == sum(path.name[:2] != '00' for path in lessons())


def test_the_syllabus_is_that_of_the_notebooks():
    assert (PACK / 'syllabus.md').read_text() == teaching.syllabus(), 'make notebooks writes it again'


def test_a_plan_takes_every_lesson_in_its_weeks():
    numbers = {str(int(path.name[:2])) for path in lessons()} - {'0'}
    for weeks in (7, 14):
        text = teaching.syllabus().partition(f'## {weeks} weeks')[2].partition('\n## ')[0]
        assert len(re.findall(r'^\| \d+ \|', text, re.MULTILINE)) == weeks
        assert numbers <= set(re.findall(r'\[(\d+)\.', text)) | set(re.findall(r'(\d+)\.\d+', text))
