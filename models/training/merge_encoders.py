"""Makes the refiner's one text encoder: it says what the base's two say together.

python merge_encoders.py --base ../limner-tiny --out /path/to/work --minutes 10

Writes `merged-checkpoint.pt`, from which a second run goes on, and `refiner/text_encoder_2`. The last
but one hidden states are text encoder 1's beside text encoder 2's, the pooled output is encoder 2's.

Both have as many layers, so that laid side by side they are one encoder of their common width, except
for the layer norms, which then see both halves. What they would do otherwise is learned.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from transformers import CLIPTextModelWithProjection

from exported_weights import read_weights
from grammar import GRAMMAR, all_triples, caption, draw_scene, fill, words
from networks import TEXT_WIDTHS, TOKENS, build_merged_encoder, build_text_encoders, read_tokenizer
from training import Training, device

FIRST, SECOND = TEXT_WIDTHS
PADDING = 0  # of tokenizer_2
CAPTIONS, JUMBLED = 0.6, 0.25  # of the batch: captions, and their words in any order; the others are any tokens


class Teachers:
    """The base's two text encoders."""

    def __init__(self, base: Path, vocabulary_size: int):
        self.first, self.second = build_text_encoders(vocabulary_size)
        for encoder, name in ((self.first, "text_encoder"), (self.second, "text_encoder_2")):
            # The export dropped what follows the last but one hidden states of encoder 1.
            unused = ("layers.2.", "final_layer_norm") if encoder is self.first else ()
            wanted = {k: v for k, v in encoder.state_dict().items() if not any(part in k for part in unused)}
            read = read_weights(base / name / "openvino_model.xml", wanted)
            encoder.load_state_dict(read, strict=False)
            encoder.eval().requires_grad_(False).to(device())
        self.end = vocabulary_size - 1

    @torch.no_grad()
    def say(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """States `[n, 77, 160]` and pooled `[n, 96]` of tokens padded as for the second encoder."""
        ended = (ids == self.end).cumsum(1) > 0
        states = self.first(ids.masked_fill(ended, self.end), output_hidden_states=True).hidden_states[-2]
        told = self.second(ids, output_hidden_states=True)
        return torch.cat([states, told.hidden_states[-2]], dim=-1), told.text_embeds


def say(encoder: CLIPTextModelWithProjection, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    told = encoder(ids, output_hidden_states=True)
    return told.hidden_states[-2], told.text_embeds


class Prompts:
    """Batches of token ids `[n, 77]`."""

    def __init__(self, base: Path, seed: int):
        self.tokenizer = read_tokenizer(base / "tokenizer_2")
        self.rng = random.Random(seed)
        self.known: dict[str, list[int]] = {}

    def text(self) -> str:
        scene = draw_scene(self.rng, all_triples())
        if self.rng.random() < 0.5:
            return fill(GRAMMAR["captions"]["test"], scene, self.rng.random() < 0.7)
        return caption(self.rng, scene)

    def ids_of(self, text: str) -> list[int]:
        if text not in self.known:
            self.known[text] = self.tokenizer(text, padding="max_length", truncation=True).input_ids
        return self.known[text]

    def one(self) -> list[int]:
        kind = self.rng.random()
        if kind < CAPTIONS:
            return self.ids_of(self.text())
        if kind < CAPTIONS + JUMBLED:
            return self.ids_of(" ".join(self.rng.choices(words(), k=self.rng.randint(0, 20))))
        count = self.rng.randint(0, TOKENS - 2)
        start, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        tokens = [self.rng.randrange(start) for _ in range(count)]
        return [start, *tokens, end, *[PADDING] * (TOKENS - 2 - count)]

    def batch(self, count: int) -> torch.Tensor:
        return torch.tensor([self.one() for _ in range(count)])


def side_by_side(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return torch.block_diag(one, other) if one.dim() == 2 else torch.cat([one, other])


@torch.no_grad()
def start(teachers: Teachers, ids: torch.Tensor) -> CLIPTextModelWithProjection:
    """Both encoders side by side. Each half is centered by its own mean and scaled as on average over the tokens."""
    first, second = teachers.first.state_dict(), teachers.second.state_dict()
    merged = build_merged_encoder(len(first["text_model.embeddings.token_embedding.weight"]))
    state = merged.state_dict()
    for name in state:
        if name in first and "embeddings" in name:
            state[name] = torch.cat([first[name], second[name]], dim=1)
        elif name in first and "layer_norm" not in name:
            state[name] = side_by_side(first[name], second[name])
    # Encoder 1 is padded with the end token.
    state["text_model.embeddings.token_embedding.weight"][PADDING, :FIRST] = first["text_model.embeddings.token_embedding.weight"][-1]
    ended = (ids == teachers.end).cumsum(1) > 0
    one = teachers.first(ids.masked_fill(ended, teachers.end), output_hidden_states=True).hidden_states
    two = teachers.second(ids, output_hidden_states=True).hidden_states
    for layer in range(3):
        here = f"text_model.encoder.layers.{layer}."
        both = torch.cat([one[layer], two[layer]], dim=-1).std(-1)
        scales = [(both / half.std(-1)).mean().item() for half in (one[layer], two[layer])]
        for norm, readers in (("layer_norm1", ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")), ("layer_norm2", ("mlp.fc1",))):
            for reader in readers:
                parts = []
                for encoder, scale in zip((first, second), scales):
                    weight, gain, shift = (encoder[here + n] for n in (f"{reader}.weight", f"{norm}.weight", f"{norm}.bias"))
                    told = scale * weight * gain
                    parts.append((told - told.mean(1, keepdim=True), encoder[here + f"{reader}.bias"] + weight @ shift))
                state[here + f"{reader}.weight"] = torch.block_diag(parts[0][0], parts[1][0])
                state[here + f"{reader}.bias"] = torch.cat([parts[0][1], parts[1][1]])
    both = torch.cat([one[3], two[3]], dim=-1).std(-1)
    scale = (both / two[3].std(-1)).mean()
    gain, shift = second["text_model.final_layer_norm.weight"], second["text_model.final_layer_norm.bias"]
    state["text_model.final_layer_norm.weight"] = torch.cat([torch.ones(FIRST), scale * gain])
    state["text_model.final_layer_norm.bias"] = torch.cat([torch.zeros(FIRST), shift])
    state["text_projection.weight"] = torch.cat([torch.zeros(SECOND, FIRST), second["text_projection.weight"]], dim=1)
    merged.load_state_dict(state)
    return merged


def shares_left(told, wanted) -> torch.Tensor:
    """What is left of the square of encoder 1's states, of encoder 2's, and of the pooled output."""
    (states, pooled), (exact, exact_pooled) = told, wanted
    pairs = [(states[..., :FIRST], exact[..., :FIRST]), (states[..., FIRST:], exact[..., FIRST:]), (pooled, exact_pooled)]
    return torch.stack([(a - b).square().mean() / b.square().mean() for a, b in pairs])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=1e-3)
    options = parser.parse_args()
    torch.manual_seed(1)
    prompts, unseen = Prompts(options.base, 1), Prompts(options.base, 2)
    teachers = Teachers(options.base, len(prompts.tokenizer))
    model = start(teachers, prompts.batch(64).to(device())).to(device())
    captions = torch.tensor([unseen.ids_of(unseen.text()) for _ in range(64)]).to(device())
    wanted = teachers.say(captions)

    def report() -> None:
        with torch.no_grad():
            left = shares_left(say(model, captions), wanted)
        print("left of captions' squares " + ", ".join(f"{value:.2e}" for value in left), flush=True)
        model.save_pretrained(options.out / "refiner" / "text_encoder_2")

    training = Training(
        model,
        [{"params": list(model.parameters())}],
        options.out / "merged-checkpoint.pt",
        minutes=options.minutes,
        rate=options.rate,
        weight_decay=0,
    )

    def loss_at(_: float) -> torch.Tensor:
        ids = prompts.batch(options.batch).to(device())
        return shares_left(say(model, ids), teachers.say(ids)).sum()

    training.run(loss_at, report)


if __name__ == "__main__":
    main()
