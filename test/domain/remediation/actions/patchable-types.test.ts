import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { patchableTypes } from '../../../../shared/platform/patchable-types.ts';
import { sessionPolicyOf } from '../../../../shared/remediation/actions/session-policy.ts';

const account = '123456789012';
/** A resource of the type, by the pattern of its statement. */
const example = (pattern: string): string =>
  pattern
    .replace('{partition}', 'aws')
    .replace('{region}', 'eu-west-1')
    .replace('{account}', account)
    .replace(/\*$/, pattern.includes(':service/') ? 'main/orders' : 'orders');

/** What the published tables of IAM (the Service Authorization Reference) say against a call; undefined: nothing. */
const faultOf = async (action: string, resource: string) => {
  const outcome = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${account}:role/action`,
        action,
        resource: { resource, accountId: account },
        contextVariables: {},
      },
      identityPolicies: [
        {
          name: 'exact',
          policy: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
          },
        },
      ],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return outcome.resultType === 'error' ? outcome.errors.message : undefined;
};

const all = Object.entries(patchableTypes).map(([typeName, { statements, reads }]) => ({
  typeName,
  statements,
  actions: [...new Set([...statements.flatMap(({ actions }) => actions), ...reads])],
}));

describe('what a patch of a type may do in AWS', () => {
  test('is known for a dozen types, none of them of IAM', () => {
    expect(all.length).toBeGreaterThanOrEqual(12);
    expect(all.map(({ typeName }) => typeName).filter((name) => name.startsWith('AWS::IAM'))).toEqual([]);
  });

  test.each(all)(
    '$typeName: nothing of IAM, nothing that deletes it or hands it to others',
    ({ actions }) => {
      const removes =
        /:(Delete(Queue|Topic|Bucket|Table|Function|Service|SecurityGroup|Rule|Alarms|Repository|LogGroup|WorkGroup)|ScheduleKeyDeletion)$/;
      const permits =
        /^(iam|sts|organizations):|:(PutKeyPolicy|PutBucketPolicy|PutResourcePolicy|SetRepositoryPolicy|AddPermission|CreateGrant)$/;
      expect(actions.filter((action) => removes.test(action) || permits.test(action))).toEqual([]);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    },
  );

  test.each(all)(
    '$typeName: each change can be held to a resource of the type, as IAM publishes',
    async ({ statements }) => {
      const [changes] = statements;
      const [pattern = '*'] = changes?.resources ?? [];
      for (const action of changes?.actions ?? []) {
        expect({ action, fault: await faultOf(action, example(pattern)) }).toEqual({
          action,
          fault: undefined,
        });
      }
    },
  );

  test.each(all)('$typeName: IAM knows every call', async ({ actions }) => {
    for (const action of actions) {
      const fault = await faultOf(action, '*');
      expect({ action, isUnknown: fault === 'invalid.action' || fault === 'invalid.service' }).toEqual({
        action,
        isUnknown: false,
      });
    }
  });

  test.each(all)('$typeName: the permissions fit the policy of a session', ({ statements }) => {
    const permissions = statements.map(({ actions, resources }) => ({
      actions,
      resources: resources.map((pattern) =>
        pattern === '*' ? pattern : `${example(pattern)}-with-a-long-name`,
      ),
    }));
    expect(sessionPolicyOf({ kind: 'cloudcontrol-patch', permissions })).toHaveProperty('policy');
  });
});
