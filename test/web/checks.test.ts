import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStack, type Stack } from '../stories/stack.ts';
import { openTarget, type Target } from '../stories/target.ts';
import { noBrowser } from './browser.ts';
import { openBrowser, type Visitor, visit } from './visitor.ts';

let browser: Browser;
let stack: Stack;
let target: Target;
let visitor: Visitor;

describe.skipIf(noBrowser !== undefined)('Whoever defines checks, in a browser', () => {
  beforeAll(async () => {
    [browser, stack, target] = await Promise.all([openBrowser(), openStack(), openTarget()]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.close(), target?.close()]);
  });
  beforeEach(async () => {
    visitor = await visit(browser, stack.host.url, { now: stack.host.now() });
    await visitor.signIn(stack.host.token);
    return async () => {
      expect(visitor.complaints).toEqual([]);
      await visitor.close();
    };
  });

  const field = (name: string) => visitor.page.getByRole('textbox', { name, exact: true });

  it('is told on an empty stack how to begin, fills the form, tries it, saves it and sees it turn green', async () => {
    const { page } = visitor;
    await page.getByRole('heading', { name: 'Nothing is watched yet' }).waitFor();
    await page.getByRole('link', { name: 'Create a check' }).click();
    await field('Name').fill('front door');
    await field('Target').fill(target.url);

    await target.become('failing');
    const trial = page.locator('.check-trial');
    await page.getByRole('button', { name: 'Test now' }).click();
    await trial.getByText('unhealthy', { exact: true }).waitFor();
    expect(await trial.textContent()).toContain('expected status 200-299, got 503');
    await target.become('up');
    await page.getByRole('button', { name: 'Test now' }).click();
    await trial.getByText('healthy', { exact: true }).waitFor();
    expect(await trial.textContent()).toContain('It answered as it should.');
    expect((await stack.api('GET', '/api/v1/monitoring/health-checks')).body.items).toEqual([]);

    await page.getByRole('button', { name: 'Create the check' }).click();
    await page.getByRole('heading', { level: 1, name: 'front door' }).waitFor();
    const standing = page.locator('.page-head .status-mark');
    expect(await standing.textContent()).toContain('unknown');
    await stack.advance('2m');
    await expect.poll(() => standing.textContent(), { timeout: 15_000 }).toContain('healthy');
    expect(visitor.refusals).toEqual([]);
  });

  it('is shown what the API refuses at its very field, and may mend it there', async () => {
    const { page } = visitor;
    await visitor.go('/checks/new');
    await field('Name').fill('too often');
    await field('Target').fill(target.url);
    await field('Interval').fill('1s');
    await page.getByRole('button', { name: 'Create the check' }).click();
    const interval = field('Interval');
    await expect.poll(() => interval.getAttribute('aria-invalid')).toBe('true');
    const description = await interval.evaluate((node) =>
      (node.getAttribute('aria-describedby') ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join(' '),
    );
    expect(description).toContain('10 s');
    expect(await field('Name').getAttribute('aria-invalid')).toBe('false');
    expect(visitor.refusals).toEqual(['422 POST /api/v1/monitoring/health-checks']);
    await interval.fill('1m');
    await page.getByRole('button', { name: 'Create the check' }).click();
    await page.getByRole('heading', { level: 1, name: 'too often' }).waitFor();
  });

  it('is asked before what was typed is thrown away', async () => {
    const { page } = visitor;
    await visitor.go('/checks/new');
    await field('Name').fill('half done');
    await page.getByRole('link', { name: 'Incidents' }).click();
    const question = page.getByRole('dialog');
    await question.waitFor();
    expect(await field('Name').inputValue()).toBe('half done');
  });
});
