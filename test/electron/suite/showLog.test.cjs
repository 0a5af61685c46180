const assert = require("node:assert");
const vscode = require("vscode");

describe("Limner in VS Code", () => {
  it("contributes Show Log, which activates the extension", async () => {
    const extension = vscode.extensions.getExtension("limner.limner");
    assert.ok(extension, "the extension is installed");
    await vscode.commands.executeCommand("limner.showLog");
    assert.strictEqual(extension.isActive, true);
    const all = await vscode.commands.getCommands(true);
    assert.deepStrictEqual(
      all.filter((name) => name.startsWith("limner.")),
      extension.packageJSON.contributes.commands.map((command) => command.command),
    );
  });
});
