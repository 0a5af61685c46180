"""Makes the pipelines of converter_pipelines.py and everything that the converter is compared with.

    python make_converter_fixtures.py [NAME...] [--build BUILD_DIR]

For each pipeline, below test/fixtures/convert/NAME/: source/ is the diffusers folder, outputs/ what torch computes,
optimum.json the shape of Optimum Intel's export. sdxl-like has LoRAs (lora/) and NNCF's compressed weights
(compression/) besides, sdxl-like and refiner-like a single-file checkpoint.
"""

import argparse
import collections
import json
import shutil
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from converter_pipelines import RECIPES, Recipe, build_modules, reference_inputs, reference_outputs, save_pipeline
from lora_fixtures import write_lora_fixtures
from optimum.intel import OVStableDiffusionXLImg2ImgPipeline, OVStableDiffusionXLInpaintPipeline, OVStableDiffusionXLPipeline
from optimum_export import export_openvino, remove_paths
from single_file import write_single_file
from stored_arrays import save_array, write_index
from tiny_pipelines import ROOT
from weight_compression import MODES, compress, compressed_layers, constant_bytes, settings

TARGET = ROOT / "test/fixtures/convert"
SINGLE_FILES = ("sdxl-like", "refiner-like")
COMPRESSED = {"sdxl-like": tuple(MODES), "conv-projection": ("int8_asym",)}
RAW_LAYERS = (
    "conv_in.weight",
    "time_embedding.linear_1.weight",
    "down_blocks.1.attentions.0.transformer_blocks.0.ff.net.2.weight",
    "down_blocks.2.attentions.0.proj_in.weight",
    "embeddings.position_embedding.weight",
)
RAW_MODES = ("int8_asym", "int4_sym_8", "int4_asym_8")
OPTIMUM = {
    "StableDiffusionXLPipeline": OVStableDiffusionXLPipeline,
    "StableDiffusionXLImg2ImgPipeline": OVStableDiffusionXLImg2ImgPipeline,
    "StableDiffusionXLInpaintPipeline": OVStableDiffusionXLInpaintPipeline,
}


def store(folder: Path, values: dict[str, dict[str, torch.Tensor]], side: str) -> dict[str, dict[str, str]]:
    return {
        submodel: {name: save_array(folder / f"{submodel}-{side}-{name}.npy", value) for name, value in named.items()}
        for submodel, named in values.items()
    }


def ports(values: list) -> list[dict]:
    return [
        {
            "names": sorted(value.get_names()),
            "shape": str(value.get_partial_shape()),
            "type": value.get_element_type().get_type_name(),
        }
        for value in values
    ]


def describe_export(folder: Path) -> dict:
    """Inputs, outputs, kinds of operations and runtime information of each submodel that Optimum exports."""
    result = {}
    for xml in sorted(folder.glob("*/openvino_model.xml")):
        model = ov.Core().read_model(xml)
        operations = collections.Counter(node.get_type_name() for node in model.get_ordered_ops())
        information = model.get_rt_info()
        options = information["runtime_options"] if "runtime_options" in information else {}
        result[xml.parent.name] = {
            "inputs": ports(model.inputs),
            "outputs": ports(model.outputs),
            "runtimeOptions": {key: str(getattr(item, "value", item)) for key, item in options.items()},
            "operations": dict(sorted(operations.items())),
        }
    return result


def check_export(folder: Path, inputs: dict, outputs: dict) -> None:
    """Prints how far the export, in float32 on the CPU, is from torch.

    Not compared: the second text encoder's last hidden state, which has had the final norm in the export only.
    """
    for submodel in inputs:
        precision = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
        model = ov.Core().read_model(folder / submodel / "openvino_model.xml")
        compiled = ov.compile_model(model, "CPU", precision)
        given = [inputs[submodel][next(iter(port.get_names() & inputs[submodel].keys()))].numpy() for port in model.inputs]
        results = compiled(given)
        last = f"hidden_states.{len(outputs[submodel]) - 3}"
        far = 0.0
        for index, port in enumerate(model.outputs):
            name = next(iter(port.get_names() & outputs[submodel].keys()))
            if submodel == "text_encoder_2" and name == last:
                continue
            reference = outputs[submodel][name].numpy()
            far = max(far, float(np.abs(results[index] - reference).max() / np.abs(reference).max()))
        print(f"   {submodel}: {far:.1e}")


def parameter_names(submodel: str, modules: dict[str, torch.nn.Module]) -> dict[str, str]:
    """torch's parameter for each name that a constant may have in the export."""
    module = modules["vae" if submodel.startswith("vae") else submodel]
    names = module.state_dict().keys()
    return {f"{prefix}{name}": name for name in names for prefix in ("self.", "self.model.", "self.base_model.")}


def write_compression(export: Path, folder: Path, modules: dict[str, torch.nn.Module], modes: tuple[str, ...]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seen: dict[str, str] = {}
    for mode in modes:
        index: dict = {
            "about": (
                "nncf.compress_weights on Optimum's float32 export. parameter: torch's name. chain: operations from the "
                "constant to the layer. sha256: first 16 digits, of the constant's bytes as in the .bin file. raw: those bytes. "
                "sameAs: everything about this layer is as in that mode's file."
            ),
            "mode": mode,
            "settings": settings(mode),
        }
        for xml in sorted(export.glob("*/openvino_model.xml")):
            submodel = xml.parent.name
            known = parameter_names(submodel, modules)
            rows = []
            for row, constants in compressed_layers(compress(xml, mode)):
                name = row.pop("constant")
                if name not in known:
                    print("   no parameter of that name:", submodel, name)
                parameter = known.get(name, name)
                key = json.dumps([submodel, parameter, row])
                if seen.setdefault(key, mode) != mode:
                    rows.append({"parameter": parameter, "sameAs": seen[key]})
                    continue
                if mode in RAW_MODES and parameter.endswith(RAW_LAYERS) and submodel in ("unet", "text_encoder"):
                    for part, constant in constants.items():
                        file = f"{mode}-{submodel}-{parameter}-{part}.npy"
                        row[part]["raw"] = save_array(folder / file, np.frombuffer(constant_bytes(constant), np.uint8))
                rows.append({"parameter": parameter, **row})
            index[submodel] = rows
        write_index(folder / f"{mode}.json", index)


def check_single_file(recipe: Recipe, target: Path, modules: dict[str, torch.nn.Module]) -> None:
    """Loads the single-file checkpoint with diffusers and compares every tensor."""
    loaded = recipe.pipeline.from_single_file(
        str(target / "single-file.safetensors"),
        config=str(target / "source"),
        torch_dtype=torch.float32,
        local_files_only=True,
        add_watermarker=False,
    )
    for name, module in modules.items():
        tensors = getattr(loaded, name).state_dict()
        assert tensors.keys() == module.state_dict().keys()
        assert all(torch.equal(tensors[key], value) for key, value in module.state_dict().items())


def make(name: str, seed: int, build: Path) -> None:
    print(name)
    recipe = RECIPES[name]
    target, plain, export = TARGET / name, build / name / "plain", build / name / "export"
    shutil.rmtree(target, ignore_errors=True)
    modules = build_modules(recipe, seed)
    save_pipeline(recipe, modules, target / "source", as_files=True)
    for config in (target / "source").rglob("*.json"):
        remove_paths(config)
    save_pipeline(recipe, modules, plain, as_files=False)

    inputs = reference_inputs(recipe, modules, seed)
    outputs = reference_outputs(modules, inputs)
    loaded = recipe.pipeline.from_pretrained(
        target / "source", torch_dtype=torch.float32, variant=recipe.variant, add_watermarker=False
    )
    again = reference_outputs({key: getattr(loaded, key) for key in modules}, inputs)
    assert all(torch.equal(again[key][part], outputs[key][part]) for key in outputs for part in outputs[key])

    files = {"inputs": store(target / "outputs", inputs, "in"), "outputs": store(target / "outputs", outputs, "out")}
    export_openvino(plain, export, OPTIMUM[recipe.pipeline.__name__])
    check_export(export, inputs, outputs)
    write_index(target / "optimum.json", describe_export(export))
    index = {"what": recipe.what, "dtype": str(recipe.dtype).removeprefix("torch."), **files}
    if name in SINGLE_FILES:
        index["singleFile"] = "single-file.safetensors"
        write_single_file(target / "single-file.safetensors", modules, recipe.dtype)
        check_single_file(recipe, target, modules)
    write_index(target / "index.json", index)
    if name in COMPRESSED:
        write_compression(export, target / "compression", modules, COMPRESSED[name])
    if name == "sdxl-like":

        def outputs_of(pipeline, folder: Path, prefix: str) -> dict:
            given = {key: inputs[key] for key in inputs if not key.startswith("vae")}
            results = reference_outputs({key: getattr(pipeline, key) for key in modules}, inputs)
            kept = {"unet": "out_sample", "text_encoder": "hidden_states.1", "text_encoder_2": "text_embeds"}
            return {
                f"{key}.{kept[key]}": save_array(folder / f"{prefix}-{key}-{kept[key]}.npy", results[key][kept[key]])
                for key in given
            }

        write_lora_fixtures(plain, target / "lora", modules, outputs_of)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(RECIPES))
    parser.add_argument("--build", type=Path, default=ROOT / "test/reference/build/convert")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for seed, name in enumerate(RECIPES):
        if name in arguments.names:
            make(name, seed, arguments.build)


if __name__ == "__main__":
    main()
