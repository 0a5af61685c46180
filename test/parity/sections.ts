// Everything that is compared with diffusers, torch and transformers, as the rows of docs/parity.md. The tests compare
// the same cases by the same functions.
import { networkSections } from "./networkSections.ts";
import { pipelineSections } from "./pipelineSections.ts";
import { samplerSections } from "./samplerSections.ts";
import type { Section } from "./section.ts";

export const sections: readonly Section[] = [...pipelineSections, ...samplerSections, ...networkSections];
