"""Where bytes come from, with servers on this machine that misbehave."""
import hashlib
import http.server
import io
import json
import shutil
import ssl
import subprocess
import threading
import zipfile

from d2lhelpers import files, progress
from d2lhelpers.archives import as_folder
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.messages import quietly

import pooch
import pytest

GOOD = b'weights' * 10_000
KNOWN = 'sha1:' + hashlib.sha1(GOOD).hexdigest()


def _zip(kind=zipfile.ZIP_STORED, **members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w', kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _damaged(bytes_at, kind=zipfile.ZIP_DEFLATED, start=b'PK\1\2'):
    """A zip archive of the weights with other bytes at these places, counted from the list of members or from
    another start.
    """
    data = bytearray(_zip(kind, **{'net.params': GOOD}))
    for at, byte in bytes_at.items():
        data[data.rindex(start) + at] = byte
    return bytes(data)


DAMAGED = {'/damaged': _damaged({30 + len('net.params'): 0xff}, start=b'PK\3\4'),
           '/damaged-later': _damaged({-3: 0x55}),
           '/encrypted': _damaged({8: 1}), '/other-method': _damaged({10: 99}),
           '/longer': _damaged({22: 99, 26: 99}, zipfile.ZIP_STORED)}


class _Handler(http.server.BaseHTTPRequestHandler):
    """The path says how to misbehave."""

    def do_GET(self):
        self.server.asked.append(self.path)
        answer = {'/good': GOOD, '/changed': b'x' + GOOD, '/page': b'<html>not the file</html>',
                  '/zipped': _zip(**{'net.params': GOOD}),
                  '/zipped-other': _zip(**{'other.params': GOOD}), '/short': GOOD[:100], '/stops': GOOD[:100],
                  **DAMAGED}.get(self.path)
        if self.path == '/silent':
            self.server.over.wait(10)
        elif answer is None:
            self.send_error(404)
        else:
            self.send_response(200)
            promised = GOOD if self.path in ('/short', '/stops') else answer
            self.send_header('Content-Length', str(len(promised)))
            self.end_headers()
            self.wfile.write(answer)
            if self.path == '/stops':
                self.server.over.wait(10)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv('NO_PROXY', '127.0.0.1')
    running = http.server.ThreadingHTTPServer(('127.0.0.1', 0), _Handler)
    running.asked, running.over = [], threading.Event()
    thread = threading.Thread(target=running.serve_forever, args=(.05,))
    thread.start()
    running.address = f'http://127.0.0.1:{running.server_port}'
    yield running
    running.over.set()
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """The learner's folder and the course's downloads, in the full profile."""
    learner = tmp_path / 'learner'
    learner.mkdir()
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(learner))
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    monkeypatch.setattr(files, 'TIMEOUT', .5)
    monkeypatch.setattr(files, 'fetch_wheels', lambda folder: None)
    files._say_once.cache_clear()
    return learner, settings.downloads


def _need(*addresses, known_hash=KNOWN, zipped=False):
    file = files.RemoteFile('net', 'weights/net.params', ('weights/net*.params',), addresses, known_hash,
                            zipped=zipped)
    return files.Need('test weights', 'd2lhelpers.some_module', (file,))


def _put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob('*')
            if path.is_file()}


def test_looks_in_the_learners_folder_then_in_the_downloads_then_fetches_once(server, folders):
    learner, downloads = folders
    need = _need(server.address + '/good')
    assert files.find(need) is None
    file, path = files.get(need)
    assert file.name == 'net' and path == downloads / 'weights/net.params' and path.read_bytes() == GOOD
    assert files.get(need)[1] == path and server.asked == ['/good']
    mine = _put(learner / 'weights/net-mine.params', GOOD)
    assert files.get(need) == (file, mine) and server.asked == ['/good']


@pytest.mark.parametrize('name', ['net.params', 'net-mine.params'])
def test_another_file_of_the_learner_is_used_and_one_line_says_so(server, folders, capsys, name):
    theirs = _put(folders[0] / 'weights' / name, b'equivalent')
    need = _need(server.address + '/good')
    for _ in range(2):
        assert files.get(need)[1] == theirs
    assert capsys.readouterr().out == f'{theirs} is used, but it is not the net whose hash is known.\n'
    _put(folders[0] / 'weights' / name, GOOD)
    files.get(need)
    assert capsys.readouterr().out == '' and server.asked == []


def test_of_what_has_no_known_hash_nothing_is_said(server, folders, capsys):
    theirs = _put(folders[0] / 'weights/net.params', b'anything')
    assert files.get(_need(server.address + '/good', known_hash=None))[1] == theirs
    folder = folders[0] / 'weights/net-2.params'
    theirs.unlink()
    folder.mkdir()  # nor has a folder one
    assert files.get(_need(server.address + '/good'))[1] == folder and capsys.readouterr().out == ''


def test_a_damaged_download_is_fetched_again_and_one_line_says_so(server, folders, capsys):
    ours = _put(folders[1] / 'weights/net.params', GOOD[:-1])
    assert files.get(_need(server.address + '/good'))[1] == ours and ours.read_bytes() == GOOD
    said = f'{ours} is damaged (it does not have the known hash), so it is fetched again.\n'
    assert capsys.readouterr().out == said
    files.get(_need(server.address + '/good'))
    assert capsys.readouterr().out == '' and server.asked == ['/good']


def test_a_damaged_download_that_cannot_be_fetched_again_is_one_sentence(server, folders):
    ours = _put(folders[1] / 'weights/net.params', GOOD[:-1])
    with pytest.raises(CourseError, match='No test weights: .*net.params is damaged, and none could be '
                                          'fetched, since the server answered 404') as error:
        files.get(_need(server.address + '/missing'))
    assert str(ours) in str(error.value) and '\n' not in str(error.value)


def test_what_the_learner_put_among_the_downloads_is_the_learners(server, folders, capsys):
    theirs = _put(folders[1] / 'weights/net-mine.params', b'equivalent')
    assert files.get(_need(server.address + '/good'))[1] == theirs and server.asked == []
    assert 'net-mine.params is used, but it is not' in capsys.readouterr().out


def test_a_file_is_hashed_once_for_each_of_its_states(server, folders, monkeypatch):
    hashed, file_hash = [], pooch.file_hash
    monkeypatch.setattr(pooch, 'file_hash', lambda path, alg: hashed.append(path) or file_hash(path, alg))
    theirs = _put(folders[0] / 'weights/net.params', GOOD)
    for _ in range(3):
        files.get(_need(server.address + '/good'))
    assert hashed == [str(theirs)]
    _put(theirs, GOOD + b'!')
    files.get(_need(server.address + '/good'))
    assert hashed == 2 * [str(theirs)]


def test_the_lines_can_be_silenced(server, folders, capsys):
    _put(folders[1] / 'weights/net.params', GOOD[:-1])
    with quietly():
        files.get(_need(server.address + '/missing', server.address + '/good'))
    assert capsys.readouterr().out == ''


@pytest.mark.parametrize('watched', [False, True])
def test_a_zipped_file_is_unpacked_and_checked(server, folders, monkeypatch, capsys, watched):
    monkeypatch.setattr(progress, 'watched', lambda: watched)
    _, path = files.get(_need(server.address + '/zipped', zipped=True))
    assert path.read_bytes() == GOOD
    assert ('70.1k/70.1k' in capsys.readouterr().out) == watched
    assert list(_contents(folders[1])) == ['weights/net.params']


@pytest.mark.parametrize('where, says, options', [
    ('/changed', 'does not have the known hash', {}),
    ('/page', 'what came is a web page', {}),
    ('/short', 'broke off', {}),
    ('/short', 'broke off', {'known_hash': None}),
    ('/silent', 'said nothing for 0.5 seconds', {}),
    ('/stops', 'said nothing for 0.5 seconds', {}),
    ('/missing', '404 Not Found', {}),
    ('/page', 'is not the expected archive', {'zipped': True}),
    ('/zipped-other', 'is not the expected archive', {'zipped': True}),
    ('/short', 'broke off', {'zipped': True}),
    *((where, 'is not the expected archive, but damaged', {'zipped': True}) for where in DAMAGED),
])
def test_a_bad_download_is_one_sentence_and_leaves_nothing_behind(server, folders, where, says, options):
    _, downloads = folders
    (downloads / 'weights').mkdir(parents=True)
    (downloads / 'earlier.zip').write_bytes(b'earlier')
    with pytest.raises(CourseError, match=says) as error:
        files.get(_need(server.address + where, **options))
    assert _contents(downloads) == {'earlier.zip': b'earlier'}
    for hint in ('test weights', str(folders[0]), str(downloads), 'weights/net.params',
                 '127.0.0.1', 'D2LHELPERS_DATA'):
        assert hint in str(error.value)
    assert '\n' not in str(error.value)


def test_no_network_is_one_sentence(folders):
    with pytest.raises(CourseError, match='could not be reached'):
        files.get(_need('http://127.0.0.1:9/net'))


@pytest.mark.skipif(not shutil.which('openssl'), reason='there is no openssl to make a certificate')
def test_a_certificate_that_is_not_trusted_is_told(server, folders, tmp_path):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                    '-subj', '/CN=localhost', '-keyout', tmp_path / 'key', '-out', tmp_path / 'certificate'],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / 'certificate', tmp_path / 'key')
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(CourseError, match='certificate of the server is not trusted.*REQUESTS_CA_BUNDLE'):
        files.get(_need(server.address.replace('http:', 'https:') + '/good'))
    assert not server.asked


def test_the_next_address_is_tried_and_the_failure_is_told(server, folders, capsys):
    _, path = files.get(_need(server.address + '/missing', server.address + '/good'))
    assert path.read_bytes() == GOOD
    out = capsys.readouterr().out
    assert out.startswith('Fetched net from 127.0.0.1')
    assert 'others could not be fetched: the server answered 404 Not Found (net from 127.0.0.1' in out


def test_after_a_damaged_archive_the_next_address_is_tried(server, folders, capsys):
    _, path = files.get(_need(server.address + '/damaged', server.address + '/zipped', zipped=True))
    assert path.read_bytes() == GOOD and 'but damaged' in capsys.readouterr().out


def test_download_fills_a_folder_and_replaces_what_is_wrong(server, folders, monkeypatch, tmp_path, capsys):
    stick = tmp_path / 'a stick'
    monkeypatch.setattr(files, 'NEEDS', (_need(server.address + '/good'),))
    files.download(str(stick))
    assert _contents(stick) == {'weights/net.params': GOOD} and '(verified)' in capsys.readouterr().out
    files.download(stick)
    assert server.asked == ['/good']
    (stick / 'weights/net.params').write_bytes(b'damaged')
    files.download(stick)
    assert _contents(stick) == {'weights/net.params': GOOD}
    (stick / 'weights/net.params').write_bytes(b'older')
    needs = _need(server.address + '/missing'), _need(server.address + '/silent')
    monkeypatch.setattr(files, 'NEEDS', needs)
    with pytest.raises(CourseError, match='404(.|\n)*said nothing'):
        files.download(stick)
    assert _contents(stick) == {'weights/net.params': b'older'}


def test_sources_tells_what_is_there_and_what_can_be_verified(server, folders, monkeypatch):
    def told():
        [(need, there, sentence)] = files.sources()
        assert need.module == 'd2lhelpers.some_module' and server.asked == []
        return there, sentence

    monkeypatch.setattr(files, 'NEEDS', (_need(server.address + '/good'),))
    there, sentence = told()
    assert not there and 'would be downloaded from 127.0.0.1' in sentence and 'hash known' in sentence
    ours = _put(folders[1] / 'weights/net.params', b'damaged')
    there, sentence = told()
    assert not there and f'{ours} is damaged; net would be downloaded from 127.0.0.1' in sentence
    theirs = _put(folders[0] / 'weights/net.params', GOOD)
    assert told() == (True, f'test weights: {theirs} (verified)')
    _put(theirs, b'other')
    assert told() == (True, f'test weights: {theirs} (unverified: not the file whose hash is known)')


def _notebook(name, **metadata):
    _put(settings.root / 'notebooks' / name, json.dumps({'cells': [], 'metadata': metadata}).encode())


def test_lessons_are_known_by_their_executed_notebooks(folders):
    assert files.lessons() == {}
    for name, modules in (('00_start', ['d2lhelpers.some_module']), ('02_two', ['d2lhelpers.some_module']),
                          ('01_one', ['d2lhelpers.some_module', 'd2lhelpers.other'])):
        _notebook(f'{name}.ipynb', d2lhelpers={'made_from': {'modules': dict.fromkeys(modules, 'a hash')}})
    _notebook('03_never_executed.ipynb')
    _notebook('04_without.ipynb', d2lhelpers={})
    _put(settings.root / 'notebooks/05_broken.ipynb', b'{')
    assert files.lessons() == {'d2lhelpers.some_module': ['01', '02'], 'd2lhelpers.other': ['01']}
    with pytest.raises(CourseError, match='No test weights for lesson 01, 02: none are in'):
        files.get(_need('http://127.0.0.1:9/net'))


def test_every_need_names_a_module_that_asks_for_it():
    """By the name that this file gives the need."""
    named = {'HOTDOG_PHOTOS': [files.HOTDOG_PHOTOS], 'FACES': [files.FACES], 'BACKBONE': [files.BACKBONE],
             'MNIST_TRAIN': files.MNIST_TRAIN, 'MNIST_TEST': files.MNIST_TEST,
             'BACKGROUND_PHOTOS': [files.BACKGROUND_PHOTOS], 'REVIEWS': [files.REVIEWS],
             'GLOVE': [files.GLOVE]}
    assert sum(map(len, named.values())) == len(files.NEEDS)
    for name, needs in named.items():
        for need in needs:
            path = settings.root.joinpath(*need.module.split('.')).with_suffix('.py')
            assert f'files.{name}' in path.read_text(encoding='utf-8')


def test_every_file_of_the_course_has_a_place_of_its_own_and_a_line_in_the_list_of_data():
    every = [file for need in files.NEEDS for file in need.files]
    assert len({file.save_as for file in every}) == len(every)
    listed = (settings.root / 'data/README.md').read_text(encoding='utf-8')
    for file in every:
        assert f'`{file.save_as}`' in listed
        assert (file.known_hash or 'sha1:unverified').split(':')[1] in listed
        assert file.addresses and all(address.rpartition('/')[2] in listed for address in file.addresses)
    # torchvision's weights, Berkeley's photos, the ORL faces: none is published
    assert sum(file.known_hash is None for file in every) == 3


def test_what_is_fetched_is_found_again(folders):
    learner, _ = folders
    for need in files.NEEDS:
        for file in need.files:
            place = learner / file.save_as
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(b'')
            assert files.find(need) == (file, place)
            place.unlink()


def test_an_archive_is_read_as_a_folder(tmp_path):
    path = tmp_path / 'a.zip'
    path.write_bytes(_zip(**{'top/one.txt': b'1', 'top/two.txt': b'2'}))
    [top] = as_folder(path).iterdir()
    inside = {entry.name: entry.read_bytes() for entry in top.iterdir()}
    assert top.is_dir() and inside == {'one.txt': b'1', 'two.txt': b'2'}
    assert as_folder(tmp_path) == tmp_path


@pytest.mark.parametrize('member', ['../outside.jpg', 'a/../../outside.jpg', '/etc/outside.jpg',
                                    '..\\outside.jpg'])
def test_an_archive_that_points_outside_itself_is_refused(tmp_path, member):
    path = tmp_path / 'a' / 'bad.zip'
    path.parent.mkdir()
    path.write_bytes(_zip(**{'fine.jpg': b'', member: b''}))
    with pytest.raises(CourseError, match='points outside the archive'):
        as_folder(path)
    assert _contents(tmp_path).keys() == {'a/bad.zip'}


@pytest.mark.parametrize('content', [b'<html>error</html>', b'', _zip(**{'a.jpg': GOOD})[:-30]])
def test_a_file_that_is_no_zip_is_one_sentence(tmp_path, content):
    path = tmp_path / 'page.zip'
    path.write_bytes(content)
    with pytest.raises(CourseError, match='is no zip archive, but'):
        as_folder(path)


@pytest.mark.parametrize('profile, data, times', [('embedded', 'a folder', 1), ('full', '.', 0),
                                                  ('embedded', '', 0)])
def test_a_data_folder_in_the_embedded_profile_is_mentioned_once(monkeypatch, capsys, profile, data, times):
    monkeypatch.setenv('D2LHELPERS_PROFILE', profile)
    monkeypatch.setenv('D2LHELPERS_DATA', data)
    files._say_once.cache_clear()
    files.mention_unused_data()
    files.mention_unused_data()
    told = 'In the embedded profile D2LHELPERS_DATA serves lesson 10 alone'
    assert capsys.readouterr().out.count(told) == times
