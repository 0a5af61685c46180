// Runs inside VS Code's extension host, for ../gallery.ts: opens Limner's panel again and again, and prints when, and how
// long the extension host was kept from other work at most while the panel was open.
const { setTimeout: sleep } = require("node:timers/promises");
const vscode = require("vscode");
const { watchEventLoop } = require("./eventLoop.cjs");

const openings = 4;
const idle = 10_000; // milliseconds before the first, for whatever VS Code does at its start
const open = 15_000; // milliseconds that the panel is open

exports.run = async () => {
  await sleep(idle);
  await vscode.extensions.getExtension("limner.limner").activate();
  await sleep(idle);
  for (let opening = 0; opening < openings; opening++) {
    const end = watchEventLoop();
    console.log(`opening ${Date.now()}`);
    await vscode.commands.executeCommand("limner.openPanel");
    await sleep(open);
    console.log(`blocked ${JSON.stringify(end())}`);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    await sleep(2000);
  }
};
