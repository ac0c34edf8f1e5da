"""Below a page's title, how long it takes; below the heading of each section, where to run it."""
import re

from docutils import nodes
from sphinx.transforms import SphinxTransform

from .words import _


class Places(SphinxTransform):
    """After the translation, but before the note on it."""

    default_priority = 25

    def apply(self, **_options):
        document = self.env.current_document.docname
        facts = self.env.metadata[document]
        top = next(iter(self.document.findall(nodes.section)), None)
        if top is None or 'minutes' not in facts:
            return
        if 'notebook' in facts:
            for section in top.findall(nodes.section):
                if section.parent is top:
                    section.insert(1, self._line(section, facts['notebook']))
        minutes = _('About {minutes} minutes to read.').format(minutes=facts['minutes'])
        if document.startswith('exercises/'):
            minutes = _('About {minutes} minutes to read and to do.').format(minutes=facts['minutes'])
        top.insert(1, nodes.paragraph('', minutes, classes=['minutes'], translatable=False))

    def _line(self, section, notebook):
        # the English title: the notebook has no other
        title = section[0].rawsource or section[0].astext()
        number = re.match(r'\d+\.\d+(?= )', title)
        exercise = re.match(r'Exercise (\d+)', title)
        if number:
            place = _('lesson {number}').format(number=number[0])
        elif exercise:
            place = _('{notebook}, exercise {number}').format(notebook=notebook, number=exercise[1])
        else:
            place = notebook
        before, after = _('To run it: {command} in JupyterLab, {place}').format(
            command='\0', place=place).split('\0')
        return nodes.paragraph('', '', nodes.Text(before), nodes.literal('', 'make lab'), nodes.Text(after),
                               classes=['lab'], translatable=False)


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_transform(Places)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
