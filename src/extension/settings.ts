import * as vscode from "vscode";
import * as z from "zod";
import { defaultPattern } from "./targets/assetTarget.ts";

/**
 * Every setting that the extension reads, with the schema of its value; each schema has a default. `package.json`
 * contributes exactly these, with the same type, default, values and bounds. Nothing else in the extension asks VS Code
 * for its configuration.
 */
export const settings = {
  "limner.model": z.string().max(4096).default(""),
  "limner.device": z
    .string()
    .regex(/^[A-Z]+(\.\d+)?(:[A-Z0-9.,]+)?$/)
    .default("CPU"),
  "limner.assets.pattern": z
    .string()
    .max(1000)
    .regex(/\.([pP][nN][gG]|[jJ][pP][eE]?[gG]|[wW][eE][bB][pP]|[aA][vV][iI][fF])$/)
    .default(defaultPattern),
  "limner.insertion": z.enum(["automatic", "ask", "never"]).default("automatic"),
  "limner.missingImages.enabled": z.boolean().default(true),
  "limner.host.node": z.string().max(4096).default(""),
  "limner.runtime.backend": z.enum(["auto", "c-api", "openvino-node"]).default("auto"),
  "limner.runtime.library": z.string().max(4096).default(""),
} as const satisfies Readonly<Record<`limner.${string}`, z.ZodDefault>>;

/**
 * The settings that run programs or choose paths: in a workspace that is not trusted, its own values of them do not
 * count. `package.json` restricts exactly these.
 */
export const restrictedSettings = [
  "limner.model",
  "limner.assets.pattern",
  "limner.host.node",
  "limner.runtime.backend",
  "limner.runtime.library",
] as const satisfies readonly SettingName[];

export type SettingName = keyof typeof settings;
export type SettingValue<Name extends SettingName> = z.output<(typeof settings)[Name]>;

/**
 * The value of a setting. What a user typed that its schema refuses counts as not set.
 * @param scope the resource that a value of its folder holds for
 */
export function readSetting<Name extends SettingName>(
  name: Name,
  scope?: vscode.ConfigurationScope,
): SettingValue<Name> {
  const schema: z.ZodDefault = settings[name];
  const value = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(name);
  const parsed = schema.safeParse(value);
  return (parsed.success ? parsed.data : schema.parse(undefined)) as SettingValue<Name>;
}

/** Sets a setting where it has a value of its own: in the workspace, else for the user. */
export async function writeSetting<Name extends SettingName>(
  name: Name,
  value: SettingValue<Name>,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const isOfWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
  const target = isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update(name, value, target);
}

const proxySchema = z.object({
  proxy: z.string().catch(""),
  proxyStrictSSL: z.boolean().catch(true),
  noProxy: z.array(z.string()).catch([]),
});
export type ProxySettings = z.infer<typeof proxySchema>;

/** VS Code's own settings of how to reach the network. */
export function readProxySettings(): ProxySettings {
  const get = (name: string) => vscode.workspace.getConfiguration().get<unknown>(`http.${name}`);
  return proxySchema.parse({
    proxy: get("proxy"),
    proxyStrictSSL: get("proxyStrictSSL"),
    noProxy: get("noProxy"),
  });
}
