"""The same every time: what makers' commands notice when it is not."""
import csv
import json
import re
import shutil

from d2lhelpers import studies
from d2lhelpers.errors import CourseError

import pytest
import tiny

from tools import endurance, other_cpus

SAME = 'from d2lhelpers.used import double\nprint(double(.25))'


def other_each_time(file):
    return (f'from pathlib import Path\nfile = Path({str(file)!r})\n'
            'with file.open("a") as f: f.write("x")\nprint(len(file.read_text()))')


def test_what_differs_is_named_and_the_rest_goes_on_from_where_it_was(root, tmp_path_factory, capsys):
    counted = tmp_path_factory.mktemp('counted') / 'times'
    path = tiny.write(root, '01_same', SAME, other_each_time(counted))
    complaint = '01_same, execution 2, cell [2] (from pathlib import Path): not what the first one showed'
    with pytest.raises(CourseError) as error:
        endurance.endurance(times=2, root=root)
    assert str(error.value) == complaint
    assert capsys.readouterr().out.endswith('1 notebooks, 2 times each: 1 complaints.\n')
    with pytest.raises(CourseError, match='execution 2'):
        endurance.endurance(times=2, root=root)
    assert len(counted.read_text()) == 2  # nothing was executed again
    shutil.rmtree(root / '.endurance')  # as on another machine, which has only the table
    with pytest.raises(CourseError) as error:
        endurance.endurance(times=3, root=root)
    assert str(error.value).splitlines() == [complaint,
                                             '01_same, execution 3, some cell: not what the first one showed']
    tiny.edit(path, 'print(double(.25))', 'raise ValueError("no")')  # another state
    with pytest.raises(CourseError, match='01_same, execution 1: 01_same.ipynb, cell .1.*ValueError: no'):
        endurance.endurance(times=1, root=root)


def test_what_is_the_same_every_time_has_a_line_without_complaints(root, capsys):
    tiny.write(root, '01_same', SAME)
    for times in (1, 3):
        endurance.endurance(times=times, root=root)
    _, line = (root / 'data/results/endurance.csv').read_text().splitlines()
    assert re.fullmatch('01_same,".+",[0-9a-f]{12},3,[0-9]+,[0-9a-f]{16},', line)


def test_each_kind_of_cpu_is_compared_with_itself_and_all_count(root, monkeypatch, tmp_path_factory):
    counted = tmp_path_factory.mktemp('counted') / 'times'
    tiny.write(root, '01_same', other_each_time(counted))
    for times, cpu in ((1, 'one'), (2, 'other')):
        monkeypatch.setattr(studies, '_cpu', lambda cpu=cpu: cpu)
        endurance.endurance(times=times, root=root)
    lines = (root / 'data/results/endurance.csv').read_text().splitlines()[1:]
    assert [line.split(',')[1] for line in lines] == ['one', 'other']
    counted.unlink()  # so that it shows again what it showed on the first kind of CPU
    with pytest.raises(CourseError, match='01_same, execution 3, .*: not what the first one showed'):
        endurance.endurance(times=3, root=root)


def test_the_count_begins_anew_where_something_has_changed_that_the_notebook_uses(root):
    one, _ = (tiny.write(root, name, SAME) for name in ('01_one', '02_other'))

    def executed():
        endurance.endurance(times=1, root=root)
        lines = (root / 'data/results/endurance.csv').read_text().splitlines()
        return [line['state'] for line in csv.DictReader(lines)]

    first = executed()
    nb = tiny.read(one)
    nb.cells.append(tiny.nbformat.v4.new_markdown_cell('Only words.'))
    tiny.nbformat.write(nb, one)
    assert executed() == first
    tiny.edit(one, 'print(double(.25))', 'print(double(.5))')
    second = executed()
    assert second[0] != first[0] and second[1] == first[1]
    used = root / 'd2lhelpers/used.py'
    used.write_text(used.read_text() + '\n\nMORE = 1\n')
    third = executed()
    assert third[0] != second[0] and third[1] != second[1]


def test_outputs_without_what_is_no_matter():
    nb = tiny.new_notebook(cells=[tiny.new_code_cell('x', outputs=[
        tiny.nbformat.v4.new_output('stream', text='a')]), tiny.new_code_cell(
            'time', metadata={'tags': ['nbval-ignore-output']}, outputs=[
                tiny.nbformat.v4.new_output('stream', text='56 ms')])])
    assert {name: json.loads(text) for name, text in endurance.outputs(nb).items()} == {
        'cell [1] (x)': [{'name': 'stdout', 'output_type': 'stream', 'text': 'a'}]}
    assert endurance.differing({'a': '1', 'b': '2'}, {'a': '1', 'b': '3', 'c': '4'}) == ['b', 'c']


@pytest.mark.parametrize('one, other, difference', [
    ('a 0.5, b 1.25', 'a 0.5, b 1.5', .25), ('0.5', '0.5 0.5', None),
    ('step 3', 'step 4', 0), ('-0.5', '0.5', 1)])
def test_numbers_apart(one, other, difference):
    assert other_cpus.apart(one, other) == difference


def test_other_cpus_are_told_to_onednn(root, capsys):
    tiny.write(root, '01_first', 'import os\nprint({"AVX2": 0.5, "SSE41": 0.75}.get('
                                 'os.environ.get("DNNL_MAX_CPU_ISA"), 0.5))')
    other_cpus.other_cpus(root=root)
    said = capsys.readouterr().out.splitlines()
    assert sorted(line.rpartition(':')[0] for line in said[:3]) == [
        f'01_first as on {cpu}' for cpu in ('AVX2', 'SSE41', 'this CPU')]
    assert said[3].startswith('01_first, AVX2: the verdicts are the same; 0 of 1')
    assert said[4].startswith('01_first, SSE41: the verdicts are the same; 1 of 1')
    assert said[5] == '    cell [1] (import os): numbers up to 0.25 apart'
