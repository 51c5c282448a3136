import { describe, expect, it } from 'vitest';
import { externalSignalsOf } from '../../../shared/alerting/external.ts';
import type { AwsEvent } from '../../../shared/alerting/signal.ts';
import { parseSignal } from '../../../shared/alerting/signals.ts';
import { openEvaluator } from './evaluate-world.ts';

const envelope = {
  id: 'c4c1c1c9',
  account: '123456789012',
  region: 'us-east-1',
  time: '2026-01-31T12:00:05Z',
};

/** As «Alarm events and EventBridge» of the CloudWatch User Guide shows it. */
const alarm = (state: string, timestamp: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...envelope,
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch' as const,
  resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh'],
  detail: {
    alarmName: 'ServerCpuTooHigh',
    configuration: { description: 'Goes into alarm when server CPU utilization is too high!' },
    previousState: { value: 'OK' },
    state: { value: state, reason: 'Threshold Crossed: 1 datapoint [99.5] was greater than 50.0', timestamp },
    ...more,
  },
});

/** As «Processing GuardDuty findings with EventBridge» shows it. */
const guardDuty = (severity: number, archived = false): AwsEvent => ({
  ...envelope,
  'detail-type': 'GuardDuty Finding',
  source: 'aws.guardduty',
  detail: {
    id: 'f2b9',
    type: 'UnauthorizedAccess:EC2/SSHBruteForce',
    severity,
    title: 'An instance is attacked',
    description: 'Somebody guesses passwords.',
    updatedAt: '2026-01-31T11:59:00Z',
    resource: {
      resourceType: 'Instance',
      instanceDetails: { tags: [{ key: 'homeostat:deployment', value: 'shop' }] },
    },
    service: { archived },
  },
});

/** As «AWS Security Finding Format» describes it. */
const securityHub = (given: Readonly<Record<string, unknown>>): AwsEvent => ({
  ...envelope,
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  detail: {
    findings: [
      {
        Id: 'arn:aws:securityhub:us-east-1:123456789012:finding/1',
        Title: 'S3 buckets should not be public',
        Severity: { Label: 'HIGH' },
        Workflow: { Status: 'NEW' },
        RecordState: 'ACTIVE',
        Compliance: { Status: 'FAILED' },
        UpdatedAt: '2026-01-31T11:59:30Z',
        Resources: [
          { Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::shop', Tags: { 'homeostat:deployment': 'shop' } },
        ],
        ...given,
      },
    ],
  },
});

/** As «AWS Health events Amazon EventBridge schema» describes it. */
const health = (statusCode: string, eventTypeCategory = 'issue'): AwsEvent => ({
  ...envelope,
  'detail-type': 'AWS Health Event',
  source: 'aws.health',
  detail: {
    eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE',
    eventTypeCategory,
    eventRegion: 'us-east-1',
    statusCode,
    lastUpdatedTime: 'Sat, 31 Jan 2026 11:58:00 GMT',
    eventDescription: [{ language: 'en_US', latestDescription: 'We investigate\n increased error rates.' }],
    affectedEntities: [{ entityValue: 'i-1', tags: { 'homeostat:deployment': 'shop' } }],
  },
});

const iso = (text: string) => Date.parse(text);

describe('an event of AWS is brought into one form', () => {
  it.each<
    [what: string, event: AwsEvent, state: string, severity: string, at: number, deploymentId: string | null]
  >([
    [
      'CloudWatch ALARM',
      alarm('ALARM', '2026-01-31T12:00:04.985+0000'),
      'firing',
      'error',
      iso('2026-01-31T12:00:04.985Z'),
      null,
    ],
    [
      'CloudWatch OK',
      alarm('OK', '2026-01-31T12:00:04.985+0000'),
      'resolved',
      'error',
      iso('2026-01-31T12:00:04.985Z'),
      null,
    ],
    [
      'CloudWatch with tags',
      alarm('ALARM', 'no time', { alarmTags: { severity: 'critical', 'homeostat:deployment': 'shop' } }),
      'firing',
      'critical',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    ['GuardDuty 9.0', guardDuty(9), 'firing', 'critical', iso('2026-01-31T11:59:00Z'), 'shop'],
    ['GuardDuty 8.9', guardDuty(8.9), 'firing', 'error', iso('2026-01-31T11:59:00Z'), 'shop'],
    ['GuardDuty 4.0', guardDuty(4), 'firing', 'warning', iso('2026-01-31T11:59:00Z'), 'shop'],
    ['GuardDuty 3.9', guardDuty(3.9), 'firing', 'info', iso('2026-01-31T11:59:00Z'), 'shop'],
    ['GuardDuty archived', guardDuty(5, true), 'resolved', 'warning', iso('2026-01-31T11:59:00Z'), 'shop'],
    ['Security Hub HIGH', securityHub({}), 'firing', 'error', iso('2026-01-31T12:00:05Z'), 'shop'],
    [
      'Security Hub CRITICAL',
      securityHub({ Severity: { Label: 'CRITICAL' } }),
      'firing',
      'critical',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    [
      'Security Hub INFORMATIONAL',
      securityHub({ Severity: { Label: 'INFORMATIONAL' } }),
      'firing',
      'info',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    [
      'Security Hub resolved',
      securityHub({ Workflow: { Status: 'RESOLVED' } }),
      'resolved',
      'error',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    [
      'Security Hub suppressed',
      securityHub({ Workflow: { Status: 'SUPPRESSED' } }),
      'resolved',
      'error',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    [
      'Security Hub archived',
      securityHub({ RecordState: 'ARCHIVED' }),
      'resolved',
      'error',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    [
      'Security Hub passed',
      securityHub({ Compliance: { Status: 'PASSED' } }),
      'resolved',
      'error',
      iso('2026-01-31T12:00:05Z'),
      'shop',
    ],
    ['Health open', health('open'), 'firing', 'error', iso('2026-01-31T11:58:00Z'), 'shop'],
    [
      'Health upcoming',
      health('upcoming', 'scheduledChange'),
      'firing',
      'warning',
      iso('2026-01-31T11:58:00Z'),
      'shop',
    ],
    ['Health closed', health('closed'), 'resolved', 'error', iso('2026-01-31T11:58:00Z'), 'shop'],
    [
      'Health for information',
      health('open', 'accountNotification'),
      'firing',
      'info',
      iso('2026-01-31T11:58:00Z'),
      'shop',
    ],
  ])('%s', (_, event, state, severity, at, deploymentId) => {
    expect(externalSignalsOf(event)).toMatchObject([{ state, severity, at, subject: { deploymentId } }]);
  });

  it('an instant to come is taken as when the event was sent, so that its end does not seem late (fault 9)', () => {
    const [signal] = externalSignalsOf(alarm('ALARM', '2099-01-01T00:00:00.000+0000'));
    expect(signal?.at).toBe(iso('2026-01-31T12:00:05.999Z'));
  });

  it('a tag that is no name of a deployment names none', () => {
    for (const tag of ['a shop', '__proto__', 'x'.repeat(101), 'a#b']) {
      const [signal] = externalSignalsOf(alarm('ALARM', '', { alarmTags: { 'homeostat:deployment': tag } }));
      expect(signal?.subject.deploymentId, tag).toBeNull();
      expect(signal?.subject.labels.deployment).toBeUndefined();
    }
  });

  it('a name without end does not end in a key (fault 7)', () => {
    const [long] = externalSignalsOf(securityHub({ Id: 'x'.repeat(200_000) }));
    const [other] = externalSignalsOf(securityHub({ Id: `${'x'.repeat(200_000)}y` }));
    expect(long?.subject.key.length).toBeLessThan(600);
    expect(long?.subject.key).not.toBe(other?.subject.key);
  });

  it('labels are few and short, whatever tags a finding brings (fault 7)', () => {
    const Tags = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`tag${index}`, 'x'.repeat(5000)]),
    );
    const [signal] = externalSignalsOf(securityHub({ Resources: [{ Id: 'a', Type: 'b', Tags }] }));
    expect(JSON.stringify(signal?.subject.labels).length).toBeLessThan(10_000);
  });

  it('an alarm without enough data says neither, nor does what is not known', () => {
    expect(externalSignalsOf(alarm('INSUFFICIENT_DATA', ''))).toEqual([]);
    expect(
      externalSignalsOf({ ...alarm('ALARM', ''), 'detail-type': 'CloudWatch Alarm Configuration Change' }),
    ).toEqual([]);
  });

  it('one alarm is one subject, in each account and region another', () => {
    const keyOf = (event: AwsEvent) => externalSignalsOf(event)[0]?.subject.key;
    expect(keyOf(alarm('ALARM', ''))).toBe(
      'external:cloudwatch:arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh',
    );
    expect(keyOf(alarm('OK', ''))).toBe(keyOf(alarm('ALARM', '')));
    expect(keyOf(health('open'))).not.toBe(keyOf({ ...health('open'), account: '210987654321' }));
  });

  it('what others wrote is one line of bounded length (fault 28)', () => {
    const [signal] = externalSignalsOf(health('open'));
    expect(signal?.reason).toBe('EC2: We investigate increased error rates.');
    const [long] = externalSignalsOf(
      alarm('ALARM', '', { state: { value: 'ALARM', reason: 'a\r\n'.repeat(4000) } }),
    );
    expect(long?.reason.length).toBeLessThanOrEqual(400);
    expect(long?.reason).not.toMatch(/[\r\n]/);
  });
});

describe('a message of no sound shape ends among the dead letters (fault 10)', () => {
  const own = (detail: unknown) => ({ source: 'homeostat', 'detail-type': 'finding.changed', detail });
  const finding = { findingId: 'f', state: 'open', at: '2026-01-31T12:00:00Z' };
  it.each<[what: string, body: unknown]>([
    ['nothing', null],
    ['a text', 'hello'],
    ['an event of somebody else', { source: 'acme', 'detail-type': 'finding.changed', detail: finding }],
    ['an event without detail', own(undefined)],
    ['a finding at no instant', own({ ...finding, at: 'yesterday' })],
    ['a finding whose id is endless', own({ ...finding, findingId: 'x'.repeat(501) })],
    ['a wake of something that is no alert', { kind: 'alert', pk: 'TOKENS#1', sk: 'a' }],
    ['a tick without its instant', { kind: 'rules', shard: '0.0' }],
    ['an event of AWS without its time', { ...alarm('ALARM', ''), time: undefined }],
  ])('%s', (_, body) => {
    expect(() => parseSignal(body)).toThrow();
  });
});

describe('an alarm that a team has already', () => {
  it('joins its incidents by a rule, and ends there; repeated and late ones change nothing (faults 1 and 2)', async () => {
    const world = openEvaluator();
    await world.saveRule({ deploymentId: null, name: 'alarms', type: 'external', condition: {} });
    const fires = alarm('ALARM', '2026-01-31T12:00:01.000+0000');
    const ends = alarm('OK', '2026-01-31T12:05:00.000+0000');
    await world.take(fires, fires);
    await world.take(ends);
    await world.take(fires);
    expect(world.changes()).toEqual(['alarms inactive→firing', 'alarms firing→resolved']);
    expect(world.members()).toMatchObject([{ state: 'resolved', subject: { name: 'ServerCpuTooHigh' } }]);
  });

  it('is over when a customer resolves it, though UpdatedAt stays as it was, and a late repeat changes nothing (fault 2)', async () => {
    const world = openEvaluator();
    await world.saveRule({ deploymentId: null, name: 'findings', type: 'external', condition: {} });
    const fires = securityHub({});
    await world.take(fires);
    await world.take({ ...securityHub({ Workflow: { Status: 'RESOLVED' } }), time: '2026-01-31T12:07:00Z' });
    await world.take(fires);
    expect(world.changes()).toEqual(['findings inactive→firing', 'findings firing→resolved']);
  });

  it('comes with a hundred others in one event, and one that names nothing keeps none of them back (fault 10)', async () => {
    const world = openEvaluator();
    await world.saveRule({ deploymentId: null, name: 'findings', type: 'external', condition: {} });
    const findingsOf = (event: AwsEvent) =>
      (event.detail as { findings: readonly Record<string, unknown>[] }).findings;
    const one = findingsOf(securityHub({}))[0];
    const findings = [{}, null, ...Array.from({ length: 100 }, (_, index) => ({ ...one, Id: `f${index}` }))];
    expect(await world.take({ ...securityHub({}), detail: { findings } })).toEqual([]);
    expect(world.members()).toHaveLength(100);
    expect(await world.take({ ...securityHub({}), id: 'empty', detail: { findings: [{}] } })).toEqual([0]);
  });

  it('that cannot be read is a failure of its own', async () => {
    const world = openEvaluator();
    await world.saveRule({ deploymentId: null, name: 'alarms', type: 'external', condition: {} });
    const broken = { ...alarm('ALARM', ''), id: 'broken', detail: {} };
    expect(await world.take(broken, alarm('ALARM', '2026-01-31T12:00:01.000+0000'))).toEqual([0]);
    expect(world.members()).toHaveLength(1);
  });
});
