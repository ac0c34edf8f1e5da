"""Lecture mode: what of a lesson comes onto the slides, what into the speaker's notes, and that the decks
need no network.
"""
import re

from d2lhelpers import CourseError

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import slides
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
    ("claim('So.', f(x))", [claim('holds: So.')], False),
    ("claim('So.', y)\nclaim('No.', y)", [printed('y'), claim('holds: So.'), claim('holds: No.')], True),
    ("# guess( and claim( and claim(\nx = guess('Which?')", [printed('Which?')], False)])
def test_where_the_code_is_left_out(source, outputs, hidden):
    cell = slides.deck(new_notebook(cells=[text('# Title', 'slide'), code(source, *outputs)])).cells[-1]
    assert cell.metadata.get('transient', {}).get('remove_source', False) == hidden


def test_each_picture_has_a_slide():
    line = new_output('display_data', {'text/markdown': '*What to see.*'})
    deck = slides.deck(new_notebook(cells=[text('# Title', 'slide'),
                                           code('plot()', printed('1'), figure(), line, printed('2'),
                                                figure(), line)]))
    assert [(cell.metadata.slideshow.slide_type, len(cell.get('outputs', []))) for cell in deck.cells] == [
        ('slide', 0), ('-', 4), ('subslide', 0), ('-', 2)]
    assert len({cell.id for cell in deck.cells}) == 4


def test_what_came_out_is_not_shown_before_the_vote():
    deck = slides.deck(new_notebook(cells=[text('# Title', 'slide'),
                                           code('ask()', marked('guess', 'Which?'), TABLE)]))
    assert [cell.metadata.slideshow.slide_type for cell in deck.cells] == ['slide', '-', 'subslide', '-']
    assert deck.cells[1].outputs[0].text == 'Which?\n' and len(deck.cells[3].outputs) == 1


def pages(*outputs):
    """What is said on the slides of a cell, slide by slide."""
    cells = slides.deck(new_notebook(cells=[text('# Title', 'slide'), code('say()', *outputs)])).cells
    return [''.join(output.get('text', '') for output in cell.outputs) for cell in cells
            if cell.cell_type == 'code']


def test_many_claims_go_on_on_the_next_slide():
    claims = [f'holds: claim {i}\n  first seed\n  {"x" * 120}' for i in range(7)]
    said = pages(*map(claim, claims), figure())
    assert [page.count('holds') for page in said] == [5, 2, 0]  # the figure has a slide of its own
    assert ''.join(said) == '\n'.join([*claims, ''])
    assert len(pages(*map(claim, claims[:2]))) == 1


def test_a_long_claim_goes_on_too():
    said = pages(claim('holds: So.\n' + '  a seed\n' * 50), claim('holds: No.'))
    assert [page.count('\n') for page in said] == [20, 20, 12]


def test_printed_lines_and_claims_keep_their_order():
    said = pages(printed('one\n'), claim('two'), claim('three'), printed('four\n'))
    assert said == ['one\ntwo\nthree\nfour\n']


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


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp('course')
    lesson = [text('# One & two\n\nSay. More.', 'slide'), code('plot()', figure('"Up" & away')),
              code('1 + 1', kind='subslide')]
    for name, cells in {'01_lesson': lesson, '02_untagged': [text('# Not yet')],
                        'exercises/01_lesson': [text('# No slides', 'slide')]}.items():
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
    assert [heading.get_text(strip=True)
            for heading in deck.select('section section > .jp-Cell h1')] == ['One & two¶'] * 2


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
