import { expect, it } from "vitest";
import { generateRequestJsonSchema, generateRequestSchema } from "../../src/protocol/generateRequest.ts";

it("has a JSON Schema with every field, its help and its range", () => {
  const schema = generateRequestJsonSchema();
  expect(schema).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    required: ["prompt"],
    additionalProperties: false,
    properties: {
      steps: { type: "integer", minimum: 1, maximum: 1000, description: expect.stringContaining("steps") },
      size: { type: "object", required: ["width", "height"], additionalProperties: false },
    },
  });
  const { properties } = schema as { properties: object };
  expect(Object.keys(properties)).toEqual(Object.keys(generateRequestSchema.shape));
});
