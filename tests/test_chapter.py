"""The fine-tuning chapter's own code, with the four repairs that this course explains and nothing else
changed.

The chapter is read where D2LHELPERS_CHAPTER says a folder holds it as a markdown document; none of it is kept
here. What stands in for the world around the code: made-up weights in Gluon's cache, 100 made-up photos on a
server of this machine in place of d2l's, and for the sake of time an epoch of five batches of 16.
"""
import hashlib
import http.server
import io
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from functools import partial
from pathlib import Path

from d2lhelpers import backbones

import numpy
import pytest
from PIL import Image

REPAIRS = {  # what is wrong -> what is right, each exactly once in the chapter
    # 1. The same layers in both networks: training the target would destroy the source
    'finetune_net.features = pretrained_net.features': 'finetune_net.features = '
                                                       'd2lhelpers.true_copy(pretrained_net.features)',
    # 2. An empty list on a machine without a GPU, and reset_ctx([]) then erases the weights
    'devices = d2l.try_all_gpus()': 'devices = d2l.try_all_gpus() or [npx.cpu()]',
    # 3. Without gradients, batch normalisation still works with the statistics of the batch
    "finetune_net.features.collect_params().setattr('grad_req', "
    "'null')": 'd2lhelpers.freeze(finetune_net, finetune_net.features)',
    # 4. 713 is photocopier
    '[713]': '[934]',
}

_RUN = '''
import json, sys

import d2lhelpers
from d2l import mxnet as d2l
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from mxnet import autograd, np, npx
from mxnet.gluon.model_zoo import model_store

job = json.load(open(sys.argv[1]))
d2l.DATA_URL = job['address']
model_store._model_sha1['resnet18_v2'] = job['sha1']
shell = TerminalInteractiveShell.instance()
shell.push(dict(d2lhelpers=d2lhelpers))
for block in job['blocks']:
    shell.run_cell(block).raise_error()
    if 'def train_fine_tuning' in block:
        shell.user_ns['train_fine_tuning'].__defaults__ = (16, 1)  # batch_size, num_epochs
source, target, row = (shell.user_ns[name] for name in ('pretrained_net', 'finetune_net', 'hotdog_w'))


def values(net):
    return [parameter.data().asnumpy() for parameter in net.collect_params().values()]


fresh = d2lhelpers.backbones.build('resnet18_v2', 1000)
fresh.load_parameters(job['weights'])
frozen = values(target.features)
pictures = np.random.uniform(size=(2, 3, 224, 224))
with autograd.record():
    target(pictures).sum().backward()
    training = target.features(pictures)
npx.waitall()
print(json.dumps(dict(
    source_kept=all((a == b).all() for a, b in zip(values(source), values(fresh), strict=True)),
    target_moved=sum(not (a == b).all() for a, b in zip(frozen, values(fresh.features), strict=True)),
    frozen_kept=all((a == b).all() for a, b in zip(frozen, values(target.features), strict=True)),
    frozen_drift=float(abs(training - target.features(pictures)).max()),
    row=row.shape, row_is_934=bool((row[0] == fresh.output.weight.data()[934]).all()))))
'''


def _document():
    folder = os.environ.get('D2LHELPERS_CHAPTER')
    if not folder:
        pytest.skip('D2LHELPERS_CHAPTER is not set: the chapter is not here')
    for path in sorted(Path(folder).iterdir()):
        text = path.read_text(encoding='utf-8', errors='replace') if path.is_file() else ''
        if ':label:`sec_fine_tuning`' in text and 'train_fine_tuning' in text:
            return text
    pytest.skip(f'{folder} does not hold the fine-tuning chapter')


def _photos():
    """In the layout of d2l's hotdog.zip: reddish and bluish noise."""
    generator = numpy.random.default_rng(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        for part, n in (('train', 40), ('test', 10)):
            for name, colour in (('hotdog', (200, 100, 50)), ('not-hotdog', (50, 100, 200))):
                for i in range(n):
                    picture = io.BytesIO()
                    noise = numpy.clip(generator.normal(colour, 60, (80, 60 + i, 3)), 0, 255).astype('uint8')
                    Image.fromarray(noise).save(picture, 'PNG')
                    archive.writestr(f'hotdog/{part}/{name}/{i}.png', picture.getvalue())
    return buffer.getvalue()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def test_the_chapters_own_code_runs(tmp_path):
    blocks = re.findall(r'```\{\.python \.input[^}]*\}\n(.*?)```', _document(), re.DOTALL)
    assert len(blocks) == 13
    for wrong, right in REPAIRS.items():
        assert sum(block.count(wrong) for block in blocks) == 1
        blocks = [block.replace(wrong, right) for block in blocks]

    (tmp_path / 'server').mkdir()
    (tmp_path / 'server/hotdog.zip').write_bytes(_photos())
    weights = tmp_path / 'weights.params'
    backbones.build('resnet18_v2', 1000).save_parameters(str(weights))
    sha1 = hashlib.sha1(weights.read_bytes()).hexdigest()
    cached = tmp_path / f'mxnet/models/resnet18_v2-{sha1[:8]}.params'
    cached.parent.mkdir(parents=True)
    cached.write_bytes(weights.read_bytes())
    (tmp_path / 'work').mkdir()  # the chapter writes to ../data

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), partial(_Quiet, directory=tmp_path / 'server'))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    job = tmp_path / 'job.json'
    job.write_text(json.dumps({'address': f'http://127.0.0.1:{server.server_port}/', 'sha1': sha1,
                               'weights': str(weights), 'blocks': blocks}))
    environment = os.environ | {'MXNET_HOME': str(tmp_path / 'mxnet'), 'NO_PROXY': '127.0.0.1',
                                'MPLBACKEND': 'Agg',
                                'IPYTHONDIR': str(tmp_path / 'ipython')}
    run = subprocess.run([sys.executable, '-c', _RUN, str(job)], cwd=tmp_path / 'work', env=environment,
                         capture_output=True, text=True)
    server.shutdown()
    server.server_close()
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-3000:]
    assert len(re.findall(r'loss \d\.\d+, train acc', run.stdout)) == 2
    seen = json.loads(run.stdout.splitlines()[-1])
    assert (
        seen['source_kept']
        and seen['target_moved'] > 50
        and seen['frozen_kept']
        and seen['frozen_drift'] < 1e-5
    )
    assert seen['row'] == [1, 512] and seen['row_is_934']
