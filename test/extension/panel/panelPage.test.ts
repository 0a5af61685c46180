import { expect, test } from "vitest";
import { panelPage, panelPolicy } from "../../../src/extension/panel/panelPage.ts";

const sources = {
  cspSource: "https://files",
  nonce: "bm9uY2U=",
  script: "https://files/main.js",
  style: "https://files/panel.css",
  icons: "https://files/codicon.css",
};

test("the page may load its own files and pictures that it was sent, and nothing else", () => {
  expect(panelPolicy(sources).split("; ")).toEqual([
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "img-src https://files data: blob:",
    "style-src https://files",
    "font-src https://files",
    "script-src 'nonce-bm9uY2U='",
  ]);
});

test("the page has its policy, one script with the nonce, and nothing inline", () => {
  const page = panelPage(sources);
  expect(page).toContain(`content="${panelPolicy(sources)}"`);
  expect(page.match(/<script[^>]*>/g)).toEqual([
    '<script type="module" nonce="bm9uY2U=" src="https://files/main.js">',
  ]);
  expect(page).not.toMatch(/unsafe|<style|style=|\bon\w+=/);
});
