import { expect, test } from "vitest";
import { previewPage } from "../../../src/extension/previewTab/previewPage.ts";

test("the page runs its own script only, and a prompt is text in it", () => {
  const page = previewPage('"><script>alert(1)</script>', "n0nce");
  expect(page.match(/<script[^>]*>/g)).toEqual(['<script nonce="n0nce">']);
  expect(page).toContain('alt="Preview: &quot;>&lt;script>alert(1)&lt;/script>"');
  const [, policy] = /content="([^"]*)"/.exec(page) ?? [];
  expect(policy).toBe("default-src 'none'; img-src data:; style-src 'nonce-n0nce'; script-src 'nonce-n0nce'");
});
