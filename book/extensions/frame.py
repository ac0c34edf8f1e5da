"""What stands around each page: words of the templates, languages, the language of the page as HTML spells
it."""
from .words import _

NAMES = {'en': 'English', 'vi': 'Tiếng Việt', 'zh_TW': '繁體中文'}


def _words():
    return {'search': _('Search'), 'find': _('Find sections that hold the words'),
            'found': _('{n} sections found'), 'languages': _('Languages'),
            'licence': _('Text and figures: CC BY 4.0. Code: MIT. By the authors of the d2lhelpers course.'),
            'cite': _('How to cite it')}


def _context(app, pagename, templatename, context, doctree):
    context['words'] = {name: str(text) for name, text in _words().items()}
    context['languages'] = NAMES.items()


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.connect('html-page-context', _context)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
