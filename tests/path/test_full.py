"""A disk that fills in the middle of the work: refused in words, nothing acknowledged is lost, nothing half-applied."""

import subprocess

import pytest

from support import region, servers
from support.client import refused
from support.small_disk import MEGABYTE, a_school_that_writes, body, fill, mounted, section, write


@pytest.fixture
def small_disk(tmp_path):
    with mounted(tmp_path, megabytes=48) as disk:
        yield disk


def test_a_disk_that_fills_loses_nothing(small_disk):
    server = servers.OneProcess("sqlite", data=small_disk / "data")
    try:
        college, submission_id = a_school_that_writes(server)
        write(college, submission_id, body(0))
        ballast = fill(small_disk, leave=3 * MEGABYTE)
        written = 0
        with refused("RESOURCE_EXHAUSTED", reason="STORAGE_FULL") as refusal:
            for number in range(1, 200):
                write(college, submission_id, body(number))
                written = number
        assert "空间" in refusal[0].message
        # What was acknowledged stands; what was refused left no trace; what needs no room still works.
        assert section(college, submission_id)["body"] == body(written)

        ballast.unlink()
        write(college, submission_id, body(1000))
        assert section(college, submission_id)["body"] == body(1000)

        ballast = fill(small_disk, leave=0)
        with refused("RESOURCE_EXHAUSTED", "UNAVAILABLE"):
            for number in range(1001, 1200):
                write(college, submission_id, body(number))
                written = number
        server.kill()
        ballast.unlink()
        server.start("serve")
        college = server.caller.sign_in("college", region.PASSWORD)
        assert section(college, submission_id)["body"] == body(max(written, 1000))
        checked = subprocess.run(
            [servers.BINARY, "audit", "verify", "--data", server.data], check=False, capture_output=True, text=True
        )
        assert checked.returncode == 0, checked.stderr
    finally:
        server.stop()
