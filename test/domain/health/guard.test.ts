import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHostPort } from '../../../shared/health/kinds/host-port.ts';
import {
  judgeAddresses,
  type NetworkPolicy,
  parseRanges,
  refusalOf,
} from '../../../shared/health/probing/guard.ts';

const policy = (allowed = '', given: Partial<NetworkPolicy> = {}): NetworkPolicy => ({
  allowedPrivateRanges: parseRanges(allowed),
  insideLambda: false,
  insideVpc: false,
  ...given,
});
const everything = '0.0.0.0/0, ::/0';

describe('a probe connects to ordinary public addresses only', () => {
  test.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
    '%s passes',
    (address) => {
      expect(refusalOf(address, policy())).toBeUndefined();
    },
  );

  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['100.64.0.1', 'shared address'],
    ['198.18.0.1', 'reserved'],
    ['192.0.2.1', 'reserved'],
  ])('%s is refused, and the reason says how to allow it', (address, what) => {
    expect(refusalOf(address, policy())).toContain(what);
    expect(refusalOf(address, policy())).toContain('list its range in allowedPrivateRanges');
    expect(refusalOf(address, policy(everything))).toBeUndefined();
  });

  test.each([
    '169.254.169.254',
    '169.254.170.2',
    '169.254.1.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fd00:ec2::23',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '2002:7f00:1::',
    '2001:0:4136:e378::1',
    '::7f00:1',
    '::808:808',
    '100::1',
    // Prefixes of a network's own translator may carry the address anywhere (RFC 6052 §2.2).
    '64:ff9b:1:a9fe:a9:fe00:808:808',
    // Nothing outside 2000::/3 is global unicast yet.
    '4000::1',
    '1::1',
  ])('%s is refused whatever is allowed', (address) => {
    expect(refusalOf(address, policy(everything))).toBeDefined();
  });

  test.each([
    ['::ffff:127.0.0.1', '127.0.0.0/8'],
    ['::ffff:7f00:1', '127.0.0.0/8'],
    ['64:ff9b::a00:1', '10.0.0.0/8'],
    ['::ffff:0:10.0.0.1', '10.0.0.0/8'],
  ])('%s is judged by the address it carries (fault 26)', (address, range) => {
    expect(refusalOf(address, policy())).toContain('allowedPrivateRanges');
    expect(refusalOf(address, policy(range))).toBeUndefined();
  });

  test.each(['::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe', '::ffff:a9fe:aa02'])(
    '%s carries a metadata address: never (fault 26)',
    (address) => {
      expect(refusalOf(address, policy(everything))).toContain('probes never go there');
    },
  );

  test('inside Lambda loopback stays closed whatever is allowed (fault 27)', () => {
    const inside = policy(everything, { insideLambda: true });
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(refusalOf(address, inside)).toContain('inside Lambda');
    }
  });

  test('a range allows what lies in it and nothing beside it', () => {
    const some = policy('10.1.0.0/16,fd00:1::/32');
    expect(refusalOf('10.1.255.255', some)).toBeUndefined();
    expect(refusalOf('10.2.0.0', some)).toBeDefined();
    expect(refusalOf('fd00:1::5', some)).toBeUndefined();
    expect(refusalOf('fd00:2::5', some)).toBeDefined();
  });

  test('a range that is none is an error that names it', () => {
    expect(() => parseRanges('10.0.0.0/8, 10.0.0.0/99')).toThrow('10.0.0.0/99 is not a range');
  });

  test('no address of 127.0.0.0/8, 10.0.0.0/8 or 169.254.0.0/16 passes in any IPv6 clothing', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const first = fc.constantFrom([127], [10], [169, 254], [192, 168]);
    fc.assert(
      fc.property(first, octet, octet, octet, (head, ...rest) => {
        const bytes = [...head, ...rest].slice(0, 4);
        const [a = 0, b = 0, c = 0, d = 0] = bytes;
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        for (const text of [
          bytes.join('.'),
          `::ffff:${hex}`,
          `64:ff9b::${hex}`,
          `::${hex}`,
          `2002:${hex}::1`,
        ]) {
          expect(refusalOf(text, policy())).toBeDefined();
        }
      }),
    );
  });
});

describe('all addresses of a name are judged', () => {
  test('one refused address refuses the name (fault 25)', () => {
    const judged = judgeAddresses('rebind.example', 80, ['93.184.216.34', '127.0.0.1'], policy());
    expect(judged).toEqual({
      refusal: expect.stringContaining('rebind.example: 127.0.0.1 is a loopback address'),
    });
  });

  test('IPv4 is tried first', () => {
    expect(judgeAddresses('a.example', 80, ['2606:4700::1111', '8.8.8.8'], policy())).toEqual({
      usable: ['8.8.8.8', '2606:4700::1111'],
    });
  });

  test.each([
    { where: 'Lambda outside a VPC', given: { insideLambda: true }, six: false, mail: false },
    { where: 'Lambda inside a VPC', given: { insideLambda: true, insideVpc: true }, six: true, mail: true },
    { where: 'one machine', given: {}, six: true, mail: true },
  ])('from $where: IPv6 reachable $six, port 25 reachable $mail', ({ given, six, mail }) => {
    const here = policy('', given);
    const only6 = judgeAddresses('six.example', 443, ['2606:4700::1111'], here);
    expect('usable' in only6).toBe(six);
    if (!six) expect(only6).toEqual({ refusal: expect.stringContaining('has only IPv6 addresses') });
    const mailed = judgeAddresses('mx.example', 25, ['8.8.8.8'], here);
    expect('usable' in mailed).toBe(mail);
    if (!mail) expect(mailed).toEqual({ refusal: expect.stringContaining('port 25') });
  });
});

describe('every spelling of an address means that address (fault 26)', () => {
  test.each([
    ['127.0.0.1:80', '127.0.0.1'],
    ['2130706433:80', '127.0.0.1'],
    ['0x7f000001:80', '127.0.0.1'],
    ['0177.0.0.1:80', '127.0.0.1'],
    ['127.1:80', '127.0.0.1'],
    ['[::1]:80', '::1'],
    ['[::ffff:127.0.0.1]:80', '::ffff:7f00:1'],
    ['DB.Example.com:5432', 'db.example.com'],
  ])('%s', (target, host) => {
    expect(parseHostPort(target)?.host).toBe(host);
  });

  test.each([
    'db.example.com',
    'db.example.com:0',
    'db.example.com:65536',
    'user@db:80',
    'http://db:80',
    'db:80/path',
    'a:1:2',
    '',
    ':80',
    '256.1.1.1:80',
  ])('%s is no host with a port', (target) => {
    expect(parseHostPort(target)).toBeUndefined();
  });
});
