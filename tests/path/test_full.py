"""A disk that fills in the middle of the work: refused in words, nothing acknowledged is lost, nothing half-applied."""

import os
import shutil
import subprocess

import pytest

from support import region, servers, steps
from support.client import refused
from support.steps import SUBMISSIONS, due_in

MEGABYTE = 1024 * 1024
SECTION = "talent"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 48 MiB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", tmp_path], check=False, capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"NOT RUN: no small file system can be mounted here: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(disk, leave):
    """Takes all but `leave` bytes of the disk; what is returned gives them back when it is removed."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        file.write(b"x" * max(0, shutil.disk_usage(disk).free - leave))
        file.flush()
        os.fsync(file.fileno())
    return ballast


def a_school_that_writes(server):
    """A school with a report in draft, and the id of the report."""
    nobody = server.caller
    commission = region.organisation(region.COMMISSION, "KIND_COMMISSION", "五岭市教育委员会")
    nobody(
        "identity.v1.SessionService/SetUp",
        set_up_code=server.set_up_code,
        sign_in_name="commission",
        display_name="五岭市教委",
        password=region.PASSWORD,
        organisation=commission,
        region={"name": region.text("五岭市", "Wuling"), "note": region.text("测试用数据", "Made for a test")},
    )
    commission = nobody.sign_in("commission", region.PASSWORD)
    for organisation in region.ORGANISATIONS:
        commission("identity.v1.OrganisationService/CreateOrganisation", organisation=organisation)
    account = {
        "sign_in_name": "college",
        "display_name": "college",
        "roles": [{"role": "ROLE_SCHOOL", "organisation_code": region.COLLEGE}],
    }
    commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
    cycle = commission(
        "submission.v1.CycleService/CreateCycle",
        cycle={
            "year": region.YEAR,
            "name": region.text("2025年度", "Edition 2025"),
            "window_start": "2024-09-01",
            "window_end": "2025-08-31",
            "due_time": due_in(30),
            "catalogue_year": region.YEAR,
        },
    )["cycle"]
    commission("submission.v1.CycleService/OpenCycle", year=region.YEAR, etag=cycle["etag"])
    college = nobody.sign_in("college", region.PASSWORD)
    created = college(f"{SUBMISSIONS}/CreateSubmission", **steps.report(region.COLLEGE))
    return college, created["submission"]["submission_id"]


def section(college, submission_id):
    sections = college(f"{SUBMISSIONS}/ListSections", submission_id=submission_id)["sections"]
    return next(each for each in sections if each["section_code"] == SECTION)


def write(college, submission_id, body):
    current = section(college, submission_id)
    college(f"{SUBMISSIONS}/SaveSection", submission_id=submission_id, section={**current, "body": body})


def body(number):
    """A text of 150,000 characters that no other round has."""
    return f"第{number}稿。" + "学校据实填报。" * 21_000


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
