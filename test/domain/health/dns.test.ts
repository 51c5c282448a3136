import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { dns } from '../../../shared/health/kinds/dns.ts';
import { parseResolver } from '../../../shared/health/kinds/dns-answer.ts';
import { look, loopback } from './look.ts';
import { openNameServer, type Said, wire } from './name-server.ts';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

const zone: Readonly<Record<string, Said>> = {
  'shop.test A': { records: [wire.address('192.0.2.1'), wire.address('192.0.2.2')] },
  'shop.test AAAA': { records: [Buffer.from('20010db8000000000000000000000001', 'hex')] },
  'www.shop.test CNAME': { records: [wire.name('Shop.Test')] },
  'shop.test MX': { records: [wire.mx(20, 'backup.shop.test'), wire.mx(10, 'mail.shop.test')] },
  'shop.test TXT': { records: [wire.text('v=spf1 include:_spf.shop.test', ' -all'), wire.text('Other=1')] },
  'shop.test NS': { records: [wire.name('ns1.shop.test'), wire.name('ns2.shop.test')] },
  'shop.test SOA': {
    records: [wire.soa('ns1.shop.test', 'admin.shop.test', [2026, 7200, 900, 1_209_600, 300])],
  },
  '_sip._tcp.shop.test SRV': { records: [wire.srv(10, 60, 5060, 'sip.shop.test')] },
  'shop.test CAA': { records: [wire.caa(0, 'issue', 'letsencrypt.org')] },
  'broken.test A': { code: 'SERVFAIL' },
  'refused.test A': { code: 'REFUSED' },
  'garbage.test A': { bytes: Buffer.from('no dns at all') },
  'empty.test A': { records: [] },
  'xn--mnchen-3ya.test A': { records: [wire.address('192.0.2.9')] },
  'silent.test A': 'silence',
};

const serve = async () => {
  const server = await openNameServer((name, type) => zone[`${name} ${type}`] ?? { code: 'NXDOMAIN' });
  opened.push(server);
  return server;
};

const probe = async (target: string, config: Record<string, unknown> = {}, timeoutSeconds = 3) => {
  const { address } = await serve();
  const seen = await look({ type: 'dns', target, timeoutSeconds, config: { resolver: address, ...config } });
  return { ...seen, reason: seen.reason?.replaceAll(address, 'SERVER') ?? null };
};

describe('a dns check', () => {
  test.each([
    { target: 'shop.test', recordType: 'A', expected: ['192.0.2.2', '192.0.2.1'] },
    { target: 'shop.test', recordType: 'AAAA', expected: ['2001:0DB8::0001'] },
    { target: 'www.shop.test', recordType: 'CNAME', expected: ['shop.test.'] },
    { target: 'shop.test', recordType: 'MX', expected: ['10 MAIL.shop.test', 'backup.shop.test'] },
    { target: 'shop.test', recordType: 'TXT', expected: ['v=spf1 include:_spf.shop.test -all'] },
    { target: 'SHOP.test.', recordType: 'NS', expected: ['ns2.shop.test', 'ns1.shop.test.'] },
    {
      target: 'shop.test',
      recordType: 'SOA',
      expected: ['ns1.shop.test admin.shop.test 2026 7200 900 1209600 300'],
    },
    { target: 'shop.test', recordType: 'SOA', expected: ['ns1.shop.test'] },
    {
      target: '_sip._tcp.shop.test',
      recordType: 'SRV',
      expected: ['10 60 5060 sip.shop.test', 'sip.shop.test'],
    },
    { target: 'shop.test', recordType: 'CAA', expected: ['0 issue "letsencrypt.org"'] },
    { target: 'münchen.test', recordType: 'A', expected: ['192.0.2.9'] },
  ])('finds $expected among the $recordType records of $target', async ({ target, recordType, expected }) => {
    const seen = await probe(target, { recordType, expected });
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(Object.keys(seen.phases).sort()).toEqual(['dns', 'total']);
  });

  test.each([
    { match: 'all', expected: ['192.0.2.1'], status: 'healthy' },
    { match: 'any', expected: ['192.0.2.1', '192.0.2.7'], status: 'healthy' },
    {
      match: 'all',
      expected: ['192.0.2.1', '192.0.2.7'],
      reason: 'expected all of 192.0.2.1, 192.0.2.7, got 192.0.2.1, 192.0.2.2',
    },
    { match: 'any', expected: ['192.0.2.7'], reason: 'expected any of 192.0.2.7, got 192.0.2.1, 192.0.2.2' },
    {
      match: 'exactly',
      expected: ['192.0.2.1'],
      reason: 'expected exactly 192.0.2.1, got 192.0.2.1, 192.0.2.2',
    },
    { match: 'exactly', expected: ['192.0.2.2', '192.0.2.1'], status: 'healthy' },
  ])('expecting $match of $expected', async ({ match, expected, status = 'unhealthy', reason = null }) => {
    const seen = await probe('shop.test', { match, expected });
    expect({ status: seen.status, reason: seen.reason }).toEqual({ status, reason });
  });

  test.each([
    { target: 'gone.test', reason: 'gone.test does not exist (NXDOMAIN)' },
    { target: 'empty.test', reason: 'empty.test has no A record' },
    { target: 'broken.test', reason: 'the name server SERVER answered SERVFAIL for broken.test A' },
    { target: 'refused.test', reason: 'the name server SERVER answered REFUSED for refused.test A' },
  ])('says why $target is unhealthy', async ({ target, reason }) => {
    expect(await probe(target)).toMatchObject({ status: 'unhealthy', reason });
  });

  test('may expect that a name does not exist', async () => {
    expect(await probe('gone.test', { expected: 'NXDOMAIN' })).toMatchObject({ status: 'healthy' });
    const seen = await probe('shop.test', { expected: 'NXDOMAIN' });
    expect(seen).toMatchObject({
      status: 'unhealthy',
      reason: 'shop.test exists, expected that it does not: 192.0.2.1, 192.0.2.2',
    });
  });

  test.each([
    { target: 'silent.test', what: 'says nothing' },
    { target: 'garbage.test', what: 'says no DNS' },
  ])('ends at its deadline when the name server $what (fault 23)', async ({ target }) => {
    const startedAt = performance.now();
    const seen = await probe(target, {}, 0.3);
    expect(seen).toMatchObject({ status: 'unhealthy' });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test('asks anew each time: what a resolver remembers says nothing about now', async () => {
    const server = await serve();
    const check = { type: 'dns', target: 'shop.test', config: { resolver: server.address } };
    await look(check);
    await look(check);
    expect(server.asked).toEqual(['shop.test A', 'shop.test A']);
  });

  test('asks for the name itself and adds no domain to it', async () => {
    const server = await serve();
    await look({ type: 'dns', target: 'gone', config: { resolver: server.address } });
    expect(server.asked).toEqual(['gone A']);
  });

  test.each([
    { text: 'len([DNS_ANSWER]) == 2', status: 'healthy' },
    { text: '[DNS_ANSWER] contains "192.0.2.2"', status: 'healthy' },
    { text: 'len([DNS_ANSWER]) > 2', status: 'unhealthy' },
  ])('with the condition $text is $status', async ({ text, status }) => {
    const { address } = await serve();
    const seen = await look({
      type: 'dns',
      target: 'shop.test',
      config: { resolver: address },
      conditions: [parseCondition(text)],
    });
    expect(seen).toMatchObject({ status });
  });

  test('a resolver that the guard refuses is unknown, and is not asked (fault 26)', async () => {
    const server = await serve();
    const policy = { ...loopback, allowedPrivateRanges: [] };
    const seen = await look(
      { type: 'dns', target: 'shop.test', config: { resolver: server.address } },
      { policy },
    );
    expect(seen).toMatchObject({
      status: 'unknown',
      reason: '127.0.0.1 is a loopback address: list its range in allowedPrivateRanges to allow it',
    });
    for (const resolver of ['169.254.169.253', '[fd00:ec2::253]:53', '[::ffff:169.254.169.254]:53']) {
      const other = await look({ type: 'dns', target: 'shop.test', config: { resolver } });
      expect(other).toMatchObject({
        status: 'unknown',
        reason: expect.stringContaining('probes never go there'),
      });
    }
    expect(server.asked).toEqual([]);
  });
});

describe('the config of a dns check', () => {
  const definition = dns.definition(z, conditionParser);

  test('has defaults', () => {
    expect(definition.config.parse({})).toEqual({ recordType: 'A', match: 'all' });
  });

  test.each([
    '192.0.2.1',
    '[2001:db8::1]',
    '2130706433',
    'https://shop.test',
    'shop.test:53',
    'a b',
    '',
    'shop..test',
  ])('the target %j is no name', (target) => {
    expect(definition.target.safeParse(target).success).toBe(false);
  });

  test.each([
    ['1.1.1.1', { address: '1.1.1.1', port: 53 }],
    ['10.0.0.2:5353', { address: '10.0.0.2', port: 5353 }],
    ['[2606:4700:4700::1111]:5353', { address: '2606:4700:4700::1111', port: 5353 }],
    ['[::1]', { address: '::1', port: 53 }],
    ['2606:4700:4700::1111', { address: '2606:4700:4700::1111', port: 53 }],
  ])('the resolver %s is an address', (text, server) => {
    expect(parseResolver(text)).toEqual(server);
  });

  test.each([
    'dns.shop.test',
    '1.1.1.1:0',
    '1.1.1.1:70000',
    '0x7f000001',
    '2130706433',
    '127.1',
    '0177.0.0.1',
    'user@1.1.1.1',
    '[fe80::1%eth0]',
    '',
  ])('the resolver %j is none: only plain addresses may be asked', (text) => {
    expect(parseResolver(text)).toBeUndefined();
  });
});
