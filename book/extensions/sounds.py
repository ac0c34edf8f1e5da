"""The directive ``sound``: a player in web pages; elsewhere a sentence, for readers of EPUB seldom do."""
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .words import _


class sound(nodes.General, nodes.Element):
    """A file to hear."""


class Sound(SphinxDirective):
    """``:::{sound} page/01.wav``"""

    required_arguments = 1

    def run(self):
        file, _path = self.env.relfn2path(self.arguments[0])
        # Sphinx copies it as it copies what a page offers for download
        return [sound(file=self.env.dlfiles.add_file(self.env.current_document.docname, file))]


def _html(self, node):
    if self.builder.name == 'html':
        depth = '../' * self.builder.current_docname.count('/')
        self.body.append(f'<audio controls preload="none" src="{depth}_downloads/{node["file"]}"></audio>\n')
    else:
        sentence = _('A sound, to be heard in the web pages or in the notebook.')
        self.body.append(f'<p class="sound">{sentence}</p>\n')
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_node(sound, html=(_html, None))
    app.add_directive('sound', Sound)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
