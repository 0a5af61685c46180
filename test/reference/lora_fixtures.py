"""The same LoRA in the file formats that are in use, and the weights that PEFT fuses from it."""

import json
import shutil
from pathlib import Path

import torch
from diffusers import StableDiffusionXLPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from single_file import unet_module_name
from stored_arrays import numbers, save_array, write_index

RANK, ALPHA = 4, 6
UNET_TARGETS = [
    "down_blocks.1.attentions.0.proj_in",
    "down_blocks.1.attentions.0.proj_out",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_out.0",
    "down_blocks.1.attentions.1.transformer_blocks.0.attn2.to_k",
    "down_blocks.2.attentions.1.transformer_blocks.1.attn2.to_v",
    "down_blocks.2.attentions.0.transformer_blocks.0.ff.net.0.proj",
    "mid_block.attentions.0.transformer_blocks.1.ff.net.2",
    "up_blocks.0.attentions.2.transformer_blocks.0.attn1.to_v",
    "up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_q",
    "down_blocks.0.resnets.0.conv1",
    "down_blocks.1.resnets.0.conv_shortcut",
    "down_blocks.1.resnets.1.time_emb_proj",
    "mid_block.resnets.1.conv2",
    "up_blocks.2.resnets.1.conv1",
    "down_blocks.0.downsamplers.0.conv",
    "up_blocks.1.upsamplers.0.conv",
    "conv_in",
    "conv_out",
    "time_embedding.linear_1",
    "add_embedding.linear_2",
]
TEXT_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
STORED_WHOLE = {
    "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight",
    "unet.down_blocks.1.attentions.0.proj_in.weight",
    "unet.down_blocks.0.resnets.0.conv1.weight",
    "unet.down_blocks.1.resnets.0.conv_shortcut.weight",
    "text_encoder.text_model.encoder.layers.1.mlp.fc1.weight",
    "text_encoder_2.text_model.encoder.layers.0.self_attn.q_proj.weight",
}
NAMES = ("unet", "text_encoder", "text_encoder_2")


def draw_lora(modules: dict[str, torch.nn.Module]) -> dict[str, dict[str, torch.Tensor]]:
    """Random LoRA matrices under PEFT's names, float16 values. Leaves the modules as they were."""
    result = {}
    generator = torch.Generator("cpu").manual_seed(77)
    for name in NAMES:
        targets = UNET_TARGETS if name == "unet" else TEXT_TARGETS
        modules[name].add_adapter(LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets), "default")
        tensors = get_peft_model_state_dict(modules[name], adapter_name="default")
        result[name] = {
            key: (torch.randn(value.shape, generator=generator) / value[0].numel() ** 0.5).half().float()
            for key, value in sorted(tensors.items())
        }
        remove = modules[name].delete_adapters if name == "unet" else modules[name].delete_adapter
        remove("default")
    return result


def peft_file(path: Path, lora: dict, alpha_in_metadata: bool) -> None:
    """diffusers' format. Its alpha is in the file's metadata or nowhere; then it counts as the rank."""
    tensors = {f"{name}.{key}": value.half() for name in NAMES for key, value in lora[name].items()}
    metadata = {"format": "pt"}
    if alpha_in_metadata:
        config = {
            f"{name}.{key}": value
            for name in NAMES
            for key, value in LoraConfig(
                r=RANK, lora_alpha=ALPHA, target_modules=UNET_TARGETS if name == "unet" else TEXT_TARGETS
            )
            .to_dict()
            .items()
        }
        plain = {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}
        metadata["lora_adapter_metadata"] = json.dumps(plain, indent=2, sort_keys=True)
    save_file(tensors, path, metadata)


def kohya_file(path: Path, lora: dict, unet: torch.nn.Module, sgm_names: bool) -> None:
    """kohya's format: underscored names, lora_down, lora_up and alpha."""
    layers = unet.config.layers_per_block
    attention = ["CrossAttn" in kind for kind in unet.config.up_block_types]
    prefixes = {"unet": "lora_unet_", "text_encoder": "lora_te1_", "text_encoder_2": "lora_te2_"}
    tensors = {}
    for name in NAMES:
        for key, value in lora[name].items():
            module, _, side = key.removesuffix(".weight").rpartition(".")
            if name == "unet" and sgm_names:
                module = unet_module_name(module, layers, attention)
            base = prefixes[name] + module.replace(".", "_")
            tensors[f"{base}.{'lora_down' if side == 'lora_A' else 'lora_up'}.weight"] = value.half()
            tensors[f"{base}.alpha"] = torch.tensor(float(ALPHA)).half()
    save_file(tensors, path, {"format": "pt", "ss_network_dim": str(RANK), "ss_network_alpha": str(ALPHA)})


def fused_weights(source: Path, file: Path, scale: float) -> tuple[StableDiffusionXLPipeline, dict[str, torch.Tensor]]:
    """The pipeline with a LoRA fused into it by PEFT, and the weights that changed."""
    pipeline = StableDiffusionXLPipeline.from_pretrained(source, torch_dtype=torch.float32, add_watermarker=False)
    before = {f"{name}.{key}": value.clone() for name in NAMES for key, value in getattr(pipeline, name).state_dict().items()}
    pipeline.load_lora_weights(file.parent, weight_name=file.name)
    pipeline.fuse_lora(lora_scale=scale, components=list(NAMES))
    pipeline.unload_lora_weights()
    after = {f"{name}.{key}": value for name in NAMES for key, value in getattr(pipeline, name).state_dict().items()}
    assert before.keys() == after.keys()
    return pipeline, {key: value for key, value in after.items() if not torch.equal(value, before[key])}


def write_lora_fixtures(source: Path, folder: Path, modules: dict[str, torch.nn.Module], outputs_of) -> None:
    """All files, and index.json with what PEFT fuses from them. outputs_of computes the submodels' outputs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lora = draw_lora(modules)
    peft_file(folder / "peft.safetensors", lora, alpha_in_metadata=True)
    peft_file(folder / "peft-without-alpha.safetensors", lora, alpha_in_metadata=False)
    kohya_file(folder / "kohya.safetensors", lora, modules["unet"], sgm_names=False)
    kohya_file(folder / "kohya-sgm.safetensors", lora, modules["unet"], sgm_names=True)
    cases = [
        ("peft.safetensors", 1.0),
        ("kohya.safetensors", 1.0),
        ("kohya-sgm.safetensors", 1.0),
        ("kohya-sgm.safetensors", 0.5),
        ("peft-without-alpha.safetensors", 1.0),
    ]
    reference: dict[str, torch.Tensor] = {}
    rows, runs = [], []
    for file, scale in cases:
        pipeline, changed = fused_weights(source, folder / file, scale)
        run = {"file": file, "scale": scale, "changed": len(changed)}
        print(file, scale, len(changed), "weights changed")
        if not reference:
            reference = changed
            for name, value in sorted(changed.items()):
                row = {"weight": name, "shape": list(value.shape), "first": numbers(value.ravel()[:8])}
                row["norm"] = float(value.double().norm())
                if name in STORED_WHOLE:
                    row["file"] = save_array(folder / f"fused-{name}.npy", value)
                rows.append(row)
            run["outputs"] = outputs_of(pipeline, folder, "fused")
        elif scale == 1.0 and file != "peft-without-alpha.safetensors":
            far = [name for name in reference if name not in changed or not torch.allclose(changed[name], reference[name], atol=1e-6)]
            print("   not as in", cases[0][0], far)
            run["sameAs"] = cases[0][0]
            run["notLoaded"] = far
        else:
            run["outputs"] = outputs_of(pipeline, folder, f"fused-{file.removesuffix('.safetensors')}-{scale}")
        runs.append(run)
    index = {
        "about": (
            f"One LoRA of rank {RANK} and alpha {ALPHA} in four files, and what diffusers and PEFT make of them in float32. "
            "weights: every weight that fusing peft.safetensors at scale 1 changes, with its first values and its norm. "
            "notLoaded: weights that diffusers leaves alone when it loads this file."
        ),
        "rank": RANK,
        "alpha": ALPHA,
        "runs": runs,
        "weights": rows,
    }
    write_index(folder / "index.json", index)
