"""Writes CLIP's full vocabulary to models/clip-tokenizer/ and its ids for varied strings to test/fixtures/.

    python make_clip_tokenizer.py path/to/bpe_simple_vocab_16e6.txt.gz
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

from clip_tokenizers import END, write_tokenizer, write_vocabulary
from transformers import CLIPTokenizer
from varied_strings import VARIED_STRINGS

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY_SIZE = 49408


def main(source: Path) -> None:
    lines = gzip.open(source).read().decode("utf-8").split("\n")
    merges = lines[1 : VOCABULARY_SIZE - 512 - 2 + 1]
    write_vocabulary(ROOT / "models/clip-tokenizer", merges)
    ids: dict[str, list[list[int]]] = {}
    for name, pad in (("tokenizer", END), ("tokenizer_2", "!")):
        with tempfile.TemporaryDirectory() as folder:
            write_tokenizer(Path(folder), merges, pad)
            tokenizer = CLIPTokenizer.from_pretrained(folder)
        assert len(tokenizer) == VOCABULARY_SIZE
        ids[name] = [tokenizer(text).input_ids for text in VARIED_STRINGS]
    target = ROOT / "test/fixtures/clip-tokenizer"
    target.mkdir(parents=True, exist_ok=True)
    rows = [
        {"text": text, "ids": first, **({} if first == second else {"ids2": second})}
        for text, first, second in zip(VARIED_STRINGS, ids["tokenizer"], ids["tokenizer_2"])
    ]
    write_json_rows(target / "ids.json", rows)


def write_json_rows(path: Path, rows: list[dict]) -> None:
    """One string a line, so that a change shows as one line of a diff."""
    body = ",\n".join("    " + json.dumps(row, ensure_ascii=True) for row in rows)
    about = (
        "Token ids of transformers' CLIPTokenizer with CLIP's full vocabulary, start and end token included, neither "
        "cut nor padded. ids: padded with <|endoftext|> (SDXL's tokenizer). ids2: padded with ! (tokenizer_2), where "
        "it differs: the pad token is special, so a ! in the text is id 0 there."
    )
    path.write_text(f'{{\n  "about": {json.dumps(about)},\n  "strings": [\n{body}\n  ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
