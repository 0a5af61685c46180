// The suite that runs inside VS Code's extension host: mocha over the files beside this one.
const { readdirSync } = require("node:fs");
const { join } = require("node:path");
const Mocha = require("mocha");

exports.run = () =>
  new Promise((resolve, reject) => {
    const mocha = new Mocha({ ui: "bdd", timeout: 20_000 });
    for (const file of readdirSync(__dirname)) {
      if (file.endsWith(".test.cjs")) mocha.addFile(join(__dirname, file));
    }
    mocha.run((failures) => (failures === 0 ? resolve() : reject(new Error(`${failures} failed`))));
  });
