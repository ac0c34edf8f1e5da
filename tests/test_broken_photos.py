"""Every file of a folder is the right picture or a clear sentence, and nothing is written anywhere."""
import os
import re
import shutil
import struct
import zipfile

from d2lhelpers import CourseError
from d2lhelpers.archives import as_folder
from d2lhelpers.datasets.photos import from_folders, read_picture

import broken_photos
import pytest
from broken_photos import BROKEN, GOOD, photo, zipped


@pytest.fixture
def place(tmp_path):
    """Two classes without a split, four photos each."""
    for name in ('cats', 'dogs'):
        (tmp_path / 'hotdog' / name).mkdir(parents=True)
        for i in range(4):
            (tmp_path / 'hotdog' / name / f'{i}.jpg').write_bytes(photo(size=(40 + i, 30)))
    return tmp_path / 'hotdog'


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.lstat().st_mtime_ns for path in folder.rglob('*')}


@pytest.mark.parametrize('name', BROKEN)
def test_what_is_no_photo_is_a_sentence(tmp_path, name):
    content, says = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    before = contents(tmp_path)
    with pytest.raises(CourseError, match=says) as error:
        read_picture(tmp_path / name)
    assert name in str(error.value) and '\n' not in str(error.value) and 'BytesIO' not in str(error.value)
    assert contents(tmp_path) == before


@pytest.mark.parametrize('name', GOOD)
def test_what_is_a_photo_is_the_right_picture(tmp_path, name):
    content, colour = GOOD[name]
    (tmp_path / name).write_bytes(content)
    picture = read_picture(tmp_path / name).asnumpy()
    assert picture.ndim == 3 and picture.shape[2] == 3
    middle = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    assert abs(middle.astype(int) - colour).max() < 5


@pytest.mark.parametrize('orientation', range(1, 9))
def test_a_photo_stands_upright_however_the_camera_was_held(tmp_path, orientation):
    (tmp_path / 'a.jpg').write_bytes(broken_photos.upright(orientation))
    picture = read_picture(tmp_path / 'a.jpg').asnumpy().astype(int)
    assert picture.shape == (60, 40, 3)
    assert abs(picture[10, 25] - (255, 0, 0)).max() < 40 and abs(picture[50, 25] - (0, 0, 255)).max() < 40
    assert picture[10, 1].argmax() == picture[50, 1].argmax() == 1


def test_all_of_them_are_told_at_once(place):
    for name, (content, _) in BROKEN.items():
        (place / 'cats' / name).write_bytes(content)
    with pytest.raises(CourseError) as error:
        from_folders(place, 'a')
    said = str(error.value)
    assert f'{len(BROKEN)} files cannot be used, so nothing was loaded.' in said
    for _, says in BROKEN.values():
        assert re.search(says, said)


def test_of_thirty_the_first_three_are_named(place):
    for i in range(30):
        (place / 'dogs' / f'IMG_{i:04}.HEIC').write_bytes(BROKEN['phone.HEIC'][0])
    with pytest.raises(CourseError, match=r'30 files cannot be used.*dogs/IMG_0000\.HEIC, '
                                          r'dogs/IMG_0001\.HEIC, '
                                          r'dogs/IMG_0002\.HEIC and 27 more: HEIC, .*save as jpg'):
        from_folders(place, 'a')


def _link_to_nothing(place):
    (place / 'cats/lost.jpg').symlink_to('gone.jpg')
    return 'cats/lost.jpg: a link to something that is not there'


def _link_to_itself(place):
    (place / 'cats/round.jpg').symlink_to('round.jpg')
    return r'cats/round\.jpg: '


def _folder_in_itself(place):
    (place / 'cats/again').symlink_to(place / 'cats', target_is_directory=True)
    return 'cats/again: a folder among the photos'


def _pipe(place):
    os.mkfifo(place / 'cats/pipe.jpg')
    return 'cats/pipe.jpg: not an ordinary file'


def _folder_called_like_a_photo(place):
    (place / 'cats/0001.jpg').mkdir()
    return r'cats/0001\.jpg: a folder among the photos'


def _years(place):
    for name in ('cats', 'dogs'):
        (place / name / '2023').mkdir()
        shutil.copy(place / name / '0.jpg', place / name / '2023')
    return 'cats/2023, dogs/2023: a folder among the photos; .*move them one folder up'


def _beside(place):
    shutil.copy(place / 'cats/0.jpg', place / 'which.jpg')
    return 'which.jpg: beside the class folders; move each photo into the folder of its class'


@pytest.mark.parametrize('damage', [_link_to_nothing, _link_to_itself, _folder_in_itself, _pipe,
                                    _folder_called_like_a_photo, _years, _beside])
def test_what_is_no_file_of_a_class_is_told(place, damage):
    says = damage(place)
    with pytest.raises(CourseError, match=says):
        from_folders(place, 'a')


def test_a_link_to_a_photo_is_a_photo(place, tmp_path):
    (place / 'cats/0.jpg').rename(tmp_path / 'elsewhere.jpg')
    (place / 'cats/0.jpg').symlink_to(tmp_path / 'elsewhere.jpg')
    assert len(from_folders(place, 'a').train) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_what_may_not_be_read_is_told(place):
    (place / 'cats/0.jpg').chmod(0)
    with pytest.raises(CourseError, match=r'cats/0\.jpg: you may not read it'):
        from_folders(place, 'a')


def test_what_the_system_refuses_is_told(place, monkeypatch):
    open_any = type(place).open

    def refusing(path, *args, **kwargs):
        if path.name == '0.jpg':
            raise PermissionError(13, 'Permission denied')
        if path.name == '1.jpg':
            raise OSError(5, 'Input/output error')
        return open_any(path, *args, **kwargs)

    monkeypatch.setattr(type(place), 'open', refusing)
    with pytest.raises(CourseError, match=r'cats/0\.jpg, dogs/0\.jpg: you may not read it(.|\n)*'
                                          r'cats/1\.jpg, dogs/1\.jpg: cannot be read \(Input/output error\)'):
        from_folders(place, 'a')


CLUTTER = ('.DS_Store', 'Thumbs.db', 'thumbs.db', 'THUMBS.DB', 'ehthumbs.db', 'Desktop.ini', 'desktop.ini',
           'Picasa.ini', '.picasa.ini', '._0.jpg', '.nomedia', '~$list.xlsx', '0.xmp', '0.AAE', '0.jpg.json',
           'Icon\r')
CLUTTERED = ('__MACOSX', '@eaDir', '.ipynb_checkpoints', '#recycle', '$RECYCLE.BIN', 'System Volume '
                                                                                     'Information')


def test_what_systems_and_programs_leave_behind_is_passed_over(place):
    plain = from_folders(place, 'a')
    for folder in (place, place / 'cats'):
        for name in CLUTTER:
            (folder / name).write_bytes(b'clutter')
        for name in CLUTTERED:
            (folder / name).mkdir()
            (folder / name / '0.jpg').write_bytes(photo())
    data = from_folders(place, 'a')
    assert data.classes == ['cats', 'dogs'] and data.counts == plain.counts
    assert data.fingerprint == plain.fingerprint


MEMBERS = [(f'{name}/{i}.jpg', photo(size=(40 + i, 30))) for name in ('cats', 'dogs') for i in range(4)]


def _archive(tmp_path, members, **options):
    (tmp_path / 'a.zip').write_bytes(zipped(*members, **options))
    return tmp_path / 'a.zip'


def test_an_archive_of_powershell_5_has_class_folders(tmp_path):
    path = _archive(tmp_path, [(name.replace('/', '\\'), data) for name, data in MEMBERS])
    assert from_folders(as_folder(path), 'a').classes == ['cats', 'dogs']


def test_names_in_an_archive_that_are_not_marked_as_utf_8_are_read_as_such(tmp_path):
    members = [(name.replace('cats', '犬'), data) for name, data in MEMBERS]
    path = _archive(tmp_path, members)
    data = bytearray(path.read_bytes())
    for start, at in ((b'PK\3\4', 6), (b'PK\1\2', 8)):  # as macOS packs: without the mark
        place = data.find(start)
        while place >= 0:
            flags, = struct.unpack_from('<H', data, place + at)
            struct.pack_into('<H', data, place + at, flags & ~0x800)
            place = data.find(start, place + 4)
    path.write_bytes(data)
    assert not any(member.flag_bits & 0x800 for member in zipfile.ZipFile(path).filelist)
    loaded = from_folders(as_folder(path), 'a')
    assert loaded.classes == ['dogs', '犬'] and loaded.train[0][0].shape[0] == 30


def test_names_in_an_archive_in_another_encoding_still_lead_to_the_photos(tmp_path):
    members = [(name.replace('cats', 'XX'), data) for name, data in MEMBERS]
    path = _archive(tmp_path, members)
    path.write_bytes(path.read_bytes().replace(b'XX/', '犬'.encode('shift-jis') + b'/'))
    assert len(from_folders(as_folder(path), 'a').classes) == 2


@pytest.mark.parametrize('at, value, says', [(6, 1, 'is encrypted: unpack it'), (8, 99, 'in a way that '
                                                                                        'Python')])
def test_an_archive_that_cannot_be_read_is_a_sentence(tmp_path, at, value, says):
    path = _archive(tmp_path, MEMBERS)
    data = bytearray(path.read_bytes())
    for start, shift in ((b'PK\3\4', 0), (b'PK\1\2', 2)):
        place = data.find(start)
        while place >= 0:
            struct.pack_into('<H', data, place + at + shift, value)
            place = data.find(start, place + 4)
    path.write_bytes(data)
    with pytest.raises(CourseError, match=says):
        as_folder(path)


@pytest.mark.parametrize('member', ['../up.jpg', '/etc/passwd', '..\\up.jpg', 'C:\\up.jpg',
                                    'cats/../../up.jpg', 'C:up.jpg'])
def test_an_archive_that_points_outside_is_refused(tmp_path, member):
    path = _archive(tmp_path, [*MEMBERS, (member, photo())])
    with pytest.raises(CourseError, match='points outside the archive'):
        as_folder(path)
    assert set(contents(tmp_path)) == {'a.zip'}


def test_a_link_in_an_archive_is_not_followed(tmp_path):
    link = zipfile.ZipInfo('cats/link.jpg')
    link.external_attr = 0o120777 << 16
    with pytest.raises(CourseError, match=r'cats/link\.jpg: a link'):
        from_folders(as_folder(_archive(tmp_path, [*MEMBERS, (link, b'/etc/passwd')])), 'a')


def test_a_member_that_would_unpack_to_gigabytes_is_not_unpacked(tmp_path):
    path = _archive(tmp_path, [*MEMBERS, ('cats/big.jpg', bytes(2**20))], compress_type=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    place = data.rindex(b'PK\1\2')
    struct.pack_into('<I', data, place + 24, 3 * 2**30)
    path.write_bytes(data)
    with pytest.raises(CourseError, match=r'cats/big\.jpg: far too large for a photo'):
        from_folders(as_folder(path), 'a')


def test_a_damaged_member_is_told(tmp_path):
    path = _archive(tmp_path, MEMBERS)
    data = bytearray(path.read_bytes())
    data[data.index(b'cats/1.jpg') + 300] ^= 255
    path.write_bytes(data)
    with pytest.raises(CourseError, match=r'cats/1\.jpg: damaged in the archive'):
        from_folders(as_folder(path), 'a')


@pytest.mark.parametrize('inside', ['cats/more.zip', 'more.zip'])
def test_archives_in_an_archive_are_told(tmp_path, inside):
    members = MEMBERS if '/' in inside else []
    with pytest.raises(CourseError, match=r'more\.zip: an archive; unpack|more.zip must be unpacked first'):
        from_folders(as_folder(_archive(tmp_path, [*members, (inside, zipped(*MEMBERS))])), 'a')


@pytest.mark.parametrize('content, says', [
    (b'Rar!\x1a\7\0' + bytes(99), 'an archive of another kind; unpack it'),
    (b'<html>', 'a web page'), (b'', 'empty'), (BROKEN['pointer.jpg'][0], 'a pointer that Git LFS'),
    (zipped(*MEMBERS)[:-30], 'perhaps a download that broke off')])
def test_what_is_no_zip_is_told(tmp_path, content, says):
    (tmp_path / 'a.zip').write_bytes(content)
    with pytest.raises(CourseError, match=f'a.zip is no zip archive, but {says}'):
        as_folder(tmp_path / 'a.zip')


def test_transparency_is_white_counted_and_told_by_class(place, capsys):
    for i in range(4):
        (place / 'cats' / f'{i}.png').write_bytes(broken_photos.cut_out())
        (place / 'cats' / f'{i}.jpg').unlink()
        (place / 'dogs' / f'{i}.png').write_bytes(photo((9, 9, 9, 255), mode='RGBA', kind='PNG'))
    data = from_folders(place, 'a')
    assert ('4 of 12 photos have transparent parts, which are white here (cats 4 of 4, dogs 0 of 8)'
            in capsys.readouterr().out)
    picture = data.train[0][0].asnumpy()
    assert (picture[0, 0] == 255).all() and (picture[15, 20] == (255, 0, 0)).all()
    assert not (picture == (0, 255, 0)).all(axis=2).any()  # nothing hidden is seen


def test_a_folder_of_nothing_but_opaque_pictures_is_told_nothing(place, capsys):
    (place / 'dogs/4.png').write_bytes(photo((9, 9, 9, 255), mode='RGBA', kind='PNG'))
    from_folders(place, 'a')
    assert 'transparent' not in capsys.readouterr().out
