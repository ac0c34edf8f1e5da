"""What a deck of slides may not be: `make slides` and the tests fail on it.

Each slide has a title, a sentence and something for the speaker; a title stands at most twice in a row;
nothing of a text is dropped in silence; nobody sees an answer before the vote.
"""
import re

from bs4 import BeautifulSoup

from .key_points import key_points

HEADING = re.compile(r'^#{1,6} +(.+)$', re.MULTILINE)
# The first line of a list, a table or a formula
ITEM = re.compile(r'(?:^|\n\n)((?:[-*]|\d+\.) .*|\|.*\||\$\$.*)(?=\n|$)')
MOST_REPEATS = 2


def problems(lesson, deck, planned=True):
    """What is wrong with a deck.

    Parameters
    ----------
    lesson, deck : nbformat.NotebookNode
        The lesson, and the slides made of it.
    planned : bool
        Whether it is for a lecture, so that the speaker has something to say on each slide.

    Returns
    -------
    list of str
        A sentence for each breach.
    """
    slides = list(_slides(deck))
    found = []
    for number, slide in enumerate(slides, start=1):
        row = slides[max(0, number - 1 - MOST_REPEATS):number]
        found += [f'slide {number} ({slide["title"]}): {what}' for what in [
            *_of_one(slide, planned), *_repeated(row), *_answered(slide, slides[:number - 1])]]
    return [*found, *(f'{what} (cell {cell.id})' for cell in lesson.cells for what in _dropped(cell))]


def _of_one(slide, planned):
    said = slide['said'].strip()
    if not slide['title']:
        yield 'it has no title: say slide.title in the metadata of its cell'
    if not said:
        yield 'it has no sentence: say slide.says in the metadata of its cell'
    if re.search(r'^(?:[-*]|\d+\.) *$', said, re.MULTILINE):
        yield 'an item of its list is empty'
    if re.match(r'[a-z(]', said) or said.endswith(':') and not slide['below']:
        yield f'its sentence is a fragment, "{said[:60]}": say slide.says in the metadata of its cell'
    if planned and not slide['notes'].strip():
        yield 'the speaker has no note'


def _repeated(row):
    if len(row) > MOST_REPEATS and len({slide['title'] for slide in row}) == 1:
        yield f'this title stands more than {MOST_REPEATS} times in a row: say slide.title in the metadata'


def _answered(slide, before):
    """A measured answer that stood on an earlier slide, in a table before its vote, or in its title."""
    for measured in BeautifulSoup(slide['html'], 'html.parser').select('.measured'):
        answer = measured.select_one('b').get_text()
        figure = re.search(r'\(([^)]*\d{2}[^)]*)\)$', answer)
        option = answer.partition(' (')[0]
        telling = re.search(r'[a-z]{4}|\d\d', option)  # a single digit stands in many titles
        ask = [f'data-question="{measured["data-question"]}"' in earlier['html'].replace('&#39;', "'")
               for earlier in before]
        vote = ask.index(True) if any(ask) else 0
        for number, (earlier, asks) in enumerate(zip(before, ask, strict=True), start=1):
            shown = f'{earlier["said"]} {earlier["tables"] if number <= vote else ""}'
            if (figure and re.search(rf'(?<![\d.]){re.escape(figure[1])}(?!\d)', shown)
                    or asks and telling and option in earlier['title']):
                yield f'slide {number} ({earlier["title"]}) gives its answer away: {answer}'


def _dropped(cell):
    """Lists and tables of a text cell that is shown, of which the slide has nothing."""
    kind = cell.metadata.get('slideshow', {}).get('slide_type')
    if cell.cell_type != 'markdown' or kind in ('skip', 'notes'):
        return
    for text in HEADING.split(cell.source)[::2]:
        shown = key_points(text)
        for line in ITEM.findall(text):
            if line[:12] not in shown and 'leaves_out' not in cell.metadata.get('slide', {}):
                yield f'"{line[:40]}" is on no slide: make it a cell of its own, or say slide.leaves_out'


def _slides(deck):
    """Title, what is said to the room, whether something stands below it, and the notes, of each slide."""
    slide = None
    for cell in deck.cells:
        kind = cell.metadata.get('slideshow', {}).get('slide_type', '-')
        if kind in ('slide', 'subslide') or slide is None:
            if slide:
                yield slide
            slide = {'title': '', 'said': '', 'html': '', 'tables': '', 'below': False, 'notes': ''}
        if kind == 'notes':
            slide['notes'] += cell.source
        elif cell.cell_type == 'markdown':
            titles = HEADING.findall(cell.source)
            slide['title'] = titles[-1] if titles else slide['title']
            slide['said'] += HEADING.sub('', cell.source)
        else:
            slide['below'] = True
            data = [output.get('data', {}) for output in cell.outputs]
            slide['html'] += ''.join(each['text/html'] for each in data if 'text/html' in each)
            slide['tables'] += ''.join(BeautifulSoup(each['text/html'], 'html.parser').get_text(' ')
                                       for each in data if '<table' in each.get('text/html', ''))
            slide['said'] += ''.join(each.get('text/markdown', '') for each in data)
            slide['said'] += ''.join(BeautifulSoup(each['text/html'], 'html.parser').get_text(' ')
                                     for each in data if re.search('class="(vote|measured|claim)"',
                                                                   each.get('text/html', '')))
    yield slide
