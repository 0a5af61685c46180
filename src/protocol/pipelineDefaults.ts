/** What diffusers' SDXL pipelines take where neither the request nor the model says otherwise. */
export const pipelineDefaults = { steps: 50, guidanceScale: 5 } as const;
