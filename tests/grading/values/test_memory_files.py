"""Large arrays cross in sealed files, and in no other ones."""

import fcntl
import os

import numpy as np
import pytest

from autograder.grading.values import budget
from autograder.grading.values.budget import CannotCross
from autograder.grading.values.decoder import Decoder
from autograder.grading.values.encoder import Encoder
from autograder.grading.values.memory_files import sealed
from tests.support.crossing import refuse


@pytest.fixture
def files():
    """Descriptors by the number that both sides know them by."""
    found: list[int] = []
    yield found
    for fd in found:
        os.close(fd)


def sent(value, files):
    def send(fd):
        files.append(fd)
        return len(files) - 1

    return Encoder(refuse, send_file=send).encode(value)


def received(data, files):
    return Decoder(refuse, take_file=files.__getitem__).decode(data)


def test_a_large_array_crosses_in_a_file_and_can_be_written_to(files):
    value = np.random.default_rng(0).random((3_000, 1_000))  # 24 MB: too large for the message
    data = sent([value, value.T[:, :7], np.arange(3)], files)
    assert len(files) == 1
    found = received(data, files)
    np.testing.assert_array_equal(found[0], value)
    found[0][0, 0] = -1
    assert received(data, files)[0][0, 0] == value[0, 0]  # a private copy


def test_without_files_a_large_array_does_not_cross():
    with pytest.raises(CannotCross):
        Encoder(refuse).encode(np.zeros((3_000, 1_000)))


def test_files_have_a_budget_too(files, monkeypatch):
    monkeypatch.setattr(budget, "LARGEST", 1 << 20)
    with pytest.raises(CannotCross):
        sent([np.zeros(1 << 20, "u1") + number for number in range(20)], files)


DATA = {"array": ["|u1", [1 << 20], "C", {"file": 0}]}


@pytest.mark.parametrize(
    "seals",
    [0, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL],
)
def test_a_file_that_could_be_changed_is_refused(files, seals):
    files.append(os.memfd_create("open", os.MFD_ALLOW_SEALING))
    os.truncate(files[0], 1 << 20)
    fcntl.fcntl(files[0], fcntl.F_ADD_SEALS, seals)
    with pytest.raises(CannotCross, match="sealed"):
        received(DATA, files)


def test_a_file_of_another_length_is_refused(files):
    files.append(sealed(memoryview(bytes((1 << 20) - 1))))
    with pytest.raises(CannotCross, match="length"):
        received(DATA, files)


def test_a_file_on_a_disk_is_refused(files, tmp_path):
    (tmp_path / "file").write_bytes(bytes(1 << 20))
    files.append(os.open(tmp_path / "file", os.O_RDONLY))
    with pytest.raises(CannotCross):
        received(DATA, files)


def test_a_pipe_is_refused(files):
    files.extend(os.pipe())
    with pytest.raises(CannotCross, match="memory file"):
        received(DATA, files)
