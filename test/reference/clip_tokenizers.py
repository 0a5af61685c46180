"""CLIP tokenizer folders in the layout of SDXL's hub repositories: vocab.json and merges.txt."""

import json
from pathlib import Path

START, END = "<|startoftext|>", "<|endoftext|>"


def byte_symbols() -> list[str]:
    """CLIP's 256 byte symbols: printable bytes stand for themselves, the rest are shifted past 255."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def vocabulary(merges: list[str]) -> dict[str, int]:
    """The vocabulary that a list of merges implies, numbered as CLIP numbers it."""
    symbols = byte_symbols()
    words = symbols + [symbol + "</w>" for symbol in symbols] + [merge.replace(" ", "") for merge in merges]
    return {word: index for index, word in enumerate([*words, START, END])}


def read_merges(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#version")]


def write_vocabulary(folder: Path, merges: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(vocabulary(merges), ensure_ascii=False, separators=(",", ":"))
    (folder / "vocab.json").write_text(text, encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")


def write_tokenizer(folder: Path, merges: list[str], pad: str) -> None:
    """A whole tokenizer folder. SDXL's first tokenizer pads with the end token, its second with "!"."""
    write_vocabulary(folder, merges)
    added = {"lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    tokens = {"bos_token": START, "eos_token": END, "unk_token": END}
    special = {name: {"content": token, **added} for name, token in tokens.items()}
    config = {
        "add_prefix_space": False,
        **{name: {"__type": "AddedToken", **token} for name, token in special.items()},
        "clean_up_tokenization_spaces": True,
        "do_lower_case": True,
        "errors": "replace",
        "model_max_length": 77,
        "pad_token": pad,
        "tokenizer_class": "CLIPTokenizer",
    }
    write_json(folder / "tokenizer_config.json", config)
    write_json(folder / "special_tokens_map.json", {**special, "pad_token": pad})


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
