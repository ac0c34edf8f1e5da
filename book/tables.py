"""Tables that came out of cells as HTML: without what pandas adds, so that the book's style reaches them."""
import re

from bs4 import BeautifulSoup

NUMBERS = re.compile(r'[^A-Za-z]*|nan')


def measured(html):
    """A table with measured figures, clean.

    Parameters
    ----------
    html : str
        As pandas writes it.

    Returns
    -------
    str
        Headings with a scope, cells of figures marked, in a box that scrolls where the screen is too narrow.
    """
    soup = BeautifulSoup(html, 'html.parser')
    for style in soup('style'):
        style.decompose()
    for tag in soup(True):
        tag.attrs = {key: value for key, value in tag.attrs.items() if key in ('colspan', 'rowspan')}
    for table in soup('table'):
        table['class'] = 'figures'
        for head in table('th'):
            inside = head.find_parent('thead') is not None
            if not head.get_text(strip=True):
                head.name = 'td'
            else:
                head['scope'] = 'col' if inside else 'row'
        for cell in table('td'):
            if NUMBERS.fullmatch(cell.get_text(strip=True)):
                cell['class'] = 'number'
        table.wrap(soup.new_tag('div', attrs={'class': 'table-wrapper'}))
    return re.sub(r'\n\s*\n+', '\n', str(soup)).strip()


def claims(html):
    """The table of claims that closes a lesson.

    Parameters
    ----------
    html : str
        What `d2lhelpers.claims_table` returns.

    Returns
    -------
    list of (str, list of (str, str))
        For each part its title, and its claims with their verdicts.
    """
    soup = BeautifulSoup(html, 'html.parser')
    parts = []
    for table in soup('table'):
        title = table.caption or table.find_previous('summary')
        rows = [[cell.get_text() for cell in row('td')[:2]] for row in table.tbody('tr')]
        parts.append((title.get_text() if title else '', [(text, verdict) for text, verdict in rows]))
    return parts
