"""What is made in README.md: the picture at the top, the map of the course with its minutes, the routes with
their hours.
"""
import base64
import re
from pathlib import Path

from d2lhelpers.course import markdown_table
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole
from d2lhelpers.lesson import measured

import nbformat

from .marks import tagged
from .selection import lessons


def write(root=settings.root):
    """Write each between its markers, ``<!-- map:begin -->`` … ``<!-- map:end -->`` and so on, and the
    picture's file.
    """
    path = Path(root) / 'README.md'
    text = path.read_text(encoding='utf-8')
    for marker, body in parts(root).items():
        text = between(text, marker, body)
    write_whole(path, text)
    for target, output in covers(root):
        write_whole(target, base64.b64decode(output.data['image/png']))


def parts(root=settings.root):
    """By its marker each part of README.md."""
    return {'picture': picture(root), 'map': course_map(root), 'routes': routes(root)}


def between(text, marker, body):
    """The text with `body` in place of what stands between the two comments of a marker."""
    pattern = re.compile(f'(<!-- {marker}:begin -->\n).*?(<!-- {marker}:end -->)', re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise CourseError(f'README.md must have the lines <!-- {marker}:begin --> and <!-- {marker}:end --> '
                          'once: what is made goes between them.')
    return pattern.sub(lambda found: found[1] + body + found[2], text)


def picture(root=settings.root):
    """Markdown of the picture."""
    return ''.join(f'![{output.metadata["image/png"]["alt"]}](data/results/{path.name})\n'
                   for path, output in covers(root))


def covers(root=settings.root):
    """What lessons show in cells tagged *cover* (there is one).

    Returns
    -------
    list of tuple of (pathlib.Path, nbformat.NotebookNode)
        The file for the picture, and the output that shows it.
    """
    return [(Path(root) / 'data' / 'results' / f'{path.stem}.png', output)
            for path, output in _outputs('cover', 'image/png', root)]


def routes(root=settings.root):
    """The routes of the start page with their hours, as a sentence: out of the table of the cell tagged
    *routes*.
    """
    rows = [line.strip('| ').split(' | ') for _, output in _outputs('routes', 'text/markdown', root)
            for line in output.data['text/markdown'].splitlines()[2:] if line.startswith('|')]
    told = '; '.join(f'{name}, {hours}' for name, _, hours in rows)
    return f'The routes of `00_start_here`, with the hours that they take (estimated): {told}.\n' * bool(rows)


def _outputs(tag, kind, root):
    """The lesson and the output, of all outputs of a kind in cells with this tag."""
    return [(path, output) for path in lessons(root) for cell in nbformat.read(path, as_version=4).cells
            if tagged(cell, tag) for output in cell.outputs if kind in output.get('data', {})]


def course_map(root=settings.root):
    """Markdown table of the lessons: title, and measured minutes in each profile."""
    root = Path(root)
    took = [measured(profile, root) for profile in ('embedded', 'full')]
    lines = []
    for path in lessons(root):
        minutes = [f'{max(float(rows[path.stem]["seconds"]) / 60, .1):.1f}' if path.stem in rows else ''
                   for rows in took]
        lines.append([f'[`{path.stem}`](notebooks/{path.name})', _title(path), *minutes])
    return markdown_table(['notebook', 'what it is about', 'minutes, embedded', 'minutes, full'], lines)


def _title(path):
    cells = nbformat.read(path, as_version=4).cells
    text = '\n'.join(cell.source for cell in cells if cell.cell_type == 'markdown')
    found = re.search(r'^# +(.+)$', text, re.MULTILINE)
    return found[1].strip() if found else ''
