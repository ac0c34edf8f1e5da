"""Lecture mode: what of a lesson comes onto the slides, what into the speaker's notes, and that the decks
need no network.
"""
import re

from d2lhelpers import CourseError

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import deck_report, lecture, slides, votes
from tools.key_points import key_points

TABLE = new_output('execute_result', {'text/html': '<table></table>', 'text/plain': ''}, execution_count=1)


def tagged(cell, kind):
    if kind != '-':
        cell.metadata.slideshow = {'slide_type': kind}
    return cell


def text(source, kind='-'):
    return tagged(new_markdown_cell(source), kind)


def code(source, *outputs, kind='-'):
    return tagged(new_code_cell(source, outputs=list(outputs)), kind)


def figure(alt='Accuracy rises.'):
    return new_output('display_data', {'image/png': 'iVBORw0KGgo='}, metadata={'image/png': {'alt': alt}})


def printed(said):
    return new_output('stream', name='stdout', text=said)


def marked(kind, said):
    return new_output('display_data', {'text/plain': said}, metadata={'d2lhelpers': {'kind': kind}})


def claim(said):
    return marked('claim', said)


def shown(*cells):
    """(slide type, text or code) of the cells of a deck."""
    return [(cell.metadata.slideshow.slide_type, cell.source)
            for cell in slides.deck(new_notebook(cells=cells)).cells]


@pytest.mark.parametrize('whole, key', [
    ('One sentence. Another one.', 'One sentence.'), ('It says: look. Then go.', 'It says: look.'),
    ('No end', 'No end'),
    ('D. Lee et al. 2023 did it, e.g. `fit`. And more.', 'D. Lee et al. 2023 did it, e.g. `fit`.'),
    ('About 3.5 points. More.', 'About 3.5 points.'),
    ('**A trap.** The copy is none. Look.', '**A trap.** The copy is none.'),
    ('**Frozen** is more. Look.', '**Frozen** is more.'),
    ('Two things. Why?\n\n- *one*, or. Two.\n- three;\n\nAfter it.\n\n- no more',
     'Two things.\n\n- *one*, or.\n- three;'),
    ('1. first. Why.\n2. second', '1. first.\n2. second'), ('Is it *so?* Yes.', 'Is it *so?*'), ('', ''),
    ('Two. Three.\n\n| a | b |\n| - | - |\n| c | d |\n\nAfter.', 'Two.\n\n| a | b |\n| - | - |\n| c | d |'),
    ('A long one. So.\n\n| a | b |\n| - | - |\n' + '| c | d |\n' * 12, 'A long one.'),
    ('| a | b |\n| - | - |\n' + '| c | d |\n' * 12, '')])
def test_key_points(whole, key):
    assert key_points(whole) == key


def test_the_whole_text_is_a_note():
    assert shown(text('# Title\n\nFirst. Second.', 'slide')) == [
        ('slide', '# Title\n\nFirst.'), ('notes', 'First. Second.')]
    assert shown(text('# Title\n\nFirst.', 'slide')) == [('slide', '# Title\n\nFirst.')]


def test_text_before_a_heading_is_a_note_of_the_slide_before():
    assert shown(text('# Title', 'slide'), text('So much for that.\n\n## Next', 'slide')) == [
        ('slide', '# Title'), ('notes', 'So much for that.'), ('slide', '## Next')]


def test_each_heading_begins_a_slide():
    assert shown(text('### One\n\nA.\n\n## Two\n\nB.\n\n### Three', 'subslide')) == [
        ('subslide', '### One\n\nA.'), ('slide', '## Two\n\nB.'), ('subslide', '### Three')]


def test_a_heading_right_below_another_shares_its_slide():
    assert shown(text('Before.\n\n## One\n\n### Two\n\nSo. More.', 'slide'), code('a', kind='subslide')) == [
        ('notes', 'Before.'), ('slide', '## One\n\n### Two\n\nSo.'), ('notes', 'So. More.'),
        ('subslide', '### Two'), ('-', 'a')]


def test_a_first_line_in_bold_is_a_heading():
    assert shown(text('**Take-aways**\n\n- all', 'slide')) == [('slide', '## Take-aways\n\n- all')]


def test_a_slide_without_heading_repeats_the_last_one():
    assert shown(text('## Title', 'slide'), code('a', kind='subslide'), text('Text.', 'subslide'),
                 code('b')) == [
        ('slide', '## Title'), ('subslide', '## Title'), ('-', 'a'), ('subslide', '## Title'), ('-', 'Text.'),
        ('-', 'b')]


def test_notes_and_skipped_cells():
    cells = [text('# Title', 'slide'), text('## Aside\n\nFor the speaker.', 'notes'),
             code('import this', kind='skip'), text('Also.', 'skip'),
             code('a')]
    assert shown(*cells) == [('slide', '# Title'), ('notes', '## Aside\n\nFor the speaker.'), ('-', 'a')]


def test_links_into_the_course_are_text():
    assert shown(text('# See [lesson 1](01.ipynb#a) and [d2l](https://d2l.ai)', 'slide')) == [
        ('slide', '# See lesson 1 and [d2l](https://d2l.ai)')]


@pytest.mark.parametrize('source, outputs, hidden', [
    ('plot()', [figure()], True), ('table', [TABLE], True),
    ('print(1)', [printed('1\n')], False), ('def f():\n    return 1', [], False),
    ("bet = guess('Which?', ())", [marked('guess', 'Which?')], True),
    ("claim('So.', f(x))", [claim('holds: So.')], True),
    ("claim('So.', y)\nclaim('No.', y)", [printed('y'), claim('holds: So.'), claim('holds: No.')], True),
    ("# guess( and claim( and claim(\nx = guess('Which?')", [printed('Which?')], False)])
def test_where_the_code_is_left_out(source, outputs, hidden):
    cells = slides.deck(new_notebook(cells=[text('# Title', 'slide'), code(source, *outputs)])).cells
    cell = next(cell for cell in cells if cell.cell_type == 'code')
    assert cell.metadata.get('transient', {}).get('remove_source', False) == hidden


def test_each_picture_has_a_slide():
    line = new_output('display_data', {'text/markdown': '*What to see.*'})
    deck = slides.deck(new_notebook(cells=[text('# Title', 'slide'),
                                           code('plot()', printed('1'), figure(), line, printed('2'),
                                                figure(), line)]))
    assert [(cell.metadata.slideshow.slide_type, len(cell.get('outputs', []))) for cell in deck.cells] == [
        ('slide', 0), ('-', 2), ('subslide', 0), ('-', 2), ('notes', 0)]
    assert len({cell.id for cell in deck.cells}) == 5
    assert deck.cells[-1].source == '```\n12\n```'


def test_what_came_out_is_not_shown_before_the_vote():
    deck = slides.deck(new_notebook(cells=[text('# Title', 'slide'),
                                           code('ask()', marked('guess', 'Which?'), TABLE)]))
    assert [cell.metadata.slideshow.slide_type for cell in deck.cells] == [
        'slide', '-', 'subslide', '-', 'notes']
    assert 'Which?' in deck.cells[1].outputs[0].data['text/html'] and len(deck.cells[3].outputs) == 1


def pages(*outputs):
    """What is said on the slides of a cell, slide by slide, and what the speaker is told."""
    cells = slides.deck(new_notebook(cells=[text('# Title', 'slide'), code('say()', *outputs)])).cells
    return [''.join(output.get('text', '') or output.get('data', {}).get('text/html', '')
                    for output in cell.outputs)
            for cell in cells if cell.cell_type == 'code'], cells[-1].source


def test_many_claims_go_on_on_the_next_slide():
    claims = [f'holds: claim {i} {"x" * 100}\n  +{i}.5 points, first seed' for i in range(8)]
    said, notes = pages(*map(claim, claims), figure())
    assert [page.count('✓') for page in said] == [6, 2, 0]  # the figure has a slide of its own
    assert notes == '```\n' + '\n'.join(claims) + '\n```'
    assert len(pages(*map(claim, claims[:2]))[0]) == 1


@pytest.mark.parametrize('said, sign, shown', [
    ('holds: Fast & good.\n  .9 against .8, +1.5 points (95 %: +1 to +2), 5 seeds', '✓',
     'Fast &amp; good. <span>+1.5 points</span>'),
    ('the opposite holds: So.', '✗', 'So.'), ('does not hold here: So.', '✗', 'So.'),
    ('undecided here: So.\n  +1.0 points\n  +2.0 points', '?', 'So.</p>'),
    ('something else', '?', 'something')])
def test_a_claim_is_a_mark_a_sentence_and_one_number(said, sign, shown):
    html = votes.claim(said)
    assert f'>{sign}</b>' in html and shown in html


def test_a_vote_has_letters_and_no_python():
    html = votes.vote("Which?\n  options:       'fine-tuned', scratch\n  your guess:    no guess yet")
    assert re.findall(r'<b>(.)</b> <span>(.+?)</span>', html) == [('A', 'fine-tuned'), ('B', 'scratch')]
    assert 'guess' not in html and "'" not in html
    html = votes.vote('Which?\n  no guess yet\n  measured:      above 90 % (0.941)')
    assert 'Measured: <b>above 90 % (0.941)</b>' in html and 'guess' not in html


def test_what_is_printed_beside_a_figure_is_for_the_speaker():
    said, notes = pages(printed('100 updates: loss 0.05'), figure())
    assert said == [''] and '100 updates' in notes


def test_a_technique_shows_its_code():
    cell = code('fit()', printed('1 update'), TABLE)
    cell.metadata.tags = ['technique']
    deck = slides.deck(new_notebook(cells=[text('# Title', 'slide'), cell]))
    assert [(cell.metadata.slideshow.slide_type, len(cell.get('outputs', [])), 'transient' in cell.metadata)
            for cell in deck.cells] == [
        ('slide', 0, False), ('-', 1, False), ('subslide', 0, False), ('-', 1, True)]


def test_a_lesson_without_slide_types():
    with pytest.raises(CourseError, match='no cell begins a slide'):
        slides.deck(new_notebook(cells=[text('# Title'), code('a', kind='skip')]))


def marked_for(mark, cell):
    cell.metadata.lecture = mark
    return cell


def test_cuts_of_a_lesson():
    cells = [text('# Title'), marked_for('may', text('## 1.1 Aside')), code('a'),
             marked_for('must', code('b')), text('## 1.2 Core'), marked_for('skip', code('c'))]
    assert lecture.cuts(cells) == [45, 90] and lecture.cuts([text('# Title')]) == [90]
    sources = {minutes: [cell.source for cell in lecture.cut(cells, minutes, '')] for minutes in (45, 90)}
    assert sources == {45: ['# Title', 'b', '## 1.2 Core'],
                       90: ['# Title', '## 1.1 Aside', 'a', 'b', '## 1.2 Core']}
    with pytest.raises(CourseError, match="the lecture mark 'perhaps'"):
        lecture.cut([marked_for('perhaps', code('a'))], 45, '01')


def test_the_report_counts_what_a_deck_breaks():
    lesson = new_notebook(cells=[text('# Title', 'slide'), text('Look at this:', 'subslide'),
                                 code('a', kind='subslide'),
                                 text('## Next\n\nSo. And.\n\n- one\n\nThen.\n\n- two', 'slide')])
    counts = deck_report.problems(lesson, slides.deck(lesson))
    assert dict(counts) == {'slides': 4, 'empty': 1, 'title more than twice in a row': 1, 'without notes': 3,
                            'a fragment': 1, 'lists and tables left out': 1}


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp('course')
    lesson = [text('# One & two\n\nSay. More.', 'slide'), code('plot()', figure('"Up" & away')),
              code('1 + 1', kind='subslide')]
    for name, cells in {'01_lesson': lesson, '02_untagged': [text('# Not yet')],
                        'exercises/01_lesson': [text('# No slides'), text('## Exercise 1: Do it')]}.items():
        path = folder / 'notebooks' / f'{name}.ipynb'
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=cells), path)
    (folder / 'slides').mkdir()
    (folder / 'slides' / 'of yesterday.html').touch()
    return folder / 'slides', [path.name for path in slides.build(folder)]


def test_decks(built):
    folder, decks = built
    assert decks == ['01_lesson.html'] and [path.name for path in folder.glob('*.html')] == decks
    deck = BeautifulSoup((folder / decks[0]).read_text(), 'html.parser')
    assert [picture['alt'] for picture in deck.find_all('img')] == ['"Up" & away']
    assert [note.get_text(strip=True) for note in deck.find_all('aside', class_='notes')] == ['Say. More.']
    headings = deck.select('section section > .jp-Cell :is(h1, h2)')
    assert [heading.get_text(strip=True) for heading in headings] == [
        'One & two¶', *['One & two¶'] * 2, 'Exercises now¶', f'{lecture.COURSE}¶']
    assert lecture.LICENCE in deck.get_text()


def test_decks_need_no_network(built):
    folder, decks = built
    html = (folder / decks[0]).read_text()
    loaded = re.findall(r'<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]*)"', html)
    loaded += re.findall(r"""(?:import|from) ['"](.*?)['"]""", html)
    assert len(loaded) >= 6
    for address in loaded:
        assert address.startswith('data:') or (folder / address.split('?')[0]).is_file(), address
    assert not re.search(r'url\(.?https?:', (folder / 'reveal/dist/theme/deck.css').read_text() + html)


def test_what_the_decks_load_comes_with_its_licence(built):
    assert all((built[0] / name / 'LICENSE').is_file() for name in slides.LIBRARIES)
