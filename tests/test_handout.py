"""Papers to print: two slides a page, lessons and exercises, with text that can be selected."""
import re
import shutil

from d2lhelpers import CourseError

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import handout


@pytest.fixture
def course(tmp_path):
    """A lesson of two slides with a formula, and its exercises."""
    cells = [new_markdown_cell('# Title\n\nThe loss is $\\lambda T^2$.',
                               metadata={'slideshow': {'slide_type': 'slide'}}), new_code_cell('x = 1')]
    for name in ('01_lesson', 'exercises/01_lesson'):
        path = tmp_path / 'notebooks' / f'{name}.ipynb'
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=cells), path)
    return tmp_path


def test_without_a_browser(course, monkeypatch):
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    with pytest.raises(CourseError, match='Chromium, which is not installed'):
        handout.build(course)


def test_a_page_to_print_asks_nobody_for_anything(course):
    html = handout._html(course / 'notebooks/01_lesson.ipynb', course)
    asked = re.findall(r'<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"]*)"', html)
    assert asked and all(address.startswith(('data:', '../mathjax/')) for address in asked)


@pytest.mark.long
@pytest.mark.skipif(not shutil.which('chromium'), reason='no Chromium here')
def test_papers(course):
    papers = {path.name: path.read_bytes() for path in handout.build(course)}
    assert set(papers) == {'01_lesson-slides.pdf', '01_lesson.pdf', 'exercises-01_lesson.pdf'}
    for name, paper in papers.items():
        assert b'/FontFile2' in paper and b'/ToUnicode' in paper, name
    # front page, the lesson, the last slide: two slides a page
    assert len(re.findall(rb'/Type\s*/Page\b', papers['01_lesson-slides.pdf'])) == 2
    assert sorted(path.name for path in (course / 'slides/handout').iterdir()) == sorted(papers)
