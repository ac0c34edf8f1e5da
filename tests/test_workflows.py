"""What other machines read: workflows, issue forms, Dockerfile, development container; the commands that only
they can run to the end.
"""
import fnmatch
import http.server
import json
import os
import re
import shutil
import subprocess
import threading

from d2lhelpers.environment import inherited, settings
from d2lhelpers.errors import CourseError

import pytest
import yaml
from test_setup import make

from tools import audit, check_workflows, links

ROOT = settings.root
WORKFLOWS = sorted((ROOT / '.github/workflows').glob('*.yml'))
SECONDS = 3000  # that the steps of the Dockerfile may take: a busy machine, a slow index


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return yaml.safe_load(request.param.read_text())


def steps(workflow):
    return [step for job in workflow['jobs'].values() for step in job['steps']]


def test_there_is_a_workflow_for_each_occasion():
    assert [path.stem for path in WORKFLOWS] == ['canary', 'links', 'reading', 'tests']
    # YAML reads the key "on" as true
    occasions = {path.stem: yaml.safe_load(path.read_text())[True] for path in WORKFLOWS}
    assert 'push' in occasions['tests'] and occasions['reading']['push'] == {'branches': ['main']}
    for weekly in ('canary', 'links'):
        (when,) = occasions[weekly]['schedule']
        assert re.fullmatch(r'\d+ \d+ \* \* [0-6]', when['cron'])


def test_a_workflow_may_read_and_ends(workflow):
    assert workflow['permissions'] == {'contents': 'read'}
    assert all(0 < job['timeout-minutes'] <= 120 for job in workflow['jobs'].values())
    assert all(step['with']['persist-credentials'] is False for step in steps(workflow)
               if step.get('uses', '').startswith('actions/checkout'))


def test_a_workflow_calls_commands_of_the_course(workflow):
    doors = set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))
    runs = '\n'.join(step.get('run', '') for step in steps(workflow))
    called = re.findall(r'\bmake ([a-z-]+)', runs)
    assert called and set(called) <= doors


def test_the_canary_resolves_before_it_tests():
    text = (ROOT / '.github/workflows/canary.yml').read_text()
    assert text.index('rm requirements.lock') < text.index('make lock') < text.index('make test')


def test_the_form_for_faults_asks_for_what_is_needed():
    form = yaml.safe_load((ROOT / '.github/ISSUE_TEMPLATE/fault.yml').read_text())
    asked = {field['id']: field for field in form['body']}
    assert set(asked) == {'lesson', 'cell', 'profile', 'happened', 'doctor'}
    assert len(asked['profile']['attributes']['options']) == 2
    assert '-m d2lhelpers doctor' in asked['doctor']['attributes']['description']


def instructions():
    """Of the Dockerfile, continued lines joined: ``[('RUN', 'apt-get ...'), ...]``."""
    text = re.sub(r'\\\n\s*', '', (ROOT / 'Dockerfile').read_text())
    return [tuple(line.split(' ', 1)) for line in text.splitlines() if line and not line.startswith('#')]


def test_the_image_is_for_x86_64_and_nobody_is_root_in_it():
    said = instructions()
    assert all(what.startswith('--platform=linux/amd64 ') or ' AS course' in what
               for word, what in said if word == 'FROM')
    course = said[[what for _, what in said].index('system AS course'):]
    assert 'USER' not in dict(course) and dict(said)['USER'] == '1000'
    assert dict(course)['VOLUME'] == '/course/my' and 'mkdir my' in dict(course)['RUN']
    assert json.loads(dict(course)['CMD'])[:2] == ['make', 'lab']


def test_the_readme_says_how_to_use_the_image_and_that_nobody_has():
    text, said = (ROOT / 'README.md').read_text(), (ROOT / 'Dockerfile').read_text()
    build, run = re.findall(r'^# +(docker .*)$', said, re.MULTILINE)
    assert build in text and run in text
    never = text.partition('**Never run by us**')[2]
    for each in ('docker', 'development container', 'workflows'):
        assert each in never


def test_the_development_container_is_a_stage_of_the_dockerfile():
    container = json.loads((ROOT / '.devcontainer/devcontainer.json').read_text())
    folder = ROOT / '.devcontainer'
    assert (folder / container['build']['dockerfile']).resolve() == ROOT / 'Dockerfile'
    assert (folder / container['build']['context']).resolve() == ROOT
    assert f' AS {container["build"]["target"]}\n' in (ROOT / 'Dockerfile').read_text()
    assert f' {container["remoteUser"]} ' in (ROOT / 'Dockerfile').read_text()


def copied(folder):
    """What COPY takes: the files of git without those that .dockerignore names."""
    ignored = [line for line in (ROOT / '.dockerignore').read_text().splitlines() if not line.startswith('#')]
    names = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split('\0')
    for name in filter(None, names):
        if not any(fnmatch.fnmatch(f'{name}/', f'{pattern}/*') for pattern in ignored):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_the_image_takes_the_course_and_nothing_that_is_made(tmp_path):
    course = copied(tmp_path / 'course')
    assert (course / 'notebooks/01_fine_tuning_hotdog.ipynb').is_file() and (course / '.setup.sh').is_file()
    ignored = (ROOT / '.dockerignore').read_text().split()
    made = [line.rstrip('/') for line in (ROOT / '.gitignore').read_text().splitlines() if line.endswith('/')]
    assert not {name for name in made if name not in ignored and f'**/{name}' not in ignored} - {
        '*.egg-info', '.virtual_documents'}


@pytest.mark.long
def test_the_steps_of_the_image_work_in_a_plain_folder(tmp_path):
    """What RUN does in the stage of the course, from set-up to a course that opens. (Debian's packages, the
    user and docker itself are not tried.)
    """
    course = copied(tmp_path / 'course')
    said = instructions()
    run = dict(said[[what for _, what in said].index('system AS course'):])['RUN']
    run = run.replace('rm -rf "$HOME/.cache"', 'true')  # it would be the maker's
    environment = {name: value for name, value in inherited().items()
                   if not name.startswith(('D2LHELPERS', 'MAKE', 'OMP_', 'VIRTUAL_ENV'))}
    done = subprocess.run(['sh', '-c', run], cwd=course, env=environment, capture_output=True, text=True,
                          timeout=SECONDS)
    if 'packages could not be installed' in done.stderr or 'uv could not be fetched' in done.stderr:
        pytest.skip('no package index was reached, so the steps of the Dockerfile were not run')
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'FAIL' not in done.stdout and os.listdir(course / 'my') == []
    script = 'from d2lhelpers import my, settings; print(len(my.copy(settings.root)[0]))'
    opened = subprocess.run(['sh', '.setup.sh', 'python', '-c', script], cwd=course, env=environment,
                            capture_output=True, text=True, timeout=SECONDS, check=True)
    assert int(opened.stdout.splitlines()[-1]) == len(list((course / 'notebooks').rglob('*.ipynb')))


@pytest.mark.long
def test_the_linters_have_nothing_to_say(tmp_path):
    try:
        check_workflows.check()
    except CourseError as error:
        if re.search('dns error|Failed to fetch|error sending request', str(error)):
            pytest.skip('no package index was reached, so the linters were not run')
        raise


@pytest.mark.parametrize('fails', [(), (0,), (3, 4)])
def test_what_linters_say_is_told(monkeypatch, capsys, fails):
    called = []

    def run(command, **options):
        called.append(command)
        number = len(called) - 1
        said = f'complaint {number}\n' if number in fails else ''
        return subprocess.CompletedProcess(command, bool(said), said, '')

    monkeypatch.setattr(check_workflows.subprocess, 'run', run)
    if not fails:
        check_workflows.check()
        assert 'as they should be' in capsys.readouterr().out and len(called) == 5
        return
    with pytest.raises(CourseError) as error:
        check_workflows.check()
    assert str(error.value).split() == [word for number in fails for word in ('complaint', str(number))]


def looked_up(name, *holes):
    return {'name': name, 'version': '1.0',
            'vulns': [{'id': each, 'fix_versions': ['1.1']} for each in holes]}


def test_an_audit_that_looked_nothing_up_is_no_clean_bill():
    unknown = {'name': 'some', 'skip_reason': 'not found'}
    with pytest.raises(CourseError, match='Nothing is known of the 1 packages'):
        audit.report({'dependencies': [unknown]})
    assert audit.report({'dependencies': [unknown, looked_up('other')]})[:2] == [
        '1 packages were looked up.', 'Of 1 nothing is known: some.']
    with pytest.raises(CourseError, match='other 1.0: CVE-1, mended in 1.1'):
        audit.report({'dependencies': [unknown, looked_up('other', 'CVE-1')]})


def test_an_audit_without_pip_audit_is_one_sentence(monkeypatch):
    monkeypatch.setattr(audit.subprocess, 'run', lambda command, **options: subprocess.CompletedProcess(
        command, 2, '', 'some\nerror: no network\n'))
    with pytest.raises(CourseError, match=r'could not be fetched, or has failed \(error: no network\)'):
        audit.audit()


class _Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({'/there': 200, '/gone': 404, '/closed-to-programs': 403}[self.path])
        self.end_headers()

    def log_message(self, *args):
        pass


def test_links_that_lead_nowhere_are_told_with_their_pages(root, monkeypatch, capsys):
    monkeypatch.setenv('NO_PROXY', '127.0.0.1')
    monkeypatch.setattr(links, 'PAUSE', 0)
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, args=(.05,)).start()
        here = f'http://127.0.0.1:{server.server_port}'
        (root / 'README.md').write_text(f'[a]({here}/there#part) <{here}/closed-to-programs>\n`{here}/code`')
        links.check(root)
        assert '2 pages answer.' in capsys.readouterr().out
        (root / 'data/README.md').write_text(f'[b]({here}/gone) [b]({here}/gone) [c](http://127.0.0.1:9/x)')
        with pytest.raises(CourseError) as error:
            links.check(root)
        server.shutdown()
    assert str(error.value).splitlines() == [
        f'{here}/gone (404 Not Found): linked from data/README.md',
        'http://127.0.0.1:9/x (ConnectionError): linked from data/README.md']


def test_the_course_has_links_to_check():
    assert any('d2l.ai' in address for address in links.links())


def test_make_does_not_hide_a_failed_audit(tmp_path):
    """Its exit status reaches the caller."""
    shutil.copy(ROOT / 'Makefile', tmp_path)
    (tmp_path / '.setup.sh').write_text('exit 3\n')
    assert make(tmp_path, 'audit').returncode != 0
