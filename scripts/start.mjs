// `npm start -- …` is `limner generate …`.
process.argv.splice(2, 0, "generate");
await import("../bin/limner.mjs");
