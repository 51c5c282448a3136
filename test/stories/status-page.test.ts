import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentsOf, monitoring, registerDeployment } from './alerting.ts';
import { makeWatchedCheck } from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack;
let shop: Target;
let vault: Target;
let vaultId = '';
beforeAll(async () => {
  [shop, vault] = await Promise.all([openTarget(), openTarget()]);
  stack = await openStack();
  await registerDeployment(stack, 'shop');
  const common = { deploymentId: 'shop', failureThreshold: 1, retries: 0 };
  await makeWatchedCheck(stack, { ...common, name: 'checkout-eu-1', target: shop.url, isPublic: true });
  vaultId = await makeWatchedCheck(stack, { ...common, name: 'vault-of-keys', target: vault.url });
  const made = await stack.api('POST', `${monitoring}/status-pages`, {
    body: {
      slug: 'shop',
      name: 'Shop status',
      timeZone: 'Europe/Berlin',
      groups: [
        { name: 'Shop', checks: [{ deploymentId: 'shop', name: 'checkout-eu-1', label: 'Checkout' }] },
        { name: 'All of it', deploymentId: 'shop' },
      ],
    },
  });
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([shop?.close(), vault?.close()]);
});

const open = (path = '/status/shop') => stack.api('GET', path, { token: null });
const everything = [
  '/status',
  '/status/shop',
  '/status/shop/history',
  '/status/shop/feed.xml',
  '/status/shop/badge.svg',
  '/status/shop/summary.json',
];

test('who is signed out opens the page, and /status leads to the only one', async () => {
  const page = await open();
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.text).toContain('All systems operational');
  expect((await open('/status')).text).toContain('<h1>Shop status</h1>');
});

test('a public check goes down and somebody publishes a text: both stand there within a minute and a half, the end too; comments among colleagues never', async () => {
  await shop.become('failing');
  await stack.advance('2m');
  const [incident] = await incidentsOf(stack, 'shop');
  const path = `${monitoring}/incidents/${incident?.id}`;
  await stack.api('POST', `${path}/acknowledge`, { body: {} });
  await stack.api('POST', `${path}/comment`, { body: { text: 'It is the DB password again.' } });
  await stack.api('POST', `${path}/comment`, {
    body: { text: 'Cards are declined & we know why.', isPublic: true },
  });
  await stack.advance('90s');
  const down = (await open()).text;
  expect(down).toContain('All systems are down');
  expect(down).toContain('Checkout is down');
  expect(down).toContain('We are on it.');
  expect(down).toContain('Cards are declined &amp; we know why.');
  expect(down).not.toContain('password');
  expect((await open('/status/shop/feed.xml')).text).toContain('<title>Checkout is down: Identified</title>');
  expect((await open('/status/shop/badge.svg')).text).toContain('>down<');
  expect((await open('/status/shop/summary.json')).body).toMatchObject({
    status: { state: 'down' },
    incidents: [{ title: 'Checkout is down', status: 'identified', resolvedAt: null }],
  });

  await shop.become('up');
  await stack.advance('4m');
  const well = (await open()).text;
  expect(well).toContain('All systems operational');
  expect(well).toContain('This incident is resolved.');
  expect((await open('/status/shop/history')).text).toContain('Checkout is down');
});

test('of a check that is not public nothing is ever there, also when it is down and its group takes the whole deployment', async () => {
  const before = (await open('/status/shop/summary.json')).body;
  await vault.become('failing');
  await stack.advance('3m');
  expect((await stack.api('GET', `${monitoring}/health-checks/${vaultId}`)).body.status).toBe('unhealthy');
  const after = (await open('/status/shop/summary.json')).body;
  expect(after.incidents).toEqual(before.incidents);
  expect(after.status).toEqual({ state: 'operational', description: 'All systems operational' });
  for (const path of everything) {
    const { text, status } = await open(path);
    expect(status).toBe(200);
    expect(text).not.toMatch(/vault|Service Down|admin|password|expected status/);
    for (const { url } of [shop, vault]) expect(text).not.toContain(new URL(url).host);
  }
});

test('what is not published, or not there, is the same: a page that says so', async () => {
  for (const path of ['/status/nothing', '/status/%3Cimg%3E', '/status/shop/history?month=2026-13']) {
    const { status, text } = await open(path);
    expect(status).toBe(404);
    expect(text).toContain('There is no such page');
  }
});
