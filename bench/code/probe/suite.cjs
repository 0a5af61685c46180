// Runs inside VS Code's extension host, for ../extensionHost.ts: activates Limner, then draws the missing images of
// the workspace's notes.md, and prints one line of JSON with what it measured.
const { join } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const vscode = require("vscode");
const { watchEventLoop } = require("./eventLoop.cjs");

const idle = 10_000; // milliseconds without a job, to compare with

exports.run = async () => {
  const extension = vscode.extensions.getExtension("limner.limner");
  if (extension.isActive) throw new Error("Limner is active before anything asked for it.");
  // Whatever VS Code does at its start is over.
  await sleep(idle);
  const before = process.threadCpuUsage();
  const began = performance.now();
  await extension.activate();
  const activation = performance.now() - began;
  const { user, system } = process.threadCpuUsage(before);

  // VS Code's own extension for Markdown starts now, and not in the job.
  const notes = vscode.Uri.file(join(vscode.workspace.workspaceFolders[0].uri.fsPath, "notes.md"));
  await vscode.window.showTextDocument(notes);
  await sleep(idle);
  const endIdle = watchEventLoop();
  await sleep(idle);
  const quiet = endIdle();

  const endJob = watchEventLoop();
  const start = performance.now();
  await vscode.commands.executeCommand("limner.generateMissingImages");
  const seconds = (performance.now() - start) / 1000;
  const job = endJob();
  const result = { activation, activationCpu: (user + system) / 1000, quiet, job, seconds };
  console.log(`measured ${JSON.stringify(result)}`);
};
