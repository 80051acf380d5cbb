"""Publication: from closed cycle to open data."""

import csv
import io
import json

from support import region, steps
from support.client import refused
from support.region import COLLEGE, HIGH_SCHOOL, YEAR, text
from support.steps import ASSIGNMENTS, NEW, RELEASES, ROUNDS, SUBMISSIONS

from .review import Review


def rows(body):
    return list(csv.reader(io.StringIO(body)))


def published(year, number):
    """The CSV of a table, as anybody may fetch it."""
    status, _, body = year.server.get(f"/open/v1/releases/{YEAR}/tables/{number}.csv")
    assert status == 200
    return body


class Publish(Review):
    """The release is compiled, noticed and published; the schools mend what was graded low."""

    def test_the_cycle_is_closed(self, year):
        commission = year.people["commission"]
        cycle = commission("submission.v1.CycleService/GetCycle", year=YEAR)["cycle"]
        closed = commission("submission.v1.CycleService/CloseCycle", year=YEAR, etag=cycle["etag"])["cycle"]
        assert closed["state"] == "STATE_CLOSED"

    def test_the_release_is_compiled(self, year):
        publisher = year.people["publisher"]
        publisher(f"{RELEASES}/CreateRelease", year=YEAR, title=text("五岭市质量年报", "Wuling quality report"))
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            publisher(f"{RELEASES}/OpenNotice", working_days=0, **steps.release(publisher))
        operation = publisher(f"{RELEASES}/CompileRelease", **steps.release(publisher))["operation"]
        watch = "common.v1.OperationService/WatchOperation"
        seen = [
            answer["operation"]
            for answer in publisher.stream(watch, at="publication", operation_id=operation["operation_id"])
        ]
        assert seen[-1]["state"] == "STATE_SUCCEEDED", seen[-1]
        assert seen[-1]["done"] == seen[-1]["total"] > 0
        tables = publisher("publication.v1.TableService/ListTables", year=YEAR)["tables"]
        numbers = ["2-1", "2-2", "2-3", "2-4", "2-5", "3-1", "3-2", "5-1", "6-1", "6-2"]
        assert [table["number"] for table in tables] == numbers

    def test_nothing_is_public_before_it_is_published(self, year):
        assert year.server.get(f"/open/v1/releases/{YEAR}/tables/2-2.csv")[0] == 404
        with refused("NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED"):
            year.nobody("publication.v1.TableService/GetTable", year=YEAR, number="2-2")
        college = year.people["college"]
        seen = college.list(f"{ROUNDS}/ListEntries", "entries", round_id=year.rounds[NEW])
        assert all("result" not in entry for entry in seen), "a school sees no grade before the round is revealed"

    def test_the_release_is_noticed_and_published(self, year):
        publisher = year.people["publisher"]
        with refused("PERMISSION_DENIED", reason="NOT_ALLOWED"):
            year.people["college"](f"{RELEASES}/OpenNotice", working_days=0, **steps.release(publisher))
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            publisher(f"{RELEASES}/PublishRelease", **steps.release(publisher))
        noticed = publisher(f"{RELEASES}/OpenNotice", working_days=0, **steps.release(publisher))["release"]
        assert noticed["state"] == "STATE_NOTICE"
        second = year.people["publisher-2"]
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            second(f"{RELEASES}/PublishRelease", **steps.release(second))
        proposed = publisher(f"{RELEASES}/ProposePublication", **steps.release(publisher))["release"]
        assert proposed["state"] == "STATE_NOTICE" and proposed["proposal"]["name"]
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            publisher(f"{RELEASES}/PublishRelease", **steps.release(publisher))
        published = second(f"{RELEASES}/PublishRelease", **steps.release(second))["release"]
        assert published["state"] == "STATE_PUBLISHED" and published["version"] == 1
        assert published["publish_time"]
        with refused("FAILED_PRECONDITION", reason="ILLEGAL_STATE"):
            publisher(f"{RELEASES}/CompileRelease", **steps.release(publisher))

    def test_publishing_releases_the_cycle_and_reveals_the_grades(self, year):
        cycle = year.nobody("submission.v1.CycleService/GetCycle", year=YEAR)["cycle"]
        assert cycle["state"] == "STATE_RELEASED"
        college = year.people["college"]
        submission = college(f"{SUBMISSIONS}/GetSubmission", submission_id=year.submissions[COLLEGE])["submission"]
        assert submission["state"] == "STATE_PUBLISHED"
        seen = college.list(f"{ROUNDS}/ListEntries", "entries", round_id=year.rounds[NEW])
        assert {entry["organisation_code"] for entry in seen} == {COLLEGE}
        own = [code for code, (school, *_) in region.NEW_PROGRAMMES.items() if school == COLLEGE]
        assert sorted(entry["programme_code"] for entry in seen if "result" in entry) == sorted(own)
        with refused("PERMISSION_DENIED", "NOT_FOUND"):
            college(f"{ASSIGNMENTS}/ListAssignments", round_id=year.rounds[NEW])

    def test_the_school_plans_its_rectification(self, year):
        school = year.people["high-school"]
        listing = "review.v1.RectificationService/ListRectifications"
        (first, *_) = school.list(listing, "rectifications")
        assert first["entry"]["organisation_code"] == HIGH_SCHOOL
        planned = school(
            "review.v1.RectificationService/PlanRectification",
            rectification_id=first["rectification_id"],
            etag=first["etag"],
            plan="一、修订人才培养方案；二、补齐实训条件；三、每月自查一次，学年末报告结果。",
        )["rectification"]
        assert planned["state"] == "STATE_PLANNED"

    def test_the_distribution_is_open_data(self, year):
        status, headers, body = year.server.get(f"/open/v1/releases/{YEAR}/tables/2-2.csv")
        assert status == 200
        assert headers.get_content_type() == "text/csv"
        bands = year.nobody("review.v1.SchemeService/GetScheme", code=NEW)["scheme"]["bands"]
        counted = [[band["grade"], str(year.grades[NEW].count(band["grade"]))] for band in bands]
        table = rows(body)
        assert table[0][:2] == ["等级", "数量"]
        assert [row[:2] for row in table[1:-1]] == counted
        assert table[-1][1] == str(len(region.NEW_PROGRAMMES))
        assert table[-1][2] == "100%"

        status, headers, body = year.server.get(f"/open/v1/releases/{YEAR}/tables/2-2.json")
        assert (status, headers.get_content_type()) == (200, "application/json")
        as_json = json.loads(body)
        assert as_json["number"] == "2-2"
        assert len(as_json["rows"]) == len(bands) + 1
        assert year.server.get(f"/open/v1/releases/{YEAR}/tables/9-9.csv")[0] == 404
        assert year.server.get("/open/v1/releases/1999/tables/2-2.csv")[0] == 404

    def test_the_indicator_tables_add_up_what_was_accepted(self, year):
        table = {row[0].split("（")[0]: row[1:] for row in rows(published(year, "2-1"))}
        both = ("higher", "secondary")
        for name, code in [("开设专业总数", "RES05"), ("专任教师数", "POL06"), ("校企合作开发课程数", "COP10")]:
            assert table[name] == [region.plain(region.total(year.figures, level, code)) for level in both]
        assert table["校内实践教学场所数"][1] == "—", "secondary schools are not asked"
        assert table["应届毕业生就业去向落实率"] == [
            region.percent(year.figures, level, "SC02", "SC01") for level in both
        ]
        assert table["在校生满意度"] == [region.satisfaction(year.figures, level) for level in both]
        secondary = [region.plain(region.total(year.figures, "secondary", code)) for code in
                     ("SVC06", "SVC08", "SVC11", "SVC17", "SVC15", "SVC18", "SVC19", "SVC20", "SVC21")]  # fmt: skip
        assert rows(published(year, "3-2"))[1] == secondary
        # The corrected figure of the second revision, and no row for a year without a cycle.
        higher = rows(published(year, "3-1"))
        assert len(higher) == 2
        assert higher[1][:2] == ["2025年", "190.72"]

    def test_the_lists_name_the_institutions(self, year):
        assert rows(published(year, "2-4"))[1:] == [["1", "北岭职业学院", "7"], ["2", "东岭职业高中", "3"]]
        assert rows(published(year, "2-5"))[1:] == [
            ["1", "北岭职业学院", "人力资源管理", "590202", "40", "岭南大学", "人力资源管理"],
            ["2", "南岭中等专业学校", "汽车运用与维修", "700206", "30", "岭南大学", "汽车工程技术"],
        ]

    def test_the_open_data_is_what_the_service_signed_for(self, year):
        for table in year.nobody("publication.v1.TableService/ListTables", year=YEAR)["tables"]:
            whole = year.nobody("publication.v1.TableService/GetTable", year=YEAR, number=table["number"])["table"]
            assert published(year, table["number"]) == whole["csv"]
            assert whole["content_hash"] == table["content_hash"]

    def test_the_public_page_shows_it(self, year):
        status, _, body = year.server.get(f"/releases/{YEAR}")
        assert status == 200
        assert "五岭市质量年报" in body
        assert "2-2" in body

    def test_every_change_left_a_trace(self, year):
        entries = year.people["commission"].list("identity.v1.AuditService/ListAuditEntries", "entries", page_size=200)
        actions = {entry["action"] for entry in entries}
        assert {"session.set_up", "cycle.open", "submission.submit", "submission.review", "round.finalise",
                "release.publish"} <= actions  # fmt: skip
        with refused("PERMISSION_DENIED", reason="NOT_ALLOWED"):
            year.people["college"]("identity.v1.AuditService/ListAuditEntries")
