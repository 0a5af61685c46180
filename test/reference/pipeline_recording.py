"""Runs a pipeline of diffusers for one stage of a run and keeps what it drew, was given and made."""

import inspect
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from diffusers import (
    DiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)
from make_outputs import DIFFUSERS_NAMES as TEXT_NAMES
from make_outputs import generators, pair
from make_sampler_runs import SAMPLERS
from PIL import Image
from pipeline_runs import IMAGE, INPAINT, TEXT

CLASSES = {TEXT: StableDiffusionXLPipeline, IMAGE: StableDiffusionXLImg2ImgPipeline, INPAINT: StableDiffusionXLInpaintPipeline}
DIFFUSERS_NAMES = {
    **TEXT_NAMES,
    "guidanceRescale": "guidance_rescale",
    "clipSkip": "clip_skip",
    "strength": "strength",
    "aestheticScore": "aesthetic_score",
    "negativeAestheticScore": "negative_aesthetic_score",
    "denoisingStart": "denoising_start",
    "denoisingEnd": "denoising_end",
    "sigmasList": "sigmas",
    "timestepsList": "timesteps",
    "eta": "eta",
    "maskCrop": "padding_mask_crop",
}


@dataclass
class Recording:
    """What a stage drew and made. draws has one list per generator, in the order of the draws."""

    parameters: list[str] = field(default_factory=list)
    latents: torch.Tensor | None = None
    pictures: np.ndarray | None = None
    draws: list[list[str]] = field(default_factory=list)
    timesteps: list[float] = field(default_factory=list)
    sigmas: list[float] = field(default_factory=list)
    time_ids: list[list[float]] = field(default_factory=list)
    steps: list[torch.Tensor] = field(default_factory=list)
    model_input: torch.Tensor | None = None
    moments: list[torch.Tensor] = field(default_factory=list)
    noise_added: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = field(default_factory=list)


def pipeline_for(model: DiffusionPipeline, kind: str, request: dict) -> DiffusionPipeline:
    """The model's parts as that pipeline, with its own copy of the scheduler."""
    kind_class = CLASSES[kind]
    names = inspect.signature(kind_class.__init__).parameters
    parts = {name: part for name, part in model.components.items() if name in names}
    scheduler_class, settings = SAMPLERS.get(request.get("scheduler", ""), (type(model.scheduler), {}))
    changes = {**settings, **request.get("schedulerConfig", {})}
    # EDMEulerScheduler cannot read the nulls that Euler's configuration has for its sigmas.
    kept = {key: value for key, value in model.scheduler.config.items() if value is not None}
    parts["scheduler"] = scheduler_class.from_config({**kept, **changes})
    flags = {name: model.config[name] for name in ("requires_aesthetics_score", "force_zeros_for_empty_prompt") if name in model.config}
    pipeline = kind_class(**parts, **{key: value for key, value in flags.items() if key in names}, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def call_arguments(kind: str, request: dict, folder: Path, image: torch.Tensor | None) -> dict:
    """The pipeline's arguments. Pictures are opened from pictures/, latents from the fixture's folder."""
    arguments = {}
    for key, name in DIFFUSERS_NAMES.items():
        if key in request:
            arguments[name] = pair(request[key]) if isinstance(request[key], dict) else request[key]
    if kind != IMAGE:
        arguments.update(height=request["size"]["height"], width=request["size"]["width"])

    def latents(name: str) -> torch.Tensor:
        return torch.from_numpy(np.load(folder / request[name]))

    def picture(name: str) -> Image.Image:
        return Image.open(folder / "pictures" / name).copy()

    for key, name in (("prompts", "prompt"), ("negativePrompts", "negative_prompt")):
        if key in request:
            arguments.update({name: request[key], "num_images_per_prompt": 1})
    if "initialLatents" in request:
        arguments["latents"] = latents("initialLatents")
    if "maskedImageLatents" in request:
        arguments["masked_image_latents"] = latents("maskedImageLatents")
    if image is not None:
        arguments["image"] = image
    elif "imageLatents" in request:
        arguments["image"] = latents("imageLatents")
    elif isinstance(request.get("image"), list):
        arguments["image"] = [picture(name) for name in request["image"]]
    elif "image" in request:
        arguments["image"] = picture(request["image"])
    if "mask" in request and kind == INPAINT:
        arguments["mask_image"] = picture(request["mask"])

    if isinstance(arguments.get("image"), Image.Image) and kind == INPAINT and request["count"] > 1 and "sharedImage" not in request:
        arguments["image"] = [arguments["image"]] * request["count"]
    if isinstance(arguments.get("image"), list):
        # One prompt per picture: an inpainting pipeline given fewer pictures than generators encodes with the first only.
        arguments["num_images_per_prompt"] = 1
        for name in ("prompt", "prompt_2", "negative_prompt", "negative_prompt_2"):
            if isinstance(arguments.get(name), str):
                arguments[name] = [arguments[name]] * len(arguments["image"])
    return arguments


def exercised(pipeline: DiffusionPipeline, arguments: dict) -> list[str]:
    """Parameters of __call__ that have another value than their default."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(pipeline.__call__).parameters.items()}
    kinds = (bool, int, float, str, tuple, type(None))
    return sorted(
        name for name, value in arguments.items() if not (isinstance(value, kinds) and isinstance(defaults[name], kinds) and value == defaults[name])
    )


def purpose() -> str:
    """What the innermost function of diffusers that draws now draws for."""
    names = [frame.function for frame in inspect.stack(0)]
    if "prepare_mask_latents" in names:
        return "masked-image"
    if "_encode_vae_image" in names or "retrieve_latents" in names:
        return "image"
    return "step" if "step" in names else "noise"


def record(pipeline: DiffusionPipeline, arguments: dict, request: dict) -> Recording:
    """Calls the pipeline once for latents (by its callback, since a cropped mask allows pictures only) and pictures."""
    kept = Recording()
    drawn_by = generators(request)
    kept.draws = [[] for _ in drawn_by]
    randn, encode, add_noise = torch.randn, pipeline.vae.encode, pipeline.scheduler.add_noise

    def watched_randn(*shape, **keywords):
        owner = keywords.get("generator")
        values = randn(*shape, **keywords)
        for index, generator in enumerate(drawn_by):
            if generator is owner:
                kept.draws[index].append(purpose())
        return values

    def watched_encode(picture, **keywords):
        result = encode(picture, **keywords)
        kept.moments.append((result.latent_dist if hasattr(result, "latent_dist") else result[0]).parameters)
        return result

    def watched_add_noise(samples, noise, timesteps):
        result = add_noise(samples, noise, timesteps)
        kept.noise_added.append((samples.clone(), noise.clone(), result.clone()))
        return result

    def before_unet(_module, positional, keywords) -> None:
        if kept.model_input is None:
            kept.model_input = positional[0].clone()
            kept.time_ids = keywords["added_cond_kwargs"]["time_ids"].tolist()
        kept.timesteps.append(float(positional[1]))

    def after_step(_pipeline, _index, _timestep, values):
        kept.steps.append(values["latents"].clone())
        return values

    handle = pipeline.unet.register_forward_pre_hook(before_unet, with_kwargs=True)
    output = "pil" if "padding_mask_crop" in arguments else "np"
    kept.parameters = exercised(pipeline, {**arguments, "generator": drawn_by, "output_type": output})
    with ExitStack() as stack:
        stack.callback(handle.remove)
        stack.enter_context(patch("torch.randn", watched_randn))
        stack.enter_context(patch.object(pipeline.vae, "encode", watched_encode))
        stack.enter_context(patch.object(pipeline.scheduler, "add_noise", watched_add_noise))
        pictures = pipeline(**arguments, generator=drawn_by, output_type=output, callback_on_step_end=after_step).images
    kept.pictures = np.stack([np.asarray(item) for item in pictures])
    kept.latents = kept.steps[-1]
    kept.sigmas = getattr(pipeline.scheduler, "sigmas", torch.tensor([])).tolist()
    return kept


def as_bytes(pictures: np.ndarray) -> np.ndarray:
    """[count, height, width, 3] uint8."""
    return pictures if pictures.dtype == np.uint8 else (pictures * 255).round().astype(np.uint8)
