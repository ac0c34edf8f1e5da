"""What must hold on every page of a folder of web pages: links lead somewhere, nothing is loaded from
elsewhere, pictures have an alt text, and no id stands there twice.
"""
import posixpath
import re
from html.parser import HTMLParser
from urllib.parse import unquote

LOADS = {'link': 'href', 'script': 'src', 'img': 'src', 'audio': 'src', 'source': 'src', 'iframe': 'src'}
KINDS = {'stylesheet', 'icon', 'preload', 'prefetch'}  # of <link>, which load something


class Page(HTMLParser):
    """One page: its ids, its links, what it loads, and its pictures."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.alts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        if 'id' in own:
            self.ids.append(own['id'])
        if tag == 'a' and 'href' in own:
            self.links.append(own['href'])
        if LOADS.get(tag) in own and (tag != 'link' or KINDS & set(own.get('rel', '').split())):
            self.loads.append(own[LOADS[tag]])
        if tag == 'img':
            self.alts.append((own.get('src'), own.get('alt')))


def problems(folder):
    """Sentences on what does not hold, and the number of links that lead inside.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of str, int
    """
    pages = {path.relative_to(folder).as_posix(): Page(path.read_text(encoding='utf-8'))
             for path in sorted(folder.rglob('*.html'))}
    found, inside = [], 0
    for name, page in pages.items():
        twice = {each for each in page.ids if page.ids.count(each) > 1}
        found += [f'{name}: the id {each} stands there twice' for each in sorted(twice)]
        found += [f'{name}: {source} has no alt text' for source, alt in page.alts if not (alt or '').strip()]
        found += [f'{name} loads {address}' for address in page.loads if re.match(r'https?:|//', address)]
        for address in [*page.links, *page.loads]:
            if re.match(r'[a-z]+:', address):
                continue
            inside += 1
            path, _, anchor = unquote(address).partition('#')
            path = path.partition('?')[0]
            file = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if not (folder / file).is_file():
                found.append(f'{name}: {address} leads to no file')
            elif anchor and file in pages and anchor not in pages[file].ids:
                found.append(f'{name}: {address} leads to no place on that page')
    return found, inside
