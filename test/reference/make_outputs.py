"""Stores what diffusers and torch compute in float32 with the tiny pipeline that make_tiny_sdxl.py built.

    python make_outputs.py [BUILD_DIR]
"""

import itertools
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
from stored_arrays import numbers, save_array, sha256, write_index
from tiny_pipelines import ROOT, SCHEDULER

BUILD = ROOT / "test/reference/build/tiny-sdxl"
TARGET = ROOT / "test/fixtures/tiny-sdxl-outputs"

FOX = "a red fox in the snow"
LONG = "a very long prompt about " + ", ".join(f"thing {number}" for number in range(60))
TOKEN_PROMPTS = [
    FOX,
    "",
    "A Photo   of\ta CAT\n",
    "hello world! it's 2026",
    "caf\u00e9 \u732b \U0001f98a\U0001f44d\U0001f3fd e\u0301",
    "a <|endoftext|> b <|startoftext|>",
    LONG,
]

RUNS = {
    "square": {},
    "wide": {"size": {"width": 96, "height": 64}},
    "tall": {"size": {"width": 64, "height": 128}},
    "negative-empty": {"negativePrompt": ""},
    "negative-text": {"negativePrompt": "ugly, blurry"},
    "negative-prompt2": {"negativePrompt": "ugly", "negativePrompt2": "blurry"},
    "prompt2": {"prompt2": "flat colors"},
    "empty-prompt": {"prompt": ""},
    "long-prompt": {"prompt": LONG},
    "unicode-prompt": {"prompt": "caf\u00e9 \u732b \U0001f98a!"},
    "batch": {"count": 2},
    "micro-conditioning": {
        "originalSize": {"width": 200, "height": 100},
        "cropsCoordsTopLeft": {"x": 7, "y": 30},
        "targetSize": {"width": 48, "height": 56},
    },
    "negative-micro-conditioning": {
        "originalSize": {"width": 200, "height": 100},
        "negativeOriginalSize": {"width": 20, "height": 30},
        "negativeCropsCoordsTopLeft": {"x": 3, "y": 5},
        "negativeTargetSize": {"width": 40, "height": 50},
    },
    "no-guidance": {"guidanceScale": 1.0},
    "no-guidance-negative": {"guidanceScale": 1.0, "negativePrompt": "ugly, blurry"},
    "one-step": {"steps": 1},
    "twenty-steps": {"steps": 20},
    "large-seed": {"seed": 2**32 + 5},
}
DEFAULTS = {"prompt": FOX, "size": {"width": 64, "height": 64}, "steps": 5, "guidanceScale": 5.0, "seed": 42, "count": 1}

DIFFUSERS_NAMES = {
    "prompt": "prompt",
    "prompt2": "prompt_2",
    "negativePrompt": "negative_prompt",
    "negativePrompt2": "negative_prompt_2",
    "steps": "num_inference_steps",
    "guidanceScale": "guidance_scale",
    "count": "num_images_per_prompt",
    "originalSize": "original_size",
    "cropsCoordsTopLeft": "crops_coords_top_left",
    "targetSize": "target_size",
    "negativeOriginalSize": "negative_original_size",
    "negativeCropsCoordsTopLeft": "negative_crops_coords_top_left",
    "negativeTargetSize": "negative_target_size",
}

NOISE_SEEDS = [0, 1, 42, 314, 2**32 - 1, 2**32 + 5]
NOISE_DRAWS = [
    [[1]],
    [[2]],
    [[15]],
    [[16]],
    [[17]],
    [[31]],
    [[32]],
    [[33]],
    [[1, 4, 8, 8]],
    [[1, 4, 9, 13]],
    [[2, 4, 8, 8]],
    [[1, 4, 16, 16]],
    [[1, 4, 8, 8], [1, 4, 8, 8]],
    [[3], [3], [16], [1], [20]],
    [[1, 4, 128, 128]],
    [[65537]],
]


def pair(value: dict) -> tuple[int, int]:
    """diffusers' tuple of a size or point of a request: height before width, y before x."""
    return (value["height"], value["width"]) if "width" in value else (value["y"], value["x"])


def diffusers_arguments(request: dict) -> dict:
    arguments = {"height": request["size"]["height"], "width": request["size"]["width"]}
    for key, name in DIFFUSERS_NAMES.items():
        if key in request:
            arguments[name] = pair(request[key]) if isinstance(request[key], dict) else request[key]
    return arguments


def token_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    def ids(tokenizer, text: str) -> list[int]:
        return tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids

    return [
        {"text": text, "ids": ids(pipeline.tokenizer, text), "ids2": ids(pipeline.tokenizer_2, text)}
        for text in TOKEN_PROMPTS
    ]


def text_encoder_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    entries = []
    for index, text in enumerate([FOX, "", LONG]):
        entry: dict = {"prompt": text}
        for suffix, tokenizer, encoder in (
            ("", pipeline.tokenizer, pipeline.text_encoder),
            ("2", pipeline.tokenizer_2, pipeline.text_encoder_2),
        ):
            ids = tokenizer(text, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
            output = encoder(ids, output_hidden_states=True)
            name = f"text-encoder{'-2' if suffix else ''}-{index}"
            entry[f"inputIds{suffix}"] = save_array(TARGET / f"{name}-input-ids.npy", ids)
            entry[f"penultimate{suffix}"] = save_array(TARGET / f"{name}-penultimate.npy", output.hidden_states[-2])
            if suffix:
                entry["textEmbeds"] = save_array(TARGET / f"{name}-text-embeds.npy", output.text_embeds)
        entries.append(entry)
    return entries


def prompt_embedding_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    entries = []
    for name in ("square", "negative-empty", "negative-text", "negative-prompt2", "prompt2"):
        request = {**DEFAULTS, **RUNS[name]}
        keys = ("prompt", "prompt2", "negativePrompt", "negativePrompt2")
        arguments = {DIFFUSERS_NAMES[key]: request[key] for key in keys if key in request}
        embeddings, negative, pooled, negative_pooled = pipeline.encode_prompt(**arguments)
        files = {
            "promptEmbeds": save_array(TARGET / f"prompt-{name}.npy", embeddings),
            "pooledPromptEmbeds": save_array(TARGET / f"prompt-{name}-pooled.npy", pooled),
        }
        if negative.abs().max() == 0 and negative_pooled.abs().max() == 0:
            files["negative"] = "zeros"
        else:
            files["negativePromptEmbeds"] = save_array(TARGET / f"prompt-{name}-negative.npy", negative)
            files["negativePooledPromptEmbeds"] = save_array(TARGET / f"prompt-{name}-negative-pooled.npy", negative_pooled)
        entries.append({**{key: request[key] for key in keys if key in request}, **files})
    return entries


def noise_entries() -> list[dict]:
    """Draws from torch's CPU generator. Each entry's draws come one after another from one generator."""
    entries, stored, offset = [], [], 0
    for draws, seed in itertools.product(NOISE_DRAWS, NOISE_SEEDS):
        generator = torch.Generator("cpu").manual_seed(seed)
        values = torch.cat([torch.randn(shape, generator=generator).ravel() for shape in draws])
        entry = {"seed": seed, "draws": draws, "count": values.numel(), "sha256": sha256(values)}
        if values.numel() > 2000:
            kept = torch.cat([values[:64], values[-64:]])
            entry.update(kept="first and last 64", offset=offset)
        else:
            kept = values
            entry.update(kept="all", offset=offset)
        offset += kept.numel()
        stored.append(kept)
        entries.append(entry)
    save_array(TARGET / "noise.npy", torch.cat(stored))
    return entries


def scheduler_fixture() -> dict:
    """Schedules and walks of EulerDiscreteScheduler. A walk steps through the schedule with given model outputs."""
    generator = torch.Generator("cpu").manual_seed(7)
    start = torch.randn(8, generator=generator)
    outputs = torch.randn(5, 8, generator=generator)
    schedules, walks = [], []
    for spacing, beta, steps, final, rescale in itertools.product(
        ("leading", "trailing", "linspace"), ("linear", "scaled_linear"), (1, 5, 20, 30), ("zero", "sigma_min"), (False, True)
    ):
        options = {
            "timestepSpacing": spacing,
            "betaSchedule": beta,
            "steps": steps,
            "finalSigmasType": final,
            "rescaleBetasZeroSnr": rescale,
        }
        config = {
            **SCHEDULER,
            "timestep_spacing": spacing,
            "beta_schedule": beta,
            "final_sigmas_type": final,
            "rescale_betas_zero_snr": rescale,
        }
        for prediction in ("epsilon", "v_prediction", "sample"):
            scheduler = EulerDiscreteScheduler.from_config({**config, "prediction_type": prediction})
            scheduler.set_timesteps(steps)
            schedule = {
                "sigmas": numbers(scheduler.sigmas),
                "timesteps": numbers(scheduler.timesteps),
                "initNoiseSigma": numbers(torch.as_tensor(scheduler.init_noise_sigma).reshape(1))[0],
            }
            if prediction == "epsilon":
                schedules.append({**options, **schedule})
            else:
                assert {**options, **schedule} == schedules[-1]
            if final == "sigma_min" and steps != 5:
                continue
            sample = start * scheduler.init_noise_sigma
            walk: dict = {**options, "predictionType": prediction}
            for index, timestep in enumerate(scheduler.timesteps):
                scaled = scheduler.scale_model_input(sample, timestep)
                result = scheduler.step(outputs[index % len(outputs)], timestep, sample)
                sample = result.prev_sample
                if index == 0:
                    walk["firstModelInput"] = numbers(scaled)
                    walk["firstSample"] = numbers(sample)
                    walk["firstPredOriginalSample"] = numbers(result.pred_original_sample)
            walk["lastSample"] = numbers(sample)
            walks.append(walk)
    return {
        "about": (
            "EulerDiscreteScheduler with SDXL's betas (0.00085 to 0.012, 1000 training steps), steps_offset 1 and linear "
            "interpolation. Numbers are float32. A walk starts at start * initNoiseSigma and uses modelOutputs[i mod 5] at "
            "step i: firstModelInput is scale_model_input at step 0, firstSample and firstPredOriginalSample are what step 0 "
            "gives, lastSample is what the last step gives."
        ),
        "start": {"values": numbers(start)},
        "modelOutputs": [numbers(row) for row in outputs],
        "schedules": schedules,
        "walks": walks,
    }


def unet_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    generator = torch.Generator("cpu").manual_seed(3)
    sample = torch.randn(2, 4, 8, 12, generator=generator)
    embeddings, negative, pooled, negative_pooled = pipeline.encode_prompt(FOX, negative_prompt="ugly")
    states = torch.cat([negative, embeddings])
    text_embeds = torch.cat([negative_pooled, pooled])
    time_ids = torch.tensor([[64.0, 96.0, 0.0, 0.0, 64.0, 96.0], [100.0, 200.0, 30.0, 7.0, 56.0, 48.0]])
    inputs = {
        "sample": save_array(TARGET / "unet-sample.npy", sample),
        "encoderHiddenStates": save_array(TARGET / "unet-encoder-hidden-states.npy", states),
        "textEmbeds": save_array(TARGET / "unet-text-embeds.npy", text_embeds),
        "timeIds": save_array(TARGET / "unet-time-ids.npy", time_ids),
    }
    entries = []
    for timestep in (1, 481, 981, 500.25):
        output = pipeline.unet(
            sample, timestep, states, added_cond_kwargs={"text_embeds": text_embeds, "time_ids": time_ids}
        ).sample
        entries.append({"timestep": timestep, **inputs, "output": save_array(TARGET / f"unet-output-{timestep}.npy", output)})
    return entries


def vae_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    generator = torch.Generator("cpu").manual_seed(4)
    latents = torch.randn(1, 4, 8, 12, generator=generator) * 5
    decoded = pipeline.vae.decode(latents).sample
    picture = torch.rand(1, 3, 64, 96, generator=generator) * 2 - 1
    moments = pipeline.vae.encode(picture).latent_dist.parameters
    return [
        {
            "submodel": "vae_decoder",
            "input": save_array(TARGET / "vae-decoder-latents.npy", latents),
            "output": save_array(TARGET / "vae-decoder-output.npy", decoded),
        },
        {
            "submodel": "vae_encoder",
            "input": save_array(TARGET / "vae-encoder-picture.npy", picture),
            "output": save_array(TARGET / "vae-encoder-moments.npy", moments),
        },
    ]


def time_id_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    """What the UNet is told for a few requests: rows [negative, positive], as a run passed them."""
    names = ("square", "wide", "micro-conditioning", "negative-micro-conditioning", "no-guidance")
    return [{"run": name, "timeIds": observe(pipeline, name)["time_ids"]} for name in names]


def observe(pipeline: StableDiffusionXLPipeline, name: str) -> dict:
    """Runs one step of a run and returns what the UNet was given."""
    request = {**DEFAULTS, **RUNS[name], "steps": 1}
    seen: dict = {}

    def hook(_module, _arguments, keywords) -> None:
        seen["time_ids"] = keywords["added_cond_kwargs"]["time_ids"].tolist()

    handle = pipeline.unet.register_forward_pre_hook(hook, with_kwargs=True)
    pipeline(**diffusers_arguments(request), generator=generators(request), output_type="latent")
    handle.remove()
    return seen


def generators(request: dict) -> list[torch.Generator]:
    return [torch.Generator("cpu").manual_seed(request["seed"] + index) for index in range(request["count"])]


def run_entries(pipeline: StableDiffusionXLPipeline) -> list[dict]:
    entries = []
    for name, changes in RUNS.items():
        request = {**DEFAULTS, **changes}
        steps: list[torch.Tensor] = []

        def keep(_pipeline, _index, _timestep, values, steps=steps):
            steps.append(values["latents"].clone())
            return values

        arguments = diffusers_arguments(request)
        latents = pipeline(
            **arguments, generator=generators(request), output_type="latent", callback_on_step_end=keep
        ).images
        pictures = pipeline(**arguments, generator=generators(request), output_type="np").images
        entry = {
            "name": name,
            "request": request,
            "latents": save_array(TARGET / f"run-{name}-latents.npy", latents),
            "image": save_array(TARGET / f"run-{name}-image.npy", (pictures * 255).round().astype(np.uint8)),
        }
        if name in ("square", "wide"):
            entry["imageFloat"] = save_array(TARGET / f"run-{name}-image-float.npy", pictures.astype(np.float32))
            entry["stepLatents"] = save_array(TARGET / f"run-{name}-step-latents.npy", torch.stack(steps))
        entries.append(entry)
    return entries


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    pipeline = StableDiffusionXLPipeline.from_pretrained(folder, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    with torch.no_grad():
        write_index(TARGET / "tokens.json", {"prompts": token_entries(pipeline)})
        write_index(TARGET / "noise.json", {"values": "noise.npy", "entries": noise_entries()})
        write_index(TARGET / "euler.json", scheduler_fixture())
        index = {
            "about": "What diffusers computes in float32 with test/fixtures/tiny-sdxl; made by test/reference/make_outputs.py.",
            "versions": {name: version(name) for name in ("torch", "diffusers", "transformers", "numpy")},
            "conventions": {
                "sizes": "requests say {width, height} and {x, y}; diffusers' tuples are (height, width) and (top, left)",
                "timeIds": "original height, width, crop top, left, target height, width",
                "latents": "[count, 4, height/8, width/8] float32, as output_type=latent: before division by the scaling factor",
                "image": "[count, height, width, 3] uint8, round(255 * imageFloat); imageFloat is in [0, 1]",
                "stepLatents": "[steps, count, 4, height/8, width/8]: latents after each step",
                "seed": "image k of a run has its own generator, seeded seed + k",
                "negative": "zeros: both negative embeddings are all zero (no negative prompt, force_zeros_for_empty_prompt)",
            },
            "tokens": {"file": "tokens.json", "what": "ids padded and cut to 77: ids of tokenizer, ids2 of tokenizer_2"},
            "noise": {
                "file": "noise.json",
                "what": "torch.randn draws; offset counts values in noise.npy, sha256 is of all values as little-endian float32",
            },
            "euler": {"file": "euler.json", "what": "schedules and steps of EulerDiscreteScheduler"},
            "textEncoders": text_encoder_entries(pipeline),
            "promptEmbeddings": prompt_embedding_entries(pipeline),
            "timeIds": time_id_entries(pipeline),
            "unet": unet_entries(pipeline),
            "vae": vae_entries(pipeline),
            "runs": run_entries(pipeline),
        }
    write_index(TARGET / "index.json", index)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILD)
