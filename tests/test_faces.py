"""Drawn people, real ones in folders, and folders that will not do."""
import zipfile

from d2lhelpers import CourseError, accuracy, backbones, cross_entropy, fit
from d2lhelpers.backbones import PEOPLE as WEIGHTS
from d2lhelpers.backbones import build
from d2lhelpers.datasets import batches, faces, load_faces, load_people
from d2lhelpers.datasets.drawn import people
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.environment import settings

import numpy
import pytest
from mxnet import gluon, np
from mxnet.gluon.data.vision import transforms
from PIL import Image

MEANS = {1: (110.54, 132.93, 132.17), 2: (131.67, 121.31, 75.94)}  # of a picture of two of the people


def fill(folder, n, mode='RGB', kind='jpg'):
    folder.mkdir(parents=True)
    for i in range(n):
        Image.new(mode, (20 + i, 30), 90 if mode == 'L' else (200, 100, 50)).save(folder / f'{i}.{kind}')


@pytest.fixture
def folder(tmp_path):
    """Two people of ten pictures each, one of five."""
    for name, n in (('Ana', 10), ('Ben', 10), ('Chi', 5)):
        fill(tmp_path / 'people' / name, n)
    return tmp_path / 'people'


def counts(data):
    return [numpy.bincount(part.labels).tolist() for part in (data.train, data.validation, data.test)]


# ---- drawn people

def test_drawn_people_have_the_pictures_that_the_lesson_says(capsys):
    data = load_faces(3)
    assert capsys.readouterr().out == ('19 people, drawn by this package, not photos; nobody looks like that '
                                       '(64 x 64 pixels): 114 to train, 38 to validate, 380 to test.\n')
    assert counts(data) == [[6] * 19, [2] * 19, [20] * 19] and len(data.classes) == 19
    assert sorted(set(data.strangers.labels)) == list(range(20)) and len(data.strangers) == 200
    picture, label = data.train[6]
    assert picture.shape == (64, 64, 3) and picture.dtype == 'uint8' and label == 1


def test_the_same_numbers_draw_the_same_people_and_other_seeds_others():
    one, again, other = (people.portraits('known', seed, 2, 'train', 1) for seed in (1, 1, 2))
    assert (one[0][0] == again[0][0]).all() and (one[0][0] != other[0][0]).any()
    assert (one[0][0] != people.portraits('known', 1, 2, 'test', 1)[0][0]).any()
    assert (one[0][0] != people.portraits('strangers', 1, 2, 'train', 1)[0][0]).any()
    assert people.person('known', 0).skin != people.person('source', 0).skin


def test_what_belongs_to_a_person_stays_and_the_rest_changes():
    who = people.person('known', 4)
    first, second = (people.picture(numpy.random.default_rng(seed), who) for seed in (0, 1))
    assert (first != second).mean() > .5 and vars(people.person('known', 4)) == vars(who)


def test_the_faces_are_those_that_the_weights_were_trained_on():
    pictures = people.portraits('known', 0, 3, 'train', 1)
    means = {number: pictures[number][0].asnumpy().mean(axis=(0, 1)) for number in MEANS}
    changed = [number for number in MEANS if not numpy.allclose(means[number], MEANS[number], atol=.6)]
    assert not changed, (f'people {changed} changed: make the weights and the records again, and put the new '
                         f'means here: {means}')


def test_other_people_are_other_data():
    source, fewer = (faces.source(number).fingerprint for number in (3, 2))
    assert same(source, faces.source(3).fingerprint) and not same(source, fewer)


def test_the_base_network_knows_its_people_in_new_pictures(capsys):
    backbone = backbones.people()
    assert backbone.about in capsys.readouterr().out
    assert len(backbone.classes) == 40 and backbone.weights == WEIGHTS
    test = people.portraits('source', 0, 40, 'test', 2)
    form = transforms.Compose([transforms.ToTensor(),
                               transforms.Normalize([.485, .456, .406], [.229, .224, .225])])
    assert accuracy(backbone.load(), test.transform_first(form)) > .93


# ---- people in folders

def test_a_folder_for_each_person(folder, capsys):
    data = load_people(folder)
    assert data.classes == ['Ana', 'Ben', 'Chi'] and counts(data) == [[6, 6, 3], [2, 2, 1], [2, 2, 1]]
    assert capsys.readouterr().out == '3 people (Ana, Ben, Chi): 15 to train, 5 to validate, 5 to test.\n'
    shown = [{part[i][0].shape[1] for i in range(len(part)) if part[i][1] == 0}
             for part in (data.train, data.validation, data.test)]
    # every picture in one part only
    assert set.union(*shown) == set(range(20, 30)) and sum(map(len, shown)) == 10


def test_another_seed_splits_otherwise_and_is_another_dataset(folder):
    one, other = load_people(folder), load_people(folder, seed=1)
    widths = [[part[i][0].shape[1] for i in range(len(part))] for part in (one.test, other.test)]
    assert widths[0] != widths[1] and not same(one.fingerprint, other.fingerprint)
    assert same(load_people(folder).fingerprint, one.fingerprint)


def test_grey_pictures_are_taken_and_one_line_says_so(folder, capsys):
    fill(folder / 'Duc', 4, 'L', 'pgm')
    data = load_people(str(folder))
    assert '4 of 29 pictures are grey: their one channel is used three times' in capsys.readouterr().out
    picture = data.train[len(data.train) - 1][0].asnumpy()
    assert picture.shape[2] == 3 and (picture == 90).all()


def test_an_archive_of_people(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / 'people.zip', 'w') as archive:
        for file in folder.rglob('*.jpg'):
            archive.write(file, f'people/{file.relative_to(folder)}')
    assert counts(load_people(tmp_path / 'people.zip')) == counts(load_people(folder))


def test_a_written_album_is_read_again(tmp_path):
    faces.write_album(tmp_path / 'album', names=('Ana', 'Ben'), each=4)
    data = load_people(tmp_path / 'album')
    assert data.classes == ['Ana', 'Ben'] and counts(data) == [[2, 2], [1, 1], [1, 1]]


def _single(folder):
    fill(folder / 'Duc', 1)
    return 'Duc has 1 picture, but at least 3 are needed'


def _two(folder):
    fill(folder / 'Duc', 2)
    return 'Duc has 2 pictures, but at least 3'


def _one_person(folder):
    for name in ('Ben', 'Chi'):
        for file in (folder / name).iterdir():
            file.unlink()
        (folder / name).rmdir()
    return 'one person only'


def _no_picture(folder):
    (folder / 'Ana/notes.txt').write_text('met in June')
    return r'Ana/notes\.txt: not a photo'


def _broken(folder):
    (folder / 'Ana/0.jpg').write_bytes(b'no photo')
    return r'Ana/0\.jpg: not a picture'


@pytest.mark.parametrize('damage', [_single, _two, _one_person, _no_picture, _broken])
def test_a_folder_that_will_not_do_is_one_sentence(folder, damage):
    says = damage(folder)
    with pytest.raises(CourseError, match=says):
        load_people(folder)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match='There is no folder .*nowhere.*make one with a folder for each'):
        load_people(tmp_path / 'nowhere')


def test_a_head_for_fewer_people_than_there_are_is_one_sentence():
    net = gluon.nn.Dense(10, in_units=4)
    net.initialize()
    data = gluon.data.ArrayDataset(np.ones((19, 4)), np.arange(19))
    with pytest.raises(CourseError, match='but the network has 10 outputs.*as many outputs as there are'):
        fit(lambda x, y: cross_entropy(net(x), y), batches(data, size=19),
            gluon.Trainer(net.collect_params(), 'adam'), 1)


# ---- the full profile

@pytest.fixture
def full(monkeypatch, tmp_path):
    (tmp_path / 'learner').mkdir()
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path / 'learner'))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    return tmp_path / 'learner'


def test_real_people_some_known_the_others_strangers(full, capsys):
    for number in range(1, 25):
        fill(full / f'faces/s{number}', 10, 'L', 'pgm')
    (full / 'faces/README').write_text('not a person')
    one, other = load_faces(1), load_faces(2)
    said = (f'18 of 24 people (the others are strangers), real pictures from {full / "faces"}: 108 to train, '
            '36 to validate, 36 to test.\n')
    assert said in capsys.readouterr().out
    assert faces.real_album() == full / 'faces'
    # a quarter stays outside
    assert counts(one) == [[6] * 18, [2] * 18, [2] * 18] and len(one.strangers) == 60
    assert one.classes != other.classes and len(set(one.strangers.labels)) == 6
    assert not same(one.fingerprint, other.fingerprint)
    assert same(one.fingerprint, load_faces(1).fingerprint)
    (full / f'faces/{names_of_strangers(one)[0]}/9.pgm').write_bytes((full / 'faces/s1/8.pgm').read_bytes())
    assert not same(one.fingerprint, load_faces(1).fingerprint)  # strangers count too


def names_of_strangers(data):
    return sorted({f's{number}' for number in range(1, 25)} - set(data.classes))


@pytest.mark.parametrize('name', ['orl/orl_faces.zip', 'att_faces.zip'])
def test_real_people_in_an_archive(full, folder, name):
    (full / name).parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(full / name, 'w') as archive:
        for file in folder.rglob('*.jpg'):
            archive.write(file, f'orl_faces/{file.relative_to(folder)}')
    assert len(load_faces().classes) == 2


def test_the_two_bases_of_the_course_are_built_alike():
    """So that the lesson can put one in the place of the other."""
    shapes = [[parameter.shape for parameter in net.features.collect_params().values()]
              for net in (backbones.people().load(), backbones.embedded().load(), build('thin_resnet', 3))]
    assert shapes[0] == shapes[1] == shapes[2]
