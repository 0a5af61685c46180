"""The runs that the pipelines are compared on: requests by the product's names, one stage or two.

A stage names a model and a pipeline of diffusers. In a run of two stages the second gets the first one's latents as its
image, and its own generators with the same seeds.
"""

FOX = "a red fox in the snow"
DEFAULTS = {"prompt": FOX, "size": {"width": 64, "height": 64}, "steps": 6, "guidanceScale": 5.0, "seed": 42, "count": 1}
WIDE = {"size": {"width": 96, "height": 64}}
MICRO = {
    "originalSize": {"width": 200, "height": 100},
    "cropsCoordsTopLeft": {"x": 7, "y": 30},
    "targetSize": {"width": 48, "height": 56},
}
NEGATIVE_MICRO = {
    **MICRO,
    "negativeOriginalSize": {"width": 20, "height": 30},
    "negativeCropsCoordsTopLeft": {"x": 3, "y": 5},
    "negativeTargetSize": {"width": 40, "height": 50},
}
SCORES = {"aestheticScore": 7.5, "negativeAestheticScore": 1.0}
DDIM = {"scheduler": "ddim", "eta": 0.6, "schedulerConfig": {"clip_sample": False, "set_alpha_to_one": False}}
STATISTICS = {"vaeConfig": {"latents_mean": [0.1, -0.4, 0.3, 0.2], "latents_std": [1.4, 0.8, 1.1, 0.9]}}

PROMPTS = {"prompt2": "flat colors", "negativePrompt": "ugly", "negativePrompt2": "blurry"}
PROMPT_LIST = {"prompts": [FOX, "a blue boat"], "negativePrompts": ["ugly", "blurry"], "count": 2}
# Those that other runs do not have.
IMAGE_SAMPLERS = ("pndm", "lms", "unipc", "lcm", "tcd", "edm-euler", "dpmpp-2m", "dpmpp-2m-sde", "dpmpp-3m-sde", "dpmpp-sde")

TEXT, IMAGE, INPAINT = "text-to-image", "image-to-image", "inpainting"

TEXT_RUNS = {
    "text-guidance-rescale": {"guidanceRescale": 0.7},
    "text-guidance-rescale-batch": {"guidanceRescale": 0.7, "count": 2},
    "text-clip-skip": {"clipSkip": 1},
    "text-clip-skip-negative": {"clipSkip": 1, "negativePrompt": "ugly, blurry"},
    "text-no-guidance": {"guidanceScale": 1.0},
    "text-denoising-end": {"denoisingEnd": 0.8},
    "text-denoising-end-half": {"denoisingEnd": 0.5, **WIDE, "negativePrompt": ""},
    "text-sigmas": {"sigmasList": [14.0, 7.0, 3.5, 1.5, 0.6, 0.0], "steps": 5},
    "text-sigmas-above-zero": {"sigmasList": [10.0, 3.0, 1.0, 0.1], "steps": 3},
    "text-timesteps": {"timestepsList": [900, 600, 350, 100, 10], "steps": 5},
    "text-given-latents": {"initialLatents": "given-latents.npy"},
    "text-euler-ancestral": {"scheduler": "euler-ancestral"},
    "text-heun-denoising-end": {"scheduler": "heun", "denoisingEnd": 0.8},
    "text-ddim-eta": {**DDIM},
    "text-ddim-clipped": {"scheduler": "ddim", "eta": 0.0},
    "text-latents-mean": {**STATISTICS},
    "text-edm-latents-mean": {"scheduler": "edm-euler", "schedulerConfig": {"sigma_data": 0.5}, **STATISTICS},
    "text-prompts": {**PROMPTS},
    "text-prompt-list": {**PROMPT_LIST},
    "text-negative-micro-conditioning": {**NEGATIVE_MICRO, **WIDE},
}

SOURCE = {"image": "source-64.png"}
SOURCE_WIDE = {"image": "source-96x64.png", **WIDE}
IMAGE_RUNS = {
    "image-strength-0.3": {**SOURCE, "strength": 0.3},
    "image-strength-0.5": {**SOURCE, "strength": 0.5},
    "image-strength-1": {**SOURCE, "strength": 1.0},
    "image-wide": {**SOURCE_WIDE, "strength": 0.5, "steps": 8},
    "image-negative-empty": {**SOURCE, "strength": 0.5, "negativePrompt": ""},
    "image-negative-text": {**SOURCE, "strength": 0.5, "negativePrompt": "ugly, blurry"},
    "image-prompt2": {**SOURCE, "strength": 0.5, "prompt2": "flat colors", "negativePrompt": "ugly", "negativePrompt2": "blurry"},
    "image-batch": {**SOURCE, "strength": 0.5, "count": 2},
    "image-two-sources": {"image": ["source-64.png", "other-64.png"], "strength": 0.5, "count": 2},
    "image-micro-conditioning": {**SOURCE, "strength": 0.5, **MICRO},
    "image-negative-micro-conditioning": {**SOURCE, "strength": 0.5, **NEGATIVE_MICRO, "negativePrompt": "ugly"},
    "image-no-guidance": {**SOURCE, "strength": 0.5, "guidanceScale": 1.0},
    "image-guidance-rescale": {**SOURCE, "strength": 0.5, "guidanceRescale": 0.7},
    "image-clip-skip": {**SOURCE, "strength": 0.5, "clipSkip": 1},
    "image-denoising-end": {**SOURCE, "strength": 0.7, "denoisingEnd": 0.8},
    "image-denoising-start": {**SOURCE, "denoisingStart": 0.6},
    "image-denoising-start-end": {**SOURCE, "denoisingStart": 0.3, "denoisingEnd": 0.8},
    "image-latents": {"imageLatents": "image-latents.npy", "strength": 0.5},
    "image-given-latents": {**SOURCE, "initialLatents": "given-latents.npy", "strength": 0.5},
    "image-sigmas": {**SOURCE, "strength": 0.5, "sigmasList": [14.0, 7.0, 3.5, 1.5, 0.6, 0.0], "steps": 5},
    "image-heun": {**SOURCE, "strength": 0.5, "scheduler": "heun"},
    "image-heun-denoising-start": {**SOURCE, "denoisingStart": 0.4, "scheduler": "heun", "steps": 5},
    "image-euler-ancestral": {**SOURCE, "strength": 0.5, "scheduler": "euler-ancestral"},
    "image-euler-ancestral-batch": {**SOURCE, "strength": 0.5, "scheduler": "euler-ancestral", "count": 2},
    "image-ddim-eta": {**SOURCE, "strength": 0.5, **DDIM},
    "image-latents-mean": {**SOURCE, "strength": 0.5, **STATISTICS},
    "image-timesteps": {**SOURCE, "strength": 0.7, "timestepsList": [900, 600, 350, 100, 10], "steps": 5},
    "image-prompt-list": {**PROMPT_LIST, "image": ["source-64.png", "other-64.png"], "strength": 0.5},
    **{f"image-{name}": {**SOURCE, "strength": 0.7, "scheduler": name} for name in IMAGE_SAMPLERS},
}
REFINER_IMAGE_RUNS = {
    "refiner-image": {**SOURCE, "strength": 0.3},
    "refiner-image-wide": {**SOURCE_WIDE, "strength": 0.5, "negativePrompt": "ugly, blurry"},
    "refiner-aesthetic-scores": {**SOURCE, "strength": 0.5, **SCORES},
    "refiner-micro-conditioning": {**SOURCE, "strength": 0.5, **NEGATIVE_MICRO},
    "refiner-no-guidance": {**SOURCE, "strength": 0.5, "guidanceScale": 1.0, **SCORES},
    "refiner-prompt2-ignored": {**SOURCE, "strength": 0.5, "prompt2": "flat colors", "negativePrompt": "ugly", "negativePrompt2": "blurry"},
    "refiner-clip-skip": {**SOURCE, "strength": 0.5, "clipSkip": 1},
}

MASKED = {**SOURCE, "mask": "mask-64.png"}
MASKED_WIDE = {**SOURCE_WIDE, "mask": "mask-96x64-odd.png"}
NINE_CHANNELS = {
    "default": {**MASKED},
    "strength-1": {**MASKED, "strength": 1.0},
    "strength-0.5": {**MASKED, "strength": 0.5},
    "blurred-mask": {**SOURCE, "mask": "mask-64-blurred.png", "strength": 0.5},
    "odd-mask-wide": {**MASKED_WIDE, "strength": 0.8},
    "batch": {**MASKED, "strength": 0.5, "count": 2},
    "no-guidance": {**MASKED, "strength": 0.5, "guidanceScale": 1.0},
    "denoising-start": {**MASKED, "denoisingStart": 0.4},
    "denoising-end": {**MASKED, "denoisingEnd": 0.6},
    "euler-ancestral": {**MASKED, "strength": 0.5, "scheduler": "euler-ancestral"},
    "masked-image-latents": {**MASKED, "strength": 0.5, "maskedImageLatents": "image-latents.npy"},
    "shared-image": {**MASKED, "strength": 0.5, "count": 2, "sharedImage": True},
    "shared-image-strength-1": {**MASKED, "strength": 1.0, "count": 2, "sharedImage": True},
    "given-latents": {**MASKED, "initialLatents": "given-latents.npy", "strength": 0.5},
    "latents-mean": {**MASKED, "strength": 0.5, **STATISTICS},
}
FOUR_CHANNELS = {
    **NINE_CHANNELS,
    "full-mask": {**SOURCE, "mask": "mask-64-full.png", "strength": 0.5},
    "negative-text": {**MASKED, "strength": 0.5, "negativePrompt": "ugly, blurry", "prompt2": "flat colors"},
    "negative-micro-conditioning": {**MASKED, "strength": 0.5, **NEGATIVE_MICRO},
    "guidance-rescale-clip-skip": {**MASKED, "strength": 0.5, "guidanceRescale": 0.7, "clipSkip": 1},
    "two-sources": {"image": ["source-64.png", "other-64.png"], "mask": "mask-64.png", "strength": 0.5, "count": 2},
    "latents": {"imageLatents": "image-latents.npy", "mask": "mask-64.png", "strength": 0.5},
    "heun": {**MASKED, "strength": 0.5, "scheduler": "heun"},
    "heun-denoising-end": {**MASKED, "strength": 0.9, "denoisingEnd": 0.8, "scheduler": "heun"},
    "euler-ancestral-strength-1": {**MASKED, "strength": 1.0, "scheduler": "euler-ancestral"},
    "ddim-eta": {**MASKED, "strength": 0.5, **DDIM},
    "prompts": {**MASKED, "strength": 0.5, **PROMPTS},
    "prompt-list": {**PROMPT_LIST, "image": ["source-64.png", "other-64.png"], "mask": "mask-64.png", "strength": 0.5},
    "timesteps": {**MASKED, "strength": 0.7, "timestepsList": [900, 600, 350, 100, 10], "steps": 5},
    "sigmas": {**MASKED, "strength": 0.7, "sigmasList": [14.0, 7.0, 3.5, 1.5, 0.6, 0.0], "steps": 5},
    "denoising-start-end": {**MASKED, "denoisingStart": 0.3, "denoisingEnd": 0.8},
}
CROPPED = {"image": "source-128x96.png", "mask": "mask-128x96.png", "maskCrop": 8, "strength": 0.8}
CROP_RUNS = {
    "crop": {**CROPPED},
    "crop-blurred-mask": {**CROPPED, "mask": "mask-128x96-blurred.png"},
    "crop-corner-wide": {**CROPPED, "mask": "mask-128x96-corner.png", **WIDE, "strength": 1.0},
    "crop-filled": {**CROPPED, "mask": "mask-128x96-wide.png"},
}
REFINER_INPAINT_RUNS = {"refiner-inpaint": {**MASKED, "strength": 0.5, **SCORES}}

ENSEMBLE_RUNS = {
    "ensemble": {"handoff": 0.8},
    "ensemble-wide": {"handoff": 0.6, **WIDE, "negativePrompt": "ugly, blurry", **SCORES},
    "ensemble-batch": {"handoff": 0.5, "count": 2},
    "ensemble-heun": {"handoff": 0.8, "scheduler": "heun"},
    "ensemble-heun-half": {"handoff": 0.5, "scheduler": "heun"},
    "ensemble-euler-ancestral": {"handoff": 0.5, "scheduler": "euler-ancestral"},
    "ensemble-micro-conditioning": {"handoff": 0.7, **NEGATIVE_MICRO},
}
TWO_STAGE_RUNS = {
    "two-stage": {"refineStrength": 0.3, "steps": 8},
    "two-stage-batch": {"refineStrength": 0.5, "count": 2},
    "two-stage-wide": {"refineStrength": 0.3, "steps": 8, **WIDE, "negativePrompt": "ugly, blurry", **SCORES},
    "two-stage-heun": {"refineStrength": 0.5, "scheduler": "heun"},
    "two-stage-euler-ancestral": {"refineStrength": 0.5, "scheduler": "euler-ancestral"},
    "two-stage-no-guidance": {"refineStrength": 0.5, "guidanceScale": 1.0},
}
INPAINT_ENSEMBLE_RUNS = {"inpaint-ensemble": {**MASKED, "handoff": 0.6}}


def stage(model: str, pipeline: str) -> dict:
    return {"model": model, "pipeline": pipeline}


def all_runs() -> list[dict]:
    """Every run: its name, its stages and its whole request."""
    base_text, refiner_image = stage("tiny-sdxl", TEXT), stage("tiny-refiner", IMAGE)
    groups = [
        ([base_text], TEXT_RUNS),
        ([stage("tiny-sdxl", IMAGE)], IMAGE_RUNS),
        ([refiner_image], REFINER_IMAGE_RUNS),
        ([stage("tiny-sdxl", INPAINT)], {f"inpaint-{name}": run for name, run in {**FOUR_CHANNELS, **CROP_RUNS}.items()}),
        ([stage("tiny-refiner", INPAINT)], REFINER_INPAINT_RUNS),
        (
            [stage("tiny-inpaint", INPAINT)],
            {f"inpaint9-{name}": run for name, run in {**NINE_CHANNELS, "crop": CROP_RUNS["crop"]}.items()},
        ),
        ([base_text, refiner_image], {**ENSEMBLE_RUNS, **TWO_STAGE_RUNS}),
        ([stage("tiny-sdxl", INPAINT), stage("tiny-refiner", INPAINT)], INPAINT_ENSEMBLE_RUNS),
    ]
    return [
        {"name": name, "stages": stages, "request": {**DEFAULTS, **changes}}
        for stages, runs in groups
        for name, changes in runs.items()
    ]


def stage_requests(run: dict) -> list[dict]:
    """What each stage is asked: a hand-over splits the schedule, a refine strength follows finished latents."""
    request = run["request"]
    if len(run["stages"]) == 1:
        return [request]
    shared = {key: value for key, value in request.items() if key not in ("handoff", "refineStrength", *SCORES)}
    scores = {key: request[key] for key in SCORES if key in request}
    if "handoff" in request:
        return [{**shared, "denoisingEnd": request["handoff"]}, {**shared, **scores, "denoisingStart": request["handoff"]}]
    return [shared, {**shared, **scores, "strength": request["refineStrength"]}]
