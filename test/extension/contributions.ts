import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { Registrations } from "./fakeCode.ts";

/** What the code registers with VS Code, and the settings that it reads. */
export interface Code {
  readonly registered: Registrations;
  readonly settings: Readonly<Record<string, z.ZodType>>;
  /** Those that run programs or choose paths. */
  readonly restricted: readonly string[];
  /** Whether a file of the package is there. */
  readonly hasFile: (path: string) => boolean;
}

const menuItem = z.looseObject({
  command: z.string().optional(),
  submenu: z.string().optional(),
  when: z.string().optional(),
});
const property = z.record(z.string(), z.unknown());
const step = z.looseObject({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  when: z.string().optional(),
  completionEvents: z.array(z.string()).optional(),
  media: z.record(z.string(), z.unknown()).optional(),
});

/** The parts of a manifest that name something in the code. Parts that nobody compares are refused. */
const manifestSchema = z.looseObject({
  activationEvents: z.array(z.string()).default([]),
  capabilities: z
    .looseObject({
      untrustedWorkspaces: z
        .looseObject({ restrictedConfigurations: z.array(z.string()).default([]) })
        .prefault({}),
    })
    .prefault({}),
  contributes: z
    .strictObject({
      commands: z
        .array(
          z.looseObject({
            command: z.string(),
            title: z.string(),
            category: z.string(),
            enablement: z.string().optional(),
          }),
        )
        .default([]),
      menus: z.record(z.string(), z.array(menuItem)).default({}),
      submenus: z.array(z.looseObject({ id: z.string(), label: z.string() })).default([]),
      keybindings: z.array(menuItem).default([]),
      configuration: z
        .union([
          z.array(z.looseObject({ properties: z.record(z.string(), property) })),
          z.looseObject({ properties: z.record(z.string(), property) }),
        ])
        .default([]),
      walkthroughs: z.array(z.looseObject({ id: z.string(), steps: z.array(step) })).default([]),
    })
    .prefault({}),
});
type Manifest = z.infer<typeof manifestSchema>;

/**
 * Where a manifest and the code disagree, a sentence each; none where every command, menu, key, setting, walkthrough step
 * and activation event of the one is in the other.
 * @throws where the manifest contributes a kind of thing that is not compared
 */
export function contributionProblems(manifest: unknown, code: Code): string[] {
  const parsed = manifestSchema.parse(manifest);
  return [
    ...commandProblems(parsed, code),
    ...menuProblems(parsed),
    ...settingProblems(parsed, code),
    ...restrictionProblems(parsed, code),
    ...walkthroughProblems(parsed, code),
    ...activationProblems(parsed, code),
    ...contextKeyProblems(parsed, code),
  ];
}

function* commandProblems({ contributes }: Manifest, { registered }: Code) {
  const names = contributes.commands.map(({ command }) => command);
  for (const { command, title, category } of contributes.commands) {
    if (!registered.commands.has(command)) yield `${command} is contributed and not registered.`;
    if (title === "" || category !== "Limner") yield `${command} needs a title and the category Limner.`;
  }
  for (const name of registered.commands.keys()) {
    if (!names.includes(name)) yield `${name} is registered and not contributed.`;
  }
  if (new Set(names).size < names.length) yield "A command is contributed twice.";
}

function* menuProblems({ contributes }: Manifest) {
  const names = contributes.commands.map(({ command }) => command);
  const items = [...Object.entries(contributes.menus), ["keybindings", contributes.keybindings] as const];
  for (const [menu, entries] of items) {
    for (const { command } of entries) {
      if (command !== undefined && !names.includes(command))
        yield `${menu} names ${command}, which is not contributed.`;
    }
  }
  const submenus = contributes.submenus.map(({ id }) => id);
  for (const [menu, entries] of Object.entries(contributes.menus)) {
    for (const { submenu } of entries) {
      if (submenu !== undefined && !submenus.includes(submenu))
        yield `${menu} names the submenu ${submenu}, which is not contributed.`;
    }
    if (menu.startsWith("limner.") && !submenus.includes(menu))
      yield `${menu} is no submenu that is contributed.`;
  }
  for (const id of submenus) {
    if (!(id in contributes.menus)) yield `The submenu ${id} is empty.`;
  }
}

/** The fields of a setting that its schema knows too. */
const compared = [
  "type",
  "default",
  "enum",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "pattern",
  "items",
];

function* settingProblems({ contributes }: Manifest, { settings }: Code) {
  const groups = [contributes.configuration].flat();
  const contributed = Object.assign({}, ...groups.map(({ properties }) => properties)) as Record<
    string,
    Record<string, unknown>
  >;
  for (const name of Object.keys(settings)) {
    if (contributed[name] === undefined) yield `${name} is read and not contributed.`;
  }
  for (const [name, fields] of Object.entries(contributed)) {
    const schema = settings[name];
    if (schema === undefined) {
      yield `${name} is contributed and not read.`;
      continue;
    }
    const expected: Record<string, unknown> = z.toJSONSchema(schema);
    for (const field of compared) {
      if (isDeepStrictEqual(fields[field], expected[field]) || isSafeInteger(field, expected[field]))
        continue;
      const [here, there] = [fields[field], expected[field]].map(
        (value) => JSON.stringify(value) ?? "nothing",
      );
      yield `${name} has the ${field} ${here} in the manifest and ${there} in the code.`;
    }
    const { description, markdownDescription, scope, enum: values, enumDescriptions } = fields;
    const descriptions = fields["markdownEnumDescriptions"] ?? enumDescriptions;
    if (!description && !markdownDescription) yield `${name} needs a description.`;
    if (typeof scope !== "string") yield `${name} needs a scope.`;
    if (Array.isArray(values) && !(Array.isArray(descriptions) && descriptions.length === values.length)) {
      yield `${name} needs a description of each of its values.`;
    }
  }
}

function* restrictionProblems({ capabilities }: Manifest, { restricted, settings }: Code) {
  const { restrictedConfigurations } = capabilities.untrustedWorkspaces;
  for (const name of restricted) {
    if (!restrictedConfigurations.includes(name)) yield `${name} is not restricted in untrusted workspaces.`;
  }
  for (const name of restrictedConfigurations) {
    if (!(name in settings)) yield `${name} is restricted and no setting.`;
    else if (!restricted.includes(name)) yield `${name} is restricted without need.`;
  }
}

/** zod bounds every integer by what a double can hold; nobody writes that into a manifest. */
function isSafeInteger(field: string, value: unknown): boolean {
  return (
    (field === "maximum" && value === Number.MAX_SAFE_INTEGER) ||
    (field === "minimum" && value === Number.MIN_SAFE_INTEGER)
  );
}

function* walkthroughProblems({ contributes }: Manifest, { hasFile }: Code) {
  const names = contributes.commands.map(({ command }) => command);
  for (const { id, steps } of contributes.walkthroughs) {
    for (const one of steps) {
      const events = (one.completionEvents ?? []).join(" ");
      for (const [, name] of `${one.description} ${events}`.matchAll(
        /(?:\bcommand:|onCommand:)(limner\.\w+)/g,
      )) {
        if (name !== undefined && !names.includes(name)) {
          yield `The step ${one.id} of the walkthrough ${id} names ${name}, which is not contributed.`;
        }
      }
      for (const path of mediaPaths(one.media ?? {})) {
        if (!hasFile(path))
          yield `The step ${one.id} of the walkthrough ${id} shows ${path}, which is not there.`;
      }
    }
  }
}

function mediaPaths(media: Readonly<Record<string, unknown>>): string[] {
  const files = [media["markdown"], media["svg"], media["image"]];
  return files
    .flatMap((file) => (typeof file === "object" && file !== null ? Object.values(file) : [file]))
    .filter((path) => typeof path === "string");
}

function* activationProblems({ activationEvents }: Manifest, { registered }: Code) {
  const restored = activationEvents
    .filter((event) => event.startsWith("onWebviewPanel:"))
    .map((event) => event.slice("onWebviewPanel:".length));
  for (const type of restored) {
    if (!registered.panels.has(type))
      yield `onWebviewPanel:${type} activates for a panel without a serializer.`;
  }
  for (const type of registered.panels) {
    if (!restored.includes(type)) yield `The panel ${type} has a serializer and no onWebviewPanel:${type}.`;
  }
  for (const event of activationEvents) {
    if (event === "*") yield "The event * activates Limner in every window at once.";
    // VS Code adds these by itself.
    if (event.startsWith("onCommand:")) yield `${event} is needless.`;
  }
}

function* contextKeyProblems({ contributes }: Manifest, { registered }: Code) {
  const clauses = [
    ...Object.values(contributes.menus).flat(),
    ...contributes.keybindings,
    ...contributes.walkthroughs.flatMap(({ steps }) => steps),
  ].map(({ when }) => when ?? "");
  const all = [...clauses, ...contributes.commands.map(({ enablement }) => enablement ?? "")].join(" ");
  // Settings are context keys too, and panels are compared with the types of webviews.
  const words = all.replaceAll(
    /\b(?:activeWebviewPanelId|webviewId)\s*[!=]=\s*'?[\w.]+'?|\bconfig\.[\w.]+/g,
    "",
  );
  for (const [key] of words.matchAll(/\blimner\.[\w.]+/g)) {
    if (!registered.contextKeys.has(key)) yield `A when clause names ${key}, which the code never sets.`;
  }
}
