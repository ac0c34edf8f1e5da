"""The page of the records, data/results/README.md: a table of each, folded."""
from pathlib import Path

from d2lhelpers.course import markdown_table
from d2lhelpers.environment import settings
from d2lhelpers.files import write_whole
from d2lhelpers.records import read as table_of
from d2lhelpers.records import spread

import pandas

# The last of several columns of an arm (pictures: 25, 50, …) runs across, if it has at most so many values
ACROSS = 8
INTRODUCTION = """# Results

What the lessons have measured. Each line opens into the table of one recorded study (the number is the
lesson's): mean ± standard deviation over the seeds, at the settings that were chosen by validation.
`make results` computes the records and writes this page. Beside each record, `<record>-<profile>.csv`, lies
`<record>-<profile>.json`, which says from which code, data and versions it was made; `…-history.csv` holds
the course of training.

The full profile's hot dogs are 1,116 photos called hotdog1 (an archive in the layout of d2l's hotdog.zip,
which we could not fetch), and its network is MobileNet 0.25, whose weights were distilled, without labels,
from one trained on ImageNet. What flatters it: the pictures without hot dogs show random objects, mostly not
food; the photos come from ImageNet, so the pretrained network may have seen some of them; and hotdog is one
of ImageNet's classes. The zoo's networks start from nothing with averages of batch normalisation that move
by half at each update, not by a tenth: with a tenth, 30 to 100 updates left those of MobileNet's 27 layers so
far behind its weights that what had learned was wrong in use. (Networks that start from ImageNet's averages
keep the tenth; what that still costs is said in `data/results/answers/`.)
"""


def write(root=settings.root):
    """Write the page."""
    write_whole(Path(root) / 'data' / 'results' / 'README.md', page(root))


def page(root=settings.root):
    """The page, in Markdown."""
    paths = sorted((Path(root) / 'data' / 'results').glob('[0-9][0-9]_*.json'))
    return '\n'.join([INTRODUCTION, *(_record(path.with_suffix('.csv')) for path in paths)])


def _record(path):
    """The table of a record: each ``test…`` figure at the chosen settings."""
    record, profile = path.stem.rsplit('-', 1)
    table = table_of(path)
    chosen, arm = table.chosen, table.arms
    figures = [name for name in chosen if name.startswith('test')]
    lines = [[*map(_cell, key), *(spread(group[name]) for name in figures)]
             for key, group in chosen.groupby(arm, sort=False, dropna=False)]
    head = [*arm, *figures]
    shorter = len({tuple(line[:-2]) for line in lines}) < len(lines)
    if len(arm) > 1 and len(figures) == 1 and shorter and len({line[-2] for line in lines}) <= ACROSS:
        head, lines = _across(head, lines)
    about = f'<code>{record}</code>, {profile} profile: {chosen["seed"].nunique()} seeds'
    # what is not a dataset is a network, or word vectors, with its name before its hash
    about += ''.join(f', {made_from.rpartition("-")[0]}' for made_from in table.about['data']
                     if isinstance(made_from, str) and '-' in made_from)
    about += f', {table.about["n_test"]} test examples, recorded {table.about["recorded"]}'
    return f'<details><summary>{about}</summary>\n\n{markdown_table(head, lines)}\n</details>\n'


def _across(head, lines):
    """The table with the last column of the arm as columns of their own."""
    *arm, last, figure = head
    across = list(dict.fromkeys(line[-2] for line in lines))
    cells = {(*names, value): cell for *names, value, cell in lines}
    rows = [[*names, *(cells.get((*names, value), '') for value in across)]
            for names in dict.fromkeys(tuple(line[:-2]) for line in lines)]
    return [*arm[:-1], f'{figure}, {last}:', *across], rows


def _cell(value):
    return '' if pandas.isna(value) else f'{value:g}' if isinstance(value, float) else str(value)
