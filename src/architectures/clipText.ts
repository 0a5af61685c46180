import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { Value } from "../graph/operations.ts";
import { attention } from "./attention.ts";
import { type ClipTextConfig, readClipTextConfig } from "./clipTextConfig.ts";
import { Layers } from "./layers.ts";
import type { WeightSource } from "./weights.ts";

/**
 * The first text encoder (CLIP-L): `input_ids` i64 `[batch, tokens]` to `last_hidden_state`
 * `[batch, tokens, width]` (after the final norm), `pooler_output` `[batch, width]` (its row at the end of the text)
 * and `hidden_states.0` (the embeddings) to `hidden_states.N` (after layer N, without the final norm).
 * @param config its `config.json`
 * @throws ArchitectureError
 */
export function textEncoderGraph(config: unknown, weights: WeightSource): Graph {
  const network = new ClipTextNetwork(readClipTextConfig(config), weights);
  const { last, pooled, states } = network.run();
  const { graph } = network.layers;
  graph.result(last, "last_hidden_state");
  graph.result(pooled, "pooler_output");
  for (const [index, state] of states.entries()) graph.result(state, `hidden_states.${index}`);
  return graph.build();
}

/**
 * The second text encoder (OpenCLIP bigG): `input_ids` i64 `[batch, tokens]` to `text_embeds`
 * `[batch, projection]` (the row at the end of the text after final norm and projection), `last_hidden_state`
 * `[batch, tokens, width]` and `hidden_states.0` to `hidden_states.N`, as `textEncoderGraph` gives them.
 * @param config its `config.json`
 * @throws ArchitectureError
 */
export function textEncoder2Graph(config: unknown, weights: WeightSource): Graph {
  const network = new ClipTextNetwork(readClipTextConfig(config), weights);
  const { last, pooled, states } = network.run();
  const { graph } = network.layers;
  graph.result(network.project(pooled), "text_embeds");
  graph.result(last, "last_hidden_state");
  for (const [index, state] of states.entries()) graph.result(state, `hidden_states.${index}`);
  return graph.build();
}

const model = "text_model";

class ClipTextNetwork {
  readonly layers: Layers;
  readonly #config: ClipTextConfig;

  constructor(config: ClipTextConfig, weights: WeightSource) {
    this.#config = config;
    this.layers = new Layers(new GraphBuilder("ClipText"), weights);
  }

  run(): { last: Value; pooled: Value; states: Value[] } {
    const { width, epsilon } = this.#config;
    const ids = this.layers.graph.parameter("input_ids", "i64", [-1, -1]);
    const positions = this.#positions(ids);
    const mask = this.#causalMask(positions);
    let hidden = this.#embed(ids, positions);
    const states = [hidden];
    for (let index = 0; index < this.#config.layers; index += 1) {
      hidden = this.#layer(hidden, mask, `${model}.encoder.layers.${index}`);
      states.push(hidden);
    }
    const last = this.layers.layerNorm(hidden, `${model}.final_layer_norm`, width, epsilon);
    return { last, pooled: this.#pool(last, ids), states };
  }

  /** `[batch, width]` to `[batch, projection]`. */
  project(pooled: Value): Value {
    const { width, projection } = this.#config;
    return this.layers.linear(pooled, "text_projection", { inputs: width, outputs: projection, bias: false });
  }

  /** 0, 1, 2, … for the tokens that there are: i64 `[tokens]`. */
  #positions(ids: Value): Value {
    const { layers } = this;
    const shape = layers.graph.add("ShapeOf", [ids], { output_type: "i64" });
    const length = rows(layers, shape, layers.integers([1]), `${model}/length`);
    const all = layers.graph.i64(
      Array.from({ length: this.#config.positions }, (_, index) => index),
      `${model}.embeddings.position_ids`,
    );
    return layers.graph.add("Slice", [all, layers.integers([0]), length, layers.integers([1])], {});
  }

  #embed(ids: Value, positions: Value): Value {
    const { layers } = this;
    const { width } = this.#config;
    const module = `${model}.embeddings`;
    const tokens = layers.weight(`${module}.token_embedding.weight`, "embedding", [
      this.#config.vocabulary,
      width,
    ]);
    const places = layers.weight(`${module}.position_embedding.weight`, "embedding", [
      this.#config.positions,
      width,
    ]);
    // One row of positions serves every text of the batch.
    const place = layers.graph.add("Unsqueeze", [positions, layers.integers(0)], {});
    return layers.plus(
      rows(layers, tokens, ids, `${module}.token_embedding`),
      rows(layers, places, place, `${module}.position_embedding`),
      module,
    );
  }

  /** Which token sees which: itself and those before it. Boolean `[1, 1, tokens, tokens]`, made once for all layers. */
  #causalMask(positions: Value): Value {
    const { layers } = this;
    const looking = layers.graph.add("Unsqueeze", [positions, layers.integers([0, 1, 3])], {});
    const seen = layers.graph.add("Unsqueeze", [positions, layers.integers([0, 1, 2])], {});
    const next = layers.plus(looking, layers.integers(1));
    return layers.graph.add("Greater", [next, seen], {}, `${model}/causal_mask`);
  }

  #layer(hidden: Value, mask: Value, module: string): Value {
    const { layers } = this;
    const { width, innerWidth, epsilon, activation } = this.#config;
    const normal = layers.layerNorm(hidden, `${module}.layer_norm1`, width, epsilon);
    const attended = layers.plus(hidden, this.#attention(normal, mask, `${module}.self_attn`));
    const second = layers.layerNorm(attended, `${module}.layer_norm2`, width, epsilon);
    const up = { inputs: width, outputs: innerWidth, bias: true };
    const down = { inputs: innerWidth, outputs: width, bias: true };
    const inner = layers.activation(layers.linear(second, `${module}.mlp.fc1`, up), activation);
    return layers.plus(attended, layers.linear(inner, `${module}.mlp.fc2`, down), module);
  }

  #attention(hidden: Value, mask: Value, module: string): Value {
    const { width, heads } = this.#config;
    const ends = { inputs: width, outputs: width, bias: true };
    const query = this.layers.linear(hidden, `${module}.q_proj`, ends);
    const key = this.layers.linear(hidden, `${module}.k_proj`, ends);
    const value = this.layers.linear(hidden, `${module}.v_proj`, ends);
    const division = { heads, headWidth: width / heads, mask };
    const attended = attention(this.layers, [query, key, value], division, module);
    return this.layers.linear(attended, `${module}.out_proj`, ends);
  }

  /**
   * The rows of `[batch, tokens, width]` at the ends of the texts. A text is filled up with tokens that may be the
   * end again, so that the first one counts.
   */
  #pool(last: Value, ids: Value): Value {
    const { layers } = this;
    const [, place] = layers.graph.addMany(
      "TopK",
      [this.#endScores(ids), layers.integers(1)],
      { axis: -1, mode: "max", sort: "value", index_element_type: "i64", stable: true },
      2,
    );
    if (place === undefined) return last;
    const rows = layers.graph.add("Gather", [last, place, layers.integers(1)], { batch_dims: 1 });
    return layers.graph.add("Squeeze", [rows, layers.integers([1])], {}, `${model}/pooled`);
  }

  /** A number for each token `[batch, tokens]` that is highest at the end of the text. */
  #endScores(ids: Value): Value {
    const { end } = this.#config;
    // CPU plugins compute in i32 anyway; no token is larger.
    if (end === "highest") return this.layers.graph.add("Convert", [ids], { destination_type: "i32" });
    const found = this.layers.graph.add("Equal", [ids, this.layers.integers(end)], {});
    return this.layers.graph.add("Convert", [found], { destination_type: "i32" });
  }
}

/** The rows of `[count, …]` at the indices that are given. */
function rows(layers: Layers, table: Value, indices: Value, name: string): Value {
  return layers.graph.add("Gather", [table, indices, layers.integers(0)], { batch_dims: 0 }, name);
}
