import type { AccessCheck } from '../iam/actions.ts';
import type { RawRequest } from '../messaging/protocol.ts';
import type { Caller } from './access.ts';
import { type AwsAccount, askAccount, regionOutside } from './pass-on.ts';
import type { Operation } from './wire.ts';

/**
 * IAM knows more of a call than the call says: the tags of its resource, the group of an instance or a deployment. The
 * gateway asks the account for it. What it does not learn stays unknown, and a policy that asks for it allows nothing.
 */
export type Learning = (
  caller: Caller,
  operation: Operation,
  checks: readonly AccessCheck[],
) => Promise<readonly AccessCheck[]>;

type Ask = (
  service: string,
  request: Pick<RawRequest, 'headers'> & { readonly body: string },
) => Promise<string>;

export const createLearning =
  (account: AwsAccount, homeRegion: string): Learning =>
  async (caller, operation, checks) => {
    if (caller.kind === 'host') return checks;
    const region = regionOutside(account, operation.region, homeRegion);
    if (region === undefined) return checks;
    const ask: Ask = async (service, { headers, body }) => {
      const request = { method: 'POST', url: '/', headers, body: Buffer.from(body) };
      const answer = await askAccount(account, service, region, request);
      if (answer.statusCode !== 200) throw new Error(`${service} answered ${answer.statusCode}`);
      return Buffer.from(answer.body).toString('utf8');
    };
    const asksForTags = JSON.stringify([caller.identityPolicies, caller.sessionPolicies]).includes(
      'ResourceTag/',
    );
    return Promise.all(
      checks.flatMap(each).map(async (check) => {
        const placed = await withOwner(check, operation, ask).catch(() => check);
        return asksForTags ? withTags(placed, ask).catch(() => placed) : placed;
      }),
    );
  };

/** One check a resource, for each has tags of its own. */
const each = (check: AccessCheck): readonly AccessCheck[] =>
  check.oneIsEnough ? [check] : check.resources.map((resource) => ({ ...check, resources: [resource] }));

const query = (version: string, parameters: Readonly<Record<string, string>>) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body: new URLSearchParams({ ...parameters, Version: version }).toString(),
});
const json = (target: string, input: object) => ({
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  body: JSON.stringify(input),
});

const isName = (text: unknown): text is string => typeof text === 'string' && text !== '';
const replaced = (check: AccessCheck, from: string, to: string): AccessCheck => ({
  ...check,
  resources: check.resources.map((resource) => resource.replace(from, to)),
});

/** Puts the group into the resource of a call that names only what is in it. */
const withOwner = async (check: AccessCheck, { input }: Operation, ask: Ask): Promise<AccessCheck> => {
  if (check.action === 'autoscaling:SetInstanceHealth') {
    const InstanceId = String(input.InstanceId);
    const text = await ask(
      'autoscaling',
      query('2011-01-01', { Action: 'DescribeAutoScalingInstances', 'InstanceIds.member.1': InstanceId }),
    );
    const group = textIn(text, 'AutoScalingGroupName');
    return isName(group) ? replaced(check, 'GroupName/*', `GroupName/${group}`) : check;
  }
  if (check.action === 'codedeploy:StopDeployment') {
    const target = 'CodeDeploy_20141006.GetDeployment';
    const { deploymentInfo } = JSON.parse(
      await ask('codedeploy', json(target, { deploymentId: input.deploymentId })),
    ) as { deploymentInfo?: { applicationName?: unknown; deploymentGroupName?: unknown } };
    const { applicationName, deploymentGroupName } = deploymentInfo ?? {};
    if (!isName(applicationName) || !isName(deploymentGroupName)) return check;
    return replaced(
      check,
      'deploymentgroup:*/*',
      `deploymentgroup:${applicationName}/${deploymentGroupName}`,
    );
  }
  return check;
};

type Tags = Readonly<Record<string, string>>;

const withTags = async (check: AccessCheck, ask: Ask): Promise<AccessCheck> => {
  const [resource, ...others] = check.resources;
  if (resource === undefined || others.length > 0) return check;
  const tags = await tagsOf(resource, ask);
  const keys = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
  return { ...check, context: { ...check.context, ...Object.fromEntries(keys) } };
};

const tagsOf = async (arn: string, ask: Ask): Promise<Tags> => {
  const [, , service = '', , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  // The id of a stack is not needed; the name of anything else must be whole, for filters know wildcards too.
  const named = service === 'cloudformation' ? (resource.split('/')[1] ?? '') : resource;
  const name = named.split(/[/:]/).at(-1) ?? '';
  if (name === '' || /[*?]/.test(name)) return {};
  switch (service) {
    case 'ec2': {
      const filter = { 'Filter.1.Name': 'resource-id', 'Filter.1.Value.1': name };
      return tagsIn(await ask('ec2', query('2016-11-15', { Action: 'DescribeTags', ...filter })));
    }
    case 'autoscaling': {
      const filter = {
        'Filters.member.1.Name': 'auto-scaling-group',
        'Filters.member.1.Values.member.1': name,
      };
      return tagsIn(await ask('autoscaling', query('2011-01-01', { Action: 'DescribeTags', ...filter })));
    }
    case 'rds': {
      const [action, parameter] = resource.startsWith('cluster:')
        ? ['DescribeDBClusters', 'DBClusterIdentifier']
        : ['DescribeDBInstances', 'DBInstanceIdentifier'];
      return tagsIn(await ask('rds', query('2014-10-31', { Action: action, [parameter]: name })));
    }
    case 'cloudformation': {
      const wanted = { Action: 'DescribeStacks', StackName: name };
      return tagsIn(await ask('cloudformation', query('2010-05-15', wanted)));
    }
    case 'ecs': {
      const [, cluster, serviceName] = resource.split('/');
      const input = { cluster, services: [serviceName], include: ['TAGS'] };
      const target = 'AmazonEC2ContainerServiceV20141113.DescribeServices';
      const { services = [] } = JSON.parse(await ask('ecs', json(target, input))) as {
        services?: readonly { tags?: readonly { key: string; value: string }[] }[];
      };
      return Object.fromEntries((services[0]?.tags ?? []).map(({ key, value }) => [key, value]));
    }
    default:
      return {};
  }
};

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const plain = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');

const textIn = (xml: string, element: string): string | undefined => {
  const found = new RegExp(`<${element}>([^<]*)</${element}>`, 'i').exec(xml)?.[1];
  return found === undefined ? undefined : plain(found);
};

/** Each tag is an element of its own, with a key and a value somewhere in it. */
const tagsIn = (xml: string): Tags =>
  Object.fromEntries(
    xml.split(/<(?:item|member|Tag)>/).flatMap((part) => {
      const key = textIn(part, 'key');
      return key === undefined ? [] : [[key, textIn(part, 'value') ?? '']];
    }),
  );
