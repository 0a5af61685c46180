import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { NodeRuntime } from "../../../src/openvino/node/runtime.ts";
import { cApi } from "../adapters.ts";
import { describeContract } from "../contract.ts";
import { fakeAddon } from "../fakeAddon.ts";

// The adapter of openvino-node over a stand-in for its binary. Where the binary is there, the contract's own
// test file runs the adapter over the real one.
const folder = mkdtempSync(join(tmpdir(), "limner-fake-addon-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const addon = fakeAddon(await cApi(), folder);
describeContract("openvino-node over a stand-in", new NodeRuntime(addon, "ov_node_addon.node"));
