import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../shared/platform/api/openapi.ts';
import { routes } from '../../shared/platform/api/table.ts';
import { launchOptions, noBrowser } from './browser.ts';
import { bundledPage } from './page-site.ts';

const description = JSON.stringify(openApiDocument(routes));

describe.skipIf(noBrowser !== undefined)(
  'The page that shows the API, in a browser',
  { timeout: 30_000 },
  () => {
    let browser: Browser;
    let site: Server;
    let url: string;
    let page: Page;
    let served: { status: number; body: string };
    let complaints: string[];

    beforeAll(async () => {
      const [launched, handler] = await Promise.all([chromium.launch(launchOptions), bundledPage()]);
      browser = launched;
      site = createServer(async (request, response) => {
        if (request.url === '/openapi.json') {
          return response.writeHead(served.status, { 'content-type': 'application/json' }).end(served.body);
        }
        const { statusCode, headers, body } = await handler({ headers: {}, routeKey: 'GET /docs' });
        return response.writeHead(statusCode ?? 200, headers as Record<string, string>).end(body);
      });
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/docs`;
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      site?.close();
      site?.closeAllConnections();
    });
    beforeEach(async () => {
      served = { status: 200, body: description };
      page = await browser.newPage();
      page.setDefaultTimeout(10_000);
      complaints = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (said) => /content security/i.test(said.text()) && complaints.push(said.text()));
    });
    afterEach(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });

    it('shows every route in its group, with the scope it needs', async () => {
      await page.goto(url);
      await page.locator('#createCheck').waitFor();
      expect(await page.locator('.group > .operation').count()).toBe(routes.length);
      const checks = page.locator('.group', { has: page.locator('h2', { hasText: 'Checks' }) });
      expect(await checks.locator('#runCheck .scope').textContent()).toBe('operate');
      expect(await page.locator('#readOpenApiShort .scope').textContent()).toBe('public');
    });

    it('opens what the address names, with a line for a terminal, parameters, body and errors', async () => {
      await page.goto(`${url}#createCheck`);
      const body = page.locator('#createCheck .body');
      await body.waitFor();
      expect(await body.locator('.curl pre').textContent()).toBe(
        [
          `curl -s -X POST "${new URL('/api/v1/monitoring/health-checks', url)}" \\`,
          '  -H "authorization: Bearer $TOKEN" \\',
          "  -H 'content-type: application/json' \\",
          `  -d '{"type":"http","name":"home page","target":"https://example.com/"}'`,
        ].join('\n'),
      );
      await body.locator('.way > summary', { hasText: 'type: http' }).click();
      const fields = body.locator('.way[open] > .fields > .field > .line > .name');
      expect(await fields.allTextContents()).toEqual(
        expect.arrayContaining(['name', 'target', 'interval', 'conditions', 'maintenance', 'config']),
      );
      expect(await body.locator('.answer', { hasText: 'VALIDATION_ERROR' }).count()).toBe(1);
    });

    it('parts of a path are variables of the reader in the line for a terminal', async () => {
      await page.goto(`${url}#pauseCheck`);
      const line = await page.locator('#pauseCheck .curl pre').textContent();
      expect(line).toContain('/api/v1/monitoring/health-checks/$ID/pause"');
    });

    it('finds routes by words', async () => {
      await page.goto(url);
      await page.locator('#createCheck').waitFor();
      await page.getByLabel('Filter').fill('post heartbeat');
      const found = page.locator('.group > .operation:visible .path');
      expect(await found.allTextContents()).toEqual(['/api/v1/monitoring/health-checks/{id}/ping']);
    });

    it('shows markup in a description as text (fault 28)', async () => {
      const markup = '<img src=x onerror="document.title=1">';
      served.body = description.replaceAll('Make a check', markup.replaceAll('"', '\\"'));
      await page.goto(url);
      expect(await page.locator('#createCheck .summary').textContent()).toBe(markup);
      expect(await page.locator('#operations img').count()).toBe(0);
    });

    it('says so when the description cannot be read', async () => {
      served = { status: 503, body: '{}' };
      await page.goto(url);
      await page.getByText('The description could not be read. Homeostat answers with 503.').waitFor();
    });

    it('fits the width of a phone without scrolling sideways, and follows the dark scheme', async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(`${url}#createCheck`);
      await page.locator('#createCheck .body').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe('rgb(15, 19, 23)');
    });
  },
);
