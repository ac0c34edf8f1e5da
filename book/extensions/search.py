"""Search by section, also from a folder: the text of all sections as a script that the search page loads.

Sphinx's own search finds whole pages, and from a folder only their titles.
"""
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.osutil import ensuredir

from .folds import fold_title

LEFT_OUT = (nodes.section, nodes.raw, nodes.image, fold_title)


def _text(node):
    if isinstance(node, nodes.Text):
        return node.astext()
    return ' '.join(_text(child) for child in node.children if not isinstance(child, LEFT_OUT))


def _sections(env):
    for page in sorted(env.found_docs):
        title = env.titles[page].astext()
        for section in env.get_doctree(page).findall(nodes.section):
            text = re.sub(r'\s+', ' ', ' '.join(_text(child) for child in section.children[1:]
                                               if not isinstance(child, LEFT_OUT)))
            yield [title, section[0].astext(), f'{page}.html#{section["ids"][0]}', text.strip()]


def _write(app, failed):
    if failed or app.builder.name != 'html':
        return
    folder = Path(app.outdir) / '_static'
    ensuredir(folder)
    sections = json.dumps(list(_sections(app.env)), ensure_ascii=False, separators=(',', ':'))
    (folder / 'sections.js').write_text(f'const SECTIONS = {sections};\n', encoding='utf-8')


def _page(app):
    if app.builder.name == 'html':
        yield 'search', {}, 'search.html'


def _no_other(app):
    app.builder.search = False


def setup(app):
    """Register with Sphinx."""
    app.connect('builder-inited', _no_other)
    app.connect('html-collect-pages', _page)
    app.connect('build-finished', _write)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
