"""How long a page takes: an estimate from its words, its lines of code and its exercises."""
import re


def of(nb, root):
    """The minutes of a page, at the rates that the course uses for its routes.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    root : pathlib.Path
        The repository.

    Returns
    -------
    int
        In steps of five. To run the code takes time of its own.
    """
    # read as text: the book's environment has none of what that module imports
    source = (root / 'd2lhelpers' / 'course.py').read_text(encoding='utf-8')
    reading, line, exercise = map(int, re.search(r'^READING, LINE, EXERCISE = (\d+), (\d+), (\d+)$', source,
                                                 re.MULTILINE).groups())
    text = '\n'.join(cell.source for cell in nb.cells if cell.cell_type == 'markdown')
    lines = sum(len(cell.source.splitlines()) for cell in nb.cells if cell.cell_type == 'code')
    exercises = len(re.findall(r'^## Exercise \d', text, re.MULTILINE))
    minutes = len(text.split()) / reading + lines * line / 60 + exercises * exercise
    return max(5, 5 * round(minutes / 5))
