"""Starts what is tested: the binary in one process on SQLite or PostgreSQL, as separate processes, or on docker-compose."""

import fcntl
import itertools
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from functools import partial
from pathlib import Path

from .client import Caller, Refused, Servers

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("ZHIJIAN_BINARY", ROOT / "target/debug/zhijian"))
# What the demonstration's accounts sign in with, as `zhijian demo` prints it.
DEMO_PASSWORD = "zhijian-demo-2026"
SERVICES = ["identity", "submission", "review", "publication"]
START_SECONDS = 60
# An unoptimised build on two busy cores loads the demonstration in minutes, not seconds.
LOAD_SECONDS = 900


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def scratch_directory():
    return Path(tempfile.mkdtemp(prefix="server-", dir=os.environ.get("ZHIJIAN_TEST_SCRATCH")))


def clean_environment(**variables):
    """This process's environment without its own ZHIJIAN_* variables, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIJIAN_")}
    return {**kept, **variables}


def wait_for(what, condition, seconds, alive=lambda: None):
    """Polls until `condition` answers something true; `alive` raises when waiting has become pointless."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        alive()
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(0.1)


class Process:
    """One `zhijian` process with its output in a file."""

    def __init__(self, arguments, environment, log):
        self.arguments = arguments
        self.log = log
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                [BINARY, *arguments], env=environment, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )

    def check(self):
        if self._process.poll() is not None:
            raise AssertionError(f"zhijian {self.arguments} ended with {self._process.returncode}:\n{self.output()}")

    def output(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Asks it to stop, and returns its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._process.returncode


class Postgres:
    """Databases on the server that ZHIJIAN_TEST_POSTGRES_URL names."""

    def __init__(self):
        address = os.environ.get("ZHIJIAN_TEST_POSTGRES_URL")
        assert address, "PostgreSQL is wanted: set ZHIJIAN_TEST_POSTGRES_URL, or leave postgres out of --servers"
        self._server = address.rsplit("/", 1)[0]
        self._admin = address
        self.name = f"zhijian_path_{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{self.name}"')
        self.url = f"{self._server}/{self.name}"

    def drop(self):
        self._run(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    def _run(self, statement):
        psql = shutil.which("psql") or max(Path("/usr/lib/postgresql").glob("*/bin/psql"))
        subprocess.run([psql, self._admin, "-qXc", statement], check=True, stdin=subprocess.DEVNULL)


class Running:
    """A region that is being served: where to reach it, and how to end it."""

    def __init__(self, kind):
        self.kind = kind
        self.set_up_code = secrets.token_hex(8)
        self.directory = scratch_directory()
        self.addresses = {}
        self.http = ""
        self._servers = None

    @property
    def caller(self):
        """Nobody in particular, on these servers."""
        if self._servers is None:
            self._servers = Servers(self.addresses)
        return Caller(self._servers)

    def get(self, path, **headers):
        """The status, headers and body of GET `path`; redirects are followed, errors are answers too."""
        request = urllib.request.Request(self.http + urllib.parse.quote(path, safe="/?=&%"), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode(errors="replace")

    def is_healthy(self):
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def is_loaded(self):
        return "demonstration_load_time" in self.region()

    def region(self):
        """The region's description; empty before the set-up."""
        try:
            return self.caller("identity.v1.RegionService/GetRegion")["region"]
        except Refused as refusal:
            assert refusal.code == "NOT_FOUND", refusal
            return {}

    def _forget_addresses(self):
        if self._servers is not None:
            self._servers.close()
            self._servers = None

    def last_words(self):
        """The end of what each process has logged, for a failure's report."""
        return "\n".join(
            f"{log.name}:\n{log.read_text(errors='replace')[-4000:]}" for log in self.directory.glob("*.log")
        )

    def stop(self):
        self._forget_addresses()
        shutil.rmtree(self.directory, ignore_errors=True)


class OneProcess(Running):
    """`zhijian serve` or `zhijian demo`: every service in one process."""

    def __init__(self, kind, command="serve", wait_for_load=True, data=None, database=None):
        super().__init__(kind)
        self.data = data or self.directory / "data"
        self.database = database or (Postgres() if kind == "postgres" else None)
        self.process = None
        self.start(command, wait_for_load)

    def start(self, command, wait_for_load=True):
        port, grpc_port = free_port(), free_port()
        self.http = f"http://127.0.0.1:{port}"
        self.addresses = dict.fromkeys(SERVICES, f"127.0.0.1:{grpc_port}")
        variables = {"ZHIJIAN_SET_UP_CODE": self.set_up_code}
        if self.database:
            variables["ZHIJIAN_DATABASE_URL"] = self.database.url
        listen = ["--listen", f"127.0.0.1:{port}", "--grpc-listen", f"127.0.0.1:{grpc_port}"]
        arguments = [command, "--data", self.data, *listen]
        self.process = Process(arguments, clean_environment(**variables), self.directory / "server.log")
        try:
            wait_for("/healthz", self.is_healthy, START_SECONDS, self.process.check)
            if command == "demo" and wait_for_load:
                wait_for("the demonstration", self.is_loaded, LOAD_SECONDS, self.process.check)
        except BaseException:
            print(self.last_words())
            self.stop()
            raise

    def kill(self):
        """Ends the process at once, as a power cut would."""
        self.process.kill()
        self._forget_addresses()

    def settle(self):
        """Ends the process as an operator would."""
        status = self.process.stop()
        assert status == 0, f"the process ended with {status}: {self.process.output()}"
        self._forget_addresses()

    def load_again(self):
        """Ends the process and starts the demonstration again on the same data."""
        self.settle()
        self.start("demo")

    def stop(self):
        self.process.stop()
        if self.database:
            self.database.drop()
        shutil.rmtree(self.data, ignore_errors=True)
        super().stop()


class SeparateProcesses(Running):
    """Each service a process of its own, on PostgreSQL: as on docker-compose, without containers."""

    def __init__(self, kind, command="serve"):
        super().__init__(kind)
        self.database = Postgres()
        self.processes = []
        try:
            self._start(command)
        except BaseException:
            print(self.last_words())
            self.stop()
            raise

    def _start(self, command):
        port = free_port()
        self.http = f"http://127.0.0.1:{port}"
        self.addresses = {service: f"127.0.0.1:{free_port()}" for service in SERVICES}
        key = self.directory / "service.key"
        self.run(["keygen", key], {})
        variables = {
            "ZHIJIAN_DATABASE_URL": self.database.url,
            "ZHIJIAN_SERVICE_KEY_FILE": str(key),
            "ZHIJIAN_SET_UP_CODE": self.set_up_code,
            **{f"ZHIJIAN_{service.upper()}_URL": f"http://{address}" for service, address in self.addresses.items()},
        }
        self.run(["migrate"], variables)
        for service in [*SERVICES, "portal"]:
            arguments = ["serve", service, "--data", self.directory / service]
            if service == "portal":
                arguments += ["--listen", f"127.0.0.1:{port}"]
            else:
                arguments += ["--grpc-listen", self.addresses[service]]
            log = self.directory / f"{service}.log"
            self.processes.append(Process(arguments, clean_environment(**variables), log))
        for service, address in self.addresses.items():
            wait_for(service, partial(self.is_serving, address), START_SECONDS, self.check)
        wait_for("/healthz", self.is_healthy, START_SECONDS, self.check)
        self._load = partial(self.run, ["load-demo"], variables, LOAD_SECONDS)
        if command == "demo":
            self._load()

    def load_again(self):
        self._load()

    def run(self, arguments, variables, seconds=START_SECONDS):
        """Runs a command of the binary to its end."""
        done = subprocess.run(
            [BINARY, *arguments],
            env=clean_environment(ZHIJIAN_DATA=str(self.directory / "tool"), **variables),
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"zhijian {arguments}: {done.stdout}\n{done.stderr}"

    def is_serving(self, address):
        command = [BINARY, "health", f"http://{address}"]
        done = subprocess.run(
            command, env=clean_environment(), check=False, capture_output=True, stdin=subprocess.DEVNULL
        )
        return done.returncode == 0

    def check(self):
        for process in self.processes:
            process.check()

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        self.database.drop()
        super().stop()


class Compose(Running):
    """docker-compose.yml as it stands, under a project name and on ports of its own."""

    _numbers = itertools.count(1)

    def __init__(self, kind, command="serve"):
        super().__init__(kind)
        # Two may be up at once. tests/run takes down every project of this name if the tests are interrupted.
        name = os.environ.get("ZHIJIAN_TEST_COMPOSE_PROJECT", "zhijian-test")
        self.project = f"{name}-{next(self._numbers)}"
        self._compose = shlex.split(os.environ.get("ZHIJIAN_TEST_COMPOSE", "docker-compose"))
        ports = {service: free_port() for service in SERVICES}
        http_port = free_port()
        self.http = f"http://127.0.0.1:{http_port}"
        self.addresses = {service: f"127.0.0.1:{port}" for service, port in ports.items()}
        self._environment = clean_environment(
            ZHIJIAN_SET_UP_CODE=self.set_up_code,
            ZHIJIAN_HTTP_PORT=str(http_port),
            **{f"ZHIJIAN_{service.upper()}_PORT": str(port) for service, port in ports.items()},
        )
        try:
            self.run("up", "--detach", "--build", "portal", seconds=600)
            wait_for("/healthz", self.is_healthy, START_SECONDS)
            if command == "demo":
                self.load_again()
                assert self.is_loaded(), "the job load-demo ended without loading the demonstration"
        except BaseException:
            print(self.last_words())
            self.stop()
            raise

    def load_again(self):
        self.run("up", "--no-build", "load-demo", seconds=LOAD_SECONDS)

    def run(self, *arguments, seconds=120, check=True):
        command = [*self._compose, "--project-name", self.project, "--file", ROOT / "docker-compose.yml"]
        if "ZHIJIAN_TEST_COMPOSE_ENV" in os.environ:
            command += ["--env-file", os.environ["ZHIJIAN_TEST_COMPOSE_ENV"]]
        done = subprocess.run(
            [*command, *arguments],
            env=self._environment,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, f"docker-compose {arguments}: {done.stdout}\n{done.stderr}"
        return done

    def last_words(self):
        return self.run("logs", "--no-color", "--tail", "50", check=False).stdout

    def stop(self):
        self.run("down", "--volumes", check=False)
        super().stop()


KINDS = {"sqlite": OneProcess, "postgres": OneProcess, "separate": SeparateProcesses, "compose": Compose}


def start(kind, command="serve"):
    """Starts a fresh region ("serve") or one with the demonstration loaded ("demo")."""
    if (kind, command) == ("sqlite", "demo"):
        return start_copy()
    return KINDS[kind](kind, command)


def start_copy():
    """A demonstration on SQLite as it was just after its load. A run of the tests loads it once, and copies what came of it:
    a load takes an unoptimised build minutes."""
    shared = os.environ.get("ZHIJIAN_TEST_SCRATCH")
    if shared is None:
        return OneProcess("sqlite", "demo")
    # Another binary might load something else.
    loaded = Path(shared) / f"demonstration-{BINARY.stat().st_mtime_ns}"
    with open(loaded.with_suffix(".lock"), "w") as lock:
        # Stages that run at the same time wait for the one that loads.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not loaded.is_dir():
            first = OneProcess("sqlite", "demo")
            try:
                first.settle()
                first.data.rename(loaded)
            finally:
                first.stop()
    copied = scratch_directory() / "data"
    shutil.copytree(loaded, copied)
    return OneProcess("sqlite", "demo", data=copied)
