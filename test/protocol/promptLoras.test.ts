import { expect, it } from "vitest";
import { requestedLoras, withLoraTags, withoutLoraTags } from "../../src/protocol/promptLoras.ts";

it("tags leave the prompt, and only they", () => {
  expect(withoutLoraTags("a cat <lora:style:0.8> in the <lora:snow> rain")).toBe("a cat in the rain");
  expect(withoutLoraTags("a <b> (c:1.2)  d")).toBe("a <b> (c:1.2)  d");
  expect(withoutLoraTags(undefined)).toBeUndefined();
});

it("LoRAs come from the field and the prompts, each once", () => {
  const request = {
    prompt: "x <lora:a:0.5><lora:B:-1:2>",
    prompt2: "<lora:c>",
    loras: [{ name: "b", scale: 0.25 }],
  };
  expect(requestedLoras(request)).toEqual([
    { name: "b", scale: 0.25 },
    { name: "a", scale: 0.5 },
    { name: "c", scale: 1 },
  ]);
});

it("a picture records them in its prompt, where they are read back", () => {
  const recorded = withLoraTags({ prompt: "x", loras: [{ name: "/files/b.safetensors", scale: 0.25 }] });
  expect(recorded.prompt).toBe("x <lora:b:0.25>");
  expect(withLoraTags(recorded)).toEqual(recorded);
});
