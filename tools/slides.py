"""``make slides``: decks of slides out of the lessons, for lecturers.

A deck for each lesson is written into ``slides/``, a folder that needs no network and can be carried on a
stick. There is no second source: Jupyter's own *slide type* of each cell says where it goes, and the lesson's
prose becomes what the speaker's view shows (key S).

- Of a text the slide shows headings, the first sentence and the first list (or small table); the whole text
  is a speaker note. Text before a heading is a note of the slide before. A cell of slide type *notes* is a
  note as a whole.
- Of code the slide shows the code and what it printed; where a picture, a table, a guess or a claim came out,
  only that, and what was printed beside it is a note. A cell tagged *technique* shows its code all the same,
  and what came out on the next slide.
- A guess is a vote with letters, a claim a mark, a sentence and a number (`votes`); the whole is a note.
- A first line in bold is a heading.
- ``slide`` in a cell's metadata says what the cell cannot: ``title`` of a slide that has no heading,
  ``says``, its sentence (both may be a list, if the cell makes several slides; null as a title leaves one
  out), ``cut``, whether it is shown (`lecture`). Without a title it repeats the last one.
- A sentence alone is joined by the figure, the table or the vote of the next cell.

What a deck may not have, `deck_rules` says.
"""
import re
import shutil
import sys
from html import escape
from importlib import metadata
from itertools import pairwise
from pathlib import Path

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from traitlets.config import Config

from . import deck_rules, lecture, votes
from .command import status
from .execution import execute, kernel_environment, run
from .key_points import key_points
from .marks import mark, said, tagged
from .selection import lessons

TEMPLATES = Path(__file__).parent
LIBRARIES = {  # what the decks load: its folder beside them, the package that carries it, and where there
    'reveal': ('sphinx-revealjs', 'sphinx_revealjs/_static/revealjs', [
        'LICENSE', 'dist/reveal.js', 'dist/reveal.css', 'dist/theme/fonts/source-sans-pro',
        'plugin/notes/notes.js']),
    'mathjax': ('jupyter-server-mathjax', 'jupyter_server_mathjax/static', ['.']),
}
MOST_LINES, MOST_LETTERS = 12, 90  # of claims on a slide
MOST_ALONE = 240  # letters of a sentence that a figure joins
SHARP = """import matplotlib
from d2lhelpers import process
matplotlib.rcParams['savefig.dpi'] *= 2"""
TITLES = {'vote': 'Your vote', 'measured': 'What was measured', 'claim': 'What came out'}
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
    title, alone = '', False  # whether the slide has only a sentence so far
    for cell in nb.cells:
        kind = _slide_type(cell)
        if kind == 'skip':
            continue
        shown = _text(cell, kind) if cell.cell_type == 'markdown' else _code(cell, kind)
        for new in shown:
            place, own = new.metadata.slideshow.slide_type, new.metadata.pop('own_title', '')
            if place == 'notes':
                slides.cells.append(new)
                continue
            headings = HEADING.findall(new.source) if new.cell_type == 'markdown' else []
            if headings:
                title = headings[-1]
            elif place in ('slide', 'subslide'):
                if alone and not own and _joins(new):
                    place = new.metadata.slideshow.slide_type = '-'
                else:
                    if own and own not in TITLES.values():
                        title = f'## {own}'
                    slides.cells.append(_cell(f'## {own}' if own else title, place))
                    new.metadata.slideshow.slide_type = '-'
            slides.cells.append(new)
            alone = new.cell_type == 'markdown' and _is_sentence(HEADING.sub('', new.source).strip())
    return slides


def _is_sentence(text):
    return 0 < len(text) < MOST_ALONE and not re.search(r'^([-*|]|\d+\.) ?', text, re.MULTILINE)


def _joins(cell):
    """Whether a cell shows something to look at, and no code."""
    return cell.cell_type == 'code' and cell.metadata.get('transient', {}).get('remove_source')


def _slide_type(cell):
    return cell.metadata.get('slideshow', {}).get('slide_type', '-')


def _cell(text, kind, **metadata):
    return new_markdown_cell(text, metadata={'slideshow': {'slide_type': kind}, **metadata})


def _code(cell, kind):
    """A code cell as slides show it: a slide for each picture, table, vote and page of claims.

    What came out comes after the code of a technique, and after the options of a guess: nobody is to see it
    before the vote.
    """
    technique = tagged(cell, 'technique')
    shown = [output for output in cell.outputs if mark(output).get('kind') != 'sign']  # not for a lecture
    alone = [output for output in shown if _rich(output) or 'text/html' in output.get('data', {})
             or mark(output).get('kind') in ('guess', 'claim')]
    printed = [output for output in shown if output.output_type == 'stream']
    beside = bool(alone) and not technique  # printed lines beside something to look at are for the speaker
    parts, full, heard = [[]], technique, [said(output) for output in printed] if beside else []
    for page, whole in _pages([output for output in shown if not (beside and output in printed)]):
        heard.append(whole)
        one = _rich(page) or 'text/html' in page.get('data', {})
        if one and full:
            parts.append([])
        parts[-1].append(page)
        full = full or one
    cells = []
    for number, outputs in enumerate(parts):
        if _own(cell, 'title', number) is None:
            continue
        place = 'subslide' if number else kind
        title = _own(cell, 'title', number) or ('' if technique and not number else _title(outputs))
        if says := _own(cell, 'says', number):
            cells.append(_cell(says, place, own_title=title))
            place = '-'
        metadata = {'slideshow': {'slide_type': place}, 'own_title': title}
        if number or beside:
            metadata['transient'] = {'remove_source': True}  # nbconvert's own mark
        cells.append(nbformat.from_dict({**cell, 'id': f'{cell.id}-{number}', 'outputs': outputs,
                                         'metadata': metadata}))
    notes = ''.join(heard).strip()
    return [*cells, _cell(f'```\n{notes}\n```', 'notes')] if notes else cells


def _pages(outputs):
    """The outputs as slides show them, each with what the speaker is told of it: guesses as votes, claims
    that follow each other on as few slides as hold them, a question with the claims that answer it.
    """
    claims, heard, room = [], '', MOST_LINES
    for output, after in pairwise([*outputs, None, None]):
        kind = mark(output).get('kind') if output else None
        height = 1 + (len(said(output).partition('\n')[0]) - 1) // MOST_LETTERS if kind == 'claim' else 0
        if claims and (kind != 'claim' or room < height):
            yield _html(''.join(claims)), heard
            claims, heard, room = [], '', MOST_LINES
        if kind == 'claim':
            claims.append(votes.claim(said(output)))
            heard, room = heard + said(output), room - height
        elif kind == 'guess':
            yield _html(votes.vote(said(output), mark(output).get('options'))), said(output)
        elif output and after and mark(after).get('kind') == 'claim' and (question := _question(output)):
            claims, heard, room = [f'<p>{escape(question)}</p>'], f'{question}\n', MOST_LINES - 1
        elif output:
            yield output, ''


def _question(output):
    """A text that a cell shows before claims; what is written below a figure is in italics."""
    text = output.get('data', {}).get('text/markdown', '')
    return '' if text.startswith('*') else text


def _own(cell, key, number=0):
    """What ``slide`` in a cell's metadata says of the slide with this number of those that the cell makes."""
    said = cell.metadata.get('slide', {}).get(key, '')
    said = said if isinstance(said, list) else [said]
    return said[number] if number < len(said) else ''


def _title(outputs):
    """What a slide is called that shows this alone."""
    html = ''.join(output.get('data', {}).get('text/html', '') for output in outputs[:1])
    return next((title for name, title in TITLES.items() if f'class="{name}"' in html), '')


def _html(text):
    return new_output('display_data', {'text/html': text})


def _rich(output):
    """Whether an output is a picture or a table."""
    data = output.get('data', {})
    return 'image/png' in data or 'image/jpeg' in data or '<table' in data.get('text/html', '')


def _text(cell, kind):
    """The cells that a text cell becomes: notes for the slide before, then for each heading what is shown,
    and its notes.
    """
    # the notebooks are not beside the deck
    source = re.sub(r'\[([^\]]+)\]\((?!https?:)[^)]*\)', r'\1', cell.source)
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
    own_says = cell.metadata.get('slide', {}).get('says')
    for number, part in enumerate(parts):
        heading = re.match(r'(?:#{1,6} .*\s*)*', part)[0]
        text, heading = part[len(heading):].strip(), heading.strip()
        if number:
            kind = 'subslide' if heading.startswith('###') else 'slide'
        last = number == len(parts) - 1  # what the metadata say is of the last heading, if it is no list
        if last and not heading and _own(cell, 'title'):
            heading = f'## {_own(cell, "title")}'
        key = key_points(text, _own(cell, 'says', number) if isinstance(own_says, list) or last else '')
        cells.append(_cell(f'{heading}\n\n{key}'.strip(), kind))
        if text and key != text:
            cells.append(_cell(text, 'notes'))
    return cells


def build(root=settings.root, sharp=False):
    """Write the decks, for 90 and for 45 minutes, and what they load, into ``slides/``.

    Parameters
    ----------
    root : Path
        The repository.
    sharp : bool
        Whether the lessons are executed once more, with figures of twice as many pixels.

    Returns
    -------
    list of Path
        The decks.

    Raises
    ------
    CourseError
        After all are written, with everything that breaks a rule of `deck_rules`.
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
        template_name='deck', extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES / 'picture')], reveal_url_prefix='reveal',
        reveal_theme='deck', exclude_input_prompt=True, exclude_output_prompt=True,
        config=Config(CSSHTMLHeaderPreprocessor={'style': 'default'}))
    decks, broken = [], []
    for path in lessons(root):
        nb = nbformat.read(path, as_version=4)
        if sharp:
            nb.cells.insert(0, new_code_cell(SHARP))
            nb, *_ = run(execute(path, kernel_environment(), nb=nb))
            del nb.cells[0]
        plan = lecture.plan(path)
        for minutes in lecture.cuts(plan):
            try:
                part = nbformat.from_dict({**nb, 'cells': lecture.cut(nb.cells, minutes, plan, path.stem)})
                slides = deck(part)
            except CourseError as error:
                print(f'{path.stem}: {error}')
                break
            slides.cells = [*lecture.front(path, part.cells, plan), *lecture.with_minutes(slides.cells, plan),
                            *lecture.last(path)]
            html, _ = exporter.from_notebook_node(slides, resources={'metadata': {'name': path.stem}})
            decks.append(folder / f'{path.stem}{"" if minutes == max(lecture.CUTS) else f"-{minutes}"}.html')
            write_whole(decks[-1], html)
            print(f'slides/{decks[-1].name}: {len(html) / 1e6:.1f} MB')
            broken += [f'{decks[-1].stem}, {problem}'
                       for problem in deck_rules.problems(part, slides, plan is not None)]
    if broken:
        raise CourseError('\n'.join(['The decks are written, but they break rules (CONTRIBUTING.md, Slides):',
                                     *broken]))
    return decks


if __name__ == '__main__':
    sys.exit(status(build, settings.root, 'sharp' in sys.argv[1:]))
