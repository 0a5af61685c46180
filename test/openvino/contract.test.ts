import { announceSkip, cApi, nodeBinding } from "./adapters.ts";
import { describeContract } from "./contract.ts";

describeContract("c-api", await cApi());

const binding = await nodeBinding();
if (typeof binding === "string") announceSkip("openvino-node", "the whole contract", binding);
else describeContract("openvino-node", binding);
