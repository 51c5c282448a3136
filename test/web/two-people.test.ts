import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { incidentsOf, registerDeployment } from '../stories/alerting.ts';
import { makeCheck } from '../stories/checks.ts';
import { openStack, type Stack } from '../stories/stack.ts';
import { openTarget, type Target } from '../stories/target.ts';
import { noBrowser } from './browser.ts';
import { openBrowser, type Visitor, visit } from './visitor.ts';

let browser: Browser;
let stack: Stack;
let target: Target;
let incidentId = '';

/** The first look may wait for the next full minute; then the incident gathers alerts for five seconds. */
const patience = { timeout: 100_000, interval: 500 };

describe.skipIf(noBrowser !== undefined)('While time passes as it does, in two browsers', () => {
  beforeAll(async () => {
    target = await openTarget();
    await target.become('failing');
    [browser, stack] = await Promise.all([openBrowser(), openStack({ clock: 'real' })]);
    await registerDeployment(stack, 'web-shop');
    const check = {
      name: 'home page',
      deploymentId: 'web-shop',
      failureThreshold: 1,
      successThreshold: 1,
      retries: 0,
    };
    await makeCheck(stack, { ...check, target: target.url });
    await vi.waitUntil(async () => (await incidentsOf(stack, 'web-shop')).length === 1, patience);
    incidentId = (await incidentsOf(stack, 'web-shop'))[0]?.id ?? '';
  }, 150_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.close(), target?.close()]);
  });

  it('what one acknowledges the other sees within ten seconds, on the list and on the incident', async () => {
    const visitors: Visitor[] = [];
    for (let person = 0; person < 3; person++) visitors.push(await visit(browser, stack.host.url));
    const [ada, grace, joan] = visitors;
    if (!ada || !grace || !joan) throw new Error('three visitors are needed');
    for (const visitor of visitors) await visitor.signIn(stack.host.token);
    await ada.go(`/incidents/${incidentId}`);
    await grace.go(`/incidents/${incidentId}`);
    await joan.go('/');
    await joan.page.getByText('not acknowledged', { exact: true }).waitFor();
    await ada.page.getByRole('button', { name: 'Acknowledge' }).click();
    await Promise.all([
      grace.page.getByText('acknowledged by admin', { exact: true }).waitFor({ timeout: 10_000 }),
      joan.page.getByText('acknowledged', { exact: true }).waitFor({ timeout: 10_000 }),
    ]);
    expect(await grace.page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    for (const { complaints } of visitors) expect(complaints).toEqual([]);
    await Promise.all(visitors.map((visitor) => visitor.close()));
  });

  it('whoever is offline still sees what was there and how old it is; it goes on by itself', async () => {
    const visitor = await visit(browser, stack.host.url);
    const { page } = visitor;
    await visitor.signIn(stack.host.token);
    await page.getByRole('link', { name: 'home page' }).first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await visitor.setOffline(true);
    const age = page.getByText(/Offline: as of \d+ s ago/);
    await age.waitFor({ timeout: 30_000 });
    expect(await page.getByRole('link', { name: 'home page' }).first().isVisible()).toBe(true);
    await target.become('up');
    await visitor.setOffline(false);
    await page.getByText('Live', { exact: true }).waitFor();
    await age.waitFor({ state: 'detached' });
    // A slot comes each ten seconds, and the next question four seconds after it.
    await page.getByRole('heading', { name: /^Wrong now/ }).waitFor({ state: 'detached', timeout: 40_000 });
    await visitor.close();
  });
});
