import { describe, expect, test } from "vitest";
import { userDirectories } from "../../src/platform/directories.ts";

describe("Linux", () => {
  const linux = { platform: "linux", home: "/home/ann" } as const;

  test("without variables: the XDG defaults", () => {
    expect(userDirectories({ ...linux, env: {} })).toEqual({
      data: "/home/ann/.local/share/limner",
      cache: "/home/ann/.cache/limner",
      config: "/home/ann/.config/limner",
    });
  });

  test("with the XDG variables", () => {
    const env = { XDG_DATA_HOME: "/d", XDG_CACHE_HOME: "/c", XDG_CONFIG_HOME: "/f" };
    expect(userDirectories({ ...linux, env })).toEqual({
      data: "/d/limner",
      cache: "/c/limner",
      config: "/f/limner",
    });
  });

  test("ignores a relative or empty XDG variable", () => {
    const env = { XDG_DATA_HOME: "d", XDG_CACHE_HOME: "" };
    expect(userDirectories({ ...linux, env })).toMatchObject({
      data: "/home/ann/.local/share/limner",
      cache: "/home/ann/.cache/limner",
    });
  });

  test("LIMNER_DATA_DIR and LIMNER_CACHE_DIR come before all, as they are", () => {
    const env = { LIMNER_DATA_DIR: "/mine/data/", LIMNER_CACHE_DIR: "/mine/cache", XDG_DATA_HOME: "/d" };
    expect(userDirectories({ ...linux, env })).toEqual({
      data: "/mine/data/",
      cache: "/mine/cache",
      config: "/home/ann/.config/limner",
    });
  });
});

test("macOS: below ~/Library", () => {
  expect(userDirectories({ platform: "darwin", home: "/Users/ann", env: { XDG_DATA_HOME: "/d" } })).toEqual({
    data: "/Users/ann/Library/Application Support/Limner",
    cache: "/Users/ann/Library/Caches/Limner",
    config: "/Users/ann/Library/Preferences/Limner",
  });
});

describe("Windows", () => {
  const windows = { platform: "win32", home: "C:\\Users\\ann" } as const;

  test("below %LOCALAPPDATA%", () => {
    expect(userDirectories({ ...windows, env: { LOCALAPPDATA: "D:\\Local" } })).toEqual({
      data: "D:\\Local\\Limner\\Data",
      cache: "D:\\Local\\Limner\\Cache",
      config: "D:\\Local\\Limner\\Config",
    });
  });

  test("without it: the profile's own", () => {
    expect(userDirectories({ ...windows, env: {} }).cache).toBe(
      "C:\\Users\\ann\\AppData\\Local\\Limner\\Cache",
    );
  });

  test("LIMNER_DATA_DIR comes first", () => {
    const env = { LIMNER_DATA_DIR: "E:\\limner", LOCALAPPDATA: "D:\\Local" };
    expect(userDirectories({ ...windows, env }).data).toBe("E:\\limner");
  });
});
