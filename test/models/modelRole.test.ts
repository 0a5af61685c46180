import { expect, test } from "vitest";
import { modelRole } from "../../src/models/modelRole.ts";

test.each([
  ["models/limner-tiny", "base"],
  ["models/limner-tiny-refiner", "refiner"],
  ["test/fixtures/tiny-sdxl", "base"],
  ["test/fixtures/tiny-refiner", "refiner"],
  ["test/fixtures/tiny-inpaint", "inpainting"],
  ["test/fixtures/graph", undefined],
])("the model in %s is for %s", (folder, role) => {
  expect(modelRole(folder)).toBe(role);
});
