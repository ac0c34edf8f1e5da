"""The book's own words, which stand in no notebook: in the reader's language.

They are marked by ``_('...')`` in the extensions; ``make book-messages`` collects them in ``book.pot``.
"""
from pathlib import Path

from sphinx.locale import get_translation

DOMAIN = 'book'
_ = get_translation(DOMAIN)


def setup(app):
    """Sphinx loads the catalogue of the language that it builds."""
    app.add_message_catalog(DOMAIN, str(Path(app.srcdir) / 'locale'))
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
