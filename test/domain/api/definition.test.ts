import { describe, expect, it } from 'vitest';
import { type CheckSettings, checkDefinitionSchema, resolveDefinition } from '../../../shared/health/api.ts';
import { parseRanges } from '../../../shared/health/probing/guard.ts';
import { parseFields } from '../../../shared/platform/api/faults.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

const settings: CheckSettings = {
  defaultIntervalSeconds: 60,
  vpcRunner: false,
  allowedPrivateRanges: parseRanges(''),
  checkSecretNames: ['API_KEY'],
  teamFunctionArns: ['arn:aws:lambda:eu-central-1:123456789012:function:probe'],
  awsServices: ['ec2'],
};
const least = { name: 'shop', type: 'http', target: 'https://shop.example.com/' };

const define = (input: object, other: Partial<CheckSettings> = {}) =>
  resolveDefinition(parseFields(checkDefinitionSchema, { ...least, ...input }), { ...settings, ...other });

const refusal = (act: () => unknown): DomainError => {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('a check that says only what it must', () => {
  it('belongs to the deployment default, is looked at each minute, and needs three failures and two successes', () => {
    expect(define({})).toEqual({
      deploymentId: 'default',
      name: 'shop',
      type: 'http',
      target: 'https://shop.example.com/',
      intervalSeconds: 60,
      timeoutSeconds: 5,
      retries: 1,
      failureThreshold: 3,
      successThreshold: 2,
      network: 'public',
      tags: {},
      config: {
        method: 'GET',
        headers: {},
        followRedirects: 5,
        verifyTls: true,
      },
      isActive: true,
    });
  });

  it.each([10, 15, 20, 30, 60, 300, 86_400])(
    'gets a timeout and retries that fit its interval of %i s',
    (interval) => {
      const { timeoutSeconds, retries } = define({ interval });
      expect((timeoutSeconds + 1) * (retries + 1)).toBeLessThan(Math.min(interval, 50));
    },
  );
});

describe('durations', () => {
  it.each([
    [30, 30],
    ['30', 30],
    ['30s', 30],
    ['5m', 300],
    ['1h', 3600],
    ['24h', 86_400],
    ['1d', 86_400],
  ])('an interval of %j is %i seconds', (interval, expected) => {
    expect(define({ interval }).intervalSeconds).toBe(expected);
  });

  it('a timeout of 500ms is half a second', () => {
    expect(define({ timeout: '500ms' }).timeoutSeconds).toBe(0.5);
  });

  it.each(['', 'soon', '5 m', '5min', '-5s', '1e3s', ' 5s'])(
    '%j is none, and the fault says what is',
    (interval) => {
      const { code, fields } = refusal(() => define({ interval }));
      expect([code, fields]).toEqual([
        'VALIDATION_ERROR',
        [{ path: 'interval', message: 'Give seconds as a number, or a duration such as 10s, 5m or 1h.' }],
      ]);
    },
  );

  it.each([5, 11, 90, 100_000])(
    'an interval of %i s is refused, naming those that are allowed',
    (interval) => {
      const { code, fields } = refusal(() => define({ interval }));
      expect(code).toBe('VALIDATION_ERROR');
      expect(fields).toEqual([
        {
          path: 'interval',
          message:
            'Give one of 10s, 15s, 20s, 30s, 1m, 2m, 3m, 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h.',
        },
      ]);
    },
  );
});

describe('the run of a slot ends before the next one starts: (timeout + 1 s) × (retries + 1) < min(interval, 50 s)', () => {
  it.each([
    [{ interval: 10, timeout: 8.9, retries: 0 }, true],
    [{ interval: 10, timeout: 9, retries: 0 }, false],
    [{ interval: 10, timeout: 3.9, retries: 1 }, true],
    [{ interval: 10, timeout: 4, retries: 1 }, false],
    [{ interval: 3600, timeout: 48.9, retries: 0 }, true],
    [{ interval: 3600, timeout: 49, retries: 0 }, false],
    [{ interval: 60, timeout: 5, retries: 5 }, true],
  ])('%j: %s', (input, fits) => {
    if (fits) expect(define(input)).toMatchObject({ timeoutSeconds: input.timeout, retries: input.retries });
    else expect(refusal(() => define(input)).code).toBe('VALIDATION_ERROR');
  });

  it('what does not fit is refused with the numbers that would', () => {
    expect(refusal(() => define({ interval: 10, timeout: 5, retries: 1 })).fields).toEqual([
      {
        path: 'timeout',
        message:
          '(timeout + 1 s) × (retries + 1) must be below 10 s: with 1 retries a timeout of at most 3.9 s, or with a timeout of 5 s at most 0 retries.',
      },
    ]);
  });
});

describe('names and targets', () => {
  it.each(['a\nb', 'a\u0000b', 'a\u202eb', '', '   ', 'x'.repeat(101)])(
    'the name %j is refused (fault 28)',
    (name) => {
      const { code, fields } = refusal(() => define({ name }));
      expect([code, fields.map((field) => field.path)]).toEqual([
        'VALIDATION_ERROR',
        expect.arrayContaining(['name']),
      ]);
    },
  );

  it.each([
    'ftp://shop.example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:secret@shop.example.com/',
    'shop.example.com',
  ])('the target %s is refused', (target) => {
    const { code, fields } = refusal(() => define({ target }));
    expect([code, fields[0]?.path]).toEqual(['VALIDATION_ERROR', 'target']);
  });

  it.each([
    'http://10.0.0.1/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
  ])('the private address in %s is refused when it is saved (fault 26)', (target) => {
    const { code, fields } = refusal(() => define({ target }));
    expect([code, fields[0]?.path]).toEqual(['HEALTH_CHECK_ERROR', 'target']);
  });

  it('the same for tcp, and an allowed range opens it', () => {
    const input = { type: 'tcp', target: '10.1.2.3:5432' };
    expect(refusal(() => define(input)).code).toBe('HEALTH_CHECK_ERROR');
    expect(define(input, { allowedPrivateRanges: parseRanges('10.0.0.0/8') }).target).toBe('10.1.2.3:5432');
  });

  it('no setting opens the metadata service (fault 24)', () => {
    const open = { allowedPrivateRanges: parseRanges('0.0.0.0/0') };
    expect(refusal(() => define({ target: 'http://169.254.169.254/' }, open)).code).toBe(
      'HEALTH_CHECK_ERROR',
    );
  });

  it('inside Lambda no setting opens loopback (fault 27)', () => {
    const loopback = { target: 'http://127.0.0.1:9001/' };
    const open = { allowedPrivateRanges: parseRanges('127.0.0.0/8') };
    expect(define(loopback, open).target).toBe('http://127.0.0.1:9001/');
    expect(refusal(() => define(loopback, { ...open, insideLambda: true })).code).toBe('HEALTH_CHECK_ERROR');
  });

  it('network vpc needs a runner inside a VPC', () => {
    expect(refusal(() => define({ network: 'vpc' })).code).toBe('HEALTH_CHECK_ERROR');
    expect(define({ network: 'vpc' }, { vpcRunner: true }).network).toBe('vpc');
  });

  it('a definition too large for a plan of a hundred is refused', () => {
    const headers = Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`x-${at}`, 'v'.repeat(4000)]));
    expect(refusal(() => define({ config: { headers } })).code).toBe('VALIDATION_ERROR');
  });
});

describe('faults', () => {
  it('every wrong field is named as it was written, with what to do', () => {
    const { fields } = refusal(() =>
      define({
        name: 7,
        nmae: 'x',
        retries: 1.5,
        tags: { ok: 1 },
        config: { headers: { host: 'a\nb' }, odd: 1 },
      }),
    );
    expect(fields).toEqual(
      expect.arrayContaining([
        { path: 'name', message: 'Give a text.' },
        { path: 'nmae', message: 'There is no such field here: remove it, or check its spelling.' },
        { path: 'config.odd', message: 'There is no such field here: remove it, or check its spelling.' },
        { path: 'config.headers.host', message: 'Remove line breaks and other control characters.' },
        { path: 'tags.ok', message: 'Give a text.' },
      ]),
    );
    expect(fields.map((field) => field.path)).toContain('retries');
  });

  it('an unknown kind is answered with those there are', () => {
    expect(refusal(() => define({ type: 'smoke-signal' })).fields).toEqual([
      { path: 'type', message: expect.stringMatching(/^Give one of http, tcp/) },
    ]);
  });

  it('a missing field says that it is needed', () => {
    expect(
      refusal(() => parseFields(checkDefinitionSchema, { type: 'http', target: 'https://a.example' })).fields,
    ).toEqual([{ path: 'name', message: 'This is needed: give a text.' }]);
  });
});
