import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Reading } from '../../src/reading/reading.ts';
import { type RenderOptions, renderReport } from '../../src/report/render-report.ts';
import { type OpenPage, openPage } from './chromium.ts';

/** The whole page of a reading. */
export async function reportHtml(reading: Reading, options: Partial<RenderOptions> = {}): Promise<string> {
  const { pieces } = await renderReport(reading, {
    lines: 'all',
    maxBytes: 40_000_000,
    tool: 'icepack 0.0.0',
    ...options,
  });
  return [...pieces].join('');
}

export type ReportPage = OpenPage & {
  /** What an expression is in the page, whatever its policy forbids. */
  value(expression: string): Promise<unknown>;
};

type Opened = {
  context?: BrowserContextOptions;
  /** Runs before the page's own script. */
  script?: string;
  hash?: string;
  name?: string;
  /** Whether the list is waited for; not where none comes. */
  isLive?: boolean;
};

/** Opens the page of a reading, or a page, and waits until it is usable. */
export async function openReport(report: Reading | string, opened: Opened = {}): Promise<ReportPage> {
  const { context = {}, script, hash, name = 'report of TIC-1234 #1.html', isLive = true } = opened;
  const source = typeof report === 'string' ? report : await reportHtml(report);
  const page = await openPage(source, { viewport: { width: 1366, height: 900 }, ...context }, script, {
    name,
    ...(hash === undefined ? {} : { hash }),
  });
  if (isLive) await page.page.locator('html[data-ready=true]').waitFor({ state: 'attached' });
  return { ...page, value: (expression) => valueIn(page.page, expression) };
}

/** By the protocol of the developer tools: the policy of the page forbids `eval`, which `page.evaluate` uses. */
async function valueIn(page: Page, expression: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  try {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  } finally {
    await session.detach();
  }
}

/** The texts of the rows that are seen, from the top. */
export async function rowsSeen({ value }: ReportPage): Promise<string[]> {
  return (await value(
    `[...document.querySelectorAll('.row:not([hidden])')].map((row) => [...row.children].map((cell) => cell.textContent).join(' '))`,
  )) as string[];
}

export async function cursorText({ value }: ReportPage): Promise<string> {
  return (await value(`document.querySelector('.row.cursor')?.textContent ?? ''`)) as string;
}
