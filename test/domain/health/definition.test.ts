import { describe, expect, test } from 'vitest';
import { type CheckSettings, checkSettingsFrom } from '../../../shared/health/allowed.ts';
import { measuresTime, resolveDefinition } from '../../../shared/health/definition.ts';
import { checkKinds } from '../../../shared/health/kinds/index.ts';
import { checkDefinitionSchema } from '../../../shared/health/model.ts';
import { DomainError } from '../../../shared/platform/errors.ts';

const secret = (name: string): string => `\${secret:${name}}`;
const listed = 'arn:aws:lambda:eu-central-1:111122223333:function:orders-consistent';

const settingsWith = (given: Partial<CheckSettings> = {}): CheckSettings => ({
  ...checkSettingsFrom(
    (name) => ({ vpcRunner: 'true', checkSecretNames: '*', awsServices: '*' })[name as string] ?? '',
  ),
  ...given,
});

/** What is wrong with a check as people write it, each with its field; none when it may be saved. */
const faultsOf = (given: object, settings = settingsWith()): string[] => {
  const parsed = checkDefinitionSchema.safeParse({ name: 'a', interval: '1m', ...given });
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  try {
    resolveDefinition(parsed.data, settings);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.fields.map(({ path, message }) => `${path}: ${message}`);
  }
};

const heartbeat = { type: 'heartbeat', config: { every: '1h' } };
const composite = { type: 'composite', config: { members: ['b'] } };
const dns = { type: 'dns', target: 'example.com' };
const lambda = { type: 'lambda', target: listed };

describe('a condition may speak only of what its kind knows', () => {
  const leaveOut = 'Leave conditions out: checks of this kind know nothing that they could speak of.';
  test.each([
    ['a heartbeat measures no time', heartbeat, '[RESPONSE_TIME] < 1s', leaveOut],
    ['a heartbeat connects to nothing', heartbeat, '[CONNECTED] == true', leaveOut],
    [
      'a composite measures no time',
      composite,
      '[RESPONSE_TIME] < 1s',
      'Checks of this kind know no [RESPONSE_TIME]: write of [VALUE].',
    ],
    [
      'dns connects to nothing',
      dns,
      '[IP] == "192.0.2.1"',
      'Checks of this kind know no [IP]: write of [DNS_ANSWER], [RESPONSE_TIME].',
    ],
    [
      'dns has no connection that could come about',
      dns,
      '[CONNECTED] == true',
      'Checks of this kind know no [CONNECTED]: write of [DNS_ANSWER], [RESPONSE_TIME].',
    ],
    [
      'a function is no address',
      lambda,
      '[CERTIFICATE_DAYS] > 14',
      'Checks of this kind know no [CERTIFICATE_DAYS]: write of [BODY], [RESPONSE_TIME].',
    ],
  ])('%s', (_why, check, condition, message) => {
    expect(faultsOf({ ...check, conditions: [condition] })).toEqual([`conditions.0: ${message}`]);
  });

  test.each([
    ['dns', { ...dns, conditions: ['[RESPONSE_TIME] < 1s', 'len([DNS_ANSWER]) > 1'] }],
    ['composite', { ...composite, conditions: ['[VALUE] >= 1'] }],
    [
      'redis',
      { type: 'redis', target: 'cache.example.com', conditions: ['[IP] != null', '[VALUE] == "PONG"'] },
    ],
  ])('what %s knows is taken', (_kind, check) => {
    expect(faultsOf(check)).toEqual([]);
  });
});

describe('degradedAbove is for what has a response time', () => {
  test.each([
    ['heartbeat', heartbeat],
    ['composite', composite],
  ])('%s: it is refused', (type, check) => {
    expect(faultsOf({ ...check, degradedAbove: '1s' })).toEqual([
      `degradedAbove: Leave it out: a ${type} has no response time that could be too long.`,
    ]);
  });

  test('all other kinds have one', () => {
    const without = Object.keys(checkKinds).filter((type) => !measuresTime(type));
    expect(without).toEqual(['heartbeat', 'composite']);
    expect(faultsOf({ ...dns, degradedAbove: '1s' })).toEqual([]);
  });
});

describe('what is said about TLS where none is spoken is refused', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';
  const kinds = [
    ['tcp', { target: 'db.example.com:5432' }, {}],
    ['grpc', { target: 'cart.example.com:443' }, {}],
    ['postgres', { target: 'db.example.com' }, { username: 'monitor' }],
    ['mysql', { target: 'db.example.com' }, { username: 'monitor', tls: false }],
    ['redis', { target: 'cache.example.com' }, {}],
  ] as const;
  test.each(kinds)('%s', (type, target, config) => {
    for (const [name, value] of [
      ['verifyTls', true],
      ['verifyTls', false],
      ['serverName', 'db.internal'],
      ['certificateAuthorities', pem],
    ] as const) {
      expect(faultsOf({ type, ...target, config: { ...config, [name]: value } })).toEqual([
        `config.${name}: Give tls: true too, or leave ${name} out: it is about the encryption of the connection.`,
      ]);
      expect(faultsOf({ type, ...target, config: { ...config, tls: true, [name]: value } })).toEqual([]);
    }
    expect(faultsOf({ type, ...target, config })).toEqual([]);
  });
});

describe('a reference to a secret stands only where the secret is put in (fault 29)', () => {
  const http = { type: 'http', target: 'https://shop.example.com/' };
  const inHttp =
    'Give the text itself: secrets are put only into config.headers.*, config.body, config.auth.bearer, config.auth.basic.password, config.steps.url, config.steps.headers.*, config.steps.body.';
  test.each([
    [
      { ...dns, config: { recordType: 'TXT', expected: [secret('A')] } },
      'config.expected[0]: Give the text itself: secrets are not put into checks of the kind dns.',
    ],
    [
      { type: 'tcp', target: 'a.example.com:25', config: { expect: { matches: `a${secret('A')}` } } },
      'config.expect.matches: Give an RE2 pattern: Compare with a plain value: conditions read no secrets and captures.',
    ],
    [
      { ...http, config: { steps: [{ name: `as ${secret('A')}`, url: '/' }] } },
      `config.steps[0].name: ${inHttp}`,
    ],
    [
      { ...composite, config: { members: [secret('A')] } },
      'config.members[0]: Give the text itself: secrets are not put into checks of the kind composite.',
    ],
    [
      { ...http, target: `https://shop.example.com/${secret('A')}` },
      'target: Put no secret into the target: whoever may read sees it.',
    ],
  ])('%j', (check, fault) => {
    expect(faultsOf(check)).toEqual([fault]);
  });

  test.each([
    [
      {
        ...http,
        config: {
          headers: { 'x.api.key': secret('A') },
          auth: { basic: { username: 'probe', password: secret('B') } },
          steps: [
            { method: 'POST', url: `/?k=${secret('A')}`, headers: { a: secret('A') }, body: secret('A') },
          ],
        },
      },
    ],
    [{ type: 'tcp', target: 'a.example.com:25', config: { send: secret('A'), expect: secret('A') } }],
    [{ type: 'grpc', target: 'a.example.com:25', config: { metadata: { authorization: secret('A') } } }],
    [
      {
        type: 'websocket',
        target: 'wss://a.example.com/',
        config: { headers: { a: secret('A') }, send: secret('A'), expect: secret('A') },
      },
    ],
    [
      {
        type: 'postgres',
        target: 'db.example.com',
        config: {
          username: secret('A'),
          database: secret('A'),
          query: `SELECT '${secret('A')}'`,
          expected: secret('A'),
        },
      },
    ],
  ])('%j may be saved', (check) => {
    expect(faultsOf(check)).toEqual([]);
  });
});

describe('a function that looks is named so that it can be only one', () => {
  const bare = { type: 'lambda', target: 'orders-consistent' };
  const byArn =
    "target: Give the function's ARN, such as arn:aws:lambda:eu-central-1:111122223333:function:orders-consistent: by its name alone one is found only among those listed in `checkFunctions`.";
  const other =
    "target: This stack was not deployed with the function orders-consistent: add its ARN to `checkFunctions` in the stack's configuration and deploy.";
  test.each([
    ['by its ARN where any may be called', lambda, ['*'], []],
    ['not by its name alone where any may be called: that could be one of our own', bare, ['*'], [byArn]],
    ['by the name in an ARN that is listed', bare, [listed], []],
    ['not by a name that is not listed', bare, [`${listed}-2`], [other]],
  ])('%s', (_rule, check, teamFunctionArns, faults) => {
    expect(faultsOf(check, settingsWith({ teamFunctionArns }))).toEqual(faults);
  });

  test('a file leaves that to the stack that it goes to', () => {
    const settings = settingsWith({ teamFunctionArns: ['*'], isWithoutStack: true });
    expect(faultsOf(bare, settings)).toEqual([]);
  });
});
