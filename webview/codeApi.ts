import type { FromPanel } from "../src/protocol/panel/fromPanel.ts";

/** What VS Code gives a webview's page, once. */
interface CodeApi {
  postMessage(message: FromPanel): void;
  /** What `setState` was given last, over reloads of the window too. */
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): CodeApi;
}

const api = acquireVsCodeApi();

/** Asks the extension for something. */
export function send(message: FromPanel): void {
  api.postMessage(message);
}

/** What the page kept. It may be of another version of Limner: parse it. */
export function keptState(): unknown {
  return api.getState();
}

/** Keeps something over reloads. */
export function keepState(state: unknown): void {
  api.setState(state);
}
