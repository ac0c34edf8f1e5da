"""``make slides``: decks of slides out of the lessons, for lecturers.

A deck for each lesson is written into ``slides/``, a folder that needs no network and can be carried on a
stick. There is no second source: Jupyter's own *slide type* of each cell says where it goes, and the lesson's
prose becomes what the speaker's view shows (key S).

- Of a text the slide shows headings, the first sentence and the first list (or small table); the whole text
  is a speaker note. Text before a heading is a note of the slide before. A cell of slide type *notes* is a
  note as a whole.
- Of code the slide shows the code and what it printed; where a picture, a table, a guess or several claims
  came out, only that. A cell tagged *technique* shows its code all the same, and what came out on the next
  slide.
- A first line in bold is a heading. A slide without a heading repeats the last one.
"""
import re
import shutil
from importlib import metadata
from pathlib import Path

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat.v4 import new_markdown_cell, new_output
from traitlets.config import Config

from .key_points import key_points
from .marks import mark, of_kind, said, tagged
from .selection import lessons

TEMPLATES = Path(__file__).parent
LIBRARIES = {  # what the decks load: its folder beside them, the package that carries it, and where there
    'reveal': ('sphinx-revealjs', 'sphinx_revealjs/_static/revealjs', [
        'LICENSE', 'dist/reveal.js', 'dist/reveal.css', 'dist/theme/fonts/source-sans-pro',
        'plugin/notes/notes.js']),
    'mathjax': ('jupyter-server-mathjax', 'jupyter_server_mathjax/static', ['.']),
}
MOST_LINES, MOST_LETTERS = 20, 100  # of printed text on a slide
HEADING = re.compile(r'^#{1,6} +.+$', re.MULTILINE)


def deck(nb):
    """The notebook as slides.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        A lesson, executed.

    Returns
    -------
    nbformat.NotebookNode
        For nbconvert's slides: shortened text, speaker notes, no code where what came out says it all.

    Raises
    ------
    CourseError
        If no cell has a slide type.
    """
    if not any(_slide_type(cell) in ('slide', 'subslide') for cell in nb.cells):
        raise CourseError('no cell begins a slide: set slide types (in JupyterLab: the gear at the right, '
                          'Common Tools).')
    slides = nbformat.v4.new_notebook(metadata=nb.metadata)
    title = ''
    for cell in nb.cells:
        kind = _slide_type(cell)
        if kind == 'skip':
            continue
        shown = _text(cell.source, kind) if cell.cell_type == 'markdown' else _code(cell, kind)
        for new in shown:
            headings = HEADING.findall(new.source) if new.cell_type == 'markdown' else []
            if headings and new.metadata.slideshow.slide_type != 'notes':
                title = headings[-1]
            elif new.metadata.slideshow.slide_type in ('slide', 'subslide'):
                slides.cells.append(_cell(title, new.metadata.slideshow.slide_type))
                new.metadata.slideshow.slide_type = '-'
            slides.cells.append(new)
    return slides


def _slide_type(cell):
    return cell.metadata.get('slideshow', {}).get('slide_type', '-')


def _cell(text, kind):
    return new_markdown_cell(text, metadata={'slideshow': {'slide_type': kind}})


def _code(cell, kind):
    """A code cell as slides show it: a slide for each picture or table, and what was printed before it.

    What came out comes after the code of a technique, and after the options of a guess: nobody is to see it
    before the vote.
    """
    technique, guess = tagged(cell, 'technique'), of_kind(cell, 'guess')
    shown = [output for output in cell.outputs if mark(output).get('kind') != 'sign']  # not for a lecture
    came_out = any(_rich(output) or 'text/html' in output.get('data', {}) for output in shown)
    claims = of_kind(cell, 'claim')  # a slide of their own, beside what is drawn
    without_code = not technique and (guess or came_out or len(claims) > 1)
    parts, full = [[]], bool(technique or guess)
    for output in _joined(shown):
        for page in _pages(output) if without_code else [output]:
            rich = _rich(page)
            apart = page is not output or (claims and (rich or said(page)))
            if (rich and full) or (apart and parts[-1]):
                parts.append([])
            parts[-1].append(page)
            full = full or rich
    cells = []
    for number, outputs in enumerate(parts):
        metadata = {'slideshow': {'slide_type': 'subslide' if number else kind}}
        if number or without_code:
            metadata['transient'] = {'remove_source': True}  # nbconvert's own mark
        cells.append(nbformat.from_dict({**cell, 'id': f'{cell.id}-{number}', 'outputs': outputs,
                                         'metadata': metadata}))
    return cells


def _joined(outputs):
    """The outputs; what is said one after the other, in printed lines and in claims, as one."""
    joined = []
    for output in outputs:
        if not said(output):
            joined.append(output)
        elif joined and joined[-1].output_type == 'stream':
            joined[-1].text += said(output)
        else:
            joined.append(new_output('stream', name='stdout', text=said(output)))
    return joined


def _rich(output):
    """Whether an output is a picture or a table."""
    data = output.get('data', {})
    return 'image/png' in data or 'image/jpeg' in data or '<table' in data.get('text/html', '')


def _pages(output):
    """A long printed text (mostly: many claims) in parts that fit a slide, if possible broken before a line
    that is not indented; else the output.
    """
    pages, room = [''], MOST_LINES
    for block in re.findall(r'^\S.*\n?(?:^\s.*\n?)*', output.get('text', ''), re.MULTILINE):
        lines = [(line, 1 + (len(line) - 1) // MOST_LETTERS) for line in block.splitlines(keepends=True)]
        needed = sum(height for _, height in lines)
        for line, height in lines:
            if pages[-1] and room < (needed if needed <= MOST_LINES else height):
                pages.append('')
                room = MOST_LINES
            pages[-1] += line
            room -= height
            # the rest of a block that fits goes with its first line
            needed = 0 if needed <= MOST_LINES else needed
    return [output] if len(pages) == 1 else [nbformat.from_dict({**output, 'text': page}) for page in pages]


def _text(source, kind):
    """The cells that a text cell becomes: notes for the slide before, then for each heading what is shown,
    and its notes.
    """
    # the notebooks are not beside the deck
    source = re.sub(r'\[([^\]]+)\]\((?!https?:)[^)]*\)', r'\1', source)
    source = re.sub(r'\A\*\*(.+)\*\*$', r'## \1', source, flags=re.MULTILINE)
    if kind == 'notes':
        return [_cell(source, 'notes')]
    before, *pieces = re.split(r'^(?=#{1,6} )', source, flags=re.MULTILINE)
    parts = [] if pieces else [before]
    for piece in pieces:
        # a section that begins with a smaller heading: both on one slide
        if parts and HEADING.fullmatch(parts[-1].strip()):
            parts[-1] += piece
        else:
            parts.append(piece)
    cells = [_cell(before.strip(), 'notes')] if pieces and before.strip() else []
    for number, part in enumerate(parts):
        heading = re.match(r'(?:#{1,6} .*\s*)*', part)[0]
        text, heading = part[len(heading):].strip(), heading.strip()
        if number:
            kind = 'subslide' if heading.startswith('###') else 'slide'
        key = key_points(text)
        cells.append(_cell(f'{heading}\n\n{key}'.strip(), kind))
        if key != text:
            cells.append(_cell(text, 'notes'))
    return cells


def build(root=settings.root):
    """Write the decks, and what they load, into ``slides/``.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    list of Path
        The decks.
    """
    folder = root / 'slides'
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, (package, inside, parts) in LIBRARIES.items():
        source = Path(metadata.distribution(package).locate_file(inside))
        for part in parts:
            copy = shutil.copytree if (source / part).is_dir() else shutil.copy
            (folder / name / part).parent.mkdir(parents=True, exist_ok=True)
            copy(source / part, folder / name / part)
    shutil.copy(TEMPLATES / 'deck' / 'deck.css', folder / 'reveal' / 'dist' / 'theme')
    exporter = SlidesExporter(
        template_name='deck', extra_template_basedirs=[str(TEMPLATES)], reveal_url_prefix='reveal',
        reveal_theme='deck', exclude_input_prompt=True, exclude_output_prompt=True,
        config=Config(CSSHTMLHeaderPreprocessor={'style': 'default'}))
    decks = []
    for path in lessons(root):
        try:
            html, _ = exporter.from_notebook_node(deck(nbformat.read(path, as_version=4)),
                                                  resources={'metadata': {'name': path.stem}})
        except CourseError as error:
            print(f'{path.stem}: {error}')
            continue
        decks.append(folder / f'{path.stem}.html')
        write_whole(decks[-1], html)
        print(f'slides/{decks[-1].name}: {len(html) / 1e6:.1f} MB')
    return decks


if __name__ == '__main__':
    build()
