// `npm start -- …` is `limner generate …`, and sets OpenVINO up first where it is missing.
process.argv.splice(2, 0, "generate", "--setup");
await import("../bin/limner.mjs");
