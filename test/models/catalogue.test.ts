import { expect, it } from "vitest";
import { isRepositoryId } from "../../src/hub/repositoryName.ts";
import { catalogue, catalogueEntryOf } from "../../src/models/catalogue.ts";
import { createScheduler } from "../../src/schedulers/catalogue.ts";

it("names models by repositories of the hub, with samplers that exist", () => {
  const models = catalogue();
  expect(models.length).toBeGreaterThan(15);
  for (const { name, repository, recommended, goesWith = [] } of models) {
    expect(isRepositoryId(repository), name).toBe(true);
    if (recommended.scheduler)
      createScheduler({ _class_name: "EulerDiscreteScheduler" }, recommended.scheduler);
    for (const other of goesWith) expect(models.map((one) => one.name)).toContain(other);
  }
});

it("knows a repository's entry, and that of one of its files", () => {
  expect(catalogueEntryOf("stabilityai/sdxl-turbo")?.nonCommercial).toBe(true);
  const lightning = "ByteDance/SDXL-Lightning";
  expect(catalogueEntryOf(lightning, "sdxl_lightning_8step_lora.safetensors")?.recommended.steps).toBe(8);
  expect(catalogueEntryOf(lightning)).toBeUndefined();
});
