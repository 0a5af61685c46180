"""Stores what diffusers computes in float32 for image to image, inpainting and base + refiner.

    python make_pipeline_fixtures.py [--build BUILD] [--models]

--models also makes the refiner and the inpainting model again and exports them with Optimum Intel.
"""

import argparse
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from diffusers import DiffusionPipeline
from diffusers.utils import logging
from PIL import Image
from make_outputs import generators
from pipeline_models import FIXTURES, SHARED, build_models, export_models, load_models
from pipeline_pictures import write_pictures
from pipeline_recording import Recording, as_bytes, call_arguments, pipeline_for, record
from pipeline_runs import DEFAULTS, all_runs, stage_requests
from stored_arrays import numbers, save_array, write_index
from tiny_pipelines import ROOT

TARGET = FIXTURES / "pipelines"
PREPARED = "prepared"
DETAILED = ("image-strength-0.5", "image-euler-ancestral", "inpaint-strength-0.5", "inpaint-strength-1", "inpaint9-strength-0.5", "ensemble")

CONVENTIONS = {
    "request": "the product's names; sizes say {width, height} and {x, y}, diffusers' tuples are (height, width) and (top, left)",
    "stages": "two stages: the second gets the first one's latents as its image, and fresh generators with the same seeds",
    "image": "a file of pictures/, at the size of the request (except with maskCrop); a list has one source per image of the count",
    "mask": "a file of pictures/, as diffusers gets it: blurred masks are blurred already (radius not in the request)",
    "absent": "strength is 0.3 for image to image and 0.9999 for inpainting; aesthetic scores are 6 and 2.5; scheduler is the model's",
    "keepOriginal": "off: original pixels are pasted back with maskCrop only, as diffusers does",
    "latents": "[count, 4, height/8, width/8] float32, before division by the scaling factor; baseLatents are the first stage's",
    "picture": "[count, height, width, 3] uint8 of the latents; with maskCrop of the whole source, after the paste",
    "parameters": "per stage, the parameters of __call__ that had another value than their default",
    "prompts": "a list of prompts, one image each (negativePrompts likewise)",
    "sharedImage": "one picture for all images of the count: diffusers encodes it once, with the first generator",
    "draws": "per stage and generator, what each draw of normal numbers is for, in order",
    "timesteps": "per stage, what the UNet was called with, one per call",
    "guidanceEmbeddings": "timestep_cond by guidance scale and size, for UNets with time_cond_proj_dim",
    "timeIds": "per stage, of the first call: rows negative (if guided), positive",
    "sigmas": "per stage, the sampler's whole table",
    "vaeConfig": "keys that differ in the VAE's config.json; schedulerConfig, in scheduler_config.json",
    "moments": "what the VAE encoder gives, one per picture and call: mean, then logarithm of the variance",
    "details": (
        "of the last stage; modelInput is the first call's; imageLatents, noise and noisyLatents are those of the first noise "
        "added, which is the start, or the first blend where a run starts from pure noise"
    ),
}


def seeded_latents(path: Path, seed: int, deviation: float) -> None:
    generator = torch.Generator("cpu").manual_seed(seed)
    save_array(path, torch.randn(1, 4, 8, 8, generator=generator) * deviation)


def write_details(name: str, recording: Recording) -> dict:
    """Values on the way, for finding where a difference begins."""
    values: dict = {"stepLatents": torch.stack(recording.steps), "modelInput": recording.model_input}
    for index, moments in enumerate(recording.moments):
        values[f"moments{index}"] = moments
    if recording.noise_added:
        values.update(zip(("imageLatents", "noise", "noisyLatents"), recording.noise_added[0]))
    return {key: save_array(TARGET / f"{name}-{key}.npy", value) for key, value in values.items()}


def write_crop(name: str, model: DiffusionPipeline, kind: str, request: dict, recording: Recording) -> dict:
    """The steps of padding_mask_crop, and proof that they are all of it: a plain run on the prepared pictures is the same."""
    pipeline = pipeline_for(model, kind, request)
    arguments = call_arguments(kind, request, TARGET, None)
    width, height = request["size"]["width"], request["size"]["height"]
    box = pipeline.mask_processor.get_crop_region(arguments["mask_image"], width, height, pad=request["maskCrop"])
    image = pipeline.image_processor.resize(arguments["image"].crop(box), height, width, resize_mode="fill").convert("RGB")
    mask = pipeline.mask_processor.resize(arguments["mask_image"].crop(box), height, width, resize_mode="fill").convert("L")
    folder = TARGET / "pictures"
    files = {"image": f"{PREPARED}-{name}.png", "mask": f"{PREPARED}-{name}-mask.png"}
    image.save(folder / files["image"], optimize=True)
    mask.save(folder / files["mask"], optimize=True)

    plain = {key: value for key, value in request.items() if key != "maskCrop"} | files
    inner = record(pipeline_for(model, kind, plain), call_arguments(kind, plain, TARGET, None), plain)
    assert torch.equal(inner.latents, recording.latents)
    made = Image.fromarray(as_bytes(inner.pictures)[0])
    fitted = pipeline.image_processor.resize(made, box[3] - box[1], box[2] - box[0], resize_mode="crop")
    pasted = pipeline.image_processor.apply_overlay(arguments["mask_image"], arguments["image"], made, box)
    assert np.array_equal(np.asarray(pasted), recording.pictures[0])
    fitted.save(folder / f"{PREPARED}-{name}-result.png", optimize=True)
    return {
        "cropBox": {"left": box[0], "top": box[1], "right": box[2], "bottom": box[3]},
        "preparedImage": files["image"],
        "preparedMask": files["mask"],
        "innerPicture": save_array(TARGET / f"{name}-inner-picture.npy", as_bytes(inner.pictures)),
        "resizedResult": f"{PREPARED}-{name}-result.png",
    }


def record_stages(run: dict, models: dict[str, DiffusionPipeline]) -> list[Recording]:
    recordings: list[Recording] = []
    for stage, request in zip(run["stages"], stage_requests(run)):
        model = models[stage["model"]]
        before = {key: model.vae.config[key] for key in request.get("vaeConfig", {})}
        model.vae.register_to_config(**request.get("vaeConfig", {}))
        image = recordings[-1].latents if recordings else None
        pipeline = pipeline_for(model, stage["pipeline"], request)
        recordings.append(record(pipeline, call_arguments(stage["pipeline"], request, TARGET, image), request))
        model.vae.register_to_config(**before)
    return recordings


def run_entry(run: dict, models: dict[str, DiffusionPipeline]) -> dict:
    name, request = run["name"], run["request"]
    recordings = record_stages(run, models)
    last = recordings[-1]
    entry = {**run, "latents": save_array(TARGET / f"{name}-latents.npy", last.latents)}
    if len(recordings) > 1:
        entry["baseLatents"] = save_array(TARGET / f"{name}-base-latents.npy", recordings[0].latents)
    if "denoisingEnd" not in request:
        entry["picture"] = save_array(TARGET / f"{name}-picture.npy", as_bytes(last.pictures))
    for key in ("parameters", "draws", "timesteps", "time_ids"):
        camel = "timeIds" if key == "time_ids" else key
        entry[camel] = [getattr(recording, key) for recording in recordings]
    if "sigmasList" in request or "timestepsList" in request or request.get("scheduler") == "heun":
        entry["sigmas"] = [recording.sigmas for recording in recordings]
    if "maskCrop" in request:
        entry.update(write_crop(name, models[run["stages"][0]["model"]], run["stages"][0]["pipeline"], request, last))
    if name in DETAILED:
        entry["details"] = write_details(name, last)
    return entry


def guidance_embeddings(pipeline: DiffusionPipeline) -> list[dict]:
    """timestep_cond of UNets that take the guidance scale (LCM): of guidance - 1."""
    return [
        {
            "guidanceScale": guidance,
            "size": size,
            "timestepCond": numbers(pipeline.get_guidance_scale_embedding(torch.tensor(guidance - 1).reshape(1), size)),
        }
        for guidance, size in ((8.0, 16), (1.0, 16), (5.5, 7), (7.5, 256))
    ]


def check_batches(runs: list[dict], models: dict[str, DiffusionPipeline]) -> None:
    """Image k of a batch is the image of a run of its own with seed + k, up to the last bits of sums."""
    for run in runs:
        request = run["request"]
        if request["count"] == 1 or "sharedImage" in request:
            continue
        together = np.load(TARGET / f"{run['name']}-latents.npy")
        for index in range(request["count"]):
            image = request.get("image")
            alone = {**request, "count": 1, "seed": request["seed"] + index}
            if isinstance(image, list):
                alone["image"] = image[index]
            for key in ("prompts", "negativePrompts"):
                if key in request:
                    alone[key] = [request[key][index]]
            latents = record_stages({**run, "request": alone}, models)[-1].latents.numpy()
            assert np.abs(latents[0] - together[index]).max() < 1e-4 * np.abs(together).max(), (run["name"], index)


def check_latent_output(runs: list[dict], models: dict[str, DiffusionPipeline]) -> None:
    """output_type="latent" gives the latents that the other runs take from the step callback."""
    for name in ("text-prompts", "image-strength-0.5", "inpaint-strength-0.5", "inpaint9-strength-0.5", "refiner-image"):
        run = next(run for run in runs if run["name"] == name)
        [stage], [request] = run["stages"], stage_requests(run)
        pipeline = pipeline_for(models[stage["model"]], stage["pipeline"], request)
        arguments = call_arguments(stage["pipeline"], request, TARGET, None)
        latents = pipeline(**arguments, generator=generators(request), output_type="latent").images
        assert np.array_equal(latents.numpy(), np.load(TARGET / f"{name}-latents.npy")), name


def check_refiner_prompts(runs: list[dict], models: dict[str, DiffusionPipeline]) -> None:
    """The refiner takes neither prompt2 nor negativePrompt2."""
    run = next(run for run in runs if run["name"] == "refiner-prompt2-ignored")
    request = {key: value for key, value in run["request"].items() if key not in ("prompt2", "negativePrompt2")}
    latents = record_stages({**run, "request": request}, models)[-1].latents
    assert np.array_equal(latents.numpy(), np.load(TARGET / f"{run['name']}-latents.npy"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, default=ROOT / "test/reference/build")
    parser.add_argument("--models", action="store_true")
    arguments = parser.parse_args()
    logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    folders = build_models(arguments.build)
    if arguments.models:
        export_models(folders, arguments.build)
    for file in [*TARGET.glob("*.npy"), TARGET / "pictures"]:
        shutil.rmtree(file, ignore_errors=True) if file.is_dir() else file.unlink(missing_ok=True)
    write_pictures(TARGET / "pictures")
    seeded_latents(TARGET / "given-latents.npy", 5, 1.0)
    seeded_latents(TARGET / "image-latents.npy", 6, 0.8)
    models = load_models(folders)
    runs = all_runs()
    with torch.no_grad():
        embeddings = guidance_embeddings(models["tiny-sdxl"])
        entries = [run_entry(run, models) for run in runs]
        check_batches(runs, models)
        check_refiner_prompts(runs, models)
        check_latent_output(runs, models)
    index = {
        "about": (
            "What diffusers computes in float32 with test/fixtures/tiny-sdxl, tiny-refiner and tiny-inpaint; made by "
            "test/reference/make_pipeline_fixtures.py. README.md says what was found on the way."
        ),
        "versions": {name: version(name) for name in ("torch", "diffusers", "transformers", "numpy", "pillow")},
        "conventions": CONVENTIONS,
        "defaults": DEFAULTS,
        "models": [{"name": name, "takes from tiny-sdxl": shared} for name, shared in SHARED.items()],
        "guidanceEmbeddings": embeddings,
        "runs": entries,
    }
    write_index(TARGET / "index.json", index)


if __name__ == "__main__":
    main()
