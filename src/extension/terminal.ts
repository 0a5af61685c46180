import { delimiter, join } from "node:path";
import type * as vscode from "vscode";

/** Gives new terminals the command `limner`: the command line that the extension carries. */
export function offerInTerminals({
  environmentVariableCollection: variables,
  extensionPath,
}: vscode.ExtensionContext) {
  variables.description = "Adds the command `limner`";
  variables.prepend("PATH", `${join(extensionPath, "bin", "terminal")}${delimiter}`);
}
