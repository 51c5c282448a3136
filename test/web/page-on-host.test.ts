import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { type Host, startHost } from '../../infra/local/host.ts';
import { synthesizeIfChanged } from '../../infra/synth.ts';
import { launchOptions, noBrowser } from './browser.ts';

const outdir = join(import.meta.dirname, '../../node_modules/.cache/homeostat/web');

const listen = async (): Promise<Server> => {
  const server = createServer((_request, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};
const addressOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
const close = (server: Server): Promise<unknown> =>
  new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });

describe.skipIf(noBrowser !== undefined)('The first page of a real stack, in a browser', () => {
  let browser: Browser;
  let host: Host;
  let target: Server;

  const define = async (name: string, type: string, address: string): Promise<void> => {
    const answer = await fetch(`${host.url}/api/v1/monitoring/health-checks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, type, target: address, interval: '10s', failureThreshold: 1 }),
    });
    expect(answer.status).toBe(201);
  };

  beforeAll(async () => {
    await synthesizeIfChanged({ outdir, config: parseConfig({ allowedPrivateRanges: ['127.0.0.0/8'] }) });
    [browser, host, target] = await Promise.all([
      chromium.launch(launchOptions),
      startHost({ assemblyDir: outdir, clock: 'driven' }),
      listen(),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), host?.stop(), target?.listening ? close(target) : undefined]);
  });

  it('shows what the probes saw in green and red, and turns what goes down from green to red by itself', async () => {
    const gone = await listen();
    const goneAddress = addressOf(gone);
    await close(gone);
    await define('up', 'http', `http://${addressOf(target)}/`);
    await define('down', 'tcp', goneAddress);
    await host.advance('10s');

    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()));
    const row = (name: string) => page.locator('#rows tr', { hasText: name });
    const colourOf = (name: string) =>
      row(name)
        .locator('.word')
        .evaluate((node) => getComputedStyle(node).color);

    await page.goto(`${host.url}/#token=${host.token}`);
    await row('up').and(page.locator('.healthy')).waitFor();
    await row('down').and(page.locator('.unhealthy')).waitFor();
    expect(await page.locator('#rows .name').allTextContents()).toEqual(['down', 'up']);
    expect([await colourOf('up'), await colourOf('down')]).toEqual(['rgb(21, 128, 61)', 'rgb(192, 38, 45)']);
    expect(await row('down').locator('.reason').textContent()).toBe(`connect ECONNREFUSED ${goneAddress}`);
    expect(await row('up').locator('.response').textContent()).toMatch(/^\d+ ms$/);

    await close(target);
    await host.advance('20s');
    await row('up').and(page.locator('.unhealthy')).waitFor();
    expect(await page.title()).toBe('(2) Homeostat');
    expect(complaints).toEqual([]);
  });
});
