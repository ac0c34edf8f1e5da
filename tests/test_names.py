"""Names of every file system, shown as they are."""
import os
import warnings

from d2lhelpers import CourseError, fonts, plots
from d2lhelpers.datasets.photos import from_folders
from d2lhelpers.names import shown, some

import broken_photos
import matplotlib
import matplotlib.pyplot as plt
import numpy
import pytest


@pytest.fixture
def figure_settings():
    """What `fonts.cover` changes comes back."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        yield


@pytest.mark.parametrize('name, expected', [
    ('hot dog', 'hot dog'), ('犬', '犬'), ('คน', 'คน'), ('$5 bill', '$5 bill'), ('a_b*c', 'a_b*c'),
    ('חתול', 'חתול'), (b'caf\xe9', 'caf\\xe9'), ('cafe\u0301', 'caf\u00e9'), ('a\nb', 'a\\nb'),
    ('a\x1b[31m', 'a\\x1b[31m'),
    ('\u202egpj.exe', '\\u202egpj.exe'), ('nam\u200de', 'nam\u200de'), ("it's", "it's"), ('', '')])
def test_a_name_can_be_shown_anywhere(name, expected):
    said = shown(os.fsdecode(name))
    assert said == expected
    said.encode('utf-8')


def test_some_names_and_how_many_more():
    assert some(['a', 'b']) == 'a, b' and some([str(i) for i in range(1234)]) == '0, 1, 2 and 1,231 more'


CLASSES = [os.fsdecode(b'caf\xe9'), '犬', '강아지', 'חתול', '$1 bill', '$5 bill', 'a<b>&*_', "it's", '-rf',
           'nai\u0308ve', 'CON', '%s {0}', '✓']
FILES = [b'\xff\xfe.jpg', b'$x$.jpg', '猫\n.jpg'.encode()]


@pytest.fixture
def place(tmp_path):
    for name in CLASSES:
        folder = tmp_path / 'hotdog' / name
        folder.mkdir(parents=True)
        for i in range(3):
            file = os.path.join(os.fsencode(folder), FILES[i])
            with open(file, 'wb') as opened:
                opened.write(broken_photos.photo(size=(40 + i, 30)))
    return tmp_path / 'hotdog'


def test_classes_and_files_of_any_name_are_loaded_and_printed(place, capsys, figure_settings):
    data = from_folders(place, 'a')
    assert len(data.classes) == len(CLASSES) and 'caf\\xe9' in data.classes and 'naïve' in data.classes
    data.introduce()
    assert '犬' in str(data) or '1 more' in str(data)
    ' '.join(data.classes).encode('utf-8')
    assert data.fingerprint['exact']
    assert 'No font' not in capsys.readouterr().out


def test_an_offender_of_any_name_is_named(place, figure_settings):
    with open(os.path.join(os.fsencode(place / '犬'), b'\xe9.jpg'), 'wb') as file:
        file.write(b'no photo')
    with pytest.raises(CourseError, match=r'犬/\\xe9\.jpg: not a picture') as error:
        from_folders(place, 'a')
    str(error.value).encode('utf-8')


def drawn(title, families):
    """The pixels of a title."""
    with matplotlib.rc_context({'font.family': families}):
        figure, axis = plt.subplots(figsize=(2, 1), layout='none')
        axis.axis('off')
        axis.text(.1, .5, title)
        figure.canvas.draw()
        pixels = numpy.asarray(figure.canvas.buffer_rgba()).copy()
        plt.close(figure)
    return pixels


@pytest.mark.parametrize('name', ['犬', '강아지', 'ねこ', '狗', '猫', 'Đồ ăn'])
def test_names_of_classes_have_their_letters_in_figures(figure_settings, name):
    fonts.cover([name])
    families = list(matplotlib.rcParams['font.family'])
    warnings.simplefilter('error')  # as where a glyph is missing
    assert (drawn(name, families) < 128).any()
    assert len({drawn(letter, families).tobytes() for letter in name}) == len(set(name))  # and not boxes


def test_where_no_font_has_a_letter_one_line_says_so(figure_settings, monkeypatch, capsys):
    monkeypatch.setattr(fonts, '_more', lambda: iter(()))
    fonts.cover(['犬', 'cat'])
    assert capsys.readouterr().out.startswith('No font here has 犬: in figures a box')
    drawn('犬', list(matplotlib.rcParams['font.family']))  # and matplotlib does not say it again


def test_latin_names_change_no_figure(figure_settings):
    before = list(matplotlib.rcParams['font.family'])
    fonts.cover(['hotdog', 'bánh mì', 'собака', 'חתול'])
    assert matplotlib.rcParams['font.family'] == before


def test_dollars_are_dollars_in_figures_and_below_them(monkeypatch):
    shown_below, texts = [], []
    monkeypatch.setattr(plots, 'display', shown_below.append)
    monkeypatch.setattr(plots.plt, 'close', lambda figure: texts.extend(
        (text.get_text(), text.get_parse_math()) for text in figure.findobj(matplotlib.text.Text)))
    plots.pictures([numpy.zeros((8, 8, 3), 'uint8')] * 2, ['$1 bill', '$5 bill'], title='$1 and $5 bills',
                   reading='A $1 bill and a $5 bill.')
    assert [text for text, math in texts if '$' in text and not math] == ['$1 bill', '$5 bill', '$1 and $5 '
                                                                                                'bills']
    assert shown_below[-1].data == '*A \\$1 bill and a \\$5 bill.*'
    assert shown_below[0].alt == 'A $1 bill and a $5 bill.'
