"""A network leaves the lesson: one folder, and python -m d2lhelpers predict."""
import dataclasses
import json
import os
import subprocess
import sys

from d2lhelpers import CourseError, handover, new_head, true_copy
from d2lhelpers.__main__ import main
from d2lhelpers.environment import settings

import handed
import numpy
import pytest
from PIL import Image


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """(folder, in use, card, data)"""
    in_use, card, data = handed.small(temperature=1.3)
    return (handover.hand_over(tmp_path_factory.mktemp('out') / 'my network', in_use, card), in_use, card,
            data)


@pytest.fixture
def photo(made, tmp_path):
    """The first test picture as a file."""
    Image.fromarray(made[3].test[0][0].asnumpy()).save(tmp_path / 'photo.png')
    return tmp_path / 'photo.png'


def test_nothing_is_lost(made):
    folder, in_use, _, data = made
    pictures = [data.test[i][0] for i in range(20)]
    again = handover.load(folder)
    assert (again.classes, again.preprocessing, again.temperature) == \
        (data.classes, in_use.preprocessing, 1.3)
    numpy.testing.assert_allclose(again.probabilities(pictures), in_use.probabilities(pictures), atol=1e-5)


def test_the_preprocessing_needs_numpy_alone(made):
    """The file beside the weights, with the numbers beside them."""
    folder, in_use, _, data = made
    picture = data.test[0][0].asnumpy()
    numpy.save(folder / 'picture.npy', picture)
    code = ('import json, numpy, sys; from preprocessing import Preprocessing; '
            'given = json.load(open("network.json"))["preprocessing"]; '
            'numpy.save("ready.npy", Preprocessing(**given)(numpy.load("picture.npy"))); '
            'assert "mxnet" not in sys.modules and "d2lhelpers" not in sys.modules')
    subprocess.run([sys.executable, '-c', code], cwd=folder, check=True)
    numpy.testing.assert_array_equal(numpy.load(folder / 'ready.npy'), in_use.preprocessing(picture))


def test_the_network_itself_is_left_as_it_was(made):
    _, in_use, _, _ = made
    assert not in_use.net._active


def test_what_was_made_of_the_network_before_goes(made, tmp_path):
    _, in_use, card, _ = made
    folder = handover.hand_over(tmp_path / 'twice', in_use, card)
    for name in ('network.onnx', 'phone.html', 'notes.txt'):
        (folder / name).write_text('of the network before, but for the notes')
    handover.hand_over(folder, in_use, card)
    assert (folder / 'notes.txt').exists()
    assert not (folder / 'network.onnx').exists() and not (folder / 'phone.html').exists()


def test_predict(made, photo, capsys):
    folder, in_use, _, data = made
    assert main(['predict', str(folder), str(photo)]) == 0
    said = capsys.readouterr().out.strip()
    p = in_use.probabilities([data.test[0][0]])[0]
    assert said == f'{photo}: {data.classes[p.argmax()]}, {100 * p.max():.0f} %'


def test_a_bad_photo_is_one_sentence_and_the_others_are_answered(made, photo, tmp_path, capsys):
    page = tmp_path / 'page.jpg'
    page.write_text('<html>not found</html>')
    assert main(['predict', str(made[0]), str(page), str(tmp_path / 'gone.png'), str(photo)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(f'{photo}: ') and len(said.err.splitlines()) == 2
    assert 'page.jpg: a web page saved under this name' in said.err and 'There is no file' in said.err


def test_it_says_that_it_does_not_know(photo, tmp_path, capsys):
    in_use, card, _ = handed.small(threshold=.999999)
    main(['predict', str(handover.hand_over(tmp_path / 'unsure', in_use, card)), str(photo)])
    assert "I don't know (perhaps " in capsys.readouterr().out


def test_it_runs_from_anywhere(made, photo):
    """As the learner types it, in another folder: no line but the answer, and nothing on stderr."""
    outcome = subprocess.run([sys.executable, '-m', 'd2lhelpers', 'predict', str(made[0]), photo.name],
                             cwd=photo.parent, capture_output=True, text=True,
                             env=os.environ | {'PYTHONPATH': str(settings.root)})
    assert outcome.returncode == 0 and outcome.stderr == '' and len(outcome.stdout.splitlines()) == 1


def test_handed_over_again(tmp_path):
    in_use, card, _ = handed.small()
    folder = handover.hand_over(tmp_path, in_use, card)
    handover.hand_over(folder, dataclasses.replace(in_use, threshold=.4), card)
    assert handover.load(folder).threshold == .4


def test_nothing_of_somebody_else_is_written_over(tmp_path):
    in_use, card, _ = handed.small()
    (tmp_path / 'holiday.jpg').write_bytes(b'mine')
    with pytest.raises(CourseError, match='holds something that is no network'):
        handover.hand_over(tmp_path, in_use, card)
    assert [path.name for path in tmp_path.iterdir()] == ['holiday.jpg']


def test_other_classes_than_outputs(tmp_path):
    in_use, card, _ = handed.small()
    three = new_head(true_copy(in_use.net), 3)
    with pytest.raises(CourseError, match='gives 3 scores, but there are 2 class names'):
        handover.hand_over(tmp_path, dataclasses.replace(in_use, net=three), card)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('spoil, sentence', [
    (lambda folder: (folder / 'network.json').unlink(), 'holds no network handed over'),
    (lambda folder: (folder / 'network.json').write_text('{'), 'is damaged'),
    (lambda folder: (folder / 'network.json').write_text('{}'), 'cannot be read'),
    (lambda folder: (folder / 'network-0000.params').write_bytes(b'1234567'), 'cannot be read'),
    (lambda folder: (folder / 'network-symbol.json').unlink(), 'cannot be read')])
def test_a_damaged_folder(tmp_path, capsys, spoil, sentence):
    in_use, card, _ = handed.small()
    folder = handover.hand_over(tmp_path / 'folder', in_use, card)
    spoil(folder)
    assert main(['predict', str(folder), 'photo.jpg']) == 1
    said = capsys.readouterr().err
    assert sentence in said and len(said.splitlines()) == 1


def test_settings_are_plain(made):
    given = json.loads((made[0] / 'network.json').read_text())
    assert given['classes'] == ['hotdog', 'not-hotdog'] and given['preprocessing']['crop'] == 64
