"""``make handout``: papers to print, in ``slides/handout/``. Of each deck two slides a page with lines to
write on, and each lesson and each sheet of exercises. Chromium prints them: text can be selected, fonts are
inside.
"""
import contextlib
import shutil
import sys

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole

import nbformat
from nbconvert.exporters import HTMLExporter
from playwright.sync_api import sync_playwright

from . import slides
from .command import status
from .lecture import COURSE, LICENCE
from .selection import lessons, name_of

# Out of the deck's own page: every slide in the size that it was made for, made smaller as a whole
TWO_A_PAGE = """() => {
    const leaves = [...document.querySelectorAll('.reveal .slides section')].filter(
        section => !section.querySelector('section'));
    const pages = leaves.map(slide => {
        const page = document.createElement('div'), box = document.createElement('div'),
              lines = document.createElement('div'), frame = document.createElement('div');
        slide.querySelectorAll('aside').forEach(note => note.remove());
        slide.removeAttribute('style'); slide.removeAttribute('hidden');
        page.className = 'handout'; box.className = 'box'; lines.className = 'lines';
        lines.append(...[1, 2, 3, 4].map(() => document.createElement('div')));
        frame.className = 'reveal'; const inner = document.createElement('div'); inner.className = 'slides';
        inner.append(slide); frame.append(inner); box.append(frame); page.append(box, lines);
        return page;
    });
    document.body.className = ''; document.documentElement.className = '';
    document.body.replaceChildren(...pages);
    document.body.removeAttribute('style');
}"""
DECK = """
@page { size: A4; margin: 12mm 14mm 16mm; }
html, body { height: auto; overflow: visible; background: none; }
.handout { height: 128mm; break-inside: avoid; }
.box { width: 160mm; height: 90mm; border: .3mm solid #888; overflow: hidden; }
.box .reveal { zoom: .378; width: 1600px; height: 900px; position: static; overflow: visible; }
.box .reveal .slides { position: static; width: 1600px; height: 900px; transform: none; }
.box .reveal .slides section { display: flex !important; position: static !important; width: 1600px;
    visibility: visible; opacity: 1; transform: none; }
.lines div { height: 7mm; border-bottom: .2mm solid #aaa; }
"""
NOTEBOOK = """
@page { size: A4; margin: 14mm 14mm 18mm; }
body { font-size: 10.5pt; padding: 0 !important; }
pre, img, svg, table, figure, blockquote, .jp-Cell-inputWrapper, .jp-OutputArea-child { break-inside: avoid; }
h1, h2, h3, h4 { break-after: avoid; }
pre { white-space: pre-wrap !important; overflow-wrap: anywhere; font-size: 7.4pt !important; }
img { max-width: 100% !important; max-height: 220mm; }
.anchor-link, .jp-Collapser, .jp-InputPrompt, .jp-OutputPrompt, audio { display: none !important; }
"""
FOOTER = ('<div style="font: 8px sans-serif; width: 100%; padding: 0 14mm; color: #444; display: flex; '
          f'justify-content: space-between"><span>{COURSE}. {LICENCE}</span>'
          '<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>')


def build(root=settings.root):
    """Write the papers, after the decks.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    list of Path

    Raises
    ------
    CourseError
        If there is no Chromium.
    """
    program = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
    if not program:
        raise CourseError('make handout prints with Chromium, which is not installed: apt-get install '
                          'chromium.')
    decks, folder = slides.build(root), root / 'slides' / 'handout'
    folder.mkdir()
    papers = []
    with sync_playwright() as playwright, contextlib.closing(
            playwright.chromium.launch(executable_path=program)) as chromium:
        page = chromium.new_page(viewport={'width': 1600, 'height': 900})
        for deck in decks:
            _open(page, deck)
            page.evaluate(TWO_A_PAGE)
            papers.append(_print(page, DECK, folder / f'{deck.stem}-slides.pdf'))
        for path in _to_read(root):
            whole = folder / 'page.html'
            write_whole(whole, _html(path, root))
            _open(page, whole)
            whole.unlink()
            papers.append(_print(page, NOTEBOOK, folder / f'{name_of(path, root).replace("/", "-")}.pdf'))
    for paper in papers:
        print(f'slides/handout/{paper.name}: {paper.stat().st_size / 1e6:.1f} MB')
    return papers


def _to_read(root):
    """The lessons, each followed by its exercises."""
    for path in lessons(root):
        yield path
        exercises = path.parent / 'exercises' / path.name
        if exercises.exists():
            yield exercises


def _html(path, root):
    """A notebook as a page that asks nobody for anything."""
    exporter = HTMLExporter(template_name='print', extra_template_basedirs=[str(slides.TEMPLATES)],
                            extra_template_paths=[str(slides.TEMPLATES / 'picture')])
    return exporter.from_notebook_node(nbformat.read(path, as_version=4),
                                       resources={'metadata': {'name': name_of(path, root)}})[0]


def _open(page, path):
    """Open a page, until its formulas are set."""
    page.goto(path.as_uri())
    page.evaluate('new Promise(done => MathJax.Hub.Queue(() => done()))')


def _print(page, style, paper):
    page.add_style_tag(content=style)
    page.evaluate('document.fonts.ready')
    page.emulate_media(media='print')
    write_whole(paper, page.pdf(prefer_css_page_size=True, print_background=True, display_header_footer=True,
                                header_template='<span></span>', footer_template=FOOTER))
    return paper


if __name__ == '__main__':
    sys.exit(status(build))
