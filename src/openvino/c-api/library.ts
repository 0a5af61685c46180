import koffi from "koffi";
import type { Handle, HandleOut, NativePartialShape, NativeProperty, NativeShape } from "./types.ts";
import * as t from "./types.ts";

/** A C function; it runs on the caller's thread. */
type Call<Arguments extends unknown[], Result = number> = (...parameters: Arguments) => Result;

/** A C function that can also run on one of koffi's threads, for those that take long. */
export type LongCall<Arguments extends unknown[]> = Call<Arguments> & {
  async(...parameters: [...Arguments, (error: unknown, status: number) => void]): void;
};

/** The functions of `libopenvino_c` that Limner uses. Names and parameters are those of its headers. */
export interface Library {
  readonly path: string;
  ov_get_last_err_msg: Call<[], Handle | null>;
  ov_get_error_info: Call<[status: number], string>;
  ov_free: Call<[text: Handle], void>;
  ov_get_openvino_version: Call<[version: object]>;
  ov_version_free: Call<[version: object], void>;

  ov_core_create: Call<[core: HandleOut]>;
  ov_core_free: Call<[core: Handle], void>;
  ov_core_get_available_devices: Call<[core: Handle, devices: object]>;
  ov_available_devices_free: Call<[devices: object], void>;
  ov_core_get_property: Call<[core: Handle, device: string, key: string, value: HandleOut]>;
  ov_core_read_model: LongCall<[core: Handle, xml: string, bin: string | null, model: HandleOut]>;
  ov_core_compile_model_props: LongCall<
    [core: Handle, model: Handle, device: string, n: number, props: NativeProperty[], compiled: HandleOut]
  >;
  ov_core_import_model: LongCall<
    [core: Handle, blob: Uint8Array, size: number, device: string, compiled: HandleOut]
  >;

  ov_model_free: Call<[model: Handle], void>;
  ov_model_inputs_size: Call<[model: Handle, size: [number]]>;
  ov_model_outputs_size: Call<[model: Handle, size: [number]]>;
  ov_model_const_input_by_index: Call<[model: Handle, index: number, port: HandleOut]>;
  ov_model_const_output_by_index: Call<[model: Handle, index: number, port: HandleOut]>;
  ov_model_reshape: LongCall<[model: Handle, names: string[], shapes: NativePartialShape[], size: number]>;

  ov_port_get_any_name: Call<[port: Handle, name: HandleOut]>;
  ov_port_get_partial_shape: Call<[port: Handle, shape: object]>;
  ov_port_get_element_type: Call<[port: Handle, type: [number]]>;
  ov_output_const_port_free: Call<[port: Handle], void>;
  ov_partial_shape_free: Call<[shape: object], void>;
  ov_shape_free: Call<[shape: object]>;

  ov_compiled_model_free: Call<[compiled: Handle], void>;
  ov_compiled_model_inputs_size: Call<[compiled: Handle, size: [number]]>;
  ov_compiled_model_outputs_size: Call<[compiled: Handle, size: [number]]>;
  ov_compiled_model_input_by_index: Call<[compiled: Handle, index: number, port: HandleOut]>;
  ov_compiled_model_output_by_index: Call<[compiled: Handle, index: number, port: HandleOut]>;
  ov_compiled_model_create_infer_request: Call<[compiled: Handle, request: HandleOut]>;
  ov_compiled_model_export_model: LongCall<[compiled: Handle, file: string]>;
  ov_compiled_model_get_property: Call<[compiled: Handle, key: string, value: HandleOut]>;

  ov_tensor_create: Call<[type: number, shape: NativeShape, tensor: HandleOut]>;
  ov_tensor_free: Call<[tensor: Handle], void>;
  ov_tensor_get_shape: Call<[tensor: Handle, shape: object]>;
  ov_tensor_get_size: Call<[tensor: Handle, elements: [number]]>;
  ov_tensor_get_element_type: Call<[tensor: Handle, type: [number]]>;
  ov_tensor_data: Call<[tensor: Handle, data: HandleOut]>;

  ov_infer_request_free: Call<[request: Handle], void>;
  ov_infer_request_set_input_tensor_by_index: Call<[request: Handle, index: number, tensor: Handle]>;
  ov_infer_request_get_output_tensor_by_index: Call<[request: Handle, index: number, tensor: HandleOut]>;
  ov_infer_request_start_async: Call<[request: Handle]>;
  ov_infer_request_wait: LongCall<[request: Handle]>;
  ov_infer_request_cancel: Call<[request: Handle]>;

  /** C's own copy, between OpenVINO's memory and JavaScript's. */
  memcpy: Call<[to: Handle | ArrayBufferView, from: Handle | ArrayBufferView, bytes: number], Handle>;
}

// The stack of koffi's threads; its 128 KiB were enough for all that was tried, but graphs are of any depth.
const threadStackBytes = 1024 * 1024;

const loaded = new Map<string, Library>();
let configured = false;

/**
 * Loads `libopenvino_c` and binds its functions, once for each path.
 * @throws Error with the reason of the system's loader, or the name of a function that the library lacks
 */
export function loadLibrary(path: string): Library {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  // koffi takes settings before its first library only.
  if (!configured) koffi.config({ async_stack_size: threadStackBytes });
  configured = true;
  const library = bind(path);
  loaded.set(path, library);
  return library;
}

function bind(path: string): Library {
  const native = koffi.load(path);
  const c = koffi.load(process.platform === "win32" ? "msvcrt.dll" : null);
  const checked = (name: string, ...parameters: t.NativeType[]) => native.func(name, t.status, parameters);
  const release = (name: string, parameter: t.NativeType = t.address) =>
    native.func(name, t.nothing, [parameter]);
  const handle = t.out(t.address);
  const number = t.out(t.size);
  const { address, size, text } = t;

  return {
    path,
    ov_get_last_err_msg: native.func("ov_get_last_err_msg", address, []),
    ov_get_error_info: native.func("ov_get_error_info", text, [t.status]),
    ov_free: release("ov_free"),
    ov_get_openvino_version: checked("ov_get_openvino_version", t.out(t.version)),
    ov_version_free: release("ov_version_free", t.inout(t.version)),

    ov_core_create: checked("ov_core_create", handle),
    ov_core_free: release("ov_core_free"),
    ov_core_get_available_devices: checked("ov_core_get_available_devices", address, t.out(t.deviceList)),
    ov_available_devices_free: release("ov_available_devices_free", t.inout(t.deviceList)),
    ov_core_get_property: checked("ov_core_get_property", address, text, text, handle),
    ov_core_read_model: checked("ov_core_read_model", address, text, text, handle),
    ov_core_compile_model_props: checked(
      "ov_core_compile_model_props",
      ...[address, address, text, size, t.properties, handle],
    ),
    ov_core_import_model: checked("ov_core_import_model", address, address, size, text, handle),

    ov_model_free: release("ov_model_free"),
    ov_model_inputs_size: checked("ov_model_inputs_size", address, number),
    ov_model_outputs_size: checked("ov_model_outputs_size", address, number),
    ov_model_const_input_by_index: checked("ov_model_const_input_by_index", address, size, handle),
    ov_model_const_output_by_index: checked("ov_model_const_output_by_index", address, size, handle),
    ov_model_reshape: checked("ov_model_reshape", address, t.texts, t.partialShapes, size),

    ov_port_get_any_name: checked("ov_port_get_any_name", address, handle),
    ov_port_get_partial_shape: checked("ov_port_get_partial_shape", address, t.out(t.partialShape)),
    ov_port_get_element_type: checked("ov_port_get_element_type", address, t.out(t.status)),
    ov_output_const_port_free: release("ov_output_const_port_free"),
    ov_partial_shape_free: release("ov_partial_shape_free", t.inout(t.partialShape)),
    ov_shape_free: checked("ov_shape_free", t.inout(t.shape)),

    ov_compiled_model_free: release("ov_compiled_model_free"),
    ov_compiled_model_inputs_size: checked("ov_compiled_model_inputs_size", address, number),
    ov_compiled_model_outputs_size: checked("ov_compiled_model_outputs_size", address, number),
    ov_compiled_model_input_by_index: checked("ov_compiled_model_input_by_index", address, size, handle),
    ov_compiled_model_output_by_index: checked("ov_compiled_model_output_by_index", address, size, handle),
    ov_compiled_model_create_infer_request: checked(
      "ov_compiled_model_create_infer_request",
      ...[address, handle],
    ),
    ov_compiled_model_export_model: checked("ov_compiled_model_export_model", address, text),
    ov_compiled_model_get_property: checked("ov_compiled_model_get_property", address, text, handle),

    ov_tensor_create: checked("ov_tensor_create", t.status, t.shape, handle),
    ov_tensor_free: release("ov_tensor_free"),
    ov_tensor_get_shape: checked("ov_tensor_get_shape", address, t.out(t.shape)),
    ov_tensor_get_size: checked("ov_tensor_get_size", address, number),
    ov_tensor_get_element_type: checked("ov_tensor_get_element_type", address, t.out(t.status)),
    ov_tensor_data: checked("ov_tensor_data", address, handle),

    ov_infer_request_free: release("ov_infer_request_free"),
    ov_infer_request_set_input_tensor_by_index: checked(
      "ov_infer_request_set_input_tensor_by_index",
      ...[address, size, address],
    ),
    ov_infer_request_get_output_tensor_by_index: checked(
      "ov_infer_request_get_output_tensor_by_index",
      ...[address, size, handle],
    ),
    ov_infer_request_start_async: checked("ov_infer_request_start_async", address),
    ov_infer_request_wait: checked("ov_infer_request_wait", address),
    ov_infer_request_cancel: checked("ov_infer_request_cancel", address),

    memcpy: c.func("memcpy", address, [address, address, size]),
  };
}
