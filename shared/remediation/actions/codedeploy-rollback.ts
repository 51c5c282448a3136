import { type Action, ActionRefused, type ActionVerdict } from './action.ts';

/** The deployment that was under way; null: none was. */
type Before = { readonly deployment: string | null };

const groupIn = (id: string): { readonly application: string; readonly group: string } => {
  const [application = '', group = '', ...rest] = id.split('/');
  if (application === '' || group === '' || rest.length > 0) {
    throw new ActionRefused(`${id} is not an application and its deployment group: application/group`);
  }
  return { application, group };
};

const ended: Readonly<Record<string, 'verified' | 'failed'>> = {
  Succeeded: 'verified',
  Failed: 'failed',
  Stopped: 'failed',
};

/** Stops the deployment that is under way, and has CodeDeploy deploy the last good revision again. */
export const codedeployRollback: Action = {
  resourceTypes: ['codedeploy-group'],
  verbs: ['rollback'],
  params: (z) => z.strictObject({}),
  async read(ports, { id }) {
    const { application, group } = groupIn(id);
    const codedeploy = await ports.codedeploy();
    const underWay = await codedeploy.underWay(application, group);
    if (!underWay) throw new ActionRefused(`there is no deployment group ${group} of ${application}`);
    const before: Before = { deployment: underWay[0] ?? null };
    return {
      before,
      permissions: [
        {
          actions: ['codedeploy:StopDeployment'],
          resources: [await codedeploy.groupArn(application, group)],
        },
      ],
    };
  },
  propose(image, { id }) {
    const { deployment } = image as Before;
    if (deployment === null) {
      return {
        refused: `no deployment of ${id} is under way: deploy the previous revision, for what is over cannot be stopped`,
      };
    }
    return {
      expected: { deployment: null },
      summary: `Stop the deployment ${deployment} of ${id} and deploy the last good revision again. To take that back, deploy the new revision once more.`,
      risk: 'medium',
    };
  },
  async apply(ports, { before }) {
    const { deployment } = before as Before;
    if (deployment === null) throw new ActionRefused('no deployment was under way');
    await (await ports.codedeploy()).stopAndRollBack(deployment);
  },
  async verify(ports, { before }): Promise<ActionVerdict> {
    const { deployment } = before as Before;
    const codedeploy = await ports.codedeploy();
    const stopped = deployment === null ? undefined : await codedeploy.deployment(deployment);
    if (!stopped) return { state: 'failed', reason: `there is no deployment ${deployment}`, after: null };
    const { status, detail, rollbackId, rollbackMessage = '' } = stopped;
    if (status === 'Succeeded') {
      const reason = `CodeDeploy says ${deployment} succeeded before it was stopped`;
      return { state: 'failed', reason, after: { status } };
    }
    if (rollbackId === undefined) {
      const isOver = status === 'Stopped' || status === 'Failed';
      const said = [detail, rollbackMessage].filter(Boolean).join('; ');
      const reason = `CodeDeploy says ${deployment} is ${status}${said === '' ? '' : ` (${said})`}, and there is no rollback${isOver ? '' : ' yet'}`;
      // It makes the rollback a moment after it says that it stopped.
      return { state: isOver && rollbackMessage !== '' ? 'failed' : 'pending', reason, after: { status } };
    }
    const rollback = await codedeploy.deployment(rollbackId);
    const now = rollback?.status ?? 'not there yet';
    const reason = `CodeDeploy says the rollback ${rollbackId} is ${now}${rollback?.detail ? ` (${rollback.detail})` : ''}`;
    const state = Object.hasOwn(ended, now) ? ended[now] : undefined;
    return { state: state ?? 'pending', reason, after: { status, rollback: now } };
  },
};
