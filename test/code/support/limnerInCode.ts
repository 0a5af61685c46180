import { afterAll, afterEach, beforeAll } from "vitest";
import { type CodeServer, startCodeServer } from "./codeServer.ts";
import { CodeWindow } from "./codeWindow.ts";
import { packagedLimner } from "./packagedLimner.ts";

/** VS Code with Limner's package installed, for the tests of one file. */
export interface LimnerInCode {
  readonly server: CodeServer;
  readonly window: CodeWindow;
}

/**
 * Has VS Code run with Limner while the tests of a file do, and keeps a picture of its window after each of them.
 * @param options.settings of the user
 * @param options.opensFolder whether the window opens the workspace (default: true)
 * @param options.environment starts what Limner is to find, and says by which variables
 * @param options.prepare fills the workspace before the window opens
 */
export function limnerInCode(
  options: {
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly opensFolder?: boolean;
    environment?(): Promise<Readonly<Record<string, string>>>;
    prepare?(server: CodeServer): unknown;
  } = {},
): LimnerInCode {
  let server: CodeServer | undefined;
  let window: CodeWindow | undefined;
  beforeAll(async () => {
    const env = await options.environment?.();
    server = await startCodeServer({ vsix: packagedLimner, settings: options.settings, env });
    await options.prepare?.(server);
    window = await CodeWindow.open(server, options.opensFolder ?? true);
  });
  afterEach(({ task }) => window?.screenshot(task.name.replaceAll(/\W+/g, "-")));
  afterAll(async () => {
    await window?.close();
    await server?.stop();
  });
  const running = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error("VS Code runs while a test does.");
    return part;
  };
  return {
    get server() {
      return running(server);
    },
    get window() {
      return running(window);
    },
  };
}
