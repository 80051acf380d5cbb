"""Small file systems that can be filled to the last byte, and a school that writes until they are."""

import os
import random
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from . import region, steps
from .steps import SUBMISSIONS, due_in

MEGABYTE = 1024 * 1024
SECTION = "talent"


@contextmanager
def mounted(directory, megabytes):
    """A file system of its own on an empty directory; says loudly where none can be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", directory]
    outcome = subprocess.run(command, check=False, capture_output=True, text=True)
    if outcome.returncode != 0:
        pytest.skip(f"NOT RUN: no small file system can be mounted here: {outcome.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)


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
    """A text of some 150,000 characters that no other round has, and that no database can press together."""
    letters = random.Random(number).choices([chr(code) for code in range(0x4E00, 0x9000)], k=150_000)
    return f"第{number}稿。" + "".join(letters)
