"""Compares one f32 forward of a full-size UNet, converted by Limner, with torch's. Run the parts one after the other:

    python full_size_forward.py torch SOURCE FILE.npz       SOURCE: a diffusers folder; needs about 14 GiB
    python full_size_forward.py openvino CONVERTED FILE.npz  CONVERTED: what `limner convert --weights fp16` wrote

The first stores inputs and output; the second prints max|difference| / max|output|.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

# 512 x 512 pixels.
LATENT = 64


def inputs(config: dict, pooled: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    ids = (config["projection_class_embeddings_input_dim"] - pooled) // config["addition_time_embed_dim"]
    return {
        "sample": generator.standard_normal((1, config["in_channels"], LATENT, LATENT), dtype=np.float32),
        "timestep": np.array([601], dtype=np.int64),
        "encoder_hidden_states": generator.standard_normal((1, 77, config["cross_attention_dim"]), dtype=np.float32),
        "text_embeds": generator.standard_normal((1, pooled), dtype=np.float32),
        "time_ids": np.array([[512, 512, 0, 0, 512, 512][:ids]], dtype=np.float32),
    }


def run_torch(source: Path, file: Path) -> None:
    import torch
    from diffusers import UNet2DConditionModel

    config = json.loads((source / "unet/config.json").read_text())
    pooled = json.loads((source / "text_encoder_2/config.json").read_text())["projection_dim"]
    given = inputs(config, pooled)
    unet = UNet2DConditionModel.from_pretrained(source / "unet", torch_dtype=torch.float32).eval()
    tensors = {name: torch.from_numpy(value) for name, value in given.items()}
    with torch.no_grad():
        output = unet(
            tensors["sample"],
            tensors["timestep"],
            tensors["encoder_hidden_states"],
            added_cond_kwargs={"text_embeds": tensors["text_embeds"], "time_ids": tensors["time_ids"]},
        ).sample.numpy()
    print(f"torch: largest {np.abs(output).max():.4f}, spread {output.std():.4f}")
    np.savez(file, output=output, **given)


def run_openvino(converted: Path, file: Path) -> None:
    import openvino as ov

    stored = dict(np.load(file))
    reference = stored.pop("output")
    started = time.time()
    settings = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
    model = ov.Core().compile_model(converted / "unet/openvino_model.xml", "CPU", settings)
    print(f"compiled in {time.time() - started:.1f} s")
    started = time.time()
    output = model(stored)["out_sample"]
    print(f"one forward: {time.time() - started:.1f} s")
    print(f"relative difference: {np.abs(output - reference).max() / np.abs(reference).max():.2e}")


if __name__ == "__main__":
    part, folder, store = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    (run_torch if part == "torch" else run_openvino)(folder, store)
