"""Docstrings of installed packages, and the text and the tasks that are made of them."""
import json
import sys
import types
from collections import Counter

from d2lhelpers.datasets import (
    corpora,
    docstring_tasks,
    docstrings,
    lines,
    load_corpus,
    load_fields,
    load_types,
)
from d2lhelpers.datasets.docstrings import Docstring
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import pytest

SOURCE = '''"""About the module."""

class Sum:
    """A sum."""

    def add(self):
        """Add numbers."""

    def _silent(self):
        return 1


if True:
    def times(a):
        """Multiply numbers."""

add_newdoc('other.place', 'cube', """
    Three times itself.

    More.
    """)
add_newdoc('other.place', 'array', ('sort', "Sort it."))
add_newdoc('alone', "Without a module.")
add_newdoc('other.place', 'computed', text)
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package 'invented', version 1.0, as if it were installed; downloads of its own."""
    root = tmp_path / 'site-packages'
    for name, text in {'invented/__init__.py': SOURCE, 'invented/sub.py': '"""Below."""',
                       'invented/tests/test_it.py': '"""A test."""',
                       'invented/_vendor/six.py': '"""Not ours."""',
                       'invented/broken.py': 'def', 'invented/latin.py': b'"""\xe9"""'}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    files = [path.relative_to(root) for path in root.rglob('*.py')]
    found = types.SimpleNamespace(files=[Installed(path) for path in files])
    Installed.root = root
    monkeypatch.setattr(docstrings.metadata, 'distribution', lambda name: found)
    monkeypatch.setattr(docstrings.provenance, 'version', lambda name: '1.0')
    monkeypatch.setattr(type(settings), 'downloads', tmp_path / 'downloads')
    return root


class Installed(type(settings.root)):
    """A file of an installed package, as importlib.metadata gives it."""

    def locate(self):
        return Installed.root / self


def test_what_is_read(package):
    found = {(each.module, each.name): each.text for each in docstrings.read('invented')}
    assert found == {('invented', ''): 'About the module.', ('invented', 'Sum'): 'A sum.',
                     ('invented', 'Sum.add'): 'Add numbers.', ('invented', 'times'): 'Multiply numbers.',
                     ('other.place', 'cube'): 'Three times itself.\n\nMore.',
                     ('other.place', 'array.sort'): 'Sort it.', ('invented', 'alone'): 'Without a module.',
                     ('invented.sub', ''): 'Below.'}


def test_what_was_read_is_kept_by_version_and_a_damaged_file_is_made_again(package, monkeypatch):
    first = docstrings.read('invented')
    kept, = (settings.downloads / 'docstrings').iterdir()
    assert kept.name.startswith('invented-1.0-')
    (package / 'invented/sub.py').write_text('"""Another text."""')
    assert docstrings.read('invented') == first
    kept.write_text('[[')
    assert docstrings.read('invented')[-1].text == 'Another text.' and json.loads(kept.read_text())
    monkeypatch.setattr(docstrings.provenance, 'version', lambda name: '1.1')
    docstrings.read('invented')
    assert len(list(kept.parent.iterdir())) == 2


def test_a_class_is_a_group_and_so_are_the_functions_of_a_module():
    assert [Docstring('a.b', name, '').group for name in ('Sum.add', 'Sum', 'times', '')] == [
        'a.b:Sum', 'a.b:Sum', 'a.b:', 'a.b:']


def test_the_standard_library_has_a_version_of_its_own():
    assert docstrings.installed('python') == '.'.join(map(str, sys.version_info[:3]))
    assert docstrings.installed('no-such-package') is None


# ---- text

DOCS = [Docstring('m', 'f', 'Computes the mean of all numbers.\n\n>>> f(1)\n1\n\nSee also g.'),
        Docstring('m', 'g', 'Computes the mean of all numbers.\n\nOnly here: we repeat a held out line too.'),
        Docstring('m', 'h', 'A held-out line.')]


@pytest.fixture
def domain(monkeypatch):
    monkeypatch.setattr(corpora, 'docs', lambda domain: DOCS)
    monkeypatch.setitem(corpora.DOMAINS, 'test', ())
    monkeypatch.setitem(corpora.ABOUT, 'test', 'a few docstrings')


def test_text_has_each_paragraph_once_and_no_code(domain, capsys):
    text = load_corpus('test')
    assert [' '.join(each) for each in text.paragraphs] == [
        'computes the mean of all numbers', 'see also', 'only here we repeat held out line too',
        'held out line']
    assert len(text) == 19 and 'Test: a few docstrings, 19 words.' in capsys.readouterr().out


def test_held_out_text_is_left_out_wherever_it_stands(domain):
    task = types.SimpleNamespace(held_out_lines=[('held', 'out', 'line')],
                                 is_held_out=lambda doc: doc.name == 'h')
    assert [each[0] for each in load_corpus('test', without=[task]).paragraphs] == ['computes', 'see']


def test_the_fingerprint_is_that_of_the_words(domain):
    one = load_corpus('test').fingerprint
    assert load_corpus('test').fingerprint == one
    assert corpora.Corpus('test', [('other', 'words')]).fingerprint != one


def test_a_part_is_spread_over_the_text():
    text = corpora.Corpus('test', [(str(i),) * 10 for i in range(100)])
    places = [int(each[0]) for each in text.part(200).paragraphs]
    assert len(places) == 20 and places[0] < 10 and places[-1] >= 95
    assert text.part(10 ** 6).paragraphs == text.paragraphs and len(text.part(0)) == 0


def test_no_such_text():
    with pytest.raises(CourseError, match="There is no text of 'cooking': choose from science"):
        load_corpus('cooking')


def test_other_versions_are_one_line(monkeypatch, capsys):
    corpora.tell_other_versions.cache_clear()
    versions = {'numpy': '9.9', 'gluoncv': None}
    installed = docstrings.installed
    monkeypatch.setattr(docstrings, 'installed', lambda name: versions.get(name, installed(name)))
    corpora.tell_other_versions('science')
    told = capsys.readouterr().out
    assert 'numpy is 9.9, not 1.23.5' in told and 'gluoncv is missing' in told and 'scipy' not in told
    assert told.count('\n') == 1
    corpora.tell_other_versions.cache_clear()


def test_the_lock_has_every_package_of_every_text(capsys):
    for domain, packages in corpora.DOMAINS.items():
        corpora.tell_other_versions.cache_clear()
        corpora.tell_other_versions(domain)
        assert not capsys.readouterr().out and all(map(docstrings.installed, packages))


# ---- lines

def test_first_sentences_without_markup_and_names_of_code():
    text = 'Return the :class:`~a.b.Axes` of `sum`\nin `my_module.f`, one. And more.\n\nOther.'
    assert corpora.words(lines.first_sentence(text)) == ['return', 'the', 'of', 'sum', 'in', 'one']


def test_a_line_is_neither_too_short_nor_too_long():
    def line(n):
        return lines.candidate(' '.join(['word'] * n), 0, 'a', set())
    assert [line(n) is None for n in (2, 3, 25, 26)] == [True, False, False, True]
    found = lines.candidate('the sum of Axes, really', 1, 'a', {'axes'})
    assert found.line == ('the', 'sum', 'of', 'really') and 'axes' in found.sentence


def _line(text, label=0, owner='a'):
    return lines.Candidate(tuple(text.split()), label, owner, tuple(text.split()))


def test_near_duplicates():
    kept = lines.without_near_duplicates([
        _line('a b c d e f g'), _line('g f e d c b a'), _line('a b c d e f x'), _line('a b c d x y z'),
        _line('a b c')])
    assert [' '.join(each.line) for each in kept] == ['a b c d e f g', 'a b c d x y z', 'a b c']


def test_near_duplicates_are_those_that_comparing_all_finds():
    import random
    random.seed(0)
    given = [_line(' '.join(random.choices('abcdefghijkl', k=random.randint(3, 8)))) for _ in range(400)]
    kept = []
    for each in given:
        own = set(each.line)
        if not any(len(own & set(k.line)) >= .7 * len(own | set(k.line)) for k in kept):
            kept.append(each)
    assert lines.without_near_duplicates(given) == kept and 20 < len(kept) < 380


def _split(candidates):
    return lines.split('letters', candidates, ['one', 'two'], {'test': 6, 'validation': 6},
                       lambda doc: doc.group, 'lines for a test')


def test_owners_are_never_divided_and_large_ones_stay_in_training():
    words = [f'{a}{b}' for a in 'bcdfghjklm' for b in 'aeiou']
    given = [_line(f'{words[i]} {words[i + 1]} {words[49 - i]} x{i}', i % 2,
                   f'owner{i % 21}' if i < 42 else 'large') for i in range(48)]
    data = _split(given)
    parts = {name: {given[[each.line for each in given].index(line)].owner for line in part.words}
             for name, part in data.parts.items()}
    assert not parts['train'] & (parts['test'] | parts['validation'])
    assert not parts['test'] & parts['validation']
    assert 'large' in parts['train'] and data.held_out == parts['test'] | parts['validation']
    assert Counter(data.test.labels.tolist()) == {0: 6, 1: 6} and len(data.validation) == 12
    assert set(data.held_out_lines) == {*data.test.words, *data.validation.words}
    assert data.fingerprint == _split(given).fingerprint != _split(given[:-1]).fingerprint


# ---- the two tasks, on the packages that are installed

@pytest.fixture(scope='module')
def tasks():
    return load_fields(), load_types()


def test_sizes_of_the_tasks(tasks):
    fields, kinds = tasks
    assert set(Counter(fields.test.labels.tolist()).values()) == {100} and len(fields.validation) == 400
    assert set(Counter(kinds.test.labels.tolist()).values()) == {160} and len(kinds.validation) == 400
    assert min(Counter(fields.train.labels.tolist()).values()) >= 200
    assert min(Counter(kinds.train.labels.tolist()).values()) >= 500


def test_what_gives_the_label_away_is_taken_out(tasks):
    fields, kinds = ({word for part in task.parts.values() for line in part.words for word in line}
                     for task in tasks)
    assert not fields & {'scipy', 'sklearn', 'matplotlib', 'pandas', 'stats', 'sparse', 'optimize', 'signal'}
    assert not kinds & {'bool', 'int', 'float', 'str', 'string', 'array', 'true', 'false'}


def test_no_embedding_sees_the_exam(tasks):
    text = load_corpus('science', without=tasks)
    whole = load_corpus('science')
    assert len(whole) - len(text) > 100_000
    less, more = (f' {" | ".join(map(" ".join, each.paragraphs))} ' for each in (text, whole))
    for task in tasks:
        lines = [f' {" ".join(line)} ' for line in task.held_out_lines[::4]]
        assert not any(line in less for line in lines)
        assert sum(line in more for line in lines) > .9 * len(lines)


def test_types_are_those_that_numpydoc_writes():
    text = ('Sum.\n\nParameters\n----------\na : int, optional\n    Number of rows.\n\n    More.\n'
            'b : {None, int}\n    Not this.\nc, d : array_like of float\n    Two of them.\n'
            '*args\n    Nothing.\n'
            'e : bool or str\n    Neither.\nf : `str`\n    A name.\n\nReturns\n-------\nx : float\n    No.\n')
    found = [(list(docstring_tasks.TYPES)[label], ' '.join(lines.first_sentence(text).split()))
             for label, text in docstring_tasks._parameters(text)]
    assert found == [('int', 'Number of rows'), ('array', 'Two of them'), ('str', 'A name')]
