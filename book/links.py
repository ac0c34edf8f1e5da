"""Links of the notebooks and notes, as links between the pages of the book."""
import posixpath
import re

LINK = re.compile(r'\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)')
CODE = re.compile(r'(```.*?```|`[^`\n]+`)', re.DOTALL)


def redirect(text, source, pages):
    """Lead the links of a text to pages.

    Parameters
    ----------
    text : str
        Markdown.
    source : str
        The file it stands in, relative to the repository: ``'notebooks/01_fine_tuning_hotdog.ipynb'``.
    pages : dict of str to str
        From files of the repository to pages of the book.

    Returns
    -------
    str
        A link to another file of the repository, which is not in the book, becomes that file's name.
    """
    here = posixpath.dirname(pages[source])

    def other(link):
        words, target = link[1], link[2]
        if not target or target.startswith('#') or re.match(r'[a-z]+:', target):
            return link[0]
        path, _, anchor = target.partition('#')
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if file in pages:
            page = posixpath.relpath(pages[file], here or '.')
            return f'[{words}]({page}.md{"#" if anchor else ""}{anchor})'
        return words if words.strip('`') == file else f'{words} (`{file}`)'
    parts = CODE.split(text)
    return ''.join(part if number % 2 else LINK.sub(other, part) for number, part in enumerate(parts))
