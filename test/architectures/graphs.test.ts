import { describe, expect, test } from "vitest";
import {
  baseUnet,
  refinerUnet,
  type Shapes,
  textShapes,
  unetShapes,
  vaeShapes,
} from "../../bench/convert/networkShapes.ts";
import { ArchitectureError } from "../../src/architectures/architectureError.ts";
import { textEncoder2Graph, textEncoderGraph } from "../../src/architectures/clipText.ts";
import { unetGraph } from "../../src/architectures/unet.ts";
import { vaeDecoderGraph, vaeEncoderGraph } from "../../src/architectures/vae.ts";
import { waveFrequencies } from "../../src/architectures/waves.ts";
import type { WeightRole, WeightSource } from "../../src/architectures/weights.ts";
import { keepPrecisionMark } from "../../src/graph/constantNode.ts";
import { elementCount } from "../../src/graph/elementType.ts";
import { type Graph, nodesOfType } from "../../src/graph/graph.ts";
import { elementText } from "../../src/graph/xml/xmlElement.ts";

// The published configurations, without what is at diffusers' defaults.
const base = {
  addition_embed_type: "text_time",
  addition_time_embed_dim: 256,
  attention_head_dim: [5, 10, 20],
  block_out_channels: [320, 640, 1280],
  cross_attention_dim: 2048,
  down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
  projection_class_embeddings_input_dim: 2816,
  transformer_layers_per_block: [1, 2, 10],
  up_block_types: ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
  upcast_attention: null,
  use_linear_projection: true,
};
const refiner = {
  ...base,
  attention_head_dim: [6, 12, 24, 24],
  block_out_channels: [384, 768, 1536, 1536],
  cross_attention_dim: 1280,
  down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
  projection_class_embeddings_input_dim: 2560,
  transformer_layers_per_block: 4,
  up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
};
const clipL = {
  eos_token_id: 2,
  hidden_act: "quick_gelu",
  hidden_size: 768,
  intermediate_size: 3072,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  vocab_size: 49408,
};
const bigG = {
  ...clipL,
  hidden_act: "gelu",
  hidden_size: 1280,
  intermediate_size: 5120,
  num_attention_heads: 20,
  num_hidden_layers: 32,
  projection_dim: 1280,
};
const vae = {
  block_out_channels: [128, 256, 512, 512],
  down_block_types: Array(4).fill("DownEncoderBlock2D"),
  up_block_types: Array(4).fill("UpDecoderBlock2D"),
  layers_per_block: 2,
};

/** Weights of full size whose values are never made, and the numbers of weights that were taken for each role. */
function sizedWeights(shapes: Shapes): WeightSource & { roles: Map<WeightRole, number>; parameters: number } {
  const source = {
    roles: new Map<WeightRole, number>(),
    parameters: 0,
    has: (name: string) => shapes.has(name),
    shape: (name: string) => shapes.get(name) ?? [],
    weight(...[graph, name, role, shape]: Parameters<WeightSource["weight"]>) {
      source.roles.set(role, (source.roles.get(role) ?? 0) + 1);
      source.parameters += elementCount(shape);
      const size = elementCount(shape) * 4;
      return graph.constant("f32", shape, { kind: "lazy", size, async *open() {} }, name);
    },
  };
  return source;
}

function counts(graph: Graph, types: readonly string[]): number[] {
  return types.map((type) => nodesOfType(graph, type).length);
}

describe("SDXL's networks at full size", () => {
  test("the base's UNet has 2,567,463,684 parameters, 743 linear layers and 51 convolutions", () => {
    const weights = sizedWeights(unetShapes(baseUnet));
    const graph = unetGraph(base, weights, 1280);
    expect(weights.parameters).toBe(2_567_463_684);
    expect(weights.roles.get("linear")).toBe(743);
    expect(weights.roles.get("convolution")).toBe(51);
    // Seventy transformer blocks: attention to the image and to the text is one operation each.
    const types = ["ScaledDotProductAttention", "SoftMax", "MVN", "VariadicSplit", "Gelu", "Interpolate"];
    expect(counts(graph, types)).toEqual([140, 0, 210, 70, 70, 2]);
  });

  test("the refiner's UNet has 2,259,526,660 parameters", () => {
    const weights = sizedWeights(unetShapes(refinerUnet));
    const graph = unetGraph(refiner, weights, 1280);
    expect(weights.parameters).toBe(2_259_526_660);
    expect(
      nodesOfType(graph, "Parameter").map(({ name, attributes }) => [name, attributes["shape"]]),
    ).toEqual([
      ["sample", "?,4,?,?"],
      ["timestep", "1"],
      ["encoder_hidden_states", "?,?,1280"],
      ["text_embeds", "?,1280"],
      ["time_ids", "?,5"],
    ]);
  });

  test("CLIP-L has 72 linear layers and two embeddings, bigG 193 and two", () => {
    const first = sizedWeights(textShapes(768, 12));
    const outputs = nodesOfType(textEncoderGraph(clipL, first), "Result").length;
    expect([first.roles.get("linear"), first.roles.get("embedding"), outputs]).toEqual([72, 2, 15]);
    const second = sizedWeights(textShapes(1280, 32, 1280));
    const outputs2 = nodesOfType(textEncoder2Graph(bigG, second), "Result").length;
    expect([second.roles.get("linear"), second.roles.get("embedding"), outputs2]).toEqual([193, 2, 35]);
  });

  test("the VAE's decoder has 36 convolutions and four linear layers", () => {
    const weights = sizedWeights(vaeShapes());
    const graph = vaeDecoderGraph(vae, weights);
    expect([weights.roles.get("convolution"), weights.roles.get("linear")]).toEqual([36, 4]);
    expect(counts(graph, ["ScaledDotProductAttention", "GroupNormalization", "Interpolate"])).toEqual([
      1, 30, 3,
    ]);
  });

  test("the names of a graph's nodes are unique", () => {
    const graphs = [
      unetGraph(base, sizedWeights(unetShapes(baseUnet)), 1280),
      textEncoder2Graph(bigG, sizedWeights(textShapes(1280, 32, 1280))),
      vaeEncoderGraph(vae, sizedWeights(vaeShapes())),
      vaeDecoderGraph(vae, sizedWeights(vaeShapes())),
    ];
    for (const { nodes } of graphs) {
      const seen = new Set<string>();
      expect(nodes.filter(({ name }) => seen.has(name) || !seen.add(name)).map(({ name }) => name)).toEqual(
        [],
      );
    }
  });
});

describe("what devices are told", () => {
  const scaled =
    '<rt_info><runtime_options><ACTIVATIONS_SCALE_FACTOR value="128.0"/></runtime_options></rt_info>';

  test("the VAE's activations are scaled down where they would leave float16's range", () => {
    for (const build of [vaeEncoderGraph, vaeDecoderGraph]) {
      const { rtInfo } = build(vae, sizedWeights(vaeShapes()));
      expect(rtInfo && elementText(rtInfo)).toBe(scaled);
      expect(build({ ...vae, force_upcast: false }, sizedWeights(vaeShapes())).rtInfo).toBeUndefined();
    }
  });

  test("the frequencies of timesteps and sizes stay in float32", () => {
    const graph = unetGraph(base, sizedWeights(unetShapes(baseUnet)), 1280);
    const frequencies = nodesOfType(graph, "Const").filter(({ name }) => name.endsWith("/frequencies"));
    expect(frequencies.map(({ name, outputs }) => [name, outputs[0]?.type, outputs[0]?.shape])).toEqual([
      ["time_proj/frequencies", "f32", [1, 160]],
      ["add_time_proj/frequencies", "f32", [1, 128]],
    ]);
    for (const { rtInfo } of frequencies) expect(rtInfo).toBe(keepPrecisionMark);
  });

  test("frequencies are torch's to the last bit but one", () => {
    const ends = (count: number, shift: number) => {
      const all = waveFrequencies(count, shift);
      return [1, 2, count / 2, count - 1].map((index) => all[index] ?? 0);
    };
    const near = (values: number[], references: number[]) => {
      expect(values).toHaveLength(references.length);
      values.forEach((value, index) => {
        const reference = references[index] ?? 0;
        expect(Math.abs(value / reference - 1)).toBeLessThan(2 ** -23);
      });
    };
    near(
      ends(160, 0),
      [0.9440608620643616, 0.8912509679794312, 0.009999999776482582, 0.00010592537000775337],
    );
    near(
      ends(128, 0),
      [0.9305720329284668, 0.8659642934799194, 0.009999999776482582, 0.00010746075713541359],
    );
    near(ends(4, 1), [0.046415891498327255, 0.002154434798285365, 0.002154434798285365, 9.99999901978299e-5]);
  });
});

describe("a checkpoint that does not fit its configuration", () => {
  function message(build: () => unknown): string {
    try {
      build();
    } catch (error) {
      expect(error).toBeInstanceOf(ArchitectureError);
      return String((error as Error).message);
    }
    throw new Error("it was built");
  }

  test("names the tensor that is missing", () => {
    const shapes = unetShapes(baseUnet);
    shapes.delete("mid_block.attentions.0.proj_in.weight");
    expect(message(() => unetGraph(base, sizedWeights(shapes), 1280))).toBe(
      "The checkpoint has no tensor mid_block.attentions.0.proj_in.weight, which its configuration asks for. Download the model again, or check that its config.json belongs to it.",
    );
  });

  test("names the tensor of another shape", () => {
    const weights = sizedWeights(unetShapes({ ...baseUnet, inputs: 9 }));
    expect(message(() => unetGraph(base, weights, 1280))).toBe(
      "The checkpoint's tensor conv_in.weight has the shape [320, 9, 3, 3], but its configuration asks for [320, 4, 3, 3]. Check that its config.json belongs to it.",
    );
  });

  test("says when UNet and text encoder do not belong together", () => {
    expect(message(() => unetGraph(base, sizedWeights(unetShapes(baseUnet)), 1024 + 7))).toBe(
      "The configuration of the UNet says 2816 for projection_class_embeddings_input_dim, which is not 1031 of the second text encoder and a multiple of 256. Check that the UNet and the text encoder belong together.",
    );
  });
});
