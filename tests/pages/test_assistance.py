"""What a machine lays beside the rubric, in a real browser: passages with their places, findings, files, scores far off.

The round is made as in test_scoring.py, with a report whose text speaks to the rubric and carries a file.
"""

import hashlib

import pytest
import test_scoring as scoring

from support import region, steps
from support.steps import SUBMISSIONS
from test_material import choose, pdf, send

pytestmark = pytest.mark.story

FACULTY = "学校现有专任教师，其中双师型教师与行业导师的数量和结构逐年改善，教师队伍稳定。"
PRACTICE = "校内实训基地和岗位实习按计划落实，实践学时达到规定。"
SECTION = "talent"
TEXT = f"{region.BODY}\n\n## 队伍\n\n{FACULTY}\n\n## 实践\n\n{PRACTICE}"

desk = scoring.desk


def passages(browser, element):
    browser.driver.execute_script(f"document.querySelector('#beside-{element}').open = true")
    return browser.one(f"#beside-{element}")


def score(desk, place, points):
    """Hands in the same points for every element, over gRPC."""
    name, path = desk.panel[place]
    expert = desk.people[name]
    service = "review.v1.AssignmentService"
    sheet = expert(f"{service}/GetAssignment", assignment_id=path.rsplit("/", 1)[1])["assignment"]
    scores = [{**each, "points": points} for each in sheet["scores"]]
    fields = {"assignment_id": sheet["assignment_id"], "etag": sheet["etag"], "scores": scores}
    expert(f"{service}/SubmitScores", **fields)


def test_a_round_is_open_on_a_report_with_a_file(desk, tmp_path):
    desk.file = pdf(tmp_path / "责任声明（盖章）.pdf")
    hand_in = steps.hand_in

    def hand_in_with_a_file(caller, submission_id):
        listed = caller(f"{SUBMISSIONS}/ListSections", submission_id=submission_id)["sections"]
        section = next(each for each in listed if each["section_code"] == SECTION)
        caller(f"{SUBMISSIONS}/SaveSection", submission_id=submission_id, section={**section, "body": TEXT})
        browser = scoring.sign_in(desk, "high-school")
        browser.open(f"/submissions/{submission_id}/attachments")
        choose(browser, "annex.declaration", desk.file)
        send(browser, "annex.declaration")
        assert "文件已收下" in browser.text("main [role=status]")
        return hand_in(caller, submission_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "hand_in", hand_in_with_a_file)
        scoring.test_a_round_is_open(desk)


def test_passages_stand_beside_their_element_labelled_with_their_places(desk):
    name, path = desk.panel[0]
    browser = scoring.sign_in(desk, name)
    assert browser.open(path) == 200
    summary = browser.text("#beside-faculty summary")
    assert "AI 辅助智评" in summary and "不计分" in summary, summary
    beside = passages(browser, "faculty")
    assert FACULTY in beside.text.replace("\n", ""), beside.text
    assert "第 2 段（第 5 行）" in beside.text, beside.text
    marked = [mark.text for mark in browser.all("#beside-faculty mark")]
    assert "双师型教师" in "".join(marked), marked
    assert PRACTICE in passages(browser, "practice").text.replace("\n", "")
    assert not browser.all("#assistance"), "nothing is suggested before one's own sheet is in"
    for element in desk.browser.all("details.beside"):
        assert "AI 辅助智评" in element.find_element("css selector", "summary").text
    assert browser.judge() == []
    browser.screenshot("assistance/desk")


def test_the_files_of_the_report_are_opened_from_the_desk(desk):
    name, path = desk.panel[0]
    browser = scoring.sign_in(desk, name)
    browser.open(path)
    link = browser.one("#evidence-files a")
    assert link.text == desk.file.name
    address = link.get_attribute("href").removeprefix(browser.base)
    # Read by the page itself, so that the visit's own cookie goes along.
    script = """
        const done = arguments[1];
        fetch(arguments[0]).then(async answer => {
            const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
            const hex = [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
            done([answer.status, hex, answer.headers.get('content-disposition')]);
        });
    """
    status, digest, disposition = browser.driver.execute_async_script(script, address)
    assert (status, digest) == (200, hashlib.sha256(desk.file.read_bytes()).hexdigest())
    assert disposition.startswith("attachment"), disposition
    other, _ = desk.panel[1]
    browser = scoring.sign_in(desk, other)
    browser.open("/assignments")
    status, _, _ = browser.driver.execute_async_script(script, address)
    assert status == 404, "another's desk"


def test_scores_far_off_are_told_to_their_reviewer_afterwards_and_to_the_chair(desk):
    score(desk, 1, "80")
    score(desk, 2, "84")
    name, path = desk.panel[0]
    browser = scoring.sign_in(desk, name)
    browser.open(path)
    assert not browser.all("#assistance"), "nothing of the others before one's own"
    score(desk, 0, "40")
    browser.open(path)
    told = browser.text("#assistance")
    assert "AI 辅助智评" in told and "82" in told, told
    assert browser.judge() == []
    browser.screenshot("assistance/afterwards")
    browser = scoring.sign_in(desk, "chair")
    browser.open(f"/rounds/{desk.round}")
    told = browser.text("#assistance")
    assert "偏离专家组的评分" in told and "师资队伍" in told and "不计分" in told, told
    assert "没有询问模型" in told, "no model is configured"
    assert browser.judge() == []
    browser.screenshot("assistance/round")
    browser = scoring.sign_in(desk, "high-school")
    browser.open("/")
    assert "AI 辅助智评" not in browser.text()
