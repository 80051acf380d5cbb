"""A full disk under PostgreSQL: that of its tables, and that of its log, in which it is then broken off."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from support import servers
from support.client import Refused, refused
from support.small_disk import MEGABYTE, a_school_that_writes, body, fill, mounted, section, write

NOT_ROOT = "NOT RUN: only root mounts small file systems and runs PostgreSQL as another"


class Cluster:
    """A PostgreSQL whose tables lie on one small disk and whose log lies on another."""

    def __init__(self, home, tables, log):
        self.home, self.data = home, home / "data"
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self._port = servers.free_port()
        self.url = f"postgres://zhijian@127.0.0.1:{self._port}/small"
        for directory in (home, tables, log):
            shutil.chown(directory, "postgres")
        # PostgreSQL wants its log's directory empty, and so not the root of a file system.
        self._run("initdb", "--username", "zhijian", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8",
                  "--wal-segsize", "1", "--waldir", log / "wal")
        self.start()
        for statement in (
            f"CREATE TABLESPACE small LOCATION '{tables}'",
            "CREATE DATABASE small TABLESPACE small",
        ):
            self._as_postgres("psql", f"postgres://zhijian@127.0.0.1:{self._port}/postgres", "-qXc", statement)

    def start(self):
        # The log stays small, and what has been answered is on the disk.
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": self.home,
            "fsync": "on",
            "min_wal_size": "2MB",
            "max_wal_size": "8MB",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "--log", self.home / "log", "--wait", "--silent", "--options", options, "start")

    def is_running(self):
        return self._as_postgres("pg_ctl", "--pgdata", self.data, "status", check=False).returncode == 0

    def stop(self):
        if self.is_running():
            self._run("pg_ctl", "--mode", "immediate", "--silent", "stop")

    def drop(self):
        """The database goes with its cluster."""

    def _run(self, program, *arguments):
        return self._as_postgres(program, "--pgdata", self.data, *arguments)

    def _as_postgres(self, program, *arguments, check=True):
        command = ["runuser", "-u", "postgres", "--", self._bin / program, *arguments]
        # What the server inherits must not keep the test's own pipes open.
        with (self.home / "commands").open("ab") as output:
            return subprocess.run(
                command, check=check, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )


@pytest.fixture
def disks():
    """Two small disks that PostgreSQL's own user can reach: for the tables and for the log."""
    if os.geteuid() != 0:
        pytest.skip(NOT_ROOT)
    home = Path(tempfile.mkdtemp(prefix="cluster-", dir=os.environ.get("ZHIJIAN_TEST_SCRATCH")))
    tables, log = home / "tables", home / "log-disk"
    tables.mkdir()
    log.mkdir()
    try:
        with mounted(tables, megabytes=96), mounted(log, megabytes=48):
            yield home, tables, log
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def cluster(disks):
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("NOT RUN: no PostgreSQL is installed here")
    cluster = Cluster(*disks)
    yield cluster
    cluster.stop()


def audit_is_whole(server):
    environment = servers.clean_environment(ZHIJIAN_DATABASE_URL=server.database.url)
    command = [servers.BINARY, "audit", "verify", "--data", server.data]
    checked = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert checked.returncode == 0, checked.stderr


def answers(college, submission_id):
    """Whether the report is there; connections that broke off with the database may only be UNAVAILABLE, and not for long."""
    try:
        return section(college, submission_id)
    except Refused as error:
        assert error.code == "UNAVAILABLE", error
        return None


def test_a_full_disk_of_tables_loses_nothing(cluster, disks):
    _, tables, _ = disks
    server = servers.OneProcess("postgres", database=cluster)
    try:
        college, submission_id = a_school_that_writes(server)
        write(college, submission_id, body(0))
        ballast = fill(tables, leave=3 * MEGABYTE)
        written = 0
        with refused("RESOURCE_EXHAUSTED", reason="STORAGE_FULL") as refusal:
            for number in range(1, 200):
                write(college, submission_id, body(number))
                written = number
        assert "空间" in refusal[0].message
        # What was acknowledged stands; what was refused left no trace; what needs no room still works.
        assert section(college, submission_id)["body"] == body(written)
        assert cluster.is_running()

        ballast.unlink()
        write(college, submission_id, body(1000))
        assert section(college, submission_id)["body"] == body(1000)
        audit_is_whole(server)
    finally:
        server.stop()


def test_a_full_disk_of_the_log_loses_nothing(cluster, disks):
    _, _, log = disks
    server = servers.OneProcess("postgres", database=cluster)
    try:
        college, submission_id = a_school_that_writes(server)
        write(college, submission_id, body(0))
        ballast = fill(log, leave=0)
        written = 0
        with refused("UNAVAILABLE", "RESOURCE_EXHAUSTED") as refusal:
            for number in range(1, 200):
                write(college, submission_id, body(number))
                written = number
        assert "重试" in refusal[0].message or "空间" in refusal[0].message, refusal[0].message

        # PostgreSQL refuses, or stops, rather than promise what it cannot write. Even if it breaks off here, it mends itself
        # once there is room again, and the server finds it: until then it says that it is for a moment only.
        cluster.stop()
        ballast.unlink()
        cluster.start()
        servers.wait_for("the database", server.is_healthy, servers.START_SECONDS)
        servers.wait_for("the report", lambda: answers(college, submission_id), servers.START_SECONDS)
        # Whether the write whose answer never came was made is open; nothing else is.
        assert section(college, submission_id)["body"] in (body(written), body(written + 1))
        write(college, submission_id, body(1000))
        assert section(college, submission_id)["body"] == body(1000)
        audit_is_whole(server)
    finally:
        server.stop()
