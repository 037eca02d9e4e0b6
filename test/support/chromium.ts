import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { programPath } from './requirements.ts';
import { temporaryFolder } from './rig.ts';

export type OpenPage = {
  page: Page;
  /** What the page complained about, and what it asked a network for. */
  troubles: string[];
  clipboard(): Promise<string>;
};

let browser: Promise<Browser> | undefined;

/** One Chromium for the tests of a file, each with a profile of its own. Its sandbox does not start as root. */
function chromiumOfTests(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser ??= chromium.launch({ executablePath: programPath('chromium'), args });
  return browser;
}

export async function closeChromium(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/**
 * Opens a page as a browser opens a file.
 * @param script runs in it before its own
 * @param as the name of its file, and what stands behind `#`
 */
export async function openPage(
  source: string,
  options: BrowserContextOptions = {},
  script?: string,
  as: { name?: string; hash?: string } = {},
): Promise<OpenPage> {
  const path = join(await temporaryFolder(), as.name ?? 'form.html');
  await writeFile(path, source);
  const context = await (await chromiumOfTests()).newContext(options);
  onTestFinished(() => context.close());
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(pathToFileURL(path).href) || request.url().startsWith('blob:null/');
    if (!isOwn) troubles.push(request.url());
  });
  page.on('dialog', (dialog) => {
    troubles.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto(`${pathToFileURL(path).href}${as.hash === undefined ? '' : `#${as.hash}`}`);
  const clipboard = async () => {
    const reader = await context.newPage();
    await reader.goto(pathToFileURL(path).href);
    await reader.bringToFront();
    return (await reader.evaluate('navigator.clipboard.readText()')) as string;
  };
  return { page, troubles, clipboard };
}
