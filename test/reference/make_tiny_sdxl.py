"""Makes a tiny random SDXL pipeline and its OpenVINO IR.

The diffusers folder goes to a build folder (argument, default test/reference/build/tiny-sdxl), Optimum Intel's float32
export of it to test/fixtures/tiny-sdxl/.

    python make_tiny_sdxl.py [BUILD_DIR]
"""

import shutil
import sys
from pathlib import Path

from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from optimum_export import export_openvino
from tiny_pipelines import ROOT, SCHEDULER, cut_merges, randomize, scale_layer, text_config, write_tokenizers
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

BUILD = ROOT / "test/reference/build/tiny-sdxl"
TARGET = ROOT / "test/fixtures/tiny-sdxl"


def build(folder: Path) -> None:
    """Writes the diffusers folder. Widths differ everywhere, so that a mix-up cannot go unnoticed."""
    merges = cut_merges(254)
    text_encoder = CLIPTextModel(text_config(merges, 32, 2, 3, "quick_gelu", 32))
    text_encoder_2 = CLIPTextModelWithProjection(text_config(merges, 48, 4, 3, "gelu", 40))
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(8, 16, 24),
        layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2),
        attention_head_dim=(1, 2, 3),
        cross_attention_dim=32 + 48,
        use_linear_projection=True,
        norm_num_groups=4,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 40,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 16, 16, 24),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=64,
        scaling_factor=0.13025,
        force_upcast=True,
    )
    for seed, module in enumerate((text_encoder, text_encoder_2, unet, vae)):
        randomize(module, seed)
        module.eval()
    scale_layer(vae.decoder.conv_out, 0.8)
    write_tokenizers(folder, merges)
    pipeline = StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=text_encoder,
        text_encoder_2=text_encoder_2,
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer_2"),
        unet=unet,
        scheduler=EulerDiscreteScheduler(**SCHEDULER),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder)
    for name in ("tokenizer", "tokenizer_2"):
        shutil.rmtree(folder / name)
    write_tokenizers(folder, merges)


if __name__ == "__main__":
    build_folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILD
    build(build_folder)
    export_openvino(build_folder, TARGET)
