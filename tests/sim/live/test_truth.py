import msgspec
import pytest

from crossbook.base.errors import BadData
from crossbook.sim.live.truth import TruthLog, TruthWriter, read_truth_log
from tests.sim.live.made_up import make_log


def written(path, log: TruthLog):
    with TruthWriter(path) as writer:
        writer.write(log.head)
        for record in log.records:
            writer.write(record)
    return path


def test_a_log_reads_as_it_was_written(tmp_path):
    log = make_log(1)
    assert read_truth_log(written(tmp_path / "truth.jsonl", log)) == log


def test_every_line_is_in_the_file_as_soon_as_it_is_written(tmp_path):
    log = make_log(1)
    path = tmp_path / "truth.jsonl"
    with TruthWriter(path) as writer:
        writer.write(log.head)
        for count, record in enumerate(log.records[:20], 1):
            writer.write(record)
            assert read_truth_log(path).records == log.records[:count]


def test_a_last_line_that_was_cut_is_left_out_and_said(tmp_path):
    log = make_log(1)
    path = written(tmp_path / "truth.jsonl", log)
    path.write_bytes(path.read_bytes()[:-5])
    read = read_truth_log(path)
    assert read.cut
    assert read.records == log.records[:-1]


@pytest.mark.parametrize("broken", [b"{}", b'{"type":"posted"}', b"\xff", b'{"type":"delivered","at":1}'])
def test_a_line_that_is_no_record_is_named(tmp_path, broken):
    path = written(tmp_path / "truth.jsonl", make_log(1))
    lines = path.read_bytes().split(b"\n")
    lines[4] = broken
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(BadData, match="line 5"):
        read_truth_log(path)


def test_a_log_without_its_head_is_refused(tmp_path):
    path = written(tmp_path / "truth.jsonl", make_log(1))
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])
    with pytest.raises(BadData, match="line 1"):
        read_truth_log(path)


def test_two_worlds_never_share_a_log(tmp_path):
    path = written(tmp_path / "truth.jsonl", make_log(1))
    with pytest.raises(FileExistsError):
        TruthWriter(path)


def test_odds_are_exact_text(tmp_path):
    path = written(tmp_path / "truth.jsonl", make_log(1))
    odds = [msgspec.json.decode(line).get("odds") for line in path.read_bytes().splitlines()]
    assert "100/31" in odds or "50/21" in odds
