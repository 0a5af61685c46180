import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { type Code, contributionProblems } from "./contributions.ts";
import { FakeCode } from "./fakeCode.ts";

const fake = vi.hoisted(() => ({ code: undefined as FakeCode | undefined }));
vi.mock("vscode", async () => {
  const { FakeCode } = await import("./fakeCode.ts");
  fake.code = new FakeCode();
  return fake.code;
});

const { activate } = await import("../../src/extension/extension.ts");
const { restrictedSettings, settings } = await import("../../src/extension/settings.ts");

describe("package.json", () => {
  test("contributes what the code registers and reads, and nothing else", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8"));
    const code = fake.code ?? new FakeCode();
    activate(code.context(manifest));
    const problems = contributionProblems(manifest, {
      registered: code.registered,
      settings,
      restricted: restrictedSettings,
      hasFile: existsSync,
    });
    expect(problems).toEqual([]);
    expect([...code.registered.commands.keys()]).toContain("limner.showLog");
  });

  test("has no setting but those of the table, each of which is read", () => {
    const folder = join("src", "extension");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const sources = files.map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
    const readers = sources.filter(({ text }) => text.includes("getConfiguration(")).map(({ name }) => name);
    expect(readers).toEqual(["settings.ts"]);
    const rest = sources.filter(({ name }) => name !== "settings.ts").map(({ text }) => text);
    const unread = Object.keys(settings).filter((name) => !rest.join("\n").includes(`"${name}"`));
    expect(unread).toEqual([]);
  });
});

describe("the comparison", () => {
  const command = { command: "limner.draw", title: "Draw", category: "Limner" };
  const steps = { type: "integer", default: 20, minimum: 1, description: "Steps.", scope: "resource" };
  const manifest = {
    activationEvents: ["onWebviewPanel:limner.panel"],
    contributes: {
      commands: [command],
      menus: {
        "explorer/context": [{ command: "limner.draw", when: "limner.ready && config.limner.steps" }],
      },
      configuration: { properties: { "limner.steps": steps } },
      walkthroughs: [
        {
          id: "start",
          steps: [
            {
              id: "draw",
              title: "Draw",
              description: "[Draw](command:limner.draw)",
              completionEvents: ["onCommand:limner.draw"],
              media: { image: "media/icon.png", altText: "An icon" },
            },
          ],
        },
      ],
    },
  };
  function code(change: Partial<Code> = {}): Code {
    const { registered } = new FakeCode();
    registered.commands.set("limner.draw", () => {});
    registered.panels.add("limner.panel");
    registered.contextKeys.add("limner.ready");
    return {
      registered,
      settings: { "limner.steps": z.int().min(1).default(20) },
      restricted: [],
      hasFile: (path) => path === "media/icon.png",
      ...change,
    };
  }
  const changed = (contributes: object, rest: object = {}) => ({
    ...manifest,
    contributes: { ...manifest.contributes, ...contributes },
    ...rest,
  });

  test("finds nothing where both agree", () => {
    expect(contributionProblems(manifest, code())).toEqual([]);
  });

  test("refuses a kind of contribution that it does not know", () => {
    expect(() => contributionProblems(changed({ views: {} }), code())).toThrow("views");
  });

  test.each<[string, object, string]>([
    [
      "a command that is not registered",
      changed({ commands: [command, { ...command, command: "limner.b" }] }),
      "limner.b is contributed and not registered.",
    ],
    [
      "a command without a title",
      changed({ commands: [{ ...command, title: "" }] }),
      "limner.draw needs a title and the category Limner.",
    ],
    [
      "a menu's unknown command",
      changed({ menus: { "editor/title": [{ command: "limner.b" }] } }),
      "editor/title names limner.b, which is not contributed.",
    ],
    [
      "a key's unknown command",
      changed({ keybindings: [{ command: "limner.b", key: "f5" }] }),
      "keybindings names limner.b, which is not contributed.",
    ],
    [
      "a menu's unknown submenu",
      changed({ menus: { "editor/title": [{ submenu: "limner.more" }] } }),
      "editor/title names the submenu limner.more, which is not contributed.",
    ],
    [
      "a restriction of nothing",
      changed(
        {},
        { capabilities: { untrustedWorkspaces: { restrictedConfigurations: ["limner.steps", "limner.b"] } } },
      ),
      "limner.steps is restricted without need. limner.b is restricted and no setting.",
    ],
    [
      "an empty submenu",
      changed({ submenus: [{ id: "limner.more", label: "More" }] }),
      "The submenu limner.more is empty.",
    ],
    [
      "a setting that is not read",
      changed({ configuration: [{ properties: { "limner.steps": steps, "limner.b": steps } }] }),
      "limner.b is contributed and not read.",
    ],
    [
      "another default",
      changed({ configuration: { properties: { "limner.steps": { ...steps, default: 30 } } } }),
      "limner.steps has the default 30 in the manifest and 20 in the code.",
    ],
    [
      "a missing bound",
      changed({ configuration: { properties: { "limner.steps": { ...steps, minimum: undefined } } } }),
      "limner.steps has the minimum nothing in the manifest and 1 in the code.",
    ],
    [
      "a setting without a scope",
      changed({ configuration: { properties: { "limner.steps": { ...steps, scope: undefined } } } }),
      "limner.steps needs a scope.",
    ],
    [
      "a key that is never set",
      changed({ menus: { "editor/title": [{ command: "limner.draw", when: "!limner.busy" }] } }),
      "A when clause names limner.busy, which the code never sets.",
    ],
    [
      "a needless event",
      changed({}, { activationEvents: ["onWebviewPanel:limner.panel", "onCommand:limner.draw"] }),
      "onCommand:limner.draw is needless.",
    ],
    [
      "a panel that does not wake",
      changed({}, { activationEvents: [] }),
      "The panel limner.panel has a serializer and no onWebviewPanel:limner.panel.",
    ],
  ])("finds %s", (_name, other, problem) => {
    expect(contributionProblems(other, code()).join(" ")).toBe(problem);
  });

  test("finds what is registered and read, and not contributed", () => {
    const other = { activationEvents: [], contributes: {} };
    expect(contributionProblems(other, code())).toEqual([
      "limner.draw is registered and not contributed.",
      "limner.steps is read and not contributed.",
      "The panel limner.panel has a serializer and no onWebviewPanel:limner.panel.",
    ]);
  });

  test("finds a setting that runs programs and is not restricted", () => {
    expect(contributionProblems(manifest, code({ restricted: ["limner.steps"] }))).toEqual([
      "limner.steps is not restricted in untrusted workspaces.",
    ]);
  });

  test("finds a step's unknown command and missing picture", () => {
    const step = { id: "b", title: "B", description: "[B](command:limner.b)", media: { svg: "media/b.svg" } };
    const other = changed({ walkthroughs: [{ id: "start", steps: [step] }] });
    expect(contributionProblems(other, code())).toEqual([
      "The step b of the walkthrough start names limner.b, which is not contributed.",
      "The step b of the walkthrough start shows media/b.svg, which is not there.",
    ]);
  });
});
