import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pages } from '../../web/pages/index.ts';
import { openHealing, openServices, type Services } from '../stories/healing.ts';
import type { Stack } from '../stories/stack.ts';
import { noBrowser } from './browser.ts';
import { addressesOf, type Everything, makeEverything } from './everything.ts';
import { openBrowser, type Visitor, visit } from './visitor.ts';

let browser: Browser;
let services: Services;
let stack: Stack;
let everything: Everything;
let visitor: Visitor;

const tokens = '/api/v1/monitoring/tokens';
const newToken = async (
  name: string,
  more: object,
): Promise<{ readonly id: string; readonly token: string }> => {
  const { status, body, text } = await stack.api('POST', tokens, { body: { name, ...more } });
  expect(status, text).toBe(201);
  return { id: String(body.id), token: String(body.token) };
};

/** How what changes something begins; what only shows, filters, copies or chooses how to see begins otherwise. */
const acts =
  /^(new|create|add|edit|save|delete|remove|acknowledge|silence|escalate|resolve|comment|publish|approve|reject|cancel|call it off|undo|give back|heal|ask|pause|resume|look now|test|send|redrive|revoke|register|plan|extend|end now|drop|stop|let it run)\b/i;

describe.skipIf(noBrowser !== undefined)('What a token may, in a browser', () => {
  beforeAll(async () => {
    services = await openServices(['web']);
    [browser, stack] = await Promise.all([openBrowser(), openHealing(services.processes)]);
    everything = await makeEverything(stack, services, (what) => what);
    for (const deploymentId of ['payments', 'warehouse']) {
      const body = { deploymentId, environment: 'test', resources: [] };
      expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
    }
  }, 120_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.close(), services?.close()]);
  });
  beforeEach(async () => {
    visitor = await visit(browser, stack.host.url, { now: stack.host.now() });
    return async () => {
      expect(visitor.complaints).toEqual([]);
      await visitor.close();
    };
  });

  it('only reading: nothing that changes something is offered on any page', async () => {
    const { page } = visitor;
    const { token } = await newToken('reader', { scopes: ['read'], deployments: '*' });
    await visitor.signIn(token);
    const offered: string[] = [];
    for (const address of addressesOf(pages, everything).filter((one) => !/\/(new|edit|ask)$/.test(one))) {
      await visitor.go(address);
      const controls = page.locator('main button:enabled, main a.button, header.bar .stop-switch:enabled');
      for (const text of await controls.allInnerTexts())
        if (acts.test(text.replace(/^[^a-z]+/i, ''))) offered.push(`${address}: ${text}`);
    }
    expect(offered).toEqual([]);
    expect(visitor.refusals.filter((one) => !one.startsWith('403 GET'))).toEqual([]);
  });

  it('of one deployment: no other is to be seen', async () => {
    const { page } = visitor;
    const { token } = await newToken('shop team', { scopes: ['read', 'operate'], deployments: ['web-shop'] });
    await visitor.signIn(token);
    await visitor.go('/deployments');
    await page.getByRole('link', { name: 'web-shop' }).first().waitFor();
    for (const address of ['/deployments', '/', '/incidents', '/checks', '/remediations']) {
      await visitor.go(address);
      expect(await page.locator('main').innerText()).not.toMatch(/payments|warehouse/);
    }
  });

  it('revoked while it is used: back to the sign-in page, which says why', async () => {
    const { page } = visitor;
    const { id, token } = await newToken('short', { scopes: ['read'], deployments: '*' });
    await visitor.signIn(token);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect((await stack.api('DELETE', `${tokens}/${id}`)).status).toBeLessThan(300);
    // For up to a minute an authorizer remembers that it was good.
    await stack.advance('2m');
    await page.getByText('This token is not known, or it has expired or was revoked.').waitFor();
    await page.getByLabel('Token', { exact: true }).waitFor();
    expect(await page.getByText('checkout').count()).toBe(0);
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain(token);
  });

  it('mistyped: the same, and the next try is another chance', async () => {
    const { page } = visitor;
    await page.goto(`${stack.host.url}/#/incidents`);
    await page.getByLabel('Token', { exact: true }).fill('not a token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This token is not known, or it has expired or was revoked.').waitFor();
    await page.getByLabel('Token', { exact: true }).fill(`  ${stack.host.token}\n`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Incidents' }).waitFor();
    await page.locator('.account summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});
