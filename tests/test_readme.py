"""What is measured in README.md, and the page of the records."""
import base64

from d2lhelpers import records
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pandas
import pytest
import tiny
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import readme, results_page
from tools.marks import tagged


def test_committed_pages_are_what_the_records_say():
    text = (settings.root / 'README.md').read_text()
    for marker, body in readme.parts().items():
        assert readme.between(text, marker, body) == text, f'the {marker} is not of today: make notebooks'
    (path, output), = readme.covers()
    assert path.read_bytes() == base64.b64decode(output.data['image/png']), 'make notebooks'
    assert (settings.root / 'data/results/README.md').read_text() == results_page.page(), 'make notebooks'


def test_the_picture_gives_no_guess_away():
    """It stands before every guess of its lesson."""
    (path, _), = readme.covers()
    cells = tiny.read(settings.root / f'notebooks/{path.stem}.ipynb').cells
    first, = (place for place, cell in enumerate(cells) if tagged(cell, 'cover'))
    guesses = [place for place, cell in enumerate(cells) if 'guess(' in cell.source]
    assert guesses and first < guesses[0]


def test_routes(root):
    table = ('| route | notebooks | hours |\n| --- | --- | --- |\n| one day | 01 (1.1, 1.2) | 4 |\n'
             '| all | 01, 02 | 10 |\n\nEstimated: ...')
    output = new_output('execute_result', {'text/markdown': table}, execution_count=1)
    cell = new_code_cell('', outputs=[output], metadata={'tags': ['routes']})
    tiny.save(root / 'notebooks/00_start.ipynb', new_notebook(cells=[cell]))
    readme.write(root)
    assert ('with the hours that they take (estimated): one day, 4; all, 10.\n<!-- routes:end -->'
            in (root / 'README.md').read_text())


def test_no_marker():
    with pytest.raises(CourseError, match='<!-- map:begin -->'):
        readme.between('no marker', 'map', '')


def test_picture(root):
    assert readme.picture(root) == ''
    image = new_output('display_data', {'image/png': base64.b64encode(b'a picture').decode()},
                       metadata={'image/png': {'alt': 'lines'}})
    other = new_output('display_data', {'image/png': base64.b64encode(b'another').decode()},
                       metadata={'image/png': {'alt': 'dots'}})
    cells = [new_code_cell('', outputs=[other]),
             new_code_cell('', outputs=[image], metadata={'tags': ['cover']})]
    tiny.save(root / 'notebooks/01_first.ipynb', new_notebook(cells=cells))
    readme.write(root)
    assert (root / 'README.md').read_text().startswith(
        '<!-- picture:begin -->\n![lines](data/results/01_first.png)\n<!-- picture:end -->\n')
    assert (root / 'data/results/01_first.png').read_bytes() == b'a picture'


def test_writing(root):
    tiny.write(root, '01_first', 'x = 1')
    readme.write(root)
    text = (root / 'README.md').read_text()
    assert '| [`01_first`](notebooks/01_first.ipynb) | About 01_first |  |  |' in text and 'old' not in text
    assert text.startswith('<!-- picture:begin -->\n<!-- picture:end -->\nMap') and text.endswith('\nEnd\n')


def test_files_are_replaced_whole(root):
    """Whoever reads one meanwhile has the old or the new one, and an interrupt leaves no half."""
    image = new_output('display_data', {'image/png': 'YQ=='}, metadata={'image/png': {'alt': 'lines'}})
    cell = new_code_cell('', outputs=[image], metadata={'tags': ['cover']})
    tiny.save(root / 'notebooks/01_first.ipynb', new_notebook(cells=[cell]))
    files = [root / name for name in ('README.md', 'data/results/README.md', 'data/results/01_first.png')]
    inodes = []
    for _ in range(2):
        readme.write(root)
        results_page.write(root)
        inodes.append([path.stat().st_ino for path in files])
    assert all(one != other for one, other in zip(*inodes, strict=True))


def describe(path, arms, settings):
    records.write_about(path, {'arms': arms, 'settings': settings, 'n_test': 276, 'recorded': '2000-01-01',
                                'data': [{'exact': 'abc'}, 'mobilenet0.25-abc']})


def test_table_of_a_record(root):
    rows = [(seed, arm, pictures, lr, .9 + lr, .5 + seed / 10 + pictures / 1000 if lr == .1 else None, 3,
             lr == .1)
            for seed in (1, 2, 3) for arm in ('fine-tuned', 'scratch') for pictures in (50, 100)
            for lr in (.1, .2)]
    columns = ['seed', 'arm', 'pictures', 'lr', 'validation', 'test', 'seconds', 'chosen']
    path = root / 'data/results/01_study-full.csv'
    pandas.DataFrame(rows, columns=columns).to_csv(path, index=False)
    describe(path, ['arm', 'pictures'], ['lr'])
    results_page.write(root)
    text = (root / 'data/results/README.md').read_text()
    assert text.startswith('# Results\n') and text.endswith(
        '\n<details><summary><code>01_study</code>, full profile: 3 seeds, mobilenet0.25, 276 test examples, '
        'recorded 2000-01-01</summary>\n\n'
        '| test, pictures: | 50 | 100 |\n| --- | --- | --- |\n'
        '| fine-tuned | 0.750 ± 0.100 | 0.800 ± 0.100 |\n| scratch | 0.750 ± 0.100 | 0.800 ± 0.100 |\n\n'
        '</details>\n')


@pytest.mark.parametrize('rows, arms, expected', [
    (['0,None,,1,.5,.25,True', '1,None,,1,.5,.75,True', '0,full,2,1,.5,.5,True', '1,full,2,2,.5,,False'],
     ['arm'],
     '| arm | test |\n| --- | --- |\n| None | 0.500 ± 0.354 |\n| full | 0.500 |\n'),
    # the last of three columns runs across
    (['0,a,1,1,.5,.25,True', '0,a,1,2,.5,.75,True', '0,b,1,1,.5,.5,True'], ['arm', 'parts', 'lr'],
     '| arm | test, lr: | 1 | 2 |\n| --- | --- | --- | --- |\n'
     '| a | 1 | 0.250 | 0.750 |\n| b | 1 | 0.500 |  |\n'),
], ids=['an arm named None, and one seed', 'three columns'])
def test_tables_of_odd_records(root, rows, arms, expected):
    path = root / 'data/results/01_study-full.csv'
    path.write_text('\n'.join(['seed,arm,parts,lr,validation,test,chosen', *rows]))
    describe(path, arms, [])
    assert results_page.page(root).endswith(f'{expected}\n</details>\n')
