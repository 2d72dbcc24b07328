"""A throw-away Slurm cluster of one node: own folder, own ports, own munge; gone when the test ends."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

DAEMONS = ("munged", "slurmctld", "slurmd")
SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))

CONFIGURATION = """
ClusterName=throwaway
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=5
SchedulerParameters=bf_interval=1,sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE OverSubscribe=FORCE:4 State=UP
"""


def what_is_missing():
    """Names of programs that are not installed; empty when the cluster can be set up."""
    programs = (*DAEMONS, "sbatch", "scontrol", "squeue", "sinfo", "scancel")
    return [name for name in programs if shutil.which(name, path=SYSTEM_PATH) is None]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LocalCluster:
    """Use as a context manager. `environment` makes Slurm's commands talk to this cluster."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="styletransfer_slurm_"))
        # munge refuses a socket that other users could not reach, and a key that they could.
        self.folder.chmod(0o755)
        self.processes = []
        self.environment = {
            **os.environ,
            "PATH": SYSTEM_PATH,
            "SLURM_CONF": str(self.folder / "slurm.conf"),
        }
        try:
            self.set_up()
        except BaseException:
            self.tear_down()
            raise
        return self

    def __exit__(self, *_):
        self.tear_down()

    def set_up(self):
        for name, mode in (("munge", 0o755), ("key", 0o700), ("state", 0o755), ("spool", 0o755)):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(mode)
        key = self.folder / "key" / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                folder=self.folder,
                host=socket.gethostname().split(".")[0],
                user=pwd.getpwuid(os.getuid()).pw_name,
                controller_port=free_port(),
                node_port=free_port(),
                processors=os.cpu_count(),
            )
        )
        munge = self.folder / "munge"
        self.start(
            "munged", "--foreground", "--force", f"--socket={munge}/socket", f"--key-file={key}",
            f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed",
        )  # fmt: skip
        self.wait_until("munge answers", lambda: (munge / "socket").exists())
        self.start("slurmctld", "-D", "-i")
        self.start("slurmd", "-D")
        self.wait_until("the node is idle", lambda: "idle" in self.command("sinfo", "-h", "-o", "%T"))

    def start(self, *command):
        log = open(self.folder / f"{command[0]}.out", "w")
        self.processes.append(
            subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=self.folder)
        )
        log.close()

    def command(self, *command):
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout

    def wait_until(self, what, is_so, seconds=60):
        end = time.monotonic() + seconds
        while not is_so():
            for process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{process.args[0]} ended: {self.logs()}")
            if time.monotonic() > end:
                raise TimeoutError(f"in {seconds} s: {what}\n{self.logs()}")
            time.sleep(0.2)

    def logs(self):
        text = ""
        for path in sorted(self.folder.glob("*.log")) + sorted(self.folder.glob("*.out")):
            text += f"--- {path.name}\n" + path.read_text(errors="replace")[-2000:]
        return text

    def cancel_all(self):
        """Steps would outlive the daemons."""
        self.command("scancel", "--user", pwd.getpwuid(os.getuid()).pw_name)
        end = time.monotonic() + 20
        while self.command("squeue", "-h").strip() and time.monotonic() < end:
            time.sleep(0.2)

    def tear_down(self):
        if len(self.processes) == len(DAEMONS):
            self.cancel_all()
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
