import { describe, expect, test } from 'vitest';
import { actionsOnThisMachine } from '../../../infra/local/start/actions.ts';
import { readSettings } from '../../../infra/local/start/environment.ts';

const given = (HOMEOSTAT_ACTIONS?: string) => readSettings({ HOMEOSTAT_ACTIONS }).HOMEOSTAT_ACTIONS;

describe('actions on one machine', () => {
  test('without a word are those that stay on it, and none of AWS, whatever credentials there are', () => {
    const { HOMEOSTAT_ACTIONS } = readSettings({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' });
    expect(actionsOnThisMachine(HOMEOSTAT_ACTIONS)).toEqual({
      'process-restart': {},
      'docker-restart': {},
      webhook: {},
      'probe-concurrency': {},
    });
  });

  test('of AWS are opted in by name, for whatever the credentials reach', () => {
    expect(given('ec2-reboot, lambda-alias,webhook')).toEqual({
      'ec2-reboot': { arns: ['*'] },
      'lambda-alias': { arns: ['*'] },
      webhook: {},
    });
  });

  test('or as JSON, held to tags and ARNs as in a deployment', () => {
    expect(given('{"ec2-stop":{"tags":{"homeostat":"heal"}}}')).toEqual({
      'ec2-stop': { tags: { homeostat: 'heal' } },
    });
  });

  test.each([
    ['ec2-rebot', 'HOMEOSTAT_ACTIONS ec2-rebot: there is no such action'],
    ['{"ec2-stop":{}}', 'HOMEOSTAT_ACTIONS ec2-stop: must say on what: tags, or arns'],
    ['ssm-automation', 'HOMEOSTAT_ACTIONS ssm-automation.documents: must list'],
    ['{"ec2-stop"', 'HOMEOSTAT_ACTIONS must be JSON, an object'],
  ])('%s is refused in a sentence that names it', (text, sentence) => {
    expect(() => given(text)).toThrow(sentence);
  });

  test('processes that may be started again are named with their commands', () => {
    const processes = (text: string) => readSettings({ HOMEOSTAT_PROCESSES: text }).HOMEOSTAT_PROCESSES;
    expect(processes('{"web":{"restart":["node","web.js"],"cwd":"/srv"}}')).toEqual({
      web: { restart: ['node', 'web.js'], cwd: '/srv' },
    });
    expect(() => processes('{"web":{"restart":"node web.js"}}')).toThrow(
      /^HOMEOSTAT_PROCESSES web\.restart: /,
    );
  });
});
