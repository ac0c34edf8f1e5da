"""The directive ``course-contents``: all pages with their minutes, lessons with their objectives, in the
reader's language: titles and objectives are taken from the pages."""
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .words import _


class course_contents(nodes.General, nodes.Element):
    """Where the contents will stand."""


class Contents(SphinxDirective):
    """``:::{course-contents}``"""

    def run(self):
        return [course_contents()]


def _resolve(app, doctree, document):
    for node in list(doctree.findall(course_contents)):
        pages = app.env.toctree_includes.get(document, [])
        node.replace_self(nodes.bullet_list('', *(_page(app, page, document) for page in pages),
                                            classes=['course-contents']))


def _page(app, page, document):
    item = nodes.list_item('', _link(app, page, document))
    goals = next(iter(app.env.get_doctree(page).findall(nodes.enumerated_list)), None)
    if goals is not None and goals.parent is not None and _is_lesson(page):
        item += goals.deepcopy()
    inside = [child for child in app.env.toctree_includes.get(page, []) if '/' in child]
    if inside and not page.startswith('teaching/'):
        item += nodes.bullet_list('', *(nodes.list_item('', _link(app, child, document)) for child in inside))
    return item


def _is_lesson(page):
    return page[:2].isdigit() and page[:2] != '00'


def _link(app, page, document):
    link = nodes.reference('', '', *(child.deepcopy() for child in app.env.titles[page]), internal=True,
                           refuri=app.builder.get_relative_uri(document, page))
    line = nodes.paragraph('', '', link)
    if minutes := app.env.metadata[page].get('minutes'):
        line += nodes.inline('', ' ' + _('{minutes} minutes').format(minutes=minutes), classes=['minutes'])
    return line


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_node(course_contents)
    app.add_directive('course-contents', Contents)
    app.connect('doctree-resolved', _resolve)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
