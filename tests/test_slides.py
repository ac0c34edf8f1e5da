"""Lecture mode: what of a lesson comes onto the slides, what into the speaker's notes, and that the decks
need no network.
"""
import re

from d2lhelpers import CourseError

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import deck_rules, lecture, slides, votes
from tools.key_points import key_points
from tools.selection import lessons

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


def marked(kind, said, **more):
    return new_output('display_data', {'text/plain': said}, metadata={'d2lhelpers': {'kind': kind, **more}})


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
    ('1. Cut it. Why.\n2. Group it.', '1. Cut it.\n2. Group it.'),
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


def test_a_question_stands_with_the_claims_that_answer_it():
    asked, reading = ({'output_type': 'display_data', 'metadata': {}, 'data': {'text/markdown': words}}
                      for words in ('Is it so?', '*Below a figure.*'))
    said, notes = pages(claim('holds: One.'), nbformat.from_dict(asked), claim('holds: Two.'))
    assert len(said) == 2 and 'Is it so?' in said[1] and 'Two.' in said[1] and 'Is it so?' not in said[0]
    assert 'Is it so?' in notes
    assert not slides._question(reading)


@pytest.mark.parametrize('said, sign, shown', [
    ('holds: Fast & good.\n  .9 against .8, +1.5 points (95 %: +1 to +2), 5 seeds', '✓',
     'Fast &amp; good. <span>+1.5 points</span>'),
    ('the opposite holds: So.', '✗', 'So.'), ('does not hold here: So.', '✗', 'So.'),
    ('undecided here: So.\n  +1.0 points\n  +2.0 points', '?', 'So.</p>'),
    ('holds: `a` is <b>.', '✓', '<code>a</code> is &lt;b&gt;.'), ('something else', '?', 'something')])
def test_a_claim_is_a_mark_a_sentence_and_one_number(said, sign, shown):
    html = votes.claim(said)
    assert f'>{sign}</b>' in html and shown in html


def test_a_vote_has_letters_and_no_python():
    html = votes.vote('Which?\n  …', ["'fine-tuned'", 'scratch, or not'])
    assert re.findall(r'<b>(.)</b> <span>(.+?)</span>', html) == [
        ('A', 'fine-tuned'), ('B', 'scratch, or not')]
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


def marked_for(cell, **what):
    cell.metadata.slide = what
    return cell


PLAN = lecture.Plan({'1.1': ('–', '5'), '1.2': ('4', '6')}, {'1.2': 'why?'}, 'The arc.')


def test_cuts_of_a_lesson():
    cells = [text('# Title'), text('## 1.1 Aside'), code('a'), marked_for(code('b'), cut='must'),
             text('## 1.2 Core'), marked_for(code('c'), cut='skip'), text('## 1.3 Not planned'),
             text('## 1.4 Claims')]
    assert lecture.cuts(PLAN) == [45, 90] and lecture.cuts(None) == [90]
    sources = {minutes: [cell.source for cell in lecture.cut(cells, minutes, PLAN, '')]
               for minutes in (45, 90)}
    assert sources == {45: ['# Title', 'b', '## 1.2 Core', '## 1.4 Claims'],
                       90: ['# Title', '## 1.1 Aside', 'a', 'b', '## 1.2 Core', '## 1.4 Claims']}
    with pytest.raises(CourseError, match="slide.cut of a cell is 'perhaps'"):
        lecture.cut([marked_for(code('a'), cut='perhaps')], 45, PLAN, '01')


def test_the_speaker_is_told_minutes_and_questions():
    deck = slides.deck(new_notebook(cells=[
        text('# Title', 'slide'), text('## 1.2 Core\n\nSo.', 'slide'), code('a', kind='subslide')]))
    told = [cell.source for cell in lecture.with_minutes(deck.cells, PLAN)
            if cell.metadata.slideshow.slide_type == 'notes']
    assert told == ['Before the first section.',
                    'Section 1.2: 4 of 45 minutes, 6 of 90.\n\nAsk the room: why?',
                    'Section 1.2: 4 of 45 minutes, 6 of 90.']


def test_the_notes_of_every_lesson_can_be_read(lesson_plans):
    assert lesson_plans
    for path, plan in lesson_plans.items():
        assert plan.minutes and plan.questions and 'Misconceptions' in plan.background, path


@pytest.fixture
def lesson_plans():
    return {path.stem: lecture.plan(path) for path in lessons() if not path.name.startswith('00')}


def test_a_slide_has_the_title_and_the_sentence_that_its_cell_says():
    cells = [text('# Title\n\n- one', 'slide'),
             marked_for(code('plot()', figure(), TABLE, kind='subslide'), title=['So it goes', 'In numbers'],
                        says=['', 'Each row is a run.'])]
    shown = [(slide['title'], slide['said'].strip())
             for slide in deck_rules._slides(slides.deck(new_notebook(cells=cells)))]
    assert shown == [('Title', '- one'), ('So it goes', ''), ('In numbers', 'Each row is a run.')]
    cells[1].metadata.slide = {'title': [None, 'In numbers']}
    shown = [slide['title'] for slide in deck_rules._slides(slides.deck(new_notebook(cells=cells)))]
    assert shown == ['Title', 'In numbers']  # null leaves a slide out
    said = slides.deck(new_notebook(cells=[marked_for(text('First. More.', 'slide'), says='Better.')]))
    assert [cell.source for cell in said.cells] == ['', 'Better.', 'First. More.']
    two = marked_for(text('## A\n\nOne. So.\n\n## B\n\nTwo.', 'slide'), says=['First.', ''])
    assert [cell.source for cell in slides.deck(new_notebook(cells=[two])).cells] == [
        '## A\n\nFirst.', 'One. So.', '## B\n\nTwo.']


def test_a_sentence_alone_is_joined_by_the_figure_of_the_next_cell():
    for first, second, count in (('## A\n\nLook.', code('plot()', figure(), kind='subslide'), 1),
                                 ('## A\n\n- a list', code('plot()', figure(), kind='subslide'), 2),
                                 ('## A\n\nLook.', code('print(1)', printed('1'), kind='subslide'), 2),
                                 ('## A\n\nLook.', marked_for(code('plot()', figure(), kind='subslide'),
                                                              title='Own'), 2)):
        deck = slides.deck(new_notebook(cells=[text(first, 'slide'), second]))
        assert len(list(deck_rules._slides(deck))) == count, (first, second.source)


def broken(*cells, **how):
    lesson = new_notebook(cells=[text('# Title\n\nSo it is. More.', 'slide'), *cells])
    return '; '.join(deck_rules.problems(lesson, slides.deck(lesson), **how))


def test_rules_of_a_deck():
    fine = [text('## Next\n\nWell said. And so on.', 'slide'), code('plot()', figure(), kind='subslide')]
    assert broken(*fine, planned=False) == ''
    assert 'slide 2 (Title): it has no sentence' in broken(code('a', kind='subslide'))
    assert 'the speaker has no note' in broken(code('a', kind='subslide'))
    assert 'the speaker has no note' not in broken(code('a', kind='subslide'), planned=False)
    assert 'is a fragment, "and more' in broken(text('## Next\n\nand more. Yes.', 'slide'))
    assert 'is a fragment, "Look at this:' in broken(text('## Next\n\nLook at this:', 'slide'))
    assert 'fragment' not in broken(text('## Next\n\nLook at this:', 'slide'), code('a'))
    assert 'an item of its list is empty' in broken(text('## Next\n\nSo.\n\n1. \n2. b', 'slide'))
    again = [code('a', kind='subslide'), code('b', kind='subslide')]
    assert 'slide 3 (Title): this title stands more than 2 times' in broken(*again)
    assert 'more than 2 times' not in broken(again[0])
    assert '"- two" is on no slide' in broken(text('## Next\n\nSo.\n\n- one\n\nThen.\n\n- two', 'slide'))
    rows = '\n'.join(['| a |', '| --- |', *['| 1 |'] * 12])
    assert '"| a |" is on no slide' in broken(text(f'## Next\n\nSo.\n\n{rows}', 'slide'))
    assert 'is on no slide' not in broken(text(f'## Next\n\nSo.\n\n{rows}', 'skip'))


def test_nobody_sees_an_answer_before_the_vote():
    vote = code('ask()', marked('guess', 'Which?', options=['low', 'above 90 %']), kind='subslide')
    measured = code('look()', marked('guess', 'Which?\n  no guess yet\n  measured:      above 90 % (0.941)'),
                    kind='subslide')
    assert 'gives its answer away' not in broken(vote, measured)
    table = code('study()', new_output('display_data', {'text/html': '<table><td>0.941 ± 0.01</td></table>'}),
                 kind='subslide')
    assert 'slide 1 (Title) gives its answer away' in broken(table, vote, measured)
    assert 'gives its answer away' not in broken(vote, table, measured)
    early = text('## Before\n\nIt gets 0.941 right. More.', 'slide')
    assert 'slide 2 (Before) gives its answer away: above 90 % (0.941)' in broken(early, vote, measured)
    assert 'gives its answer away' in broken(marked_for(vote, title='It is above 90 %'), measured)


@pytest.mark.parametrize('path', lessons(), ids=lambda path: path.stem)
def test_the_decks_of_the_course_break_no_rule(path):
    nb, plan = nbformat.read(path, as_version=4), lecture.plan(path)
    for minutes in lecture.cuts(plan):
        part = nbformat.from_dict({**nb, 'cells': lecture.cut(nb.cells, minutes, plan, path.stem)})
        deck = slides.deck(part)
        deck.cells = lecture.with_minutes(deck.cells, plan)
        assert deck_rules.problems(part, deck, plan is not None) == [], f'{minutes} minutes'


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp('course')
    lesson = [text('# One & two\n\nSay. More.', 'slide'), code('plot()', figure('"Up" & away')),
              marked_for(code('1 + 1', kind='subslide'), title='Sum', says='One and one.')]
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
    notes = [note.get_text(strip=True) for note in deck.find_all('aside', class_='notes')]
    assert notes[1] == 'Say. More.' and len(notes) == 4  # front page, the cell, exercises, last slide
    headings = deck.select('section section > .jp-Cell :is(h1, h2)')
    assert [heading.get_text(strip=True) for heading in headings] == [
        'One & two¶', 'One & two¶', 'Sum¶', 'Exercises now¶', f'{lecture.COURSE}¶']
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
