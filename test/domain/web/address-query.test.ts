import { expect, test } from 'vitest';
import { queryOf, withQuery } from '../../../web/client/address-query.ts';

test.each([
  ['/checks', {}],
  ['/checks?', {}],
  ['/checks?status=unhealthy&q=web+shop', { status: 'unhealthy', q: 'web shop' }],
  ['/checks?q=a%26b%3Fc', { q: 'a&b?c' }],
])('the query of %s is read', (location, query) => {
  expect(queryOf(location)).toEqual(query);
});

test.each([
  ['/checks', { q: 'shop' }, '/checks?q=shop'],
  ['/checks?q=shop', { status: 'unhealthy' }, '/checks?q=shop&status=unhealthy'],
  ['/checks?q=shop&status=unhealthy', { q: '' }, '/checks?status=unhealthy'],
  ['/checks?q=shop', { q: undefined }, '/checks'],
  ['/checks', { q: 'a&b?c#d' }, '/checks?q=a%26b%3Fc%23d'],
])('of %s, changed by %o, the address is %s', (location, changes, address) => {
  expect(withQuery(location, changes)).toBe(address);
});

test('what is written into an address is read from it again, whatever the letters', () => {
  const words = `<img src=x onerror=1> 100 % «ä» + & = # ?`;
  expect(queryOf(withQuery('/checks', { q: words }))).toEqual({ q: words });
});
