import gzip
import os

from ingress.cli.up.log_files import Rotation


def grown(path, text):
    with path.open("a") as file:
        file.write(text)


def packed(path, number):
    return gzip.decompress(path.with_name(f"{path.name}.{number}.gz").read_bytes()).decode()


def test_a_large_log_is_set_aside_and_its_writer_goes_on_at_the_beginning(tmp_path):
    path = tmp_path / "relay.log"
    writer = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    rotation = Rotation(tmp_path, most_bytes=10, kept=2)
    for number, now in enumerate((0.0, 60.0, 120.0)):
        os.write(writer, f"line {number} of some length\n".encode())
        rotation.look(now)
    os.write(writer, b"short\n")
    os.close(writer)
    assert path.read_text() == "short\n"
    assert [packed(path, number) for number in (1, 2)] == ["line 2 of some length\n", "line 1 of some length\n"]
    assert not path.with_name("relay.log.3.gz").exists()


def test_a_small_log_and_what_was_looked_at_a_moment_ago_are_left_alone(tmp_path):
    small, large = tmp_path / "small.log", tmp_path / "large.log"
    grown(small, "short\n")
    rotation = Rotation(tmp_path, most_bytes=10)
    rotation.look(0.0)
    grown(large, "much longer than that\n")
    rotation.look(30.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.log", "small.log"]
    rotation.look(60.0)
    assert packed(large, 1) == "much longer than that\n"
    assert small.read_text() == "short\n"
