"""``make book-messages [NB=02]``: brings the translators' catalogues in step with the notebooks.

A catalogue is a file for each page and language, ``book/locale/vi/LC_MESSAGES/01_fine_tuning_hotdog.po``.
Those that exist are updated; ``NB=02`` begins those of pages that have none yet. Where the English text has
changed, the translation becomes *fuzzy*: the page shows English there until somebody has looked.
"""
import shutil

from babel.messages import extract, pofile
from babel.messages.catalog import Catalog
from sphinx_intl.basic import update

from . import build, places


def update_catalogues(started=()):
    """Extract all messages, and update the catalogues.

    Parameters
    ----------
    started : sequence of str
        Beginnings of pages' names, whose catalogues are begun.
    """
    build.prepare()
    templates = places.WORK / 'messages'
    build.finish(build.start('gettext', 'en', templates), 'messages')
    own_words(templates / 'book.pot')
    chosen = places.WORK / 'chosen'
    for language in places.LANGUAGES:
        folder = places.HERE / 'locale' / language / 'LC_MESSAGES'
        shutil.rmtree(chosen, ignore_errors=True)
        for template in sorted(templates.rglob('*.pot')):
            name = template.relative_to(templates).with_suffix('')
            if (folder / name).with_suffix('.po').exists() or name.as_posix().startswith(tuple(started)):
                (chosen / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(template, (chosen / name).with_suffix('.pot'))
        update(str(places.HERE / 'locale'), str(chosen), [language], line_width=-1)


def own_words(path):
    """The book's own words, out of its extensions and templates."""
    catalogue = Catalog(project='book', fuzzy=False)
    for _, _, message, comments, _ in extract.extract_from_dir(
            str(places.HERE), [('extensions/*.py', 'python'), ('templates/**.html', 'jinja2')]):
        catalogue.add(message, auto_comments=comments)
    with open(path, 'wb') as file:
        pofile.write_po(file, catalogue, width=0, sort_output=True, no_location=True)
