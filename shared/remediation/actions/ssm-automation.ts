import type { Json } from '../plan.ts';
import { type Action, ActionRefused } from './action.ts';
import {
  asUuid,
  type DocumentImage,
  documentParams,
  readDocument,
  undoOf,
  verdictOf,
} from './ssm-document.ts';

/**
 * Starts a runbook of Systems Manager Automation, one that the configuration lists. `{id}` in a parameter is the id of
 * the resource.
 */
export const ssmAutomation: Action = {
  resourceTypes: [
    'ec2-instance',
    'ecs-service',
    'auto-scaling-group',
    'rds-instance',
    'rds-cluster',
    'lambda-alias',
    'ebs-volume',
    'cloudformation-stack',
    'codedeploy-group',
    'cloudcontrol-resource',
  ],
  verbs: ['run'],
  params: documentParams,
  async read(ports, resource, params) {
    const { image, found } = await readDocument(ports, resource, params, 'Automation');
    const parameters = Object.fromEntries(
      Object.entries(image.parameters).map(([name, values]) => [
        name,
        values.map((value) => value.replaceAll('{id}', resource.id)),
      ]),
    );
    const before: DocumentImage = { ...image, parameters };
    // IAM knows a document that is run by either name, and the execution that comes of it has none yet.
    const document = found.arn.replace('automation-definition/', 'document/').replace(/:\*$/, '');
    const executions = found.arn.replace(/automation-definition\/.*$/, 'automation-execution/*');
    return {
      before: before as unknown as Json,
      permissions: [
        { actions: ['ssm:StartAutomationExecution'], resources: [found.arn, document, executions] },
      ],
    };
  },
  propose(image, resource, params) {
    const before = image as unknown as DocumentImage;
    const undo = undoOf('ssm-automation', before, resource, params);
    return {
      expected: { outcome: 'Success' },
      ...(undo && { undo }),
      summary: `Run the automation ${before.document} (version ${before.version}) for ${resource.id}.${
        undo ? '' : ' Only another document could take it back: none is named.'
      }`,
      risk: 'medium',
    };
  },
  async apply(ports, planned, keep) {
    const { document, version, parameters } = planned.before as unknown as DocumentImage;
    const token = ports.idempotencyToken;
    if (token === undefined) throw new ActionRefused('without an idempotency token nothing is applied');
    const ssm = await ports.ssm();
    keep({
      executionId: await ssm.startAutomation({ document, version, parameters, clientToken: asUuid(token) }),
    });
  },
  async verify(ports, planned, _appliedAt, receipt) {
    const { executionId } = (receipt ?? {}) as { readonly executionId?: string };
    const { document } = planned.before as unknown as DocumentImage;
    if (executionId === undefined) {
      return { state: 'failed', reason: `no execution of ${document} was kept`, after: { outcome: null } };
    }
    return verdictOf(`the automation ${executionId}`, await (await ports.ssm()).automation(executionId));
  },
};
