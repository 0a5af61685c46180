import * as vscode from "vscode";
import type { z } from "zod";

/**
 * Every setting that the extension reads, with the schema of its value; each schema has a default. `package.json`
 * contributes exactly these, with the same type, default, values and bounds. Nothing else in the extension asks VS Code
 * for Limner's configuration.
 */
export const settings = {} as const satisfies Readonly<Record<`limner.${string}`, z.ZodDefault>>;

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
