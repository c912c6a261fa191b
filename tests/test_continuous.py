"""Chapter 14 on other people's files: what is wrong is said in one sentence that names it, and
nothing else is read or written."""
import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from slr_tiny.core import InputError
from slr_tiny.datasets.composed import Composition, compose, split_sentences
from slr_tiny.datasets.sentences import PHOENIX_2014, PHOENIX_2014T, drop_too_long, encode
from slr_tiny.datasets.sentences import read_corpus, read_images, read_pose_sentences
from slr_tiny.datasets.sentences import vocabulary
from slr_tiny.models.ctc import CTCConfig, Stream, StreamingCTC, pad_sentences
from slr_tiny.pose.normalization import Preprocess
from slr_tiny.training.continuous import load_network
from slr_tiny.training.decoding import Segment, word_errors, write_elan_csv, write_webvtt
from slr_tiny.training.sentence_losses import recipe_for

HEADER = "name|video|start|end|speaker|orth|translation"

def one_sentence(error):
    "What is said: one line, one sentence, not too long."
    said = str(error.value)
    assert "\n" not in said and said.endswith((".", "?")) and 20 < len(said) < 600
    return said

def corpus(root, *rows, header=HEADER, frames=2):
    "A copy of PHOENIX-2014T's layout."
    path = root / "annotations/manual/PHOENIX-2014-T.train.corpus.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    for row in rows:
        folder = root / "features/fullFrame-210x260px/train" / row.split("|")[0]
        if not row.split("|")[0].strip() or ".." in row: continue
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(frames):
            cv2.imwrite(str(folder / f"images{number:04d}.png"), np.zeros((26, 21, 3), np.uint8))
    return path

GOOD = "morgen-1|morgen-1/1/*.png|-1|-1|Signer04|MORGEN REGEN|morgen regnet es ."

@pytest.mark.parametrize(("header", "rows", "named"), [
    ("name|video|start|end|speaker|translation", [GOOD.replace("|MORGEN REGEN", "")], "orth"),
    ("id|folder|signer|annotation", ["a|a/1/*.png|Signer01|REGEN"], "name"),
    ("", [], "name"),
    (HEADER, [], "corpus.csv"),
    (HEADER, [GOOD, "morgen-2|x|-1|-1|Signer01||text"], "morgen-2"),
    (HEADER, [GOOD, "morgen-2|x|-1|-1|Signer01|__ON__ __OFF__|text"], "morgen-2"),
    (HEADER, [GOOD, "morgen-2|x|-1|-1|Signer01"], "line 3"),
    (HEADER, [GOOD, GOOD], "morgen-1"),
    (HEADER, [GOOD.replace("morgen-1", "../etc")], "../etc"),
    (HEADER, [GOOD.replace("morgen-1|", " |", 1)], "line 2")])
def test_a_list_that_is_wrong(tmp_path, header, rows, named):
    corpus(tmp_path, *rows, header=header)
    with pytest.raises(InputError) as error: read_corpus(tmp_path, "train")
    assert named in one_sentence(error)

def test_a_missing_video(tmp_path):
    corpus(tmp_path, GOOD, GOOD.replace("morgen-1", "morgen-2"))
    folder = tmp_path / "features/fullFrame-210x260px/train/morgen-2"
    for file in folder.iterdir(): file.unlink()
    with pytest.raises(InputError) as error: read_corpus(tmp_path, "train")
    assert "morgen-2" in one_sentence(error)
    assert list(read_corpus(tmp_path, "train", missing="skip")["id"]) == ["morgen-1"]

def test_no_video_at_all_is_never_skipped(tmp_path):
    corpus(tmp_path, GOOD, frames=0)
    with pytest.raises(InputError): read_corpus(tmp_path, "train", missing="skip")

@pytest.mark.parametrize("kind", [PHOENIX_2014T, PHOENIX_2014], ids=["2014T", "2014"])
def test_a_corpus_that_is_not_there(tmp_path, kind):
    with pytest.raises(InputError) as error: read_corpus(tmp_path / "gone", "train", kind)
    assert "corpus.csv" in one_sentence(error)

def test_a_list_that_is_no_text(tmp_path):
    corpus(tmp_path, GOOD).write_bytes(HEADER.encode() + b"\nm\xff\xfe|")
    with pytest.raises(InputError) as error: read_corpus(tmp_path, "train")
    assert "UTF-8" in one_sentence(error)

@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_a_damaged_image(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError) as error: read_images(tmp_path)
    assert "a.png" in one_sentence(error)

def test_images_of_two_sizes(tmp_path):
    for name, size in (("a", 8), ("b", 9)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.zeros((size, 8, 3), np.uint8))
    with pytest.raises(InputError) as error: read_images(tmp_path)
    assert "b.png" in one_sentence(error)

def sentences(*glosses, frames=20):
    "A table of sentences."
    return pd.DataFrame(dict(id=[f"s{i}" for i in range(len(glosses))], gloss=list(glosses),
                             group="anna", fps=25., width=np.nan, height=np.nan, frames=frames,
                             landmarks=[np.zeros((frames, 75, 2), np.float32)] * len(glosses),
                             engine="none"))

def test_a_sentence_that_is_too_long_is_named_and_counted():
    table = sentences("A B", "A A A A B B B B", "B")
    kept, said = drop_too_long(table, stride=4, spare=2)
    assert list(kept["id"]) == ["s0", "s2"] and len(said) == 1
    assert "'s1'" in said[0] and "14" in said[0] and "\n" not in said[0]

def test_only_too_long_sentences():
    with pytest.raises(InputError) as error: drop_too_long(sentences("A A A A A"), stride=9)
    assert "s0" in one_sentence(error)

def test_an_unknown_gloss_in_the_test():
    learned, asked = sentences("A B"), sentences("A B", "B C")
    with pytest.raises(InputError) as error: encode(asked, vocabulary(learned))
    said = one_sentence(error)
    assert "'C'" in said and "'s1'" in said
    assert len(encode(asked, vocabulary(learned), unknown="keep")) == 2

@pytest.mark.parametrize(("skels", "gloss", "files", "named"), [
    ("1 2 3\n", "A\n", "dev/a\n", "line 1"), ("\n", "A\n", "dev/a\n", "line 1"),
    ("nan " * 151 + "\n", "A\n", "dev/a\n", "line 1"), ("a b\n", "A\n", "dev/a\n", "line 1"),
    ("0 " * 151 + "\n", "A\nB\n", "dev/a\n", ".gloss"), ("0 " * 151 + "\n", "\n", "dev/a\n", "a"),
    ("0 " * 151 + "\n", "A\n", "", ".files"),
    (("0 " * 151 + "\n") * 2, "A\nB\n", "dev/a\ndev/a\n", "dev_a")])
def test_pose_files_that_do_not_fit(tmp_path, skels, gloss, files, named):
    for end, text in (("skels", skels), ("gloss", gloss), ("files", files)):
        (tmp_path / f"dev.{end}").write_text(text)
    with pytest.raises(InputError) as error: read_pose_sentences(tmp_path / "dev.skels")
    assert named in one_sentence(error)

def test_pose_files_that_are_not_there(tmp_path):
    with pytest.raises(InputError) as error: read_pose_sentences(tmp_path / "dev.skels")
    assert "dev.skels" in one_sentence(error)

def test_signers_without_common_glosses():
    rng = np.random.default_rng(0)
    signs = pd.concat([sentences("A", "A", "B", "B").assign(group="anna"),
                       sentences("B", "B", "C", "C").assign(group="ben")], ignore_index=True)
    signs = signs.assign(id=[f"r{i}" for i in range(8)],
                         landmarks=[rng.random((20, 75, 2), np.float32) for _ in range(8)])
    with pytest.raises(InputError) as error: split_sentences(signs, "ben")
    assert "B" in one_sentence(error)

def test_nobody_has_recorded_it():
    with pytest.raises(InputError) as error: compose(sentences("A"), [("A", "Z")])
    assert "'Z'" in one_sentence(error)

def test_recordings_of_which_nothing_was_seen():
    "All points missing, and a single frame: composed without an error, and missing they remain."
    signs = sentences("A", "B").assign(
        landmarks=[np.full((20, 75, 2), np.nan, np.float32), np.zeros((1, 75, 2), np.float32)],
        frames=[20, 1])
    table = compose(signs, [("A", "B", "A")], how=Composition())
    assert np.isnan(table.landmarks[0][0]).all() and np.isfinite(table.landmarks[0]).any()

@pytest.mark.parametrize("wrong", [dict(stem="x"), dict(num_layers=0), dict(num_heads=7),
                                   dict(context=3), dict(num_glosses=0)])
def test_a_network_that_cannot_be_built(wrong):
    with pytest.raises(InputError) as error: StreamingCTC(CTCConfig(**{"num_glosses": 3, **wrong}))
    one_sentence(error)

@pytest.mark.parametrize("content", [None, b"", b"[]", b"{", b'{"recipe": {"epochs": 3}}',
                                     b'{"recipe": {"wings": 2}, "glosses": ["A"]}'])
def test_a_network_that_is_damaged(tmp_path, content):
    if content is not None: (tmp_path / "answers.json").write_bytes(content)
    with pytest.raises(InputError) as error: load_network(tmp_path)
    assert str(tmp_path) in one_sentence(error)

def test_a_cure_that_nobody_knows():
    with pytest.raises(InputError) as error: recipe_for("leeches")
    assert "leeches" in one_sentence(error)

def test_nothing_to_count():
    with pytest.raises(InputError) as error: word_errors([["A"], []], [["A"], []])
    assert "2" in one_sentence(error)

def test_glosses_that_files_could_take_amiss(tmp_path):
    "A gloss cannot end a subtitle, begin another one, or start a new line of a list."
    odd = ["a --> b", "<c>&amp;", 'say "hi", twice', "=1+1", "été"]
    segments = [Segment(gloss, i, i + 1, .9) for i, gloss in enumerate(odd)]
    cues = write_webvtt(segments, tmp_path / "a.vtt").read_text("utf-8").strip().split("\n\n")
    assert len(cues) == len(odd) + 1 and all(cue.count("-->") == 1 for cue in cues[1:])
    assert all("<" not in cue for cue in cues)
    assert list(pd.read_csv(write_elan_csv(segments, tmp_path / "a.csv"))["annotation"]) == odd

def test_the_real_pose_sequences(real_data):
    "Five sentences a split; the names of days that the first one says, and both hands in view."
    folder = real_data / "phoenix2014t"
    if not folder.is_dir(): pytest.skip(f"{folder} is not there")
    tables = [read_pose_sentences(file) for file in sorted(folder.glob("*.skels"))]
    table = pd.concat(tables, ignore_index=True)
    assert len(table) == 15 and table["id"].is_unique
    assert (table["gloss"].str.split().map(len) >= 3).all() and "DONNERSTAG" in vocabulary(table)
    assert drop_too_long(table, stride=4, spare=2)[1] == []
    shoulders = np.concatenate([points[:, [11, 12], 0] for points in table["landmarks"]])
    assert (shoulders[:, 0] > shoulders[:, 1]).all()  # the left one is at the right of the image
    for points in table["landmarks"]:
        # each hand begins at the wrist of its own arm
        for hand, wrist, other in ((33, 15, 16), (54, 16, 15)):
            near, far = (np.linalg.norm(points[:, hand] - points[:, w], axis=-1).mean()
                         for w in (wrist, other))
            assert near < far
            assert np.isfinite(points[:, hand:hand + 21]).all()

@pytest.mark.parametrize("chunk", [1, 5, 64])
@pytest.mark.parametrize("stem", ["conv_bn", "linear"])
def test_a_stream_answers_as_the_whole(stem, chunk):
    "Whatever comes in a piece, also where hands and whole frames are missing."
    torch.manual_seed(0)
    model = StreamingCTC(CTCConfig(num_glosses=5, stem=stem, d_model=16)).eval()
    rng = np.random.default_rng(0)
    points = rng.random((90, 75, 2), np.float32)
    points[rng.random(90) < .3, 33:54] = np.nan
    points[40:50] = np.nan
    stream = Stream(model)
    parts = [stream.push(points[start:start + chunk]) for start in range(0, 90, chunk)]
    found = np.concatenate([*parts, stream.finish()])
    padded, steps = pad_sentences([torch.tensor(points)], model.settings.stride)
    with torch.no_grad(): whole = model(Preprocess("raw")(padded))[0].numpy()
    assert len(found) == len(whole) == int(steps[0])
    np.testing.assert_allclose(found, whole, atol=1e-3)
