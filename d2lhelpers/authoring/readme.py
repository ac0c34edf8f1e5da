"""What is measured in the README: the course map with its minutes, the results with their spread, and the picture on its first screen."""
import base64
import re
from pathlib import Path

import nbformat
import pandas

from ..course import markdown_table
from ..errors import CourseError
from ..lesson import measured
from ..profile import ROOT
from ..study import spread, table_of

ACROSS = 8  # the last of several columns of an arm (pictures: 25, 50, …) runs across the table, if it has at most so many values


def write(root=ROOT):
    """Write each part between its markers in the README, ``<!-- map:begin -->`` … ``<!-- map:end -->`` and so on."""
    path = Path(root) / 'README.md'
    if path.exists():
        text = changed = path.read_text(encoding='utf-8')
        for marker, body in (('picture', picture(root)), ('map', course_map(root)), ('results', results(root))):
            changed = between(changed, marker, body)
        if changed != text:
            path.write_text(changed, encoding='utf-8')


def between(text, marker, body):
    """The text with `body` in place of what stands between the two comments of a marker."""
    pattern = re.compile(f'(<!-- {marker}:begin -->\n).*?(<!-- {marker}:end -->)', re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise CourseError(f'README.md must have the lines <!-- {marker}:begin --> and <!-- {marker}:end --> once: the table goes between them.')
    return pattern.sub(lambda found: found[1] + body + found[2], text)


def picture(root=ROOT):
    """Markdown of the first ``plots.bands`` figure of the lessons, taken out of the executed notebook into ``data/results``."""
    for path in sorted((Path(root) / 'notebooks').glob('*.ipynb')):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get('outputs', []) if 'plots.bands(' in cell.source else []:
                if 'image/png' in output.get('data', {}):
                    target = Path(root) / 'data' / 'results' / f'{path.stem}.png'
                    target.write_bytes(base64.b64decode(output.data['image/png']))
                    return f"![{output.metadata['image/png']['alt']}]({target.relative_to(root).as_posix()})\n"
    return ''


def course_map(root=ROOT):
    """Markdown table of the notebooks: title, and measured minutes in each profile."""
    root = Path(root)
    took = [measured(profile, root) for profile in ('embedded', 'full')]
    lines = []
    for path in sorted((root / 'notebooks').glob('*.ipynb')):
        minutes = [f'{max(float(rows[path.stem]["seconds"]) / 60, .1):.1f}' if path.stem in rows else '' for rows in took]
        lines.append([f'[`{path.stem}`](notebooks/{path.name})', _title(path), *minutes])
    return markdown_table(['notebook', 'what it is about', 'minutes, embedded', 'minutes, full'], lines)


def results(root=ROOT):
    """Markdown tables of the records, folded: each ``test…`` figure at the chosen settings, mean ± standard deviation over the seeds."""
    return '\n'.join(_record(path) for path in sorted((Path(root) / 'data/results').glob('[0-9][0-9]_*.csv')) if not path.stem.endswith('-history'))


def _title(path):
    text = '\n'.join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == 'markdown')
    found = re.search(r'^# +(.+)$', text, re.MULTILINE)
    return found[1].strip() if found else ''


def _record(path):
    record, profile = path.stem.rsplit('-', 1)
    table = table_of(path)
    chosen, arm = table.chosen, table.arms
    figures = [name for name in chosen if name.startswith('test')]
    lines = [[*map(_cell, key), *(spread(group[name]) for name in figures)]
             for key, group in chosen.groupby(arm, sort=False, dropna=False)]
    head = [*arm, *figures]
    shorter = len({tuple(line[:-2]) for line in lines}) < len(lines)
    if len(arm) > 1 and len(figures) == 1 and shorter and len({line[-2] for line in lines}) <= ACROSS:
        across = list(dict.fromkeys(line[-2] for line in lines))
        cells = {(*names, value): cell for *names, value, cell in lines}
        head = [*arm[:-2], f'{figures[0]}, {arm[-1]}:', *across]
        lines = [[*names, *(cells.get((*names, value), '') for value in across)] for names in dict.fromkeys(tuple(line[:-2]) for line in lines)]
    about = f"<code>{record}</code>, {profile} profile: mean ± standard deviation over {chosen['seed'].nunique()} seeds"
    if 'n_test' in chosen:
        about += f", {chosen['n_test'].iloc[0]} test examples"
    return f'<details><summary>{about}</summary>\n\n{markdown_table(head, lines)}\n</details>\n'


def _cell(value):
    return '' if pandas.isna(value) else f'{value:g}' if isinstance(value, float) else str(value)
