"""What people do again and again in a quality year, each as one call."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from . import region
from .client import refused

SUBMISSIONS = "submission.v1.SubmissionService"
ASSIGNMENTS = "review.v1.AssignmentService"
RELEASES = "publication.v1.ReleaseService"
ROUNDS = "review.v1.RoundService"

# The schemes.
NEW = "new-programme-monitoring"
PILOT = "pilot-monitoring"


def due_in(days):
    """A deadline that many days from now, as JSON writes a time."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def report(school):
    """The fields that ask for a school's report."""
    return {"cycle_year": region.YEAR, "report_kind": region.REPORT_KIND[school], "organisation_code": school}


def cell(caller, submission_id, code, revision_number=0):
    """One cell as it stands, or as it stood in a revision."""
    answer = caller(f"{SUBMISSIONS}/GetCells", submission_id=submission_id, revision_number=revision_number)
    return next(cell for cell in answer["cells"] if cell["indicator_code"] == code)


def save(caller, submission_id, **figures):
    """Saves figures with the etags that the cells have now."""
    answer = caller(f"{SUBMISSIONS}/GetCells", submission_id=submission_id)
    etags = {cell["indicator_code"]: cell["etag"] for cell in answer["cells"]}
    cells = [{**cell, "etag": etags[cell["indicator_code"]]} for cell in region.cells(figures)]
    return caller(f"{SUBMISSIONS}/SaveCells", submission_id=submission_id, cells=cells)


def current(caller, submission_id):
    """The fields that name a submission as it stands."""
    submission = caller(f"{SUBMISSIONS}/GetSubmission", submission_id=submission_id)["submission"]
    return {"submission_id": submission_id, "etag": submission["etag"]}


def hand_in(caller, submission_id):
    """The head's declaration, where it is not given yet, then the submission."""
    submission = caller(f"{SUBMISSIONS}/GetSubmission", submission_id=submission_id)["submission"]
    if submission["state"] != "STATE_APPROVED":
        declaration = {"name": "王校长", "office": "校长"}
        caller(f"{SUBMISSIONS}/ApproveSubmission", declaration=declaration, **current(caller, submission_id))
    return caller(f"{SUBMISSIONS}/SubmitSubmission", **current(caller, submission_id))


def release(caller):
    """The fields that name the release as it stands."""
    answer = caller(f"{RELEASES}/GetRelease", year=region.YEAR)
    return {"year": region.YEAR, "etag": answer["release"]["etag"]}


def scores(elements, base, offset=Decimal(0)):
    """Points around `base`: the first element one below, the last one above, so that findings have an order."""
    lift = {elements[0]: Decimal(-1), elements[-1]: Decimal(1)}
    return {code: base + offset + lift.get(code, Decimal(0)) for code in elements}


def score(expert, assignment, points):
    """Keeps half a draft, is refused what is not whole or out of range, then hands in all."""
    fields = {"assignment_id": assignment["assignment_id"]}
    listed = [{"element_code": code, "points": str(each)} for code, each in points.items()]
    half = listed[: len(listed) // 2]
    saved = expert(f"{ASSIGNMENTS}/SaveScores", etag=assignment["etag"], scores=half, comment="初评。", **fields)
    fields["etag"] = saved["assignment"]["etag"]
    with refused("FAILED_PRECONDITION"):
        expert(f"{ASSIGNMENTS}/SubmitScores", scores=half, **fields)
    with refused("INVALID_ARGUMENT", reason="INVALID_FIELD"):
        expert(f"{ASSIGNMENTS}/SubmitScores", scores=[{**listed[0], "points": "100.5"}, *listed[1:]], **fields)
    done = expert(f"{ASSIGNMENTS}/SubmitScores", scores=listed, comment="终评。", **fields)["assignment"]
    assert done["state"] == "STATE_SUBMITTED"
