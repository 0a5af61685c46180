import type { Port } from "../runtime.ts";
import { check, handleOf, takeText } from "./calls.ts";
import { typeName } from "./elementTypes.ts";
import type { Library } from "./library.ts";
import { takePartialShape } from "./shapes.ts";
import type { Handle, HandleOut, NativePartialShape } from "./types.ts";

/** The functions that list the ports of a model, or of a compiled model. */
interface Listing {
  readonly count: "ov_model_inputs_size" | "ov_model_outputs_size" | CompiledCount;
  readonly port: "ov_model_const_input_by_index" | "ov_model_const_output_by_index" | CompiledPort;
  readonly kind: "input" | "output";
}
type CompiledCount = "ov_compiled_model_inputs_size" | "ov_compiled_model_outputs_size";
type CompiledPort = "ov_compiled_model_input_by_index" | "ov_compiled_model_output_by_index";

const listings = {
  modelInputs: { count: "ov_model_inputs_size", port: "ov_model_const_input_by_index", kind: "input" },
  modelOutputs: { count: "ov_model_outputs_size", port: "ov_model_const_output_by_index", kind: "output" },
  compiledInputs: {
    count: "ov_compiled_model_inputs_size",
    port: "ov_compiled_model_input_by_index",
    kind: "input",
  },
  compiledOutputs: {
    count: "ov_compiled_model_outputs_size",
    port: "ov_compiled_model_output_by_index",
    kind: "output",
  },
} as const satisfies Record<string, Listing>;

/** The inputs or outputs, in the order of the IR, of a model or compiled model. */
export function readPorts(library: Library, what: keyof typeof listings, of: Handle): Port[] {
  const { count, port, kind } = listings[what];
  const doing = `list the model's ${kind}s`;
  const total: [number] = [0];
  check(library, library[count](of, total), count, { doing });
  return Array.from({ length: total[0] }, (_, index) => {
    const result: HandleOut = [null];
    check(library, library[port](of, index, result), port, { doing });
    const handle = handleOf(result);
    try {
      return readPort(library, handle, `${kind}${index}`);
    } finally {
      library.ov_output_const_port_free(handle);
    }
  });
}

function readPort(library: Library, handle: Handle, nameless: string): Port {
  const doing = `describe ${nameless}`;
  const type: [number] = [0];
  check(library, library.ov_port_get_element_type(handle, type), "ov_port_get_element_type", { doing });
  const shape: NativePartialShape = { rank: { min: 0, max: 0 }, dims: null };
  check(library, library.ov_port_get_partial_shape(handle, shape), "ov_port_get_partial_shape", { doing });
  return {
    name: portName(library, handle) ?? nameless,
    type: typeName(type[0]),
    shape: takePartialShape(library, shape),
  };
}

/** OpenVINO reports a failure for a port without a name; to Limner that is no failure. */
function portName(library: Library, handle: Handle): string | undefined {
  const name: HandleOut = [null];
  const status = library.ov_port_get_any_name(handle, name);
  return status === 0 && name[0] !== null ? takeText(library, name[0]) : undefined;
}
