"""Frames of a child that may lie: what is kept of them, and what is passed over."""

import pytest

from autograder.grading.rpc.frames import checked

REPLY = {"status": "ok", "ename": "None", "evalue": "None", "traceback": []}


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "output", "kind": "stream", "content": {"name": "stdout", "text": "1"}, "parent": "cell-3"},
        {"type": "done", "id": "cell-3", "reply": {**REPLY, "status": "error", "traceback": ["a", "b"]}},
        {"type": "values", "id": "cell-3", "values": {"x": {"value": 1}}},
        {"type": "taken", "id": "cell-4"},
        {"type": "ask", "body": {"op": "len", "ref": 0}},
        {"type": "answer", "body": {"value": 3}},
    ],
)
def test_a_frame_in_its_shape_stays_as_it_is(frame):
    assert checked(frame) == frame
    assert checked({**frame, "more": 1}) == frame


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": ["done"]},
        {"type": "files", "files": {}, "environment": {}},
        {"type": "grade", "id": "cell-3", "code": "1", "count": 1},
        {"type": "done", "reply": REPLY},
        {"type": "done", "id": None, "reply": REPLY},
        {"type": "values", "id": {}, "values": {}},
        {"type": "output", "kind": ["stream"], "content": {}, "parent": "cell-3"},
        {"type": "output", "kind": "stream", "content": 5, "parent": "cell-3"},
        {"type": "output", "kind": "stream", "content": {}, "parent": [1]},
    ],
)
def test_a_frame_that_no_child_of_ours_sends_is_passed_over(frame):
    assert checked(frame) is None


@pytest.mark.parametrize("reply", [None, 5, {}, {"status": None, "traceback": 7}])
def test_a_reply_always_has_its_shape(reply):
    found = checked({"type": "done", "id": "cell-3", "reply": reply})
    assert found["reply"] == {"status": "None", "ename": "None", "evalue": "None", "traceback": []}


def test_what_is_no_object_becomes_an_empty_one():
    assert checked({"type": "ask", "body": 3}) == {"type": "ask", "body": {}}
    assert checked({"type": "values", "id": "a", "values": []})["values"] == {}


def test_an_output_of_no_request_has_no_parent():
    assert checked({"type": "output", "kind": "stream", "content": {}, "parent": None})["parent"] == ""
