"""``make slurm-engines``: ipyparallel's launcher for Slurm against a cluster of one node, this machine.

munge, slurmctld and slurmd run as root, in a temporary folder and in a network of their own (``unshare``),
which nobody else can reach; they end with the command, whatever happens to it. What this machine has
configured of Slurm is neither read nor written.
"""
import contextlib
import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from d2lhelpers import CourseError

from . import far_engines
from .command import status

_INSIDE = '--inside'
_SLURM = '''\
ClusterName=box
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# no cgroups, no accounts, no library of MPI: a container may have none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
# the two tasks may share a core
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=box Nodes={host} Default=YES OverSubscribe=FORCE:2 State=UP
'''


@contextlib.contextmanager
def slurm(folder):
    """Slurm on this machine alone; its commands find it by SLURM_CONF."""
    munged, controller, node, sinfo = far_engines.found('munged', 'slurmctld', 'slurmd', 'sinfo',
                                                        package='slurm-wlm munge')
    folder.chmod(0o711)  # munge refuses a socket that others could not reach
    key = folder / 'munge.key'
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    for name in ('state', 'spool'):
        (folder / name).mkdir()
    host = socket.gethostname().partition('.')[0]
    config = folder / 'slurm.conf'
    config.write_text(_SLURM.format(folder=folder, host=host, cores=os.cpu_count(),
                                    controller=far_engines.free_port(), node=far_engines.free_port()))
    os.environ['SLURM_CONF'] = str(config)
    commands = [[munged, '--foreground', f'--key-file={key}', f'--socket={folder}/munge.socket',
                 f'--pid-file={folder}/munge.pid', f'--log-file={folder}/munge.log',
                 f'--seed-file={folder}/munge.seed'],
                [controller, '-D', '-i', '-f', config], [node, '-D', '-f', config]]
    processes = []
    try:
        for command in commands:
            processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL))
            if command[0] == munged:
                far_engines.wait_for((folder / 'munge.socket').exists, 'munge did not start',
                                     folder / 'munge.log')
        state = [sinfo, '--noheader', '--format=%t']
        far_engines.wait_for(lambda: subprocess.run(state, capture_output=True, text=True).stdout.strip()
                             == 'idle', 'Slurm has no idle node', folder / 'slurmd.log', seconds=60)
        print(subprocess.run([sinfo], capture_output=True, text=True).stdout.rstrip())
        yield
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def main(inside=False):
    """Two engines, one job of two tasks."""
    if os.geteuid() != 0:
        raise CourseError('Slurm is started as root here: run this in a container.')
    if not inside:
        unshare, = far_engines.found('unshare', package='util-linux')
        os.execv(unshare, ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--',
                           sys.executable, '-m', 'tools.slurm_engines', _INSIDE])
    ip, = far_engines.found('ip', package='iproute2')
    # with 127.0.0.1 alone, names do not resolve
    for words in ('link set lo up', 'address add 192.0.2.1/32 dev lo'):
        subprocess.run([ip, *words.split()], check=True)
    with tempfile.TemporaryDirectory() as name, slurm(Path(name)):
        os.environ['IPYTHONDIR'] = f'{name}/ipython'
        import ipyparallel

        cluster = ipyparallel.Cluster(engines='slurm', n=2, controller_ip='127.0.0.1',
                                      controller_location='127.0.0.1', log_level=logging.ERROR)
        cluster.config.SlurmEngineSetLauncher.batch_file_name = f'{name}/engines.sbatch'
        far_engines.check(cluster, 2, 'SLURM_JOB_ID')


if __name__ == '__main__':
    sys.exit(status(main, _INSIDE in sys.argv))
