"""How Sphinx makes the book. `python -m book` calls it, with the languages and outputs that there are."""
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = 'Transfer learning, hands on'
author = 'The authors of the d2lhelpers course'
copyright = f'{author}. Text and figures: CC BY 4.0. Code: MIT'
release = version = yaml.safe_load((ROOT / 'CITATION.cff').read_text(encoding='utf-8'))['version']
language = 'en'

web = [] if tags.has('epub') else ['sphinx_copybutton']  # noqa: F821 - Sphinx gives tags
extensions = ['myst_parser', *web,
              *(f'book.extensions.{name}' for name in (
                  'alts', 'cells', 'claims', 'contents', 'folds', 'formulas', 'frame', 'glossary', 'guesses',
                  'lab', 'lines', 'search', 'sounds', 'untranslated'))]
source_suffix = {'.md': 'markdown'}
smartquotes = False  # quotation marks stay as the notebooks have them

myst_enable_extensions = ['colon_fence', 'dollarmath']
myst_heading_anchors = 3
myst_heading_slug_func = 'book.extensions.anchors.slug'
suppress_warnings = ['myst.header']  # an exercise may begin below a title that is two levels up

locale_dirs = ['locale']
gettext_compact = False  # a catalogue for each page
gettext_location = False  # else every new cell changes all catalogues
gettext_uuid = False
gettext_last_translator, gettext_language_team = '', ''

templates_path = ['templates']
html_theme = 'furo'
html_title = project
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = html_show_copyright = False  # the licence stands in a template
html_use_index = False  # the index of terms is a page of its own
html_math_renderer = 'mathml'
html_permalinks_icon = '#'
html_sidebars = {'**': ['sidebar/brand.html', 'sidebar/search.html', 'sidebar/languages.html',
                        'sidebar/scroll-start.html', 'sidebar/navigation.html', 'sidebar/scroll-end.html']}
html_static_path = ['static']
html_css_files = ['book.css']
html_js_files = [('book.js', {'defer': 'defer'})]
if tags.has('epub'):  # noqa: F821
    html_static_path, html_css_files, html_js_files = ['epub'], [], []
epub_theme = 'epub'
epub_css_files = ['epub-book.css']
epub_show_urls = 'no'
epub_author, epub_publisher = author, author
epub_identifier = epub_uid = 'd2lhelpers-transfer-learning'
epub_scheme = 'ID'
epub_tocscope = 'includehidden'
epub_exclude_files = ['CITATION.cff', 'LICENSE', 'LICENSE-text', 'search.xhtml']
html_extra_path = ['../CITATION.cff', '../LICENSE', '../LICENSE-text']
pygments_style = 'a11y-high-contrast-light'
pygments_dark_style = 'a11y-high-contrast-dark'
copybutton_selector = 'div.code pre'
