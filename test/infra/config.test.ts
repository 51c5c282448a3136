import { describe, expect, test } from 'vitest';
import { configFromContext, parseConfig } from '../../infra/config.ts';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && error.name === 'ConfigError') return error.message;
    throw error;
  }
  return 'accepted';
};

describe('the configuration of the stack', () => {
  test('nothing configured is a stack that keeps its tables, logs warnings and reaches no private address', () => {
    expect(parseConfig()).toEqual({
      retentionDays: { results: 3, alertEvents: 90, systemLogs: 14, accessLogs: 14 },
      allowedPrivateRanges: [],
      secrets: [],
      checkFunctions: [],
      awsServices: [],
      topics: [],
      emailIdentities: [],
      externalSources: ['cloudwatch', 'guardduty', 'securityhub', 'health'],
      actions: {},
      processes: {},
      canaries: ['one.one.one.one:443', 'dns.google:443', 'dns.quad9.net:443', 'checkip.amazonaws.com:443'],
      vpcCanaries: [],
      tableRemovalPolicy: 'retain',
      logLevel: 'warn',
      defaultIntervalSeconds: 60,
      rolePath: '/',
      tags: {},
    });
  });

  test.each([
    ['homeostat.alertEmail', { alertEmail: 'nobody' }, 'must be an e-mail address'],
    ['homeostat.retentionDays.results', { retentionDays: { results: 31 } }, '1 to 30 days'],
    ['homeostat.retentionDays.alertEvents', { retentionDays: { alertEvents: 0 } }, '1 to 400 days'],
    ['homeostat.retentionDays.systemLogs', { retentionDays: { systemLogs: 13 } }, 'one of 1, 3, 5, 7, 14'],
    ['homeostat.allowedPrivateRanges.1', { allowedPrivateRanges: ['10.0.0.0/8', '10.0.0.1'] }, 'CIDR range'],
    [
      'homeostat.vpc.subnetIds',
      { vpc: { subnetIds: [], securityGroupIds: ['sg-1'] } },
      'at least one subnet',
    ],
    ['homeostat.vpc.securityGroupIds', { vpc: { subnetIds: ['subnet-1'] } }, 'must be array'],
    ['homeostat.secrets.1', { secrets: ['DB', 'a/b'] }, 'must be the name of a secret'],
    ['homeostat.secrets', { secrets: Array(61).fill('DB') }, 'must be at most 60 secrets; say *'],
    ['homeostat.checkFunctions.0', { checkFunctions: ['shop-health'] }, 'must be the ARN of a function'],
    ['homeostat.awsServices.0', { awsServices: ['s3'] }, 'must be one of ec2, ecs, autoscaling, rds'],
    ['homeostat.topics.0', { topics: ['on-call'] }, 'must be the ARN of a standard topic'],
    [
      'homeostat.topics.0',
      { topics: ['arn:aws:sns:us-east-1:111122223333:on-call.fifo'] },
      'not one that ends in .fifo',
    ],
    [
      'homeostat.topics',
      { topics: Array(21).fill('arn:aws:sns:us-east-1:111122223333:a') },
      'at most 20 topics',
    ],
    ['homeostat.emailIdentities.0', { emailIdentities: ['*@example.com'] }, 'verified in SES'],
    [
      'homeostat.externalSources.0',
      { externalSources: ['ec2'] },
      'must be one of cloudwatch, guardduty, securityhub, health',
    ],
    ['homeostat.publicUrl', { publicUrl: 'monitoring.example.com' }, 'must be a URL such as https://'],
    ['homeostat.publicUrl', { publicUrl: 'https://a:b@c.example' }, 'without user'],
    ['homeostat.heartbeatUrl', { heartbeatUrl: 'ftp://a.example' }, `or \${secret:NAME}`],
    ['homeostat.heartbeatUrl', { heartbeatUrl: `\${secret:BEAT}` }, 'add its name there'],
    ['homeostat.canaries.0', { canaries: ['dns.google'] }, 'must be host:port'],
    ['homeostat.vpcCanaries.0', { vpcCanaries: ['10.0.0.2:70000'] }, 'must be host:port'],
    ['homeostat.tableRemovalPolicy', { tableRemovalPolicy: 'keep' }, 'retain or destroy'],
    ['homeostat.logLevel', { logLevel: 'WARN' }, 'debug, info, warn or error'],
    [
      'homeostat.defaultIntervalSeconds',
      { defaultIntervalSeconds: 61 },
      'must be one of 10, 15, 20, 30, 60, 120',
    ],
    ['homeostat.namePrefix', { namePrefix: '1st' }, 'the first one a letter'],
    ['homeostat.permissionsBoundaryArn', { permissionsBoundaryArn: 'boundary' }, 'ARN of an IAM policy'],
    ['homeostat.rolePath', { rolePath: 'monitoring' }, 'begin and end with a slash'],
    ['homeostat.tags.aws:owner', { tags: { 'aws:owner': 'x' } }, 'do not begin with aws:'],
    ['homeostat.alertMail', { alertMail: 'ops@example.com' }, 'known are alertEmail, '],
    [
      'homeostat.retentionDays.metrics',
      { retentionDays: { metrics: 3 } },
      'known are results, alertEvents, systemLogs, accessLogs',
    ],
    ['homeostat', 'yes', 'must be object'],
  ])('%s is refused by its name and says what to do', (key, input, advice) => {
    const message = messageOf(() => parseConfig(input));
    expect(message).toContain(`  ${key}: `);
    expect(message).toContain(advice);
    expect(message).toContain('cdk.json');
  });

  test('every key at fault is named at once', () => {
    const message = messageOf(() => parseConfig({ logLevel: 'loud', namePrefix: '' }));
    expect(message.match(/^ {2}homeostat\.\w+/gm)).toEqual([
      '  homeostat.logLevel',
      '  homeostat.namePrefix',
    ]);
  });
});

describe('the configuration from CDK context', () => {
  test('a value on the command line goes over the one in cdk.json, and the rest stays', () => {
    const config = configFromContext({
      '@aws-cdk/core:explicitStackTags': true,
      homeostat: { logLevel: 'info', retentionDays: { results: 5 } },
      'homeostat.logLevel': 'error',
      'homeostat.retentionDays.accessLogs': '30',
      'homeostat.allowedPrivateRanges': '10.0.0.0/8, fd00::/8',
      'homeostat.vpc': '{"subnetIds":["subnet-1"],"securityGroupIds":["sg-1"]}',
    });
    expect(config).toMatchObject({
      logLevel: 'error',
      retentionDays: { results: 5, alertEvents: 90, systemLogs: 14, accessLogs: 30 },
      allowedPrivateRanges: ['10.0.0.0/8', 'fd00::/8'],
      vpc: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
    });
  });

  test('lists may be said with commas on the command line, and canaries be switched off', () => {
    expect(
      configFromContext({
        'homeostat.secrets': 'DB_PASSWORD, api.token',
        'homeostat.checkFunctions': 'arn:aws:lambda:eu-west-1:111122223333:function:shop-health:live',
        'homeostat.awsServices': 'ec2,rds',
        'homeostat.canaries': '[]',
        'homeostat.vpcCanaries': '10.0.0.2:443,[fd00::1]:443',
      }),
    ).toMatchObject({
      secrets: ['DB_PASSWORD', 'api.token'],
      checkFunctions: ['arn:aws:lambda:eu-west-1:111122223333:function:shop-health:live'],
      awsServices: ['ec2', 'rds'],
      canaries: [],
      vpcCanaries: ['10.0.0.2:443', '[fd00::1]:443'],
    });
  });

  test.each(['checkFunctions', 'topics', 'emailIdentities'] as const)(
    'a deployed stack can never let anything be reached by %s of *, a host on one machine can (fault 27)',
    (key) => {
      expect(parseConfig({ [key]: ['*'] })[key]).toEqual(['*']);
      expect(messageOf(() => configFromContext({ homeostat: { [key]: ['*'] } }))).toContain(
        `homeostat.${key}: * can never be allowed in a deployed stack`,
      );
    },
  );

  test.each(['publicUrl', 'heartbeatUrl', 'orchestratorUrl'] as const)(
    '%s of a deployed stack goes over TLS',
    (key) => {
      expect(parseConfig({ [key]: 'http://127.0.0.1:8080' })[key]).toBe('http://127.0.0.1:8080');
      expect(messageOf(() => configFromContext({ homeostat: { [key]: 'http://a.example' } }))).toContain(
        `homeostat.${key}: must begin with https:// in a deployed stack`,
      );
    },
  );

  test('paths are put behind the public URL, whether it was given with a slash or without', () => {
    const given = ['https://a.example', 'https://a.example/', 'https://a.example/homeostat/'];
    expect(given.map((publicUrl) => parseConfig({ publicUrl }).publicUrl)).toEqual([
      'https://a.example',
      'https://a.example',
      'https://a.example/homeostat',
    ]);
  });

  test('a misspelt key on the command line is refused', () => {
    expect(messageOf(() => configFromContext({ 'homeostat.logLevle': 'info' }))).toContain(
      'homeostat.logLevle: there is no such key',
    );
  });

  test('the whole configuration may come as JSON on the command line', () => {
    expect(configFromContext({ homeostat: '{"logLevel":"debug"}' }).logLevel).toBe('debug');
  });

  test.each([
    '127.0.0.0/8',
    '169.254.0.0/16',
    '::1/128',
    'fe80::/10',
    '0.0.0.0/8',
    '0.0.0.0/0',
    '::/0',
    '169.254.169.254/32',
    '126.0.0.0/7',
    '::ffff:127.0.0.1/128',
  ])(
    'a deployed stack can never be allowed to probe %s, where the function itself lives (fault 27)',
    (range) => {
      expect(
        messageOf(() => configFromContext({ homeostat: { allowedPrivateRanges: ['10.0.0.0/8', range] } })),
      ).toContain(`homeostat.allowedPrivateRanges: ${range} can never be allowed`);
    },
  );
});
