import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { afterAll } from 'vitest';
import { parseConfig, projectContext, type StackConfigInput } from '../../infra/config.ts';
import { type Bundles, bundleFunctions } from '../../infra/constructs/bundle.ts';
import { deployedContracts } from '../../infra/deployed.ts';
import { synthesizeInto } from '../../infra/synth.ts';

export type Properties = { readonly [name: string]: unknown };
export type Resource = {
  readonly Type: string;
  readonly Properties: Properties;
  readonly Metadata?: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
};
export type Template = {
  readonly Resources: { readonly [logicalId: string]: Resource };
  readonly Outputs: { readonly [name: string]: { readonly Value: unknown } };
};

export const inVpc: StackConfigInput = {
  vpc: { subnetIds: ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'], securityGroupIds: ['sg-0a1b2c3d'] },
};

export const theirFunction = 'arn:aws:lambda:us-east-1:111122223333:function:shop-health';
export const theirTopic = 'arn:aws:sns:us-west-2:111122223333:on-call';
const tagged = { tags: { homeostat: 'heal' } };
const theirArn = (service: string, resource: string): string =>
  `arn:aws:${service}:us-east-1:111122223333:${resource}`;
/** Every kind of action that a stack can have, each held to tags where its service knows them, else to an ARN. */
export const everyAction: StackConfigInput['actions'] = {
  'ec2-reboot': tagged,
  'ec2-stop': tagged,
  'ec2-start': tagged,
  'ec2-replace': tagged,
  reprovision: { ...tagged, arns: [theirArn('ec2', 'launch-template/lt-0a1b2c3d')] },
  'asg-scale': tagged,
  'asg-refresh': tagged,
  'ecs-redeploy': tagged,
  'ecs-scale': tagged,
  'ecs-rollback': tagged,
  'lambda-alias': { arns: [theirFunction] },
  'lambda-concurrency': { arns: [theirFunction] },
  'rds-reboot': tagged,
  'rds-failover': tagged,
  'ebs-snapshot-delete': tagged,
  'ssm-automation': { documents: ['AWS-RestartEC2Instance', 'RestartShop'] },
  'ssm-run-command': { ...tagged, documents: ['AWS-RunShellScript'] },
  'codedeploy-rollback': { arns: [theirArn('codedeploy', 'deploymentgroup:shop/production')] },
  'cloudformation-continue': tagged,
  'cloudformation-cancel': tagged,
  'cloudformation-rollback': tagged,
  'cloudcontrol-patch': {
    ...tagged,
    types: ['AWS::SQS::Queue', 'AWS::S3::Bucket'],
    arns: ['arn:aws:s3:::shop-assets'],
  },
  'docker-restart': {},
  webhook: {},
  'probe-concurrency': {},
};

/** All there is: a VPC, and whatever can be opted in. */
export const everything: StackConfigInput = {
  ...inVpc,
  secrets: ['DB', 'api.token'],
  checkFunctions: [theirFunction],
  awsServices: ['ec2', 'ecs', 'autoscaling', 'rds'],
  topics: [theirTopic],
  emailIdentities: ['alerts@example.com', 'example.org'],
  actions: everyAction,
};

/** The contracts that a configuration deploys: a new function must not need a number changed in a test. */
export const contractsOf = (input: StackConfigInput = {}): ReturnType<typeof deployedContracts> =>
  deployedContracts(parseConfig(input));
export const scheduledOf = (input: StackConfigInput = {}): ReturnType<typeof deployedContracts> =>
  contractsOf(input).filter(({ trigger }) => trigger.kind === 'schedule');

const made: string[] = [];
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-infra-'));
  made.push(folder);
  return folder;
};
afterAll(async () => {
  await Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true })));
});

let bundling: Promise<Bundles> | undefined;
/** The real bundles of all functions, made once a test file. */
export const realBundles = (): Promise<Bundles> => {
  bundling ??= (async () => {
    const every = contractsOf(inVpc).map((contract) => contract.name);
    return bundleFunctions(every, await temporaryFolder());
  })();
  return bundling;
};

/** The template says nothing of the code but where it lies. */
const emptyBundles = async (): Promise<Bundles> => {
  const dir = await temporaryFolder();
  await writeFile(join(dir, 'index.mjs'), '');
  return Object.fromEntries(
    contractsOf(inVpc).map(({ name }) => [
      name,
      { name, dir, hash: name, staticBytes: 0, totalBytes: 0, staticSources: [] },
    ]),
  );
};

/** The template that a configuration gives; `extend` adds to the app before it is synthesized. */
export const synthesized = async (
  input: StackConfigInput = {},
  options: { checked?: boolean; extend?: (app: App) => void } = {},
): Promise<Template> => {
  const app = new App({
    outdir: await temporaryFolder(),
    context: projectContext('cdk.json'),
    autoSynth: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false,
  });
  options.extend?.(app);
  const { templateFile } = await synthesizeInto(
    app,
    { config: parseConfig(input), checked: options.checked },
    emptyBundles(),
  );
  return JSON.parse(readFileSync(templateFile, 'utf8')) as Template;
};

export const ofType = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

export const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** `at(resource, 'Target', 'RetryPolicy')`: a value inside nested properties. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (inner as Properties | undefined)?.[name], value);

/** The logical id that an intrinsic or a join of intrinsics names. */
export const named = (value: unknown): string | undefined =>
  /"(?:Fn::GetAtt":\[|Ref":)"([^"]+)"/.exec(JSON.stringify(value) ?? '')?.[1];

/** The deployed function whose service name is the contract's, with its logical id. */
export const functionCalled = (template: Template, name: string): readonly [string, Resource] => {
  const found = ofType(template, 'AWS::Lambda::Function').find(
    ([, { Properties: properties }]) =>
      at(properties, 'Environment', 'Variables', 'POWERTOOLS_SERVICE_NAME') === name,
  );
  if (!found) throw new Error(`the template has no function ${name}`);
  return found;
};

export const roleOf = (template: Template, functionName: string): Resource => {
  const [, { Properties: properties }] = functionCalled(template, functionName);
  const role = template.Resources[named(properties.Role) ?? ''];
  if (!role) throw new Error(`${functionName} has no role in the template`);
  return role;
};

export type Statement = {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
};
export const statementsOf = (role: Resource): readonly Statement[] =>
  list(role.Properties.Policies).flatMap((policy) =>
    list(at(policy, 'PolicyDocument', 'Statement')),
  ) as Statement[];
