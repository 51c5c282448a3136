import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputFor } from '../../../infra/local/events/transform.ts';
import { environmentFor } from '../../../infra/local/functions/environment.ts';
import { noteworthy } from '../../../infra/local/functions/log.ts';
import { readAnswer } from '../../../infra/local/http/response.ts';
import { readExpression } from '../../../infra/local/schedules/expression.ts';
import { generateSecret } from '../../../infra/local/secrets/generate.ts';
import { notices, readSettings } from '../../../infra/local/start/environment.ts';
import { createAgenda } from '../../../infra/local/time/agenda.ts';
import { drivenClock } from '../../../infra/local/time/clock.ts';

const ticks = (expression: string, timeZone?: string): string[] => {
  const nextAfter = readExpression(expression, timeZone);
  const found: string[] = [];
  for (let at: number | undefined = Date.UTC(2026, 0, 1); found.length < 3; ) {
    at = nextAfter(at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
};

// The expressions and what they mean are those of the EventBridge Scheduler user guide.
test.each([
  ['rate(1 minute)', undefined, ['2026-01-01T00:01', '2026-01-01T00:02', '2026-01-01T00:03']],
  ['rate(5 minutes)', undefined, ['2026-01-01T00:05', '2026-01-01T00:10', '2026-01-01T00:15']],
  ['rate(1 day)', undefined, ['2026-01-02T00:00', '2026-01-03T00:00', '2026-01-04T00:00']],
  ['cron(0 10 * * ? *)', undefined, ['2026-01-01T10:00', '2026-01-02T10:00', '2026-01-03T10:00']],
  ['cron(0 18 ? * MON-FRI *)', undefined, ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00']],
  ['cron(0 18 ? * 2-6 *)', undefined, ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00']],
  ['cron(0/15 * * * ? *)', undefined, ['2026-01-01T00:15', '2026-01-01T00:30', '2026-01-01T00:45']],
  ['cron(0 8 1 * ? *)', undefined, ['2026-01-01T08:00', '2026-02-01T08:00', '2026-03-01T08:00']],
  ['cron(15 10 ? * 6L 2026-2028)', undefined, ['2026-01-30T10:15', '2026-02-27T10:15', '2026-03-27T10:15']],
  ['cron(0 9 ? * 2#1 *)', 'America/New_York', ['2026-01-05T14:00', '2026-02-02T14:00', '2026-03-02T14:00']],
  ['at(2026-07-20T13:00:00)', 'Europe/Vienna', ['2026-07-20T11:00']],
])('%s in %s ticks at %j', (expression, timeZone, expected) => {
  expect(ticks(expression, timeZone)).toEqual(expected);
});

test.each([
  'rate(0 minutes)',
  'rate(soon)',
  'cron(* * *)',
  'cron(99 * * * ? *)',
  'at(tomorrow)',
  'every minute',
])('the expression %s is refused in words', (expression) => {
  expect(() => readExpression(expression)).toThrow(expression);
});

test('a rate ticks once in each period, whatever instant it is asked for', () => {
  const periodMs = 7 * 60_000;
  const nextAfter = readExpression('rate(7 minutes)');
  fc.assert(
    fc.property(fc.nat(2 ** 42), (after) => {
      const next = nextAfter(after) ?? 0;
      expect(next).toBeGreaterThan(after);
      expect(next - after).toBeLessThanOrEqual(periodMs);
      expect(nextAfter(next - 1)).toBe(next);
    }),
  );
});

const event = {
  id: 'e1',
  source: 's',
  time: 't',
  detail: { name: 'a "quoted" name', list: [{ n: 1 }, { n: 2 }] },
};

test.each([
  ['the whole event without instructions', {}, JSON.stringify(event)],
  ['a constant', { Input: '{"always":1}' }, '{"always":1}'],
  ['a part of the event', { InputPath: '$.detail.list[1]' }, '{"n":2}'],
  [
    'values as JSON where the template has no quotes',
    { InputTransformer: { InputPathsMap: { list: '$.detail.list' }, InputTemplate: '{"all":<list>}' } },
    '{"all":[{"n":1},{"n":2}]}',
  ],
  [
    'values as escaped text inside quotes',
    { InputTransformer: { InputPathsMap: { name: '$.detail.name' }, InputTemplate: '"<name>!"' } },
    '"a \\"quoted\\" name!"',
  ],
  [
    'nothing for what is not there',
    { InputTransformer: { InputPathsMap: { x: '$.detail.x' }, InputTemplate: '"[<x>]"' } },
    '"[]"',
  ],
])('a target gets %s', (_what, target, expected) => {
  expect(inputFor(target, event)).toBe(expected);
});

test('a generated secret keeps its rules', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 64 }), fc.boolean(), (PasswordLength, ExcludePunctuation) => {
      const secret = generateSecret({ PasswordLength, ExcludePunctuation, ExcludeCharacters: '"@/' });
      expect(secret).toHaveLength(PasswordLength);
      expect(secret).toMatch(/[a-z]/);
      expect(secret).toMatch(/[A-Z]/);
      expect(secret).toMatch(/[0-9]/);
      expect(secret).not.toMatch(/["@/\s]/);
      expect(/[^A-Za-z0-9]/.test(secret)).toBe(!ExcludePunctuation);
    }),
  );
});

test('a generated secret stands in its template under its key', () => {
  const secret = generateSecret({
    SecretStringTemplate: '{"user":"admin"}',
    GenerateStringKey: 'password',
    PasswordLength: 20,
  });
  expect(JSON.parse(secret)).toEqual({ user: 'admin', password: expect.stringMatching(/^.{20}$/) });
});

test.each([
  ['{"level":"INFO","message":"fine"}', undefined],
  ['', undefined],
  ['{"level":"WARN","message":"odd"}', { level: 'WARN', text: 'odd' }],
  [
    '{"level":"ERROR","message":"bad","error":{"name":"E","message":"why"}}',
    { level: 'ERROR', text: 'bad: why' },
  ],
  ['not structured', { level: 'WARN', text: 'not structured' }],
])('of the line %j a person sees %j', (line, expected) => {
  expect(noteworthy(line)).toEqual(expected);
});

test.each([
  ['nothing', undefined, 200, 'null'],
  ['a body alone', '{"a":1}', 200, '{"a":1}'],
  ['a text alone', '"hi"', 200, 'hi'],
  ['a response', '{"statusCode":201,"body":"made"}', 201, 'made'],
  ['a base64 body', '{"statusCode":200,"isBase64Encoded":true,"body":"AQI="}', 200, '\u0001\u0002'],
  ['no HTTP status', '{"statusCode":"x"}', undefined, undefined],
  ['a body that is no text', '{"statusCode":200,"body":{}}', undefined, undefined],
])('a function that answers %s is read as HTTP APIs read it', (_what, payload, status, body) => {
  const answer = readAnswer(payload);
  expect([answer?.statusCode, answer && Buffer.from(answer.body).toString()]).toEqual([status, body]);
});

test('things on the agenda happen in order of their instants, and those of one instant in the order they were put', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 30 }), (delays) => {
      const clock = drivenClock();
      const agenda = createAgenda(clock);
      const startsAt = clock.now();
      const happened: number[] = [];
      for (const [at, delay] of delays.entries()) agenda.at(startsAt + delay, () => happened.push(at));
      clock.moveTo(startsAt + 1000);
      agenda.runDue();
      const expected = delays.map((_, at) => at).sort((a, b) => (delays[a] ?? 0) - (delays[b] ?? 0) || a - b);
      expect(happened).toEqual(expected);
      expect(agenda.nextAt()).toBeUndefined();
    }),
  );
});

test('an environment that sets nothing, or empty values, gives every default', () => {
  const expected = {
    PORT: 3007,
    HOST: '127.0.0.1',
    HOMEOSTAT_CONFIG: './homeostat.yaml',
    HOMEOSTAT_DATA: './.homeostat',
    LOG_LEVEL: 'warn',
    HEALTH_CHECK_INTERVAL: 60_000,
    DRIFT_CHECK_INTERVAL: 300_000,
    COST_CHECK_INTERVAL: 3_600_000,
  };
  expect(readSettings({})).toMatchObject(expected);
  expect(readSettings({ PORT: '', HOST: '', HOMEOSTAT_TOKEN: '' })).toMatchObject(expected);
});

test.each([
  ['PORT', '70000', 'PORT must be a port, 0 to 65535'],
  ['PORT', 'http', 'PORT must be a port'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be debug, info, warn or error'],
  ['HEALTH_CHECK_INTERVAL', '61000', 'HEALTH_CHECK_INTERVAL must be one of 10000, 15000'],
  ['ALERT_EMAIL', 'ops', 'ALERT_EMAIL must be an e-mail address'],
  ['SLACK_WEBHOOK_URL', 'ftp://x', 'SLACK_WEBHOOK_URL must be an http or https URL'],
  ['HOMEOSTAT_TOKEN', 'short', 'HOMEOSTAT_TOKEN must have 40 to 512'],
])('%s=%s is refused by its name', (name, value, message) => {
  expect(() => readSettings({ [name]: value })).toThrow(message);
});

test('a token that is refused is not shown', () => {
  const secret = 'canary with spaces';
  expect(() => readSettings({ HOMEOSTAT_TOKEN: secret })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('canary') }),
  );
});

test('variables that change nothing here are told truthfully', () => {
  expect(
    notices({
      DATABASE_URL: 'postgres://x',
      REDIS_HOST: 'y',
      COST_CHECK_INTERVAL: '1000',
      PORT: '1',
      ALERT_EMAIL: 'team@example.com',
      SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
      ALERT_WEBHOOK_URL: 'https://hooks.example.com/alerts',
    }),
  ).toEqual([
    'DATABASE_URL, REDIS_HOST: not needed, Homeostat keeps its data itself',
    'COST_CHECK_INTERVAL: read, nothing uses it yet',
    'ALERT_EMAIL: e-mail is not delivered on one machine, alerts and alarms are shown here instead',
  ]);
});

test.each([
  [
    'a function that restarts processes of this machine finds their programs',
    '{"web":{"restart":["web"]}}',
    true,
  ],
  ['a function for which no process is set sees nothing of this machine', '{}', false],
  ['a function that has no such setting sees nothing of this machine', undefined, false],
])('%s', (_, processes, sees) => {
  const definition = {
    environment: processes === undefined ? {} : { HOMEOSTAT_PROCESSES: processes },
  } as unknown as Parameters<typeof environmentFor>[0];
  const keys = { accessKeyId: 'A', secretAccessKey: 'S' };
  const seen = environmentFor(definition, keys, 'us-east-1', 'http://127.0.0.1:1');
  expect(seen.PATH).toBe(sees ? process.env.PATH : undefined);
  expect(seen.AWS_PROFILE).toBeUndefined();
});
