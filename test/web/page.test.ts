import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchOptions, noBrowser } from './browser.ts';
import { bundledPage, type PageHandler, type ShownCheck, startSite } from './page-site.ts';

const check = (fields: Partial<ShownCheck>): ShownCheck => ({
  id: fields.name ?? 'home',
  name: 'home',
  deploymentId: 'shop',
  type: 'http',
  target: 'https://shop.example.com/',
  status: 'healthy',
  lastChecked: new Date(Date.now() - 125_000).toISOString(),
  responseTime: 42,
  reason: null,
  ...fields,
});
const down = check({
  name: 'checkout',
  status: 'unhealthy',
  responseTime: 5001,
  reason: 'Connection refused.',
});

const colourOf = (page: Page, name: string) =>
  page
    .locator('#rows tr', { hasText: name })
    .locator('.word')
    .evaluate((node) => getComputedStyle(node).color);

if (noBrowser) console.info(`The page in a browser: ${noBrowser}`);

describe.skipIf(noBrowser !== undefined)('The first page, in a browser', { timeout: 30_000 }, () => {
  let browser: Browser;
  let handler: PageHandler;
  let site: Awaited<ReturnType<typeof startSite>>;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [browser, handler] = await Promise.all([chromium.launch(launchOptions), bundledPage()]);
  }, 60_000);
  afterAll(() => browser?.close());
  beforeEach(async () => {
    site = await startSite(handler);
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (said) => /content security/i.test(said.text()) && complaints.push(said.text()));
  });
  afterEach(async () => {
    await page.close();
    await site.close();
    expect(complaints).toEqual([]);
  });

  const open = () => page.goto(`${site.url}#token=${site.token}`);
  const names = () => page.locator('#rows .name').allTextContents();

  it('shows healthy and unhealthy in words, signs and two colours, unhealthy first', async () => {
    site.checks = [check({ name: 'home' }), down];
    await open();
    await page.locator('#rows tr').nth(1).waitFor();
    expect(await names()).toEqual(['checkout', 'home']);
    expect(await page.locator('#rows .word').allTextContents()).toEqual(['unhealthy', 'healthy']);
    expect(await page.locator('#rows .sign').allTextContents()).toEqual(['✕', '✓']);
    expect(await colourOf(page, 'checkout')).toBe('rgb(192, 38, 45)');
    expect(await colourOf(page, 'home')).toBe('rgb(21, 128, 61)');
    expect(await page.locator('#rows .reason').first().textContent()).toBe('Connection refused.');
    expect(await page.locator('#rows .response').allTextContents()).toEqual(['5.00 s', '42 ms']);
    expect(await page.locator('#rows time').allTextContents()).toEqual(['2 min ago', '2 min ago']);
    expect(await page.locator('#counts button:visible').allTextContents()).toEqual([
      '1unhealthy',
      '0degraded',
      '0unknown',
      '1healthy',
      '2all',
    ]);
    expect(await page.title()).toBe('(1) Homeostat');
  });

  it('shows what nobody looks at as paused, counted apart, and what is known of nobody as unknown', async () => {
    const blind = 'the monitor is blind: neither its targets nor its canaries answer';
    const idle = { status: 'unknown', reason: 'paused', responseTime: null } as const;
    site.checks = [
      check({ name: 'slow', status: 'degraded', reason: 'answered in 900 ms, degraded above 500 ms' }),
      check({ name: 'unseen', status: 'unknown', reason: blind, responseTime: null }),
      check({ name: 'paused by people', ...idle, isActive: true, isPaused: true }),
      check({ name: 'switched off', ...idle, isActive: false, isPaused: false }),
      check({ name: 'home', isActive: true, isPaused: false }),
    ];
    await open();
    await page.locator('#rows tr').nth(4).waitFor();
    expect(await names()).toEqual(['slow', 'unseen', 'home', 'paused by people', 'switched off']);
    const words = ['degraded', 'unknown', 'healthy', 'paused', 'paused'];
    expect(await page.locator('#rows .word').allTextContents()).toEqual(words);
    expect(await page.locator('#rows .sign').allTextContents()).toEqual(['!', '?', '✓', '–', '–']);
    const reasons = await page.locator('#rows .reason').allTextContents();
    expect(reasons).toEqual(['answered in 900 ms, degraded above 500 ms', blind, '', '', '']);
    await page.locator('#counts button', { hasText: 'paused' }).click();
    expect(await names()).toEqual(['paused by people', 'switched off']);
    expect(await page.locator('#counts button:visible').allTextContents()).toEqual([
      '0unhealthy',
      '1degraded',
      '1unknown',
      '1healthy',
      '2paused',
      '5all',
    ]);
    site.checks = site.checks.slice(0, 2);
    await page.locator('#counts button', { hasText: 'all' }).click();
    await page.locator('#counts .paused:not([hidden])').waitFor({ state: 'detached' });
  });

  it('follows the dark scheme of the system with other colours of the same meaning', async () => {
    site.checks = [down];
    await page.emulateMedia({ colorScheme: 'dark' });
    await open();
    await page.locator('#rows tr').waitFor();
    expect(await colourOf(page, 'checkout')).toBe('rgb(255, 128, 128)');
  });

  it('shows a change by itself, in the row that was there, and says it to a screen reader', async () => {
    site.checks = [check({ name: 'home' }), check({ name: 'search' })];
    await open();
    await page.locator('#rows tr').nth(1).waitFor();
    await page
      .locator('#rows tr')
      .nth(1)
      .evaluate((row) => row.setAttribute('data-was-here', 'yes'));
    site.checks = [
      check({ name: 'home' }),
      check({ name: 'search', status: 'unhealthy', reason: 'Answered 500.' }),
    ];
    await page.locator('#rows tr.unhealthy[data-was-here=yes]').waitFor();
    expect(await names()).toEqual(['search', 'home']);
    expect(await page.locator('#spoken').textContent()).toBe('search is now unhealthy.');
  });

  it('moves the token from the address into the tab and keeps it over a reload', async () => {
    site.checks = [check({})];
    await open();
    await page.locator('#rows tr').waitFor();
    expect(page.url()).toBe(site.url);
    expect(await page.evaluate(() => history.length)).toBe(2);
    await page.reload();
    await page.locator('#rows tr').waitFor();
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  });

  it('asks for a token when there is none, and again when one is refused', async () => {
    site.checks = [check({})];
    await page.goto(site.url);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Show the checks' }).click();
    await page.getByText('This token is not known').waitFor();
    expect(await page.locator('#checks').isVisible()).toBe(false);
    await page.getByLabel('Token').fill(site.token);
    await page.getByRole('button', { name: 'Show the checks' }).click();
    await page.locator('#rows tr').waitFor();
    expect(await page.locator('#token-form').isVisible()).toBe(false);
    expect(await page.locator('#notice').isVisible()).toBe(false);
  });

  it('says so when nothing is watched yet', async () => {
    await open();
    await page.getByText('Nothing is watched yet').waitFor();
  });

  it('keeps what it knew, dimmed and with its time, while the API does not answer, and recovers', async () => {
    site.checks = [check({})];
    await open();
    await page.locator('#rows tr').waitFor();
    site.status = 503;
    await page.getByText(/Homeostat answers with 503\. What is shown below was read at .*\d/).waitFor();
    await page.waitForFunction(
      () => getComputedStyle(document.querySelector('#checks') as Element).opacity === '0.5',
    );
    expect(await names()).toEqual(['home']);
    site.status = 200;
    await page.waitForFunction(
      () => getComputedStyle(document.querySelector('#checks') as Element).opacity === '1',
    );
    expect(await page.locator('#notice').isVisible()).toBe(false);
  });

  it('shows markup in a name, a target and a reason as text (fault 28)', async () => {
    const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    site.checks = [check({ id: 'x', name: markup, target: markup, status: 'unhealthy', reason: markup })];
    await open();
    await page.locator('#rows tr').waitFor();
    expect(await names()).toEqual([markup]);
    expect(await page.locator('#rows .address').textContent()).toBe(markup);
    expect(await page.locator('#rows .reason').textContent()).toBe(markup);
    expect(await page.locator('#rows img, #rows script').count()).toBe(0);
    expect(await page.title()).toBe('(1) Homeostat');
  });

  it('reads every page of the list, shows 500 rows and says how to find the others', async () => {
    site.checks = Array.from({ length: 620 }, (_, index) =>
      check({ name: `check ${String(index).padStart(3, '0')}` }),
    );
    site.checks[615] = check({ name: 'check 615', status: 'unhealthy', reason: 'Down.' });
    await open();
    await page.getByText('The first 500 of 620 are shown').waitFor();
    expect((await names()).slice(0, 2)).toEqual(['check 615', 'check 000']);
    expect(await page.locator('#rows tr').count()).toBe(500);
    await page.getByLabel('Filter').fill('check 61');
    expect((await names()).length).toBe(10);
    await page.getByRole('button', { name: 'healthy', exact: false }).first().click();
    expect(await names()).toEqual(['check 615']);
  });

  it('fits the width of a phone without scrolling sideways', async () => {
    const long = 'https://shop.example.com/'.padEnd(300, 'a');
    site.checks = [check({ name: 'n'.repeat(120), target: long }), down];
    await page.setViewportSize({ width: 360, height: 740 });
    await open();
    await page.locator('#rows tr').nth(1).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
