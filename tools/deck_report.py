"""What a deck still breaks, for `make slides` to count: empty slides, repeated titles, lists left out, no
notes.
"""
import re
from collections import Counter

from .key_points import LIST, TABLE, key_points

HEADING = re.compile(r'^#{1,6} +(.+)$', re.MULTILINE)


def problems(lesson, deck):
    """Count what is wrong with a deck.

    Parameters
    ----------
    lesson, deck : nbformat.NotebookNode
        The lesson, and the slides made of it.

    Returns
    -------
    dict of str to int
    """
    slides = _slides(deck)
    titles = [title for title, _, _ in slides]
    return Counter({
        'slides': len(slides),
        'empty': sum(not shown for _, shown, _ in slides),
        'title more than twice in a row': sum(a == b == c for a, b, c in zip(titles, titles[1:], titles[2:],
                                                                             strict=False)),
        'without notes': sum(not notes for _, _, notes in slides),
        'a fragment': sum(bool(re.match(r'[a-z(]', text.strip()) or text.strip().endswith(':'))
                          for text in _texts(deck)),
        'lists and tables left out': sum(_left_out(cell) for cell in lesson.cells)})


def told(name, counts):
    """A line for a deck."""
    return f'{name}: ' + ', '.join(f'{number} {what}' for what, number in counts.items())


def _slides(deck):
    """Title, what is shown below it, and the notes, of each slide."""
    slides = []
    for cell in deck.cells:
        kind = cell.metadata.get('slideshow', {}).get('slide_type', '-')
        if kind in ('slide', 'subslide') or not slides:
            slides.append(['', '', ''])
        text = cell.source if cell.cell_type == 'markdown' else _output(cell)
        if kind == 'notes':
            slides[-1][2] += text
            continue
        titles = HEADING.findall(text) if cell.cell_type == 'markdown' else []
        slides[-1][0] = titles[-1] if titles else slides[-1][0]
        slides[-1][1] += HEADING.sub('', text) if cell.cell_type == 'markdown' else text
    return slides


def _texts(deck):
    """What text cells show below their headings."""
    shown = [HEADING.sub('', cell.source) for cell in deck.cells if cell.cell_type == 'markdown'
             and cell.metadata.slideshow.slide_type != 'notes']
    return [text for text in shown if text.strip()]


def _output(cell):
    code = '' if cell.metadata.get('transient', {}).get('remove_source') else cell.source
    return code + ''.join(output.get('text') or ''.join(output.get('data', {})) for output in cell.outputs)


def _left_out(cell):
    """Lists and tables of a text cell that is shown, of which the slide has nothing."""
    kind = cell.metadata.get('slideshow', {}).get('slide_type', '-')
    if cell.cell_type != 'markdown' or kind in ('skip', 'notes'):
        return 0
    left = 0
    for text in HEADING.split(cell.source)[::2]:
        shown = key_points(text)
        parts = [found[1] for found in LIST.finditer(text)] + [found[1] for found in TABLE.finditer(text)]
        left += sum(part.splitlines()[0][:12] not in shown for part in parts)
    return left
