import type { Found } from "../openvino/find.ts";
import type { Runtime } from "../openvino/runtime.ts";
import type { RuntimeState } from "../protocol/runtimeStatus.ts";

function fullName(runtime: Runtime, device: string): string {
  try {
    return runtime.deviceProperty(device, "FULL_DEVICE_NAME").trim();
  } catch {
    return device;
  }
}

/** A search for OpenVINO as clients see it. */
export function runtimeStateOf({ runtime, attempts }: Found): RuntimeState {
  return {
    runtime: runtime && {
      backend: runtime.backend,
      version: runtime.version,
      library: runtime.libraryPath,
      devices: runtime.devices().map((name) => ({ name, fullName: fullName(runtime, name) })),
      canCancel: runtime.capabilities.cancel,
    },
    attempts: attempts.map(({ source, tried, outcome, detail }) => ({ source, tried, outcome, detail })),
  };
}
