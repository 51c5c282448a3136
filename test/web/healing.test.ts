import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  makePolicy,
  makeServiceCheck,
  onlyRemediation,
  openHealing,
  openServices,
  readRemediation,
  recordOf,
  registerWith,
  type Services,
} from '../stories/healing.ts';
import type { Stack } from '../stories/stack.ts';
import { noBrowser } from './browser.ts';
import { openBrowser, type Visitor, visit } from './visitor.ts';

let browser: Browser;
let services: Services;
let stack: Stack;
let visitor: Visitor;

const fall = async (name: string): Promise<void> => {
  const service = services.of(name);
  await registerWith(stack, name, [name]);
  await makeServiceCheck(stack, service, name, { failureThreshold: 1 });
  await stack.advance('70s');
  service.fall();
  await stack.advance('1m');
};

describe.skipIf(noBrowser !== undefined)('Whoever decides over remedies, in a browser', () => {
  beforeAll(async () => {
    services = await openServices(['web', 'mail']);
    [browser, stack] = await Promise.all([openBrowser(), openHealing(services.processes)]);
    await makePolicy(stack, { unhealthy: { approval: 'manual' } });
    await fall('web');
    await fall('mail');
  }, 120_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.close(), services?.close()]);
  });
  beforeEach(async () => {
    visitor = await visit(browser, stack.host.url, { now: stack.host.now() });
    await visitor.signIn(stack.host.token);
    return async () => {
      expect(visitor.complaints).toEqual([]);
      await visitor.close();
    };
  });

  it('reads the plan that waits, approves it with a reason, and watches it to its end without loading anything anew', async () => {
    const { page } = visitor;
    const waiting = page.locator('section', {
      has: page.getByRole('heading', { name: /^Waiting for approval/ }),
    });
    await waiting.getByRole('listitem').filter({ hasText: 'for web' }).getByRole('link').click();
    await page.getByRole('heading', { name: 'Waits for your decision' }).waitFor();
    await page.getByRole('heading', { name: /^Restart the process web/ }).waitFor();
    expect(services.of('web').restarts()).toBe(0);
    await page.evaluate(() => {
      document.body.dataset.notLoadedAnew = 'true';
    });
    await page.getByLabel('Why (stands in the record)').fill('The log says out of memory.');
    await page.getByRole('button', { name: 'Approve this plan' }).click();
    const stages = page.getByRole('list', { name: 'Workflow' }).getByRole('listitem');
    await stages.filter({ hasText: 'Approved, done' }).waitFor();
    await stack.advance('2m');
    await stages.filter({ hasText: 'succeeded' }).waitFor();
    for (const name of ['Planned', 'Approved', 'Gate', 'Applied', 'Verified'])
      expect(await stages.filter({ hasText: `${name}, done` }).count()).toBe(1);
    await page.getByText('The log says out of memory.').first().waitFor();
    expect(await page.evaluate(() => document.body.dataset.notLoadedAnew)).toBe('true');
    expect(services.of('web').restarts()).toBe(1);
    const { id } = await onlyRemediation(stack, 'web');
    expect(await readRemediation(stack, id)).toMatchObject({
      status: 'succeeded',
      approvals: [{ by: 'admin' }],
    });
    expect((await recordOf(stack, id)).find(({ kind }) => kind === 'approved')?.text).toBe(
      'The log says out of memory.',
    );
  });

  it('stops all healing from whatever page, sees that it is stopped, and lets it run again', async () => {
    const { page } = visitor;
    await visitor.go('/audit');
    await page.getByRole('button', { name: 'Stop healing' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop all healing now?' });
    await dialog.getByLabel('Why (optional)').fill('Something is odd.');
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Healing is stopped' }).waitFor();
    expect((await stack.api('GET', '/api/v1/monitoring/remediation/stop')).body).toMatchObject({
      isOn: true,
      reason: 'Something is odd.',
    });

    const { id } = await onlyRemediation(stack, 'mail');
    await visitor.go(`/remediations/${id}`);
    await page.getByRole('button', { name: 'Approve this plan' }).click();
    await stack.advance('1m');
    await page.getByText('stop switch').first().waitFor();
    expect(services.of('mail').restarts()).toBe(0);

    await page.getByRole('button', { name: 'Healing is stopped' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let it run' }).click();
    await page.getByRole('button', { name: 'Stop healing' }).waitFor();
  });
});
