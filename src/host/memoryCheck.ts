import { needOf, requireMemory } from "../models/memoryRefusal.ts";
import type { SubmodelMemory } from "../models/submodelMemory.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import type { Size } from "../protocol/size.ts";
import type { OpenModel } from "./openModel.ts";

/** What a request does, as far as memory goes. */
export interface PlannedDrawing {
  base: OpenModel;
  refiner?: OpenModel;
  /** Size that is drawn, in pixels. */
  size: Size;
  /** Whether it begins with a picture, which the VAE encodes. */
  fromPicture: boolean;
}

async function memoriesOf(model: OpenModel, submodels: readonly SubmodelName[]): Promise<SubmodelMemory[]> {
  return Promise.all(submodels.map((submodel) => model.memoryOf(submodel)));
}

const encodersOf = ({ folder }: OpenModel): SubmodelName[] =>
  folder.textEncoders.map(({ submodel }) => submodel);

/**
 * Refuses a drawing that does not fit into memory, before anything is loaded. Only a CPU's memory is known well enough:
 * on other devices the driver decides.
 * @throws LimnerError `not-enough-memory` that names what it needs, what there is, and the largest size that fits
 */
export async function checkMemory({ base, refiner, size, fromPicture }: PlannedDrawing): Promise<void> {
  if (!base.execution.device.startsWith("CPU")) return;
  const parts = [
    ...(await memoriesOf(base, [...encodersOf(base), "unet"])),
    ...(fromPicture ? await memoriesOf(base, ["vae_encoder"]) : []),
    ...(refiner ? await memoriesOf(refiner, [...encodersOf(refiner), "unet"]) : []),
    ...(await memoriesOf(refiner ?? base, ["vae_decoder"])),
  ];
  const { sizeMultiple } = base.folder.config;
  const demand = { size, sizeMultiple, need: (drawn: Size) => needOf(parts, drawn) };
  requireMemory(demand, await base.residency.room());
}
