import { mkdirSync } from "node:fs";
import { extname, join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import type { CodeServer } from "./codeServer.ts";

/** Where screenshots go; not kept by git. */
export const screenshotFolder = join(process.cwd(), "out", "screenshots");

/** The longest that a step may take on a busy machine. */
const patience = 120_000;

/** Whether a step came to its end in its time. */
const succeeds = (step: Promise<unknown>): Promise<boolean> =>
  step.then(
    () => true,
    () => false,
  );

/** A window of VS Code, driven as a user drives it. */
export class CodeWindow {
  readonly page: Page;
  private readonly browser: Browser;

  private constructor(page: Page, browser: Browser) {
    this.page = page;
    this.browser = browser;
  }

  /** Opens the server's workspace, or a window without a folder, and waits until VS Code is ready. */
  static async open({ url, workspace }: CodeServer, opensFolder: boolean): Promise<CodeWindow> {
    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const window = new CodeWindow(page, browser);
    await page.goto(`${url}/?${opensFolder ? `folder=${encodeURIComponent(workspace)}` : "ew=true"}`);
    await page.locator("div.monaco-workbench").waitFor();
    // The status bar says that the window is connected before commands of extensions are known.
    await page.locator(".statusbar-item").first().waitFor();
    return window;
  }

  /**
   * Opens the command palette, types the command's title and takes the entry that has exactly this title. The palette
   * lists what is known when it opens: as long as the extension is not, it is opened again.
   */
  async runCommand(title: string): Promise<void> {
    const entry = this.focusedEntry().getByText(title, { exact: true }).first();
    await this.untilListed(entry, `"${title}" in the command palette`, async () => {
      if (await this.quickInput().isVisible()) {
        await this.page.keyboard.press("Escape");
        await this.quickInput().waitFor({ state: "hidden" });
      }
      await this.page.keyboard.press("F1");
      await this.quickInput().fill(`>${title}`);
    });
    await this.take(entry);
  }

  /** The input field at the top: command palette, input boxes, pickers. */
  quickInput(): Locator {
    return this.page.locator(".quick-input-widget:not(.hidden) .quick-input-box input");
  }

  /** Types into the question at the top and confirms it, once an entry below has the text. */
  async answer(text: string): Promise<void> {
    const entry = this.focusedEntry().filter({ hasText: text });
    // The question before may still be there when the first try types.
    await this.untilListed(entry, `"${text}" below what was typed`, () => this.quickInput().fill(text));
    await this.take(entry);
  }

  /**
   * Answers the dialog that asks where to save. It writes its own suggestion into the field once it has listed the
   * folder, over whatever is typed before, and takes no Enter as long as it lists another: both are waited for.
   */
  async saveAs(file: string): Promise<void> {
    const field = this.quickInput();
    const end = Date.now() + patience;
    while (!(await field.inputValue()).endsWith(extname(file))) {
      if (Date.now() > end) throw new Error("VS Code never suggested where to save.");
      await this.page.waitForTimeout(100);
    }
    await field.fill(file);
    while (Date.now() < end) {
      await this.page.keyboard.press("Enter");
      if (await succeeds(field.waitFor({ state: "hidden", timeout: 1_000 }))) return;
    }
    throw new Error(`VS Code never took ${file} as the file to save.`);
  }

  /** The entry that Enter takes of what is listed at the top. */
  private focusedEntry(): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row.focused");
  }

  /** Types again and again until an entry is listed. @throws Error that says what never was */
  private async untilListed(entry: Locator, what: string, type: () => Promise<unknown>): Promise<void> {
    const end = Date.now() + patience;
    while (Date.now() < end) {
      await type();
      if (await succeeds(entry.waitFor({ timeout: 5_000 }))) return;
    }
    throw new Error(`VS Code never listed ${what}.`);
  }

  /** Takes the listed entry; what is asked next may be asked in the same place. */
  private async take(entry: Locator): Promise<void> {
    await this.page.keyboard.press("Enter");
    await entry.waitFor({ state: "hidden" });
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("Control+p");
    await this.answer(name);
    await this.tab(name).waitFor();
    await this.page.locator(".part.editor .monaco-editor.focused").first().waitFor();
  }

  /** The tab of an open editor. */
  tab(name: string | RegExp): Locator {
    return this.page.getByRole("tab", { name }).first();
  }

  /** A line of the open text editors with this text. */
  editorLine(text: string): Locator {
    return this.page.locator(".part.editor .view-line").filter({ hasText: text }).first();
  }

  /** A file or folder of the explorer. */
  explorerRow(name: string): Locator {
    return this.page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: name }).first();
  }

  /**
   * Right-clicks a file of the explorer and takes an entry of its menu, by way of a submenu if there are two names.
   * Whatever takes the focus closes a menu: it is opened again.
   */
  async explorerMenu(file: string, ...entries: readonly string[]): Promise<void> {
    const end = Date.now() + patience;
    while (Date.now() < end) {
      await this.explorerRow(file).click({ button: "right" });
      if (await this.takeFromMenu(entries)) return;
      await this.page.keyboard.press("Escape");
    }
    throw new Error(`The menu of ${file} never had ${entries.join(" > ")}.`);
  }

  /** @returns whether the menu had all entries */
  private async takeFromMenu(entries: readonly string[]): Promise<boolean> {
    for (const entry of entries) {
      const item = this.page.locator(".monaco-menu .action-item").getByText(entry, { exact: true }).first();
      // A menu takes no button that is let go within a tenth of a second of its opening.
      if (!(await succeeds(item.click({ delay: 300, timeout: 10_000 })))) return false;
    }
    return true;
  }

  /** Waits until the output channel that is shown has a line with this text. @returns all of its lines */
  async outputWith(text: string): Promise<string[]> {
    const lines = this.page.locator(".part.panel .view-line");
    await lines.filter({ hasText: text }).first().waitFor();
    // The editor draws spaces that do not break.
    return (await lines.allTextContents()).map((line) => line.replaceAll("\u00a0", " "));
  }

  /** Limner's item of the status bar, while it says this. */
  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item[id^='limner.limner']").filter({ hasText: text });
  }

  /** Opens the list of notifications, where they stay until they are cleared. @returns the one with this text */
  async notification(text: string): Promise<Locator> {
    const list = this.page.locator(".notifications-center.visible");
    const found = list.locator(".notification-list-item").filter({ hasText: text }).first();
    const end = Date.now() + patience;
    while (Date.now() < end) {
      // It closes when the last notification goes, and stays closed when another comes.
      if (!(await list.isVisible())) await this.runCommand("Notifications: Show Notifications");
      if (await succeeds(found.waitFor({ timeout: 5_000 }))) return found;
    }
    throw new Error(`VS Code never told "${text}".`);
  }

  /** Keeps a picture of the window. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshotFolder, { recursive: true });
    await this.page.screenshot({ path: join(screenshotFolder, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
