import { describe, expect, test } from 'vitest';
import { configFromContext, parseConfig } from '../../infra/config.ts';
import { actionKinds } from '../../shared/platform/action-kinds.ts';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && error.name === 'ConfigError') return error.message;
    throw error;
  }
  return 'accepted';
};
const refused = (actions: unknown): string => messageOf(() => parseConfig({ actions }));

const database = 'arn:aws:rds:us-east-1:111122223333:db:orders';
const theirFunction = 'arn:aws:lambda:us-east-1:111122223333:function:shop';
const tags = { homeostat: 'heal' };

describe('opting actions in', () => {
  test('without a word nothing is opted in', () => {
    expect(parseConfig({}).actions).toEqual({});
  });

  test.each([
    ['by tag', { 'ec2-reboot': { tags } }],
    ['by ARN', { 'rds-reboot': { arns: [database] } }],
    ['by both, when both must hold', { 'rds-reboot': { tags, arns: [database] } }],
    [
      'by the name of a group, whose id nobody knows by heart',
      {
        'asg-scale': {
          arns: ['arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:*:autoScalingGroupName/web'],
        },
      },
    ],
    ['by documents', { 'ssm-automation': { documents: ['AWS-RestartEC2Instance'] } }],
    ['by types', { 'cloudcontrol-patch': { types: ['AWS::SQS::Queue'], tags } }],
    ['with nothing, for a kind that does not call AWS', { webhook: {}, 'docker-restart': {} }],
  ])('%s', (_, actions) => {
    expect(parseConfig({ actions } as never).actions).toEqual(actions);
  });

  test('over the command line, a kind at a time', () => {
    const { actions } = configFromContext({
      homeostat: { actions: { webhook: {} } },
      'homeostat.actions.ec2-reboot': '{"tags":{"homeostat":"heal"}}',
    });
    expect(actions).toEqual({ webhook: {}, 'ec2-reboot': { tags } });
  });

  test.each([
    ['homeostat.actions.ec2-rebot: there is no such key; known are ec2-reboot', { 'ec2-rebot': { tags } }],
    [
      'homeostat.actions.ec2-reboot.tag: there is no such key; known are tags, arns',
      { 'ec2-reboot': { tag: {} } },
    ],
    ['homeostat.actions.ec2-reboot: must say on what: tags, or arns', { 'ec2-reboot': {} }],
    ['homeostat.actions.ec2-reboot.tags: must name a tag', { 'ec2-reboot': { tags: {} } }],
    [
      'homeostat.actions.ec2-reboot.tags.a: must be 1 to 256 characters without *',
      { 'ec2-reboot': { tags: { a: '*' } } },
    ],
    ['homeostat.actions.ec2-reboot.tags.aws:x: must have keys', { 'ec2-reboot': { tags: { 'aws:x': 'y' } } }],
    [
      'homeostat.actions.ec2-reboot.arns.0: must be an ARN without wildcards',
      { 'ec2-reboot': { arns: ['arn:aws:ec2:us-east-1:111122223333:instance/*'] } },
    ],
    [
      `homeostat.actions.ec2-reboot.arns: ${database}: not what this action changes`,
      { 'ec2-reboot': { tags, arns: [database] } },
    ],
    ['homeostat.actions.lambda-alias.arns: must list arn:<partition>:lambda', { 'lambda-alias': { tags } }],
    [
      'homeostat.actions.lambda-alias.tags: cannot hold this action',
      { 'lambda-alias': { tags, arns: [theirFunction] } },
    ],
    [
      'homeostat.actions.reprovision.arns: must list arn:<partition>:ec2:<region>:<account>:launch-template/',
      { reprovision: { tags } },
    ],
    [
      'homeostat.actions.reprovision: must say on what',
      { reprovision: { arns: ['arn:aws:ec2:us-east-1:111122223333:launch-template/lt-0a'] } },
    ],
    ['homeostat.actions.ssm-automation.documents: must list', { 'ssm-automation': {} }],
    [
      'homeostat.actions.ec2-stop.documents: only the actions ssm-*',
      { 'ec2-stop': { tags, documents: ['Own'] } },
    ],
    ['homeostat.actions.cloudcontrol-patch.types: must list', { 'cloudcontrol-patch': { tags } }],
    [
      'homeostat.actions.cloudcontrol-patch.types.0: must be one of',
      { 'cloudcontrol-patch': { tags, types: ['AWS::IAM::Role'] } },
    ],
    [
      'homeostat.actions.cloudcontrol-patch.arns: must list arn:<partition>:s3:::',
      { 'cloudcontrol-patch': { tags, types: ['AWS::S3::Bucket'] } },
    ],
    ['homeostat.actions.webhook: takes nothing but {}', { webhook: { tags } }],
  ])('%s', (sentence, actions) => {
    expect(refused(actions)).toContain(sentence);
  });

  test('a scope of everything, processes and their restart are for one machine only (fault 27)', () => {
    const deployed = (homeostat: unknown) => messageOf(() => configFromContext({ homeostat }));
    const any = { 'ec2-reboot': { arns: ['*'] } };
    expect(refused(any)).toBe('accepted');
    expect(deployed({ actions: any })).toContain(
      'homeostat.actions.ec2-reboot.arns: * can never be allowed in a deployed stack',
    );
    expect(refused({ 'process-restart': {} })).toBe('accepted');
    expect(deployed({ actions: { 'process-restart': {} } })).toContain('this is for one machine');
    const processes = { web: { restart: ['node', 'web.js'] } };
    expect(parseConfig({ processes }).processes).toEqual(processes);
    expect(deployed({ processes })).toContain('homeostat.processes: there are no processes');
  });

  test('a process needs a command', () => {
    expect(messageOf(() => parseConfig({ processes: { web: { restart: [] } } }))).toContain(
      'homeostat.processes.web.restart: must be a command',
    );
  });

  test('the URL of an orchestrator may be a secret, which then must be listed', () => {
    const orchestratorUrl = `\${secret:ORCHESTRATOR}`;
    expect(messageOf(() => parseConfig({ orchestratorUrl }))).toContain(
      'homeostat.orchestratorUrl: names a secret that secrets does not list',
    );
    expect(parseConfig({ orchestratorUrl, secrets: ['ORCHESTRATOR'] }).orchestratorUrl).toBe(orchestratorUrl);
  });

  test('every kind can be opted in somehow, on one machine at least', () => {
    const scope = (kind: string) => {
      if (kind.startsWith('ssm-'))
        return { documents: ['Own'], ...(kind === 'ssm-run-command' && { arns: ['*'] }) };
      if (kind === 'cloudcontrol-patch') return { types: ['AWS::SQS::Queue'], arns: ['*'] };
      const local = ['docker-restart', 'process-restart', 'webhook', 'probe-concurrency'];
      return local.includes(kind) ? {} : { arns: ['*'] };
    };
    const actions = Object.fromEntries(actionKinds.map((kind) => [kind, scope(kind)]));
    expect(refused(actions)).toBe('accepted');
  });
});
