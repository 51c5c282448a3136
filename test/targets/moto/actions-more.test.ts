import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import { CreateDocumentCommand, ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openActionPorts } from '../../../shared/remediation/actions/open-ports.ts';
import { ssmRunCommand } from '../../../shared/remediation/actions/ssm-run-command.ts';
import type { Json, PlannedAction } from '../../../shared/remediation/plan.ts';
import { startMoto } from './moto.ts';
import { performer } from './perform.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'nobody asks for it' };
const { plan, planned } = performer(credentials);
let moto: Awaited<ReturnType<typeof startMoto>>;
let settings: { endpoint: string; region: string; credentials: typeof credentials };

beforeAll(async () => {
  moto = await startMoto();
  process.env.AWS_ENDPOINT_URL = moto.endpoint;
  settings = { endpoint: moto.endpoint, region: 'us-east-1', credentials };
});
afterAll(() => moto?.stop());

const ports = () =>
  openActionPorts({
    clock: Date.now,
    signal: AbortSignal.timeout(20_000),
    onCall: () => undefined,
    credentials,
    region: 'us-east-1',
    idempotencyToken: 'c'.repeat(64),
  });

describe('Run Command', () => {
  const document = {
    schemaVersion: '2.2',
    description: 'Restarts the shop.',
    parameters: { service: { type: 'String' } },
    mainSteps: [
      { action: 'aws:runShellScript', name: 'restart', inputs: { runCommand: ['systemctl restart shop'] } },
    ],
  };
  let ssm: SSMClient;
  beforeAll(async () => {
    ssm = new SSMClient(settings);
    await ssm.send(
      new CreateDocumentCommand({
        Name: 'Shop-Restart',
        Content: JSON.stringify(document),
        DocumentType: 'Command',
        DocumentFormat: 'JSON',
      }),
    );
  });

  test('knows a document by its type, version and content, and one that is not there', async () => {
    const port = await ports().ssm();
    expect(await port.document('Shop-Restart')).toMatchObject({
      type: 'Command',
      version: '1',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      arn: expect.stringMatching(/^arn:aws:ssm:us-east-1:(\d{12}|\*):document\/Shop-Restart$/),
    });
    expect(await port.document('Shop-Nothing')).toBeUndefined();
  });

  // Moto knows no managed nodes, so the plan is made by hand.
  test('runs it on one node with its parameters, and is verified by how it ended there', async () => {
    const found = await (await ports().ssm()).document('Shop-Restart');
    const action: PlannedAction = {
      kind: 'ssm-run-command',
      resource: { name: 'web', type: 'ec2-instance', id: 'i-0a1b2c3d4e5f60718' },
      params: {},
      summary: '',
      before: {
        document: 'Shop-Restart',
        version: found?.version ?? '',
        hash: found?.hash ?? null,
        parameters: { service: ['shop'] },
        outcome: null,
        node: 'Online',
      },
      expected: { outcome: 'Success' },
      risk: 'medium',
      permissions: [],
    };
    let receipt: Json | undefined;
    await ssmRunCommand.apply(ports(), action, (kept) => {
      receipt = kept;
    });
    const { Commands = [] } = await ssm.send(new ListCommandsCommand({}));
    expect(Commands).toMatchObject([
      {
        ...{ CommandId: (receipt as { commandId: string }).commandId, DocumentName: 'Shop-Restart' },
        ...{ Parameters: { service: ['shop'] }, InstanceIds: ['i-0a1b2c3d4e5f60718'] },
        Comment: `homeostat ${'c'.repeat(64)}`,
      },
    ]);
    expect(await ssmRunCommand.verify(ports(), action, Date.now(), receipt)).toMatchObject({
      state: 'verified',
    });
    const elsewhere = { ...action, resource: { ...action.resource, id: 'i-ffffffffffffffff0' } };
    expect(await ssmRunCommand.verify(ports(), elsewhere, Date.now(), receipt)).toMatchObject({
      state: 'pending',
    });
  });
});

describe('CodeDeploy', () => {
  const group = { type: 'codedeploy-group', id: 'shop/production' } as const;
  let underWay: string;
  beforeAll(async () => {
    const codedeploy = new CodeDeployClient(settings);
    await codedeploy.send(
      new CreateApplicationCommand({ applicationName: 'shop', computePlatform: 'Server' }),
    );
    await codedeploy.send(
      new CreateDeploymentGroupCommand({
        applicationName: 'shop',
        deploymentGroupName: 'production',
        serviceRoleArn: 'arn:aws:iam::123456789012:role/deploy',
      }),
    );
    const { deploymentId = '' } = await codedeploy.send(
      new CreateDeploymentCommand({ applicationName: 'shop', deploymentGroupName: 'production' }),
    );
    underWay = deploymentId;
  });

  test('tells the deployment that is under way in a group, and where none is', async () => {
    expect(await planned('codedeploy-rollback', group)).toMatchObject({
      before: { deployment: underWay },
    });
    expect(await plan('codedeploy-rollback', { ...group, id: 'shop/staging' })).toEqual({
      refused: expect.stringContaining('no deployment of shop/staging is under way'),
    });
  });
});

describe('CloudFormation', () => {
  const template = { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } };
  beforeAll(async () => {
    await new CloudFormationClient(settings).send(
      new CreateStackCommand({
        StackName: 'shop',
        TemplateBody: JSON.stringify(template),
        Tags: [{ Key: 'homeostat', Value: 'heal' }],
      }),
    );
  });

  test('tells a stack by name, with its tags; one in a good state is not rolled back', async () => {
    expect(await (await ports().cloudformation()).stack('shop')).toMatchObject({
      id: expect.stringMatching(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/shop\//),
      status: 'CREATE_COMPLETE',
      tags: { homeostat: 'heal' },
    });
    const stack = { type: 'cloudformation-stack', id: 'shop' } as const;
    expect(await plan('cloudformation-rollback', stack)).toEqual({
      refused: expect.stringContaining('the stack shop is CREATE_COMPLETE'),
    });
    await expect(plan('cloudformation-cancel', { ...stack, id: 'nothing' })).rejects.toThrow(
      'there is no stack nothing',
    );
  });
});
