"""Identity and submission: from an empty server to accepted reports."""

import uuid
from decimal import Decimal

from support import region, steps
from support.client import refused
from support.region import COLLEGE, COMMISSION, HIGH_SCHOOL, SCHOOLS, TRADE_SCHOOL, YEAR, text
from support.steps import SUBMISSIONS, due_in


class Collect:
    """The commission sets up, the schools report."""

    def test_reflection_and_health_are_on(self, year):
        services = year.nobody.servers.services()
        for service in ("identity.v1.SessionService", "submission.v1.SubmissionService", "review.v1.RoundService",
                        "publication.v1.ReleaseService"):  # fmt: skip
            assert f"zhijian.{service}" in services
        assert "grpc.health.v1.Health" in services
        # Health is asked of every server, not only of the first that has the service.
        for name in year.server.addresses:
            assert year.nobody("grpc.health.v1.Health/Check", at=name)["status"] == "SERVING"

    def test_the_first_account_wants_the_code_of_the_first_start(self, year):
        commission = region.organisation(COMMISSION, "KIND_COMMISSION", "五岭市教育委员会")
        request = {
            "sign_in_name": "commission",
            "display_name": "五岭市教委",
            "password": region.PASSWORD,
            "organisation": commission,
            "region": {"name": text("五岭市", "Wuling"), "note": text("测试用数据", "Made for a test")},
        }
        method = "identity.v1.SessionService/SetUp"
        with refused("PERMISSION_DENIED", "UNAUTHENTICATED", "INVALID_ARGUMENT"):
            year.nobody(method, set_up_code="not the code", **request)
        account = year.nobody(method, set_up_code=year.server.set_up_code, **request)["account"]
        assert account["roles"] == [{"role": "ROLE_COMMISSION", "organisation_code": COMMISSION}]
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            year.nobody(method, set_up_code=year.server.set_up_code, **request)
        with refused("UNAUTHENTICATED", reason="WRONG_CREDENTIALS"):
            year.nobody.sign_in("commission", "not the password")
        year.people["commission"] = year.nobody.sign_in("commission", region.PASSWORD)

    def test_the_commission_registers_organisations_and_people(self, year):
        commission = year.people["commission"]
        method = "identity.v1.OrganisationService/CreateOrganisation"
        with refused("UNAUTHENTICATED", reason="SIGN_IN_REQUIRED"):
            year.nobody(method, organisation=region.ORGANISATIONS[0])
        with refused("INVALID_ARGUMENT", reason="INVALID_FIELD") as wrong:
            commission(method, organisation={**region.ORGANISATIONS[0], "code": "12"})
        assert "organisation.code" in wrong[0].fields
        for organisation in region.ORGANISATIONS:
            commission(method, organisation=organisation)
        with refused("ALREADY_EXISTS", reason="ALREADY_EXISTS"):
            commission(method, organisation=region.ORGANISATIONS[0])
        listed = year.nobody.list("identity.v1.OrganisationService/ListOrganisations", "organisations", page_size=3)
        codes = [organisation["code"] for organisation in listed]
        assert codes == sorted([COMMISSION, *(each["code"] for each in region.ORGANISATIONS)])

        for name, (role, organisation) in region.ACCOUNTS.items():
            account = {
                "sign_in_name": name,
                "display_name": name,
                "roles": [{"role": role, "organisation_code": organisation}],
            }
            commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
            year.people[name] = year.nobody.sign_in(name, region.PASSWORD)
        with refused("PERMISSION_DENIED", reason="NOT_ALLOWED") as refusal:
            year.people["college"]("identity.v1.AccountService/ListAccounts")
        assert refusal[0].metadata["action"] == "account.read"

    def test_a_cycle_is_defined_and_opened(self, year):
        commission = year.people["commission"]
        cycle = commission(
            "submission.v1.CycleService/CreateCycle",
            cycle={
                "year": YEAR,
                "name": text(f"{YEAR}年度", f"Edition {YEAR}"),
                "window_start": f"{YEAR - 1}-09-01",
                "window_end": f"{YEAR}-08-31",
                "due_time": due_in(30),
                "catalogue_year": YEAR,
            },
        )["cycle"]
        assert cycle["state"] == "STATE_DRAFT"
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            year.people["college"](f"{SUBMISSIONS}/CreateSubmission", **steps.report(COLLEGE))
        with refused("PERMISSION_DENIED", reason="NOT_ALLOWED"):
            year.people["college"]("submission.v1.CycleService/OpenCycle", year=YEAR, etag=cycle["etag"])
        opened = commission("submission.v1.CycleService/OpenCycle", year=YEAR, etag=cycle["etag"])["cycle"]
        assert opened["state"] == "STATE_COLLECTING"
        with refused("ABORTED", reason="ETAG_MISMATCH"):
            commission("submission.v1.CycleService/CloseCycle", year=YEAR, etag=cycle["etag"])

    def test_programmes_are_imported_all_or_none(self, year):
        commission = year.people["commission"]
        method = "submission.v1.ProgrammeService/ImportProgrammes"
        wrong = [*region.PROGRAMMES, {**region.PROGRAMMES[0], "code": "12"}]
        with refused("INVALID_ARGUMENT", reason="INVALID_FIELD") as refusal:
            commission(method, programmes=wrong)
        assert any(f"programmes[{len(region.PROGRAMMES)}]" in field for field in refusal[0].fields)
        assert commission(method, programmes=region.PROGRAMMES, dry_run=True)["created"] == len(region.PROGRAMMES)
        listing = "submission.v1.ProgrammeService/ListProgrammes"
        assert year.nobody.list(listing, "programmes") == []
        assert commission(method, programmes=region.PROGRAMMES)["created"] == len(region.PROGRAMMES)
        new = year.nobody.list(
            listing, "programmes", opened_from=2022, opened_to=2024, exclude_pilots=True, page_size=4
        )
        assert sorted(programme["code"] for programme in new) == sorted(region.NEW_PROGRAMMES)

    def test_schools_fill_in_their_reports(self, year):
        for school in SCHOOLS:
            caller = year.people[region.SCHOOL_ACCOUNT[school]]
            request_id = str(uuid.uuid4())
            created = caller(f"{SUBMISSIONS}/CreateSubmission", request_id=request_id, **steps.report(school))
            again = caller(f"{SUBMISSIONS}/CreateSubmission", request_id=request_id, **steps.report(school))
            assert again == created, "a repeated request is answered as the first time"
            submission_id = created["submission"]["submission_id"]
            year.submissions[school] = submission_id

            asked = caller(f"{SUBMISSIONS}/GetCells", submission_id=submission_id)["cells"]
            reported = {cell["indicator_code"] for cell in asked if not cell["derived"]}
            assert reported == set(region.FIGURES[school]), (
                f"{school}: the catalogue asks for other figures than the test has"
            )
            saved = caller(
                f"{SUBMISSIONS}/SaveCells", submission_id=submission_id, cells=region.cells(region.FIGURES[school])
            )
            submission = saved["submission"]
            assert submission["state"] == "STATE_DRAFT"
            assert submission["filled_cells"] == submission["required_cells"] > 0
            derived = {cell["indicator_code"]: cell["value"]["number"] for cell in saved["cells"] if cell["derived"]}
            figures = {code: Decimal(region.FIGURES[school][code]) for code in ("SC01", "SC02")}
            assert Decimal(derived["SC04"]) == region.rounded(100 * figures["SC02"] / figures["SC01"])

            for section in caller(f"{SUBMISSIONS}/ListSections", submission_id=submission_id)["sections"]:
                section = {**section, "body": region.BODY}
                caller(f"{SUBMISSIONS}/SaveSection", submission_id=submission_id, section=section)
            checked = caller(f"{SUBMISSIONS}/CheckSubmission", submission_id=submission_id)
            assert checked["rules_run"] >= 10
            errors = [finding for finding in checked["findings"] if finding["severity"] == "SEVERITY_ERROR"]
            assert errors == []

    def test_schools_do_not_see_each_other(self, year):
        other = year.submissions[HIGH_SCHOOL]
        with refused("PERMISSION_DENIED", "NOT_FOUND"):
            year.people["college"](f"{SUBMISSIONS}/GetSubmission", submission_id=other)
        with refused("PERMISSION_DENIED", "NOT_FOUND"):
            year.people["college"](f"{SUBMISSIONS}/SaveCells", submission_id=other, cells=[])
        own = year.people["college"].list(f"{SUBMISSIONS}/ListSubmissions", "submissions", cycle_year=YEAR)
        assert [each["submission_id"] for each in own] == [year.submissions[COLLEGE]]

    def test_what_was_changed_meanwhile_is_not_overwritten(self, year):
        college = year.people["college"]
        submission_id = year.submissions[COLLEGE]
        stale = steps.cell(college, submission_id, "RES05")
        steps.save(college, submission_id, RES05="28")
        with refused("ABORTED", reason="ETAG_MISMATCH"):
            cells = [{"indicator_code": "RES05", "value": {"number": "29"}, "etag": stale["etag"]}]
            college(f"{SUBMISSIONS}/SaveCells", submission_id=submission_id, cells=cells)
        assert steps.cell(college, submission_id, "RES05")["value"] == {"number": "28"}
        steps.save(college, submission_id, RES05=region.FIGURES[COLLEGE]["RES05"])

    def test_an_error_blocks_until_it_is_mended(self, year):
        college = year.people["college"]
        submission_id = year.submissions[COLLEGE]
        steps.save(college, submission_id, SC02="1201")
        findings = college(f"{SUBMISSIONS}/CheckSubmission", submission_id=submission_id)["findings"]
        (finding,) = [each for each in findings if each["rule_code"] == "V03-SC02"]
        assert finding["severity"] == "SEVERITY_ERROR"
        assert {"SC01", "SC02"} <= set(finding["indicator_codes"])
        assert "1201" in finding["computation"]
        # No figure outside its kind's range gets in at all.
        with refused("INVALID_ARGUMENT", reason="INVALID_FIELD"):
            steps.save(college, submission_id, SC02="-1")
        with refused("INVALID_ARGUMENT", reason="INVALID_FIELD"):
            steps.save(college, submission_id, SC02="1e3")
        with refused("FAILED_PRECONDITION", reason="CHECKS_FAILED"):
            steps.hand_in(college, submission_id)
        steps.save(college, submission_id, SC02=region.FIGURES[COLLEGE]["SC02"])
        receipt = steps.hand_in(college, submission_id)["receipt"]
        assert receipt["revision_number"] == 1
        assert len(receipt["content_hash"]) == 64
        year.receipt = receipt

    def test_a_warning_wants_an_explanation(self, year):
        trade_school = year.people["trade-school"]
        submission_id = year.submissions[TRADE_SCHOOL]
        findings = trade_school(f"{SUBMISSIONS}/CheckSubmission", submission_id=submission_id)["findings"]
        warnings = [finding for finding in findings if finding["severity"] == "SEVERITY_WARNING"]
        assert [warning["rule_code"] for warning in warnings] == ["V03-BAS04"]
        with refused("FAILED_PRECONDITION", reason="CHECKS_FAILED"):
            steps.hand_in(trade_school, submission_id)
        explanation = "含长期聘用的校外兼课教师一名。"
        trade_school(
            f"{SUBMISSIONS}/ExplainFinding",
            submission_id=submission_id,
            finding_id=warnings[0]["finding_id"],
            explanation=explanation,
        )
        assert steps.hand_in(trade_school, submission_id)["submission"]["state"] == "STATE_SUBMITTED"
        findings = trade_school(f"{SUBMISSIONS}/CheckSubmission", submission_id=submission_id)["findings"]
        assert explanation in [finding["explanation"] for finding in findings]

    def test_a_report_is_returned_mended_and_accepted(self, year):
        commission, college = year.people["commission"], year.people["college"]
        submission_id = year.submissions[COLLEGE]
        with refused("PERMISSION_DENIED", reason="NOT_ALLOWED"):
            college(f"{SUBMISSIONS}/AcceptSubmission", **steps.current(college, submission_id))
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            steps.save(college, submission_id, TBK01="6")
        commission(f"{SUBMISSIONS}/StartSubmissionReview", **steps.current(commission, submission_id))
        comment = "请核对横向到款金额。"
        returned = commission(
            f"{SUBMISSIONS}/ReturnSubmission", comment=comment, **steps.current(commission, submission_id)
        )
        assert returned["submission"]["state"] == "STATE_RETURNED"
        assert returned["submission"]["return_comment"] == comment

        steps.save(college, submission_id, SVC06="190.72")
        receipt = steps.hand_in(college, submission_id)["receipt"]
        assert receipt["revision_number"] == 2
        assert receipt["content_hash"] != year.receipt["content_hash"]
        revisions = college(f"{SUBMISSIONS}/ListRevisions", submission_id=submission_id)["revisions"]
        assert [each["content_hash"] for each in revisions] == [year.receipt["content_hash"], receipt["content_hash"]]
        first = steps.cell(college, submission_id, "SVC06", revision_number=1)
        assert first["value"] == {"number": "190.71"}, "a submitted revision never changes"
        year.figures[COLLEGE]["SVC06"] = "190.72"

        steps.hand_in(year.people["high-school"], year.submissions[HIGH_SCHOOL])
        for school in SCHOOLS:
            accepted = commission(
                f"{SUBMISSIONS}/AcceptSubmission", **steps.current(commission, year.submissions[school])
            )
            assert accepted["submission"]["state"] == "STATE_ACCEPTED"
        events = college(f"{SUBMISSIONS}/ListEvents", submission_id=submission_id)["events"]
        states = [event["state"] for event in events if event["state"] != "STATE_DRAFT"]
        assert states[-3:] == ["STATE_APPROVED", "STATE_SUBMITTED", "STATE_ACCEPTED"]
        counts = commission(f"{SUBMISSIONS}/CountSubmissions", cycle_year=YEAR)["counts"]
        accepted = {count["report_kind"]: count["count"] for count in counts if count["state"] == "STATE_ACCEPTED"}
        assert accepted == {"higher": 1, "secondary": 2}
