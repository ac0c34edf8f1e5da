"""The start page's tables of the whole course: what came out, and how many hours a route takes. On a course
of one tiny lesson.
"""
from d2lhelpers import course, provenance, records
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import nbformat
import pandas
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    """A lesson of two sections with an exercise, its minutes, and the record of a study."""
    lesson = [new_markdown_cell('# 1. Tiny'), new_markdown_cell('## 1.1 `Hot`\n\n' + 'word ' * 116),
              new_code_cell('a = 1\nb = 2'),
              new_markdown_cell('## 1.2 Cold\n\n```\n# no heading\n```')]
    exercises = [new_markdown_cell('## Exercise 1: try'), new_markdown_cell('## Exercise 2: again')]
    for folder in ('notebooks/exercises', 'data/results'):
        (tmp_path / folder).mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=lesson), tmp_path / 'notebooks/01_tiny.ipynb')
    nbformat.write(nbformat.v4.new_notebook(cells=exercises), tmp_path / 'notebooks/exercises/01_tiny.ipynb')
    rows = [{'seed': seed, 'arm': arm, 'pictures': n, 'lr': .1, 'validation': .5, 'test': test + seed / 100,
             'chosen': True}
            for seed in range(3) for arm, n, test in [('frozen', 5, .6), ('scratch', 5, .4),
                                                      ('frozen', 50, .6), ('scratch', 50, .6)]]
    record = tmp_path / 'data/results/01_study-embedded.csv'
    pandas.DataFrame(rows).to_csv(record, index=False)
    records.write_about(record, {'arms': ['arm', 'pictures'], 'settings': ['lr'], 'n_test': 9})
    minutes = 'notebook,profile,seconds,threads\n01_tiny,embedded,240,1\n'
    (tmp_path / 'data/results/minutes.csv').write_text(minutes)
    monkeypatch.setattr(settings, 'root', tmp_path)


def test_sections_hold_the_cells_up_to_the_next_heading(tmp_path):
    parts = course.sections(tmp_path / 'notebooks/01_tiny.ipynb')
    assert {heading: len(cells) for heading, cells in parts.items()} == {
        '1. Tiny': 1, '1.1 Hot': 2, '1.2 Cold': 1}


def test_a_link_names_the_section():
    assert course.link('01', '1.1') == '[1.1 Hot](01_tiny.ipynb#1.1-Hot)'


def test_a_section_that_is_not_there():
    with pytest.raises(CourseError, match=r'01_tiny.ipynb has no section 1\.3'):
        course.link('01', '1.3')
    with pytest.raises(CourseError, match=r'has no section 1\.3'):
        course.hours({'some': [('01', '1.1', '1.3')]})


@pytest.mark.parametrize('name, sentence', [('00', 'of 2 notebooks, not of one: .*, 00_gluon, 00_start.'),
                                            ('07', 'of 0 notebooks')])
def test_a_name_that_is_no_one_notebook(tmp_path, name, sentence):
    for page in ('00_gluon', '00_start'):
        nb = nbformat.v4.new_notebook(cells=[new_markdown_cell(f'# {page}')])
        nbformat.write(nb, tmp_path / f'notebooks/{page}.ipynb')
    assert '| 00_gluon, 01 |' in course.hours({'some': ['00_gluon', '01']}).data
    with pytest.raises(CourseError, match=sentence):
        course.hours({'some': [name]})


def test_outcomes_name_the_best_and_what_it_does_not_clearly_beat():
    *_, few, many = course.outcomes({'lesson': '01', 'section': '1.2',
                                     'record': '01_study'}).data.strip().split('\n')
    assert few == '| [1.2 Cold](01_tiny.ipynb#1.2-Cold) | 5 pictures | frozen | 0.610 |  |'
    assert many.endswith('| 50 pictures | frozen | 0.610 | scratch |')


def test_outcomes_of_a_part_and_with_a_column_in_the_name():
    *_, line = course.outcomes({'lesson': '01', 'section': '1.2', 'record': '01_study',
                                'only': {'pictures': [50]}, 'method': 'pictures',
                                'figure': 'validation'}).data.strip().split('\n')
    assert line == ('| [1.2 Cold](01_tiny.ipynb#1.2-Cold) |  | frozen (pictures = 50) | 0.500 | '
                    'scratch (pictures = 50) |')


def test_hours_count_words_code_exercises_and_the_measured_minutes():
    table = course.hours({'all': ['01', 'exercises/01'], 'part': [('01', '1.1')]}).data
    # 1.1: 119 words at 120 a minute, 2 lines at 6 s, half of the 4 measured minutes; the exercises: two
    # quarters of an hour
    assert '| part | 01 (1.1) | 0.1 |' in table and '| all | 01, exercises/01 | 0.6 |' in table
    assert course.minutes('01', '1.1') == pytest.approx(119 / 120 + .2 + 2)


def test_what_was_read_is_noted_but_for_the_minutes(monkeypatch):
    monkeypatch.setattr(provenance, '_read', set())
    course.hours({'all': ['01', 'exercises/01']})
    assert provenance.files_read() == ['notebooks/01_tiny.ipynb', 'notebooks/exercises/01_tiny.ipynb']
