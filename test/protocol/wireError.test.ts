import { expect, it } from "vitest";
import { errorFromWire, rpcNumberOf } from "../../src/protocol/wireError.ts";

it("takes the number of JSON-RPC or of the Language Server Protocol", () => {
  expect(rpcNumberOf("invalid-request")).toBe(-32602);
  expect(rpcNumberOf("cancelled")).toBe(-32800);
  expect(rpcNumberOf("model-not-found")).toBe(-32803);
});

it("keeps the code and the sentence of an error", () => {
  const error = errorFromWire({ message: "There is no model.", data: { code: "model-not-found" } });
  expect([error.code, error.message]).toEqual(["model-not-found", "There is no model."]);
});

it("blames the host where an error has no code, or one that is not known", () => {
  expect(errorFromWire({ message: "Oh." }).code).toBe("host-failed");
  expect(errorFromWire({ message: "Oh.", data: { code: "other" } }).code).toBe("host-failed");
});
