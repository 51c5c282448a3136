import { describe, expect, test } from 'vitest';
import { at, functionCalled, synthesized } from './assembly.ts';

const slow = 60_000;
const arns = (count: number) =>
  Array.from({ length: count }, (_, no) => `arn:aws:ec2:us-east-1:111122223333:instance/i-${no}`);

describe('on what each action may be planned', () => {
  test(
    'is told to the planner; of long lists only the role knows, for an environment has 4 KB',
    async () => {
      const template = await synthesized({
        actions: {
          'ec2-reboot': { tags: { homeostat: 'heal' } },
          'ec2-stop': { arns: arns(40) },
          'ec2-start': { arns: arns(2) },
        },
      });
      const [, planner] = functionCalled(template, 'planner');
      const environment = at(planner.Properties, 'Environment', 'Variables');
      const { HOMEOSTAT_ACTION_SCOPES: told } = environment as Record<string, string>;
      expect(JSON.parse(told ?? '')).toEqual({
        'ec2-reboot': { tags: { homeostat: 'heal' } },
        'ec2-start': { arns: arns(2) },
      });
    },
    slow,
  );
});
