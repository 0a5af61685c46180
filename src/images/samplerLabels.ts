/** Limner's sampler names and what AUTOMATIC1111-style tools call the same. */
const labels: ReadonlyMap<string, string> = new Map([
  ["euler", "Euler"],
  ["euler-ancestral", "Euler a"],
  ["ddim", "DDIM"],
  ["pndm", "PLMS"],
  ["heun", "Heun"],
  ["lms", "LMS"],
  ["unipc", "UniPC"],
  ["lcm", "LCM"],
  ["tcd", "TCD"],
  ["edm-euler", "EDM Euler"],
  ["dpmpp-2m", "DPM++ 2M"],
  ["dpmpp-2m-sde", "DPM++ 2M SDE"],
  ["dpmpp-3m-sde", "DPM++ 3M SDE"],
  ["dpmpp-sde", "DPM++ SDE"],
]);

/** What other tools call a sampler; its own name where they have none. */
export function samplerLabel(name: string): string {
  return labels.get(name) ?? name;
}

/**
 * Limner's name of a sampler that another tool wrote, nothing when it has none. Older versions of those tools append
 * the schedule to it ("DPM++ 2M Karras"), which is not part of the sampler.
 */
export function samplerName(label: string): string | undefined {
  const plain = label.trim().replace(/ (karras|exponential|beta|automatic)$/i, "");
  for (const [name, known] of labels) {
    if (known.toLowerCase() === plain.toLowerCase() || name === plain) return name;
  }
  return undefined;
}
