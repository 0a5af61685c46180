"""Stores what diffusers computes with the tiny pipeline for the knobs of conditioning and guidance, and what weights,
chunks and embeddings are by a recomputation with transformers that follows their documented formulas.

    python make_conditioning_fixtures.py [BUILD_DIR]

Weights: A prompt's parts are tokenized one by one. Per encoder and chunk, each position's hidden state is multiplied by
its weight, and the whole by one factor that gives it the mean it had before. Chunks are 75 tokens between a start and
an end of their own; the pooled output is the first chunk's, unweighted.
"""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import rescale_noise_cfg
from make_outputs import DIFFUSERS_NAMES, FOX, LONG, diffusers_arguments, generators
from safetensors.torch import save_file
from stored_arrays import numbers, save_array, write_index
from tiny_pipelines import ROOT, SCHEDULER

BUILD = ROOT / "test/reference/build/tiny-sdxl"
TARGET = ROOT / "test/fixtures/conditioning"

DEFAULTS = {"prompt": FOX, "size": {"width": 64, "height": 64}, "steps": 4, "guidanceScale": 5.0, "seed": 42, "count": 1}
NAMES = {**DIFFUSERS_NAMES, "guidanceRescale": "guidance_rescale", "clipSkip": "clip_skip"}
ALL_FOUR = {"prompt2": "flat colors", "negativePrompt": "ugly", "negativePrompt2": "blurry"}
RUNS = {
    "rescale-0.7": {"guidanceRescale": 0.7},
    "rescale-1": {"guidanceRescale": 1.0, "negativePrompt": "ugly, blurry"},
    "rescale-without-guidance": {"guidanceRescale": 0.7, "guidanceScale": 1.0},
    "clip-skip-0": {"clipSkip": 0},
    "clip-skip-1": {"clipSkip": 1},
    "clip-skip-2-negative": {"clipSkip": 2, "negativePrompt": "ugly, blurry"},
    "all-four-prompts": ALL_FOUR,
    "only-negative-2": {"negativePrompt2": "blurry"},
    "long-negative": {"negativePrompt": LONG},
    "long-prompt-2": {"prompt2": LONG, "negativePrompt": "ugly", "negativePrompt2": LONG},
    "brackets-are-text": {"prompt": "a (red:1.3) [fox] in the ((snow))"},
    "everything": {**ALL_FOUR, "guidanceRescale": 0.4, "clipSkip": 1, "guidanceScale": 7.5},
}
GUIDANCE_RANGES = [(0.0, 0.5), (0.25, 1.0), (0.3, 0.6)]

# Prompts as lists of (text, weight), as the parser has to read what is beside them.
TWO_CHUNKS = ", ".join(f"thing {number}" for number in range(30))
WEIGHTED = {
    "round": ("a (red) fox", [("a ", 1), ("red", 1.1), (" fox", 1)]),
    "square": ("a [red] fox", [("a ", 1), ("red", 1 / 1.1), (" fox", 1)]),
    "number": ("a (red fox:1.3) in snow", [("a ", 1), ("red fox", 1.3), (" in snow", 1)]),
    "zero": ("a (red:0) fox", [("a ", 1), ("red", 0), (" fox", 1)]),
    "negative-weight": ("a (red:-0.5) fox", [("a ", 1), ("red", -0.5), (" fox", 1)]),
    "nested": ("((red) fox:1.5) [snow]", [("red", 1.1 * 1.5), (" fox", 1.5), (" ", 1), ("snow", 1 / 1.1)]),
    "literal": (r"a \(red\) fox", [("a (red) fox", 1)]),
    "chunks": (TWO_CHUNKS, [(TWO_CHUNKS, 1)]),
    "weights-in-chunks": (
        f"(a red fox:1.4), {TWO_CHUNKS}, (in the snow:0.6)",
        [("a red fox", 1.4), (f", {TWO_CHUNKS}, ", 1), ("in the snow", 0.6)],
    ),
}
NEGATIVES = {"weights-in-chunks": ("(ugly), blurry", [("ugly", 1.1), (", blurry", 1)])}
EMBEDDING_PROMPTS = {
    "one": [("a ", 1), ("*", 1), (" in the snow", 1)],
    "weighted": [("a ", 1), ("*", 1.5), (" in the snow", 1)],
}


def load(folder: Path, **options) -> StableDiffusionXLPipeline:
    pipeline = StableDiffusionXLPipeline.from_pretrained(folder, add_watermarker=False, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def run_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    entries = []
    for name, changes in RUNS.items():
        request = {**DEFAULTS, **changes}
        arguments = diffusers_arguments(request)
        arguments.update({NAMES[key]: request[key] for key in ("guidanceRescale", "clipSkip") if key in request})
        latents = pipeline(**arguments, generator=generators(request), output_type="latent").images
        entries.append({"name": name, "request": request, "latents": save_array(TARGET / f"run-{name}.npy", latents)})
    return entries


def guidance_range_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    """Guidance on a part of the steps: the loop of diffusers' pipeline, written out."""
    request = {**DEFAULTS, "steps": 6, "negativePrompt": "ugly"}
    positive, negative, pooled, negative_pooled = pipeline.encode_prompt(FOX, negative_prompt="ugly")
    time_ids = torch.tensor([[64.0, 64.0, 0.0, 0.0, 64.0, 64.0]])
    entries = []
    for start, end in GUIDANCE_RANGES:
        for rescale in (0.0, 0.5):
            scheduler = pipeline.scheduler
            scheduler.set_timesteps(request["steps"])
            latents = torch.randn(1, 4, 8, 8, generator=generators(request)[0]) * scheduler.init_noise_sigma
            for index, timestep in enumerate(scheduler.timesteps):
                sample = scheduler.scale_model_input(latents, timestep)

                def predict(states, text_embeds, sample=sample, timestep=timestep):
                    added = {"text_embeds": text_embeds, "time_ids": time_ids}
                    return pipeline.unet(sample, timestep, states, added_cond_kwargs=added).sample

                text = predict(positive, pooled)
                noise = text
                if start * request["steps"] <= index < end * request["steps"]:
                    other = predict(negative, negative_pooled)
                    noise = other + request["guidanceScale"] * (text - other)
                    if rescale:
                        noise = rescale_noise_cfg(noise, text, guidance_rescale=rescale)
                latents = scheduler.step(noise, timestep, latents).prev_sample
            entries.append(
                {
                    "request": {**request, "guidanceRange": [start, end], "guidanceRescale": rescale},
                    "latents": save_array(TARGET / f"range-{start}-{end}-{rescale}.npy", latents),
                }
            )
    return entries


def rescale_entries() -> list[dict]:
    generator = torch.Generator().manual_seed(11)
    text = torch.randn(1, 4, 3, 5, generator=generator) * 2 + 0.3
    guided = torch.randn(1, 4, 3, 5, generator=generator) * 7 - 1
    return [
        {
            "rescale": rescale,
            "positive": numbers(text),
            "guided": numbers(guided),
            "result": numbers(rescale_noise_cfg(guided, text, guidance_rescale=rescale)),
        }
        for rescale in (0.25, 0.7, 1.0)
    ]


def guidance_embedding_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    entries = []
    for scale, width in ((1.0, 16), (7.5, 16), (8.0, 256), (5.0, 15)):
        embedding = pipeline.get_guidance_scale_embedding(torch.tensor(scale - 1).repeat(1), embedding_dim=width)
        entries.append({"scale": scale, "width": width, "values": numbers(embedding)})
    return entries


class Encoder:
    """A tokenizer with its text encoder, and with the vectors that `*` stands for."""

    def __init__(self, tokenizer, model, vectors: torch.Tensor | None = None):
        self.tokenizer, self.model, self.vectors = tokenizer, model, vectors

    def tokens(self, parts: list) -> list[tuple[int, float, torch.Tensor | None]]:
        tokens = []
        for text, weight in parts:
            if text == "*":
                tokens += [(0, weight, vector) for vector in self.vectors]
            else:
                tokens += [(token, weight, None) for token in self.tokenizer(text, add_special_tokens=False).input_ids]
        return tokens

    def encode(self, tokens: list) -> tuple[torch.Tensor, torch.Tensor | None]:
        """One chunk: weighted penultimate states, and the pooled output of an encoder that has one."""
        special = self.tokenizer
        padding = [(special.pad_token_id, 1, None)] * (75 - len(tokens))
        row = [(special.bos_token_id, 1, None), *tokens, (special.eos_token_id, 1, None), *padding]
        ids = torch.tensor([[token for token, _, _ in row]])

        def replace(_module, _inputs, output):
            for position, (_, _, vector) in enumerate(row):
                if vector is not None:
                    output[0, position] = vector
            return output

        handle = self.model.get_input_embeddings().register_forward_hook(replace)
        output = self.model(ids, output_hidden_states=True)
        handle.remove()
        states = output.hidden_states[-2].double()
        weights = torch.tensor([[[weight] for _, weight, _ in row]], dtype=torch.float64)
        weighted = states * weights
        if not torch.all(weights == 1):
            weighted = weighted * (states.mean() / weighted.mean())
        return weighted.float(), getattr(output, "text_embeds", None)


def embed(encoders: list[Encoder], parts: list, chunks: int) -> tuple[torch.Tensor, torch.Tensor]:
    all_states = []
    for encoder in encoders:
        tokens = encoder.tokens(parts)
        results = [encoder.encode(tokens[index * 75 : (index + 1) * 75]) for index in range(chunks)]
        all_states.append(torch.cat([states for states, _ in results], dim=1))
        pooled = results[0][1]
    return torch.cat(all_states, dim=-1), pooled


def chunk_count(encoders: list[Encoder], *prompts: list) -> int:
    lengths = [len(encoder.tokens(parts)) for encoder in encoders for parts in prompts]
    return max(1, *(-(-length // 75) for length in lengths))


def summary(name: str, states: torch.Tensor, pooled: torch.Tensor) -> dict:
    return {
        "states": save_array(TARGET / f"{name}-states.npy", states),
        "pooled": save_array(TARGET / f"{name}-pooled.npy", pooled),
    }


def weighting_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    encoders = [
        Encoder(pipeline.tokenizer, pipeline.text_encoder),
        Encoder(pipeline.tokenizer_2, pipeline.text_encoder_2),
    ]
    entries = []
    for name, (prompt, parts) in WEIGHTED.items():
        negative = NEGATIVES.get(name)
        chunks = chunk_count(encoders, parts, *([negative[1]] if negative else []))
        entry = {
            "name": name,
            "prompt": prompt,
            "parts": parts,
            "chunks": chunks,
            "positive": summary(f"weighted-{name}", *embed(encoders, parts, chunks)),
        }
        if negative:
            entry["negativePrompt"] = negative[0]
            entry["negative"] = summary(f"weighted-{name}-negative", *embed(encoders, negative[1], chunks))
        entries.append(entry)
    return entries


def long_run_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    """A picture from a weighted prompt of several chunks: its embeddings go into diffusers' pipeline."""
    encoders = [
        Encoder(pipeline.tokenizer, pipeline.text_encoder),
        Encoder(pipeline.tokenizer_2, pipeline.text_encoder_2),
    ]
    prompt, parts = WEIGHTED["weights-in-chunks"]
    negative_prompt, negative_parts = NEGATIVES["weights-in-chunks"]
    chunks = chunk_count(encoders, parts, negative_parts)
    states, pooled = embed(encoders, parts, chunks)
    entries = []
    for name, negative in (("zeros", None), ("text", negative_prompt)):
        request = {**DEFAULTS, "prompt": prompt, **({"negativePrompt": negative} if negative else {})}
        other, other_pooled = (
            embed(encoders, negative_parts, chunks)
            if negative
            else (torch.zeros_like(states), torch.zeros_like(pooled))
        )
        latents = pipeline(
            prompt_embeds=states,
            pooled_prompt_embeds=pooled,
            negative_prompt_embeds=other,
            negative_pooled_prompt_embeds=other_pooled,
            height=64,
            width=64,
            num_inference_steps=request["steps"],
            guidance_scale=request["guidanceScale"],
            generator=generators(request),
            output_type="latent",
        ).images
        entries.append({"name": name, "request": request, "latents": save_array(TARGET / f"long-run-{name}.npy", latents)})
    return entries


def distilled_run_entries() -> list[dict]:
    """Pictures of a UNet that is told the guidance scale, with Euler steps so that only conditioning is compared."""
    pipeline = load(ROOT / "test/fixtures/convert/lcm/source", torch_dtype=torch.float32)
    pipeline.scheduler = EulerDiscreteScheduler(**SCHEDULER)
    size = pipeline.default_sample_size * pipeline.vae_scale_factor
    entries = []
    for scale in (1.0, 7.5):
        request = {
            "prompt": FOX,
            "negativePrompt": "ugly",
            "size": {"width": size, "height": size},
            "steps": 3,
            "guidanceScale": scale,
            "seed": 42,
            "count": 1,
        }
        latents = pipeline(**diffusers_arguments(request), generator=generators(request), output_type="latent").images
        entries.append({"request": request, "latents": save_array(TARGET / f"distilled-{scale}.npy", latents)})
    return entries


def embedding_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    generator = torch.Generator().manual_seed(5)
    tables = [encoder.get_input_embeddings().weight for encoder in (pipeline.text_encoder, pipeline.text_encoder_2)]
    entries = []
    for count in (1, 3):
        vectors = [
            torch.randn(count, table.shape[1], generator=generator) * table.std().item() for table in tables
        ]
        word = f"snow-fox-{count}"
        save_file(
            {"clip_l": vectors[0].contiguous(), "clip_g": vectors[1].contiguous()},
            TARGET / f"{word}.safetensors",
        )
        encoders = [
            Encoder(pipeline.tokenizer, pipeline.text_encoder, vectors[0]),
            Encoder(pipeline.tokenizer_2, pipeline.text_encoder_2, vectors[1]),
        ]
        for name, parts in EMBEDDING_PROMPTS.items():
            written = "".join(word if text == "*" else text for text, _ in parts)
            if name == "weighted":
                written = written.replace(word, f"({word}:1.5)")
            entries.append(
                {
                    "file": f"{word}.safetensors",
                    "prompt": written,
                    **summary(f"embedding-{count}-{name}", *embed(encoders, parts, 1)),
                }
            )
    return entries


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    pipeline = load(folder)
    with torch.no_grad():
        index = {
            "about": "Conditioning and guidance with test/fixtures/tiny-sdxl; made by test/reference/make_conditioning_fixtures.py.",
            "versions": {name: version(name) for name in ("torch", "diffusers", "transformers")},
            "runs": run_entries(pipeline),
            "guidanceRanges": guidance_range_entries(pipeline),
            "rescales": rescale_entries(),
            "guidanceEmbeddings": guidance_embedding_entries(pipeline),
            "longRuns": long_run_entries(pipeline),
            "distilledRuns": distilled_run_entries(),
            "weighted": weighting_entries(pipeline),
            "embeddings": embedding_entries(pipeline),
        }
    write_index(TARGET / "index.json", index)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILD)
