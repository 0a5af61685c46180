import { expect, test } from "vitest";
import { callFailure, modelName, plainMessage } from "../../src/openvino/failure.ts";

test("a message keeps what is for people", () => {
  const message = [
    "Exception from src/inference/src/cpp/core.cpp:84:",
    "Check 'is_valid_weights_range(m_weights_provider->size(), offset, size)' failed at src/core/xml_util/src/xml_deserialize_util.cpp:900:",
    "Incorrect weights in bin file!",
    "",
    "",
  ].join("\n");
  expect(plainMessage(message)).toBe("Incorrect weights in bin file!");
});

test("a message that names only source files is kept whole", () => {
  expect(plainMessage("Exception from src/a.cpp:1:\n")).toBe("Exception from src/a.cpp:1:");
});

test("a message without end is cut", () => {
  expect(plainMessage("x".repeat(5000))).toBe(`${"x".repeat(600)}…`);
});

test("a model is named with its folder", () => {
  expect(modelName("/models/sdxl/unet/openvino_model.xml")).toBe("unet/openvino_model.xml");
});

test("a failure carries the message, the call and the remedy", () => {
  const error = callFailure(
    "model-damaged",
    "read x.xml",
    "ov_core_read_model",
    "It is empty.\n",
    "Get it again.",
  );
  expect(error.code).toBe("model-damaged");
  expect(error.message).toBe(
    "OpenVINO could not read x.xml: It is empty (ov_core_read_model). Get it again.",
  );
});
