"""The start page keeps its promises: its links lead somewhere, its sections stand in the lessons, its
glossary explains the terms of lesson 1. So does the page on Gluon, which comes between it and lesson 1.
"""
import os
import re
import subprocess
import sys

from d2lhelpers.course import sections
from d2lhelpers.environment import settings

import nbformat
import pytest

PAGE = settings.root / 'notebooks' / '00_start_here.ipynb'
GLUON = PAGE.with_name('00_gluon_in_ten_minutes.ipynb')
LESSON = PAGE.with_name('01_fine_tuning_hotdog.ipynb')
LESSONS = [PAGE, *sorted(path for path in PAGE.parent.glob('[0-9]*.ipynb') if path not in (PAGE, GLUON))]
# In italics there, but not as terms: stressed words, names, titles
NO_TERMS = {'different', 'discriminability-based transfer', 'each example', 'grain', 'hard optimisation',
            'hotdog', 'how many', 'italics', 'learning to learn', 'ml-images',
            'rethinking imagenet pre-training', 'similar', 'sum', 'too little data', 'unbalanced data'}


def prose(path):
    """The text cells of a notebook, without fenced code."""
    cells = nbformat.read(path, as_version=4).cells
    text = '\n\n'.join(cell.source for cell in cells if cell.cell_type == 'markdown')
    return re.sub(r'```.*?```', '', text, flags=re.DOTALL)


def anchors(path):
    """The headings of a notebook, by what JupyterLab calls them in an address."""
    return {heading.replace(' ', '-'): heading for heading in sections(path) if heading}


def broken_links(text, folder):
    """Relative links of a text that lead nowhere, or whose words are not those of the section that they lead
    to.
    """
    broken = []
    for words, address in re.findall(r'\[([^\]]*)\]\(([^)\s]+)\)', text):
        name, _, anchor = address.partition('#')
        if '://' in address:
            continue
        if not (folder / name).is_file():
            broken.append(f'{address}: there is no such file')
        elif anchor:
            known = anchors(folder / name)
            if anchor not in known:
                broken.append(f'{address}: there is no such section; there are {", ".join(known)}')
            elif not f'{known[anchor]} '.startswith(f'{words} '):
                broken.append(f'{address} is called {words!r}: name the section, or its number')
    return broken


def terms(text):
    """The terms that a text introduces: what stands in italics, but for titles (longer, or under further
    reading) and beginnings of paragraphs.
    """
    text = re.sub(r'^\*\*Further reading.*', '', text, flags=re.MULTILINE)
    text = re.sub(r'`[^`]*`', '', text)
    found = re.findall(r'(?<![*\w])\*(?![*\s])([^*\n]+?)\*(?![*\w])', text)
    return {term.lower() for term in found if len(term.split()) <= 3 and term[-1] not in '.?'} - NO_TERMS


def glossary():
    """The rows of the glossary: the terms (synonyms), the lesson, Vietnamese, Chinese, the sentence."""
    table = prose(PAGE).partition('## Glossary')[2]
    rows = [line for line in table.splitlines() if line.startswith('| **')]
    cells = [re.fullmatch(r'\| \*\*(.+?)\*\* \((\d+)\) \| (.+?)<br>(.+?) \| (.+?\.) \|', row) for row in rows]
    assert all(cells), f'not of the form of the others: {rows[cells.index(None)]}'
    return [(found[1].lower().split(', '), *found.groups()[1:]) for found in cells]


@pytest.mark.parametrize('path', [PAGE, GLUON], ids=lambda path: path.stem)
def test_links(path):
    assert not (broken := broken_links(prose(path), path.parent)), '; '.join(broken)


@pytest.mark.parametrize('path', [GLUON, LESSON], ids=lambda path: path.stem)
def test_the_glossary_explains_the_terms(path):
    missing = terms(prose(path)) - {name for names, *_ in glossary() for name in names}
    assert not missing, f'not in the glossary of 00_start_here: {", ".join(sorted(missing))}'


def test_the_glossary_is_in_order():
    first = [names[0] for names, *_ in glossary()]
    assert len(first) > 45 and first == sorted(first) and len(set(first)) == len(first)


def test_the_first_cell_works_where_mxnet_does_not(tmp_path):
    (tmp_path / 'mxnet.py').write_text("raise OSError('libgomp.so.1: cannot open shared object file')")
    cell = next(cell for cell in nbformat.read(PAGE, as_version=4).cells if cell.cell_type == 'code')
    outcome = subprocess.run([sys.executable, '-c', cell.source], capture_output=True, text=True,
                             env=os.environ | {'PYTHONPATH': str(tmp_path)})
    assert 'FAIL - mxnet cannot be imported' in outcome.stdout, outcome.stderr
    assert 'To repair first: 1.' in outcome.stdout


@pytest.mark.parametrize('number', range(len(LESSONS)))
def test_terms_stand_in_the_lesson_that_the_glossary_names(number):
    notebooks = PAGE.parent.rglob(f'{number:02d}_*.ipynb')  # exercises and solutions too
    text = ' '.join([prose(PAGE).partition('## Glossary')[0], *map(prose, notebooks)]).lower()
    missing = [names[0] for names, lesson, *_ in glossary() if int(lesson) == number
               and not any(name in text for name in names)]
    assert not missing, (f'the glossary of 00_start_here places them in lesson {number}, where they do not '
                         f'stand: {", ".join(missing)}')


@pytest.fixture
def folder(tmp_path):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell('# 1. A lesson\n\n## 1.2 Hot: or '
                                                                       '`not`?')])
    nbformat.write(nb, tmp_path / 'lesson.ipynb')
    return tmp_path


@pytest.mark.parametrize('link', ['[d2l](https://d2l.ai)', '[lesson 1](lesson.ipynb)',
                                  '[1. A lesson](lesson.ipynb#1.-A-lesson)',
                                  '[1.](lesson.ipynb#1.-A-lesson)', '[1.2](lesson.ipynb#1.2-Hot:-or-not?)'])
def test_sound_link(folder, link):
    assert broken_links(f'See {link}.', folder) == []


@pytest.mark.parametrize('link, sentence', [('[lesson](other.ipynb)', 'no such file'),
                                            ('[1.3](lesson.ipynb#1.3-Hot)', 'no such section'),
                                            ('[1.1 A lesson](lesson.ipynb#1.-A-lesson)', 'name the section')])
def test_broken_link(folder, link, sentence):
    (broken,) = broken_links(f'See {link}.', folder)
    assert sentence in broken


def test_terms_are_what_stands_in_italics():
    text = ('*Fine-tuning* trains the *head* of a **network**: 2 * 3 * 4. The book *Dive into Deep Learning* '
            'says so.\n\n'
            '*End to end.* All layers.\n\n**Further reading.** Pratt: *Discriminability-based transfer*.')
    assert terms(text) == {'fine-tuning', 'head'}


@pytest.mark.parametrize('place', range(1, len(LESSONS)))
def test_a_lesson_names_what_comes_before_and_after_it(place):
    end = nbformat.read(LESSONS[place], as_version=4).cells[-1].source
    neighbours = LESSONS[place - 1:place + 2:2]
    assert '**Before this lesson:**' in end and '**Next:**' in end
    missing = [path.name for path in neighbours if f']({path.name})' not in end]
    assert not missing, f'{LESSONS[place].name} does not lead to {", ".join(missing)}'


def test_the_page_on_gluon_is_found_and_leads_on():
    assert f']({GLUON.name})' in prose(PAGE).partition('## The lessons')[2].partition('\n## ')[0]
    assert f'](notebooks/{GLUON.name})' in (settings.root / 'README.md').read_text().partition('## ')[0]
    end = nbformat.read(GLUON, as_version=4).cells[-1].source.rpartition('**Before this page:**')[2]
    assert re.findall(r'\((\S+)\)', end) == [PAGE.name, LESSON.name]


@pytest.mark.parametrize('path', LESSONS[1:], ids=lambda path: path.stem)
def test_the_table_of_lessons_has_a_row_for(path):
    table = prose(PAGE).partition('## The lessons')[2].partition('\n## ')[0]
    links = [path.name] + [f'{folder}/{path.name}' for folder in ('exercises', 'solutions')]
    missing = [link for link in links if f']({link})' not in table]
    assert not missing, f'"The lessons" of 00_start_here lacks {", ".join(missing)}'


def test_a_route_leads_through_all_of_the_course():
    cells = nbformat.read(PAGE, as_version=4).cells
    told = [output.get('data', {}).get('text/markdown', '') for cell in cells
            for output in cell.get('outputs', [])]
    routes, = (text for text in told if text.startswith('| route |'))
    missing = [path.stem for path in LESSONS[1:]
               if f'{path.stem[:2]}, exercises/{path.stem[:2]}' not in routes]
    assert not missing, f'no route of 00_start_here leads through {", ".join(missing)} and its exercises'
