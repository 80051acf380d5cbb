"""Review: from accepted reports to grades and rectifications."""

from decimal import Decimal

import pytest

from support import region, steps
from support.client import refused
from support.region import YEAR
from support.steps import ASSIGNMENTS, NEW, PILOT, ROUNDS, due_in

from .collect import Collect


class Review(Collect):
    """Panels are drawn, experts score, grades come out."""

    def test_experts_join_the_panel(self, year):
        for name in region.EXPERTS:
            year.people["chair"](
                "review.v1.ReviewerService/RegisterReviewer",
                reviewer={
                    "account_id": year.people[name].account_id,
                    "name": name,
                    "organisation_code": region.ACCOUNTS[name][1],
                    "past_employers": [{"organisation_code": code} for code in region.FORMER_EMPLOYERS.get(name, [])],
                    "expertise": ["51", "71", "75"],
                    "max_load": 20,
                },
            )
        listed = year.people["chair"].list("review.v1.ReviewerService/ListReviewers", "reviewers")
        assert sorted(each["name"] for each in listed) == sorted(region.EXPERTS)

    @pytest.mark.parametrize("scheme", [NEW, PILOT])
    def test_a_round_is_assigned_without_conflicts(self, year, scheme):
        chair = year.people["chair"]
        wanted = region.NEW_PROGRAMMES if scheme == NEW else region.PILOTS
        made = chair(f"{ROUNDS}/CreateRound", cycle_year=YEAR, scheme_code=scheme, due_time=due_in(20))["round"]
        year.rounds[scheme] = made["round_id"]
        assert (made["state"], made["entry_count"]) == ("STATE_DRAFT", len(wanted))
        entries = chair.list(f"{ROUNDS}/ListEntries", "entries", round_id=made["round_id"])
        assert sorted(entry["programme_code"] for entry in entries) == sorted(wanted)

        tried = chair(f"{ROUNDS}/AssignRound", round_id=made["round_id"], etag=made["etag"], dry_run=True)
        assert tried["assignments"] == 3 * len(wanted)
        assert chair(f"{ROUNDS}/GetRound", round_id=made["round_id"])["round"]["state"] == "STATE_DRAFT"
        assigned = chair(f"{ROUNDS}/AssignRound", round_id=made["round_id"], etag=made["etag"])
        assert assigned["conflicts_avoided"] > 0

        panels = {}
        for assignment in chair.list(f"{ASSIGNMENTS}/ListAssignments", "assignments", round_id=made["round_id"]):
            panels.setdefault(assignment["entry"]["entry_id"], set()).add(assignment["reviewer_account_id"])
        names = {caller.account_id: name for name, caller in year.people.items() if name != "commission"}
        for entry in entries:
            panel = [names[account_id] for account_id in panels[entry["entry_id"]]]
            assert len(panel) == 3
            for name in panel:
                employers = [region.ACCOUNTS[name][1], *region.FORMER_EMPLOYERS.get(name, [])]
                assert entry["organisation_code"] not in employers, f"{name} was given a programme of an employer"

        expert = year.people["expert-1"]
        seen = expert.list(f"{ASSIGNMENTS}/ListAssignments", "assignments", round_id=made["round_id"])
        assert seen == [], "reviewers see nothing before the round opens"
        opened = chair(f"{ROUNDS}/OpenRound", round_id=made["round_id"], etag=assigned["round"]["etag"])["round"]
        assert opened["state"] == "STATE_SCORING"

    @pytest.mark.parametrize("scheme", [NEW, PILOT])
    def test_reviewers_score_what_is_theirs(self, year, scheme):
        rules = year.nobody("review.v1.SchemeService/GetScheme", code=scheme)["scheme"]
        elements = [element["code"] for element in rules["elements"]]
        assert len(elements) == 10
        wanted = region.NEW_PROGRAMMES if scheme == NEW else region.PILOTS
        # The chair's list says in which place of its panel a reviewer is; the middle one decides.
        panels = {}
        chairs_list = year.people["chair"].list(
            f"{ASSIGNMENTS}/ListAssignments", "assignments", round_id=year.rounds[scheme], page_size=7
        )
        for assignment in chairs_list:
            panels.setdefault(assignment["entry"]["entry_id"], []).append(assignment["assignment_id"])
        theirs = 0
        for name in region.EXPERTS:
            expert = year.people[name]
            mine = expert.list(f"{ASSIGNMENTS}/ListAssignments", "assignments", round_id=year.rounds[scheme])
            for assignment in mine:
                theirs += 1
                entry = assignment["entry"]
                assert "result" not in entry
                base = Decimal(wanted[entry["programme_code"]][3])
                place = sorted(panels[entry["entry_id"]]).index(assignment["assignment_id"])
                offset = [Decimal("-1.5"), Decimal(0), Decimal("2.5")][place]
                scores = steps.scores(elements, base, offset)
                steps.score(expert, assignment, scores)
        assert theirs == 3 * len(wanted)
        if scheme == NEW:
            foreign = next(
                each for each in chairs_list if each["reviewer_account_id"] != year.people["expert-1"].account_id
            )
            with refused("NOT_FOUND"):
                year.people["expert-1"](f"{ASSIGNMENTS}/GetAssignment", assignment_id=foreign["assignment_id"])

    @pytest.mark.parametrize("scheme", [NEW, PILOT])
    def test_grades_come_out_of_the_cut_offs(self, year, scheme):
        chair = year.people["chair"]
        rules = year.nobody("review.v1.SchemeService/GetScheme", code=scheme)["scheme"]
        wanted = region.NEW_PROGRAMMES if scheme == NEW else region.PILOTS
        expected = {}
        for code, (_, _, _, points) in wanted.items():
            scores = steps.scores([element["code"] for element in rules["elements"]], Decimal(points))
            total = sum(Decimal(element["weight"]) * scores[element["code"]] for element in rules["elements"])
            band = next(band for band in rules["bands"] if total >= Decimal(band["cut_off"]))
            expected[code] = (band["grade"], total, band["rectify"])
        year.grades[scheme] = [grade for grade, _, _ in expected.values()]

        current = chair(f"{ROUNDS}/GetRound", round_id=year.rounds[scheme])["round"]
        assert current["submitted_count"] == current["assignment_count"]
        done = chair(f"{ROUNDS}/FinaliseRound", round_id=current["round_id"], etag=current["etag"])
        assert done["round"]["state"] == "STATE_FINALISED"
        assert done["rectifications_opened"] == sum(rectify for _, _, rectify in expected.values())
        for entry in chair.list(f"{ROUNDS}/ListEntries", "entries", round_id=current["round_id"]):
            grade, total, _ = expected[entry["programme_code"]]
            assert entry["result"]["grade"] == grade
            assert Decimal(entry["result"]["total"]) == total
        distribution = chair(f"{ROUNDS}/GetDistribution", round_id=current["round_id"])
        counted = {count["grade"]: count["count"] for count in distribution["counts"]}
        assert counted == {band["grade"]: year.grades[scheme].count(band["grade"]) for band in rules["bands"]}

    def test_every_c_and_c_minus_opens_a_rectification(self, year):
        low = [grade for grade in year.grades[NEW] if grade in ("C", "C-")]
        assert sorted(low) == ["C", "C", "C-"]
        method = "review.v1.RectificationService/ListRectifications"
        opened = year.people["chair"].list(method, "rectifications", round_id=year.rounds[NEW])
        assert sorted(each["grade"] for each in opened) == sorted(low)
        first = opened[0]
        assert first["state"] == "STATE_OPENED" and first["plan_due_date"]
        scores = [Decimal(finding["score"]) for finding in first["findings"]]
        assert scores == sorted(scores) and scores, "the weakest element comes first"
