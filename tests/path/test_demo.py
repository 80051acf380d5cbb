"""The demonstration region: what it publishes is what the real report prints, and a second load changes nothing."""

import csv
import io
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from support.servers import BINARY, DEMO_PASSWORD, LOAD_SECONDS, ROOT, OneProcess, clean_environment, wait_for

# The real report's tables as printed; the project carries a copy.
PRINTED = [ROOT.parent / "shared/data/beijing-2025/tables", ROOT / "services/zhijian/demo-data/beijing-2025"]

ALL_OF_A_TABLE = ["2-1", "3-1", "3-2", "5-1", "6-1", "6-2"]


def read(body):
    return list(csv.reader(io.StringIO(body)))


def printed(number):
    file = next(folder / f"t{number}.csv" for folder in PRINTED if folder.is_dir())
    return read(Path(file).read_text(encoding="utf-8-sig"))


def published(server, number, year=2025):
    status, _, body = server.get(f"/open/v1/releases/{year}/tables/{number}.csv")
    assert status == 200
    return read(body)


def columns(table, *places):
    return [[row[place] for place in places] for row in table]


class TestDemonstration:
    def test_the_copied_tables_are_the_real_ones(self, demonstration):
        shared, copied = PRINTED
        if shared.is_dir():
            for file in copied.glob("t*.csv"):
                assert file.read_bytes() == (shared / file.name).read_bytes()

    @pytest.mark.parametrize("number", ALL_OF_A_TABLE)
    def test_indicator_tables_equal_the_printed_ones(self, demonstration, number):
        assert published(demonstration, number) == printed(number)

    @pytest.mark.parametrize("number", ["2-2", "2-3"])
    def test_grades_are_counted_as_printed(self, demonstration, number):
        # The shares are computed anew: the report forces some to add up to 100 %.
        assert columns(published(demonstration, number), 0, 1, 3, 4) == columns(printed(number), 0, 1, 3, 4)

    def test_every_share_is_that_of_the_counts(self, demonstration):
        for number, places in [("2-2", 1), ("2-3", 2)]:
            table = published(demonstration, number)
            whole = int(table[-1][1])
            for row in table[1:-1]:
                assert float(row[2].rstrip("%")) == pytest.approx(
                    100 * int(row[1]) / whole, abs=0.5 * 10**-places + 1e-9
                )

    def test_textbooks_are_selected_as_printed(self, demonstration):
        ours, real = published(demonstration, "2-4"), printed("2-4")
        assert columns(ours, 0) == columns(real, 0)
        assert Counter(row[2] for row in ours) == Counter(row[2] for row in real)
        assert sum(int(row[2]) for row in ours[1:]) == 101
        assert all("演示" in row[1] for row in ours[1:])

    def test_pathways_are_planned_as_printed(self, demonstration):
        ours, real = published(demonstration, "2-5"), printed("2-5")
        assert ours[0] == real[0]
        # Institutions and partners are invented; programmes, codes and places are the plan's.
        assert columns(ours, 0, 3, 4) == columns(real, 0, 3, 4)
        assert sum(int(row[4]) for row in ours[1:]) == 1035
        assert all("演示" in row[1] for row in ours[1:])

    @pytest.mark.parametrize("number", ["3-1", "6-1", "6-2"])
    def test_the_year_before_was_released_too(self, demonstration, number):
        heading, earlier = published(demonstration, number, 2024)
        assert heading == printed(number)[0]
        assert earlier == printed(number)[2]

    def test_json_says_the_same(self, demonstration):
        for number in [*ALL_OF_A_TABLE, "2-2", "2-3", "2-4", "2-5"]:
            status, headers, body = demonstration.get(f"/open/v1/releases/2025/tables/{number}.json")
            assert (status, headers.get_content_type()) == (200, "application/json")
            table = json.loads(body)
            assert table["number"] == number
            assert len(table["rows"]) == len(published(demonstration, number)) - 1

    def test_the_map_shows_what_was_withdrawn(self, demonstration):
        status, _, body = demonstration.get("/open/v1/programmes.json?where=withdrawn_year:gt:0")
        years = Counter(row["withdrawn_year"]["value"] for row in json.loads(body)["rows"])
        assert (status, years) == (200, {"2024": 9, "2025": 15, "2026": 5})
        caller = demonstration.caller
        shown = caller("publication.v1.MapService/GetMap", filter={"year": 2025})
        assert shown["total"]["withdrawn"] == 15 and shown["total"]["opened"] == 78

    def test_the_region_has_its_institutions_all_marked(self, demonstration):
        method = "identity.v1.OrganisationService/ListOrganisations"
        organisations = demonstration.caller.list(method, "organisations", page_size=200)
        kinds = Counter(organisation["kind"] for organisation in organisations)
        assert kinds["KIND_HIGHER_VOCATIONAL"] == 25
        assert kinds["KIND_SPECIALISED_SECONDARY"] == 23
        assert kinds["KIND_VOCATIONAL_HIGH"] == 28
        assert kinds["KIND_DISTRICT_COMMISSION"] == 17
        assert all(organisation["demonstration"] for organisation in organisations)
        assert all("演示" in organisation["name"]["zh"] for organisation in organisations)

    def test_two_years_are_released_and_the_next_is_collecting(self, demonstration):
        cycles = demonstration.caller.list("submission.v1.CycleService/ListCycles", "cycles")
        assert {cycle["year"]: cycle["state"] for cycle in cycles} == {
            2026: "STATE_COLLECTING",
            2025: "STATE_RELEASED",
            2024: "STATE_RELEASED",
        }

    def test_every_role_can_sign_in_and_act(self, demonstration):
        for name, role in [
            ("school", "ROLE_SCHOOL"),
            ("reviewer", "ROLE_REVIEWER"),
            ("chair", "ROLE_CHAIR"),
            ("publisher", "ROLE_PUBLISHER"),
            ("publisher-2", "ROLE_PUBLISHER"),
            ("commission", "ROLE_COMMISSION"),
        ]:
            caller = demonstration.caller.sign_in(name, DEMO_PASSWORD)
            session = caller("identity.v1.SessionService/GetSession")
            assert role in [grant["role"] for grant in session["account"]["roles"]]

    def test_there_are_189_reports_a_year(self, demonstration):
        commission = demonstration.caller.sign_in("commission", DEMO_PASSWORD)
        method = "submission.v1.SubmissionService/ListSubmissions"
        released = commission.list(method, "submissions", cycle_year=2025, page_size=100)
        kinds = Counter(submission["report_kind"] for submission in released)
        assert kinds == {"higher": 25, "secondary": 51, "district": 17, "enterprise": 96}
        assert {submission["state"] for submission in released} == {"STATE_PUBLISHED"}
        collecting = commission.list(method, "submissions", cycle_year=2026, page_size=100)
        states = {submission["state"] for submission in collecting}
        assert states >= {"STATE_DRAFT", "STATE_SUBMITTED", "STATE_UNDER_REVIEW", "STATE_RETURNED", "STATE_ACCEPTED"}

    def test_every_c_and_c_minus_is_followed(self, demonstration):
        chair = demonstration.caller.sign_in("chair", DEMO_PASSWORD)
        method = "review.v1.RectificationService/ListRectifications"
        grades = Counter(each["grade"] for each in chair.list(method, "rectifications", page_size=100))
        real = {row[0]: int(row[1]) for row in printed("2-2")[1:]}
        assert grades == {"C": real["C"], "C-": real["C-"]}

    def test_a_second_load_changes_nothing(self, demonstration):
        def newest():
            commission = demonstration.caller.sign_in("commission", DEMO_PASSWORD)
            return commission("identity.v1.AuditService/ListAuditEntries", page_size=1)["entries"][0]["entry_id"]

        before, region = newest(), demonstration.region()
        demonstration.load_again()
        assert demonstration.region() == region
        assert newest() == before


def test_an_interrupted_load_goes_on_where_it_stopped():
    server = OneProcess("sqlite", "demo", wait_for_load=False)
    try:

        def is_midway():
            cycles = server.caller.list("submission.v1.CycleService/ListCycles", "cycles")
            return 2025 in [cycle["year"] for cycle in cycles]

        wait_for("the cycle of 2025", is_midway, LOAD_SECONDS, server.process.check)
        server.kill()
        assert not server.is_healthy()
        server.start("demo")
        for number in ALL_OF_A_TABLE:
            assert published(server, number) == printed(number)
        assert columns(published(server, "2-2"), 0, 1) == columns(printed("2-2"), 0, 1)
        said = server.process.output()
        for word in (server.http, DEMO_PASSWORD, "school", "reviewer", "chair", "publisher", "commission"):
            assert word in said, "the address and one sign-in per role are printed"
        assert server.process.stop() == 0
        verify = [BINARY, "audit", "verify", "--data", server.data]
        verified = subprocess.run(verify, env=clean_environment(), capture_output=True, text=True, check=False)
        assert verified.returncode == 0, verified.stderr
    finally:
        server.stop()
