"""Readers of film reviews and of GloVe vectors, on files of our own making in the layout of the real ones."""
import io
import tarfile
import zipfile

from d2lhelpers.datasets import load_glove, load_reviews
from d2lhelpers.errors import CourseError

import pytest


def review(i, kind):
    word = {'pos': 'fine', 'neg': 'dull', 'unsup': 'long'}[kind]
    return f'A {word} film,<br />number {"abcdefgh"[i]}.'


def texts():
    """Place in the archive and text: 8 of each kind to train, 3 to test, 5 without a label."""
    for part, kind, n in (('train', 'pos', 8), ('train', 'neg', 8), ('train', 'unsup', 5), ('test', 'pos', 3),
                          ('test', 'neg', 3)):
        for i in range(n):
            yield f'aclImdb/{part}/{kind}/{i}_7.txt', review(i, kind)
    yield 'aclImdb/README', 'About these data.'
    yield 'aclImdb/train/urls_pos.txt', 'not a review'


def folder(root):
    for place, text in texts():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text, encoding='utf-8')


def archive(root):
    root.mkdir(exist_ok=True)
    with tarfile.open(root / 'aclImdb_v1.tar.gz', 'w:gz') as tar:
        for place, text in sorted(texts(), reverse=True):  # in the real one the order is another, too
            member = tarfile.TarInfo(place)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    root = tmp_path / 'data'
    root.mkdir()
    monkeypatch.setenv('D2LHELPERS_DATA', str(root))
    return root


@pytest.mark.parametrize('make', [folder, archive])
def test_reviews(data, make, capsys):
    make(data)
    reviews, text = load_reviews()
    assert reviews.classes == ['bad', 'good'] and len(reviews.test) == 6
    assert (len(reviews.validation), len(reviews.train)) == (4, 12)
    first = {label: line for line, label in reversed(list(reviews.test))}
    assert first == {0: ('dull', 'film', 'number'), 1: ('fine', 'film', 'number')}
    assert text.paragraphs == [('long', 'film', 'number')] and '6 to test' in capsys.readouterr().out


def test_folder_and_archive_give_the_same(data, tmp_path, monkeypatch):
    folder(data)
    one = load_reviews()
    archive(tmp_path / 'other')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path / 'other'))
    other = load_reviews()
    assert one[0].fingerprint == other[0].fingerprint and one[1].fingerprint == other[1].fingerprint


def test_what_is_no_archive_of_reviews(data):
    (data / 'aclImdb_v1.tar.gz').write_bytes(b'<html>not found</html>')
    with pytest.raises(CourseError, match='it is a web page saved under this name'):
        load_reviews()
    (data / 'aclImdb_v1.tar.gz').write_bytes(b'\x1f\x8bnothing of the kind')
    with pytest.raises(CourseError, match='not the archive of film reviews, or it is damaged'):
        load_reviews()


def test_reviews_without_their_labels(data):
    (data / 'aclImdb/train/unsup').mkdir(parents=True)
    (data / 'aclImdb/train/unsup/0_0.txt').write_text('Only this.')
    with pytest.raises(CourseError, match='there must be texts in train/pos'):
        load_reviews()


def lines(size=50):
    return ''.join(f'{word} {" ".join([str(i / 10)] * size)}\n'
                   for i, word in enumerate(('the', 'film', 'naïve', 'dull')))


def test_glove_in_its_archive_and_as_a_file(data, capsys):
    (data / 'glove.6B.50d').mkdir()
    (data / 'glove.6B.50d/vec.txt').write_text(lines(), encoding='utf-8')
    one = load_glove({'film', 'dull', 'zebra', 'naïve'})
    assert one.words == ['film', 'naïve', 'dull'] and one['dull'][0] == pytest.approx(.3)
    assert 'GloVe: 3 of 4 words have a vector.' in capsys.readouterr().out
    with zipfile.ZipFile(data / 'glove.6B.50d.zip', 'w') as file:
        file.writestr('glove.6B.50d/vec.txt', lines())
    (data / 'glove.6B.50d/vec.txt').unlink()
    assert load_glove({'film', 'dull', 'zebra', 'naïve'}).fingerprint == one.fingerprint


def test_what_are_no_glove_vectors(data):
    (data / 'glove.6B.50d.txt').write_text(lines(20), encoding='utf-8')
    with pytest.raises(CourseError, match='no vectors of 50 numbers'):
        load_glove({'film'})
    (data / 'glove.6B.50d.txt').unlink()
    with zipfile.ZipFile(data / 'glove.6B.50d.zip', 'w') as file:
        file.writestr('other.txt', lines())
    with pytest.raises(CourseError, match='has no vec.txt'):
        load_glove({'film'})
