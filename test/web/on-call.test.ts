import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { incidentsOf, registerDeployment } from '../stories/alerting.ts';
import { makeCheck } from '../stories/checks.ts';
import { openStack, type Stack } from '../stories/stack.ts';
import { openTarget, type Target } from '../stories/target.ts';
import { noBrowser } from './browser.ts';
import { drawn, openBrowser, settled, type Visitor, visit } from './visitor.ts';

let browser: Browser;
let stack: Stack;
let target: Target;
let visitor: Visitor;

/** A deployment whose only check is red, and so an incident of its own. */
const makeTrouble = async (deploymentId: string, name: string): Promise<void> => {
  await registerDeployment(stack, deploymentId);
  await makeCheck(stack, { name, deploymentId, target: target.url, failureThreshold: 1, retries: 0 });
};

const incidentOf = async (deploymentId: string) => {
  const [incident] = await incidentsOf(stack, deploymentId);
  if (!incident) throw new Error(`there is no incident of ${deploymentId}`);
  return incident;
};

describe.skipIf(noBrowser !== undefined)('Whoever is on call, in a browser', () => {
  beforeAll(async () => {
    target = await openTarget();
    await target.become('failing');
    [browser, stack] = await Promise.all([openBrowser(), openStack()]);
    await makeTrouble('web-shop', 'home page');
    await makeTrouble('billing', 'invoices');
    await stack.advance('2m');
  }, 120_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.close(), target?.close()]);
  });
  beforeEach(async () => {
    visitor = await visit(browser, stack.host.url, { now: stack.host.now() });
    return async () => {
      expect(visitor.complaints).toEqual([]);
      await visitor.close();
    };
  });

  it('signs in with the token, sees the red check, opens its incident, acknowledges and silences it', async () => {
    const { page } = visitor;
    await visitor.signIn(stack.host.token);
    const wrong = page.locator('section', {
      has: page.getByRole('heading', { name: 'Wrong now: 2 checks' }),
    });
    await wrong.getByRole('link', { name: 'home page' }).waitFor();
    const row = wrong.getByRole('listitem').filter({ hasText: 'home page' });
    expect(await row.getByText('unhealthy', { exact: true }).isVisible()).toBe(true);
    expect(await row.textContent()).toContain('expected status 200-299, got 503');
    expect(await page.title()).toBe('Overview · Homeostat');

    const incidents = page.locator('section', {
      has: page.getByRole('heading', { name: /^Active incidents/ }),
    });
    await incidents.getByRole('listitem').filter({ hasText: 'web-shop' }).getByRole('link').click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('acknowledged by admin', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    await stack.advance('10s');
    await page.getByText('Acknowledged', { exact: true }).first().waitFor();
    expect(await incidentOf('web-shop')).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'admin' });

    await page.getByRole('button', { name: 'Silence …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Silence for a while' });
    await dialog.getByLabel('Why').fill('The provider works on it.');
    await dialog.getByText('4 h', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByText(/^Silenced until /).waitFor();
    expect(await dialog.count()).toBe(0);

    await page.getByRole('link', { name: 'Silences' }).click();
    const silence = page.getByRole('listitem').filter({ hasText: 'The provider works on it.' });
    await silence.waitFor();
    expect(await silence.textContent()).toMatch(/3 h 59 min( \d+ s)? left|4 h left/);
    expect(await silence.textContent()).toContain('home page');
  });

  it('finds its token in no address, neither the one in sight nor any that was asked for', async () => {
    const { page, addresses } = visitor;
    await visitor.signIn(stack.host.token);
    await visitor.go('/incidents');
    await page.reload();
    await settled(page);
    expect(await page.title()).toBe('Incidents · Homeostat');
    expect(addresses.length).toBeGreaterThan(10);
    for (const address of [...addresses, page.url()]) expect(address).not.toContain(stack.host.token);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie)).not.toContain(
      stack.host.token,
    );
  });

  it('needs no mouse: skips to the content, goes to a list, filters it, acknowledges, and gets the focus back from a dialog', async () => {
    const { page } = visitor;
    const { keyboard } = page;
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id || '');
    await page.goto(`${stack.host.url}/`);
    await page.getByLabel('Token', { exact: true }).focus();
    await keyboard.insertText(stack.host.token);
    await keyboard.press('Enter');
    await settled(page);

    await page.reload();
    await settled(page);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.locator('.skip').focus();
    await keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

    await keyboard.press('g');
    await keyboard.press('i');
    await expect.poll(focused).toBe('Incidents');
    const rows = page.getByRole('table', { name: 'Incidents' });
    await rows.getByRole('link', { name: /invoices/ }).waitFor();
    await keyboard.press('/');
    await keyboard.type('invoices');
    await expect.poll(() => rows.getByRole('link').count()).toBe(1);
    for (let step = 0; step < 10 && !(await focused()).includes('invoices'); step++)
      await keyboard.press('Tab');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    await drawn(page);
    await keyboard.press('a');
    await page.getByText('acknowledged by admin', { exact: true }).waitFor();

    const opener = page.getByRole('button', { name: 'Silence …' });
    for (
      let step = 0;
      step < 30 && !(await opener.evaluate((node) => node === document.activeElement));
      step++
    )
      await keyboard.press('Tab');
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    for (let step = 0; step < 15; step++) {
      await keyboard.press('Tab');
      const isKept = await dialog.evaluate(
        (node) => node.contains(document.activeElement) || document.activeElement === document.body,
      );
      expect(isKept).toBe(true);
    }
    await keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await opener.evaluate((node) => node === document.activeElement)).toBe(true);

    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await incidentOf('billing')).toMatchObject({ status: 'acknowledged' });
  });
});
