import type { Json } from '../plan.ts';
import { type Action, ActionRefused } from './action.ts';
import { type DocumentImage, documentParams, readDocument, undoOf, verdictOf } from './ssm-document.ts';

type Before = DocumentImage & { readonly node: string };

/** A node that does not take the command by then never runs it: a restart an hour later helps nobody. */
const beginsWithinSeconds = 60;
const mostComment = 100;

/** Runs a document of Systems Manager on one node: one that the configuration lists, in the version that was approved. */
export const ssmRunCommand: Action = {
  resourceTypes: ['ssm-managed-node', 'ec2-instance'],
  verbs: ['run'],
  params: documentParams,
  async read(ports, resource, params) {
    const { image, found } = await readDocument(ports, resource, params, 'Command');
    const ssm = await ports.ssm();
    const before: Before = { ...image, node: (await ssm.nodeStatus(resource.id)) ?? 'not managed' };
    return {
      before: before as unknown as Json,
      permissions: [{ actions: ['ssm:SendCommand'], resources: [found.arn, await ssm.nodeArn(resource.id)] }],
    };
  },
  propose(image, resource, params) {
    const before = image as unknown as Before;
    if (before.node !== 'Online') {
      return {
        refused: `Systems Manager says ${resource.id} is ${before.node}: a command would reach nobody`,
      };
    }
    const undo = undoOf('ssm-run-command', before, resource, params);
    return {
      expected: { outcome: 'Success' },
      ...(undo && { undo }),
      summary: `Run the document ${before.document} (version ${before.version}) on ${resource.id}.${
        undo ? '' : ' Only another document could take it back: none is named.'
      }`,
      risk: 'medium',
    };
  },
  async apply(ports, planned, keep) {
    const { document, version, hash, parameters } = planned.before as unknown as Before;
    const token = ports.idempotencyToken;
    if (token === undefined) throw new ActionRefused('without an idempotency token nothing is applied');
    const ssm = await ports.ssm();
    const commandId = await ssm.sendCommand({
      document,
      version,
      hash: hash ?? undefined,
      instanceId: planned.resource.id,
      parameters,
      comment: `homeostat ${token}`.slice(0, mostComment),
      timeoutSeconds: beginsWithinSeconds,
    });
    keep({ commandId });
  },
  async verify(ports, planned, _appliedAt, receipt) {
    const { commandId } = (receipt ?? {}) as { readonly commandId?: string };
    const { document } = planned.before as unknown as Before;
    if (commandId === undefined) {
      return { state: 'failed', reason: `no command of ${document} was kept`, after: { outcome: null } };
    }
    const { id } = planned.resource;
    return verdictOf(`the command ${commandId}`, await (await ports.ssm()).commandInvocation(commandId, id));
  },
};
