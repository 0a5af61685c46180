import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-option/index.js";
import "@vscode-elements/elements/dist/vscode-progress-bar/index.js";
import "@vscode-elements/elements/dist/vscode-single-select/index.js";
import "@vscode-elements/elements/dist/vscode-textarea/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import "./gallery/compareSlider.ts";
import "./gallery/imageGrid.ts";
import "./mask/maskBrush.ts";
import { Panel } from "./panel.ts";

const root = document.getElementById("panel");
if (!root) throw new Error("The page has no element for the panel.");
new Panel(root).begin();
