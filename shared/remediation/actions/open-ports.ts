import { type CallMade, openCalls } from '../../platform/aws/actions/calls.ts';
import type { ClientWorld } from '../../platform/aws/actions/clients.ts';
import type { Clock } from '../../platform/clock.ts';
import type { BeyondAws } from './beyond-aws.ts';
import type { ActionPorts } from './ports.ts';

export type PortsWorld = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onCall: (call: CallMade) => void;
  /** Of the assumed role, for `apply`; left out: the function's own, for reading. */
  readonly credentials?: ClientWorld['credentials'];
  readonly region?: string | undefined;
  /** See `ActionPorts.idempotencyToken`: 64 hexadecimal digits. */
  readonly idempotencyToken?: string | undefined;
  /** For Docker, processes and webhooks; left out: actions on those are refused. */
  readonly beyondAws?: BeyondAws | undefined;
};

const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
};

/** For one action only: what it changed decides what a later refusal means. */
export const openActionPorts = (world: PortsWorld): ActionPorts => {
  const { clock, signal, idempotencyToken } = world;
  const clients: ClientWorld = {
    calls: openCalls({ clock, signal, onCall: world.onCall, isApplying: idempotencyToken !== undefined }),
    credentials: world.credentials,
    region: world.region,
  };
  const others = { calls: clients.calls, clock, beyondAws: world.beyondAws };
  return {
    clock,
    signal,
    idempotencyToken,
    ec2: once(async () => (await import('../../platform/aws/actions/ec2.aws.ts')).openEc2(clients)),
    autoscaling: once(async () =>
      (await import('../../platform/aws/actions/autoscaling.aws.ts')).openAutoScaling(clients),
    ),
    ecs: once(async () => (await import('../../platform/aws/actions/ecs.aws.ts')).openEcs(clients)),
    rds: once(async () => (await import('../../platform/aws/actions/rds.aws.ts')).openRds(clients)),
    lambda: once(async () => (await import('../../platform/aws/actions/lambda.aws.ts')).openLambda(clients)),
    ssm: once(async () => (await import('../../platform/aws/actions/ssm.aws.ts')).openSsm(clients)),
    codedeploy: once(async () =>
      (await import('../../platform/aws/actions/codedeploy.aws.ts')).openCodeDeploy(clients),
    ),
    cloudformation: once(async () =>
      (await import('../../platform/aws/actions/cloudformation.aws.ts')).openCloudFormation(clients),
    ),
    cloudcontrol: once(async () =>
      (await import('../../platform/aws/actions/cloudcontrol.aws.ts')).openCloudControl(clients),
    ),
    docker: once(async () => (await import('./docker-engine.ts')).openDocker(others)),
    processes: once(async () => (await import('./processes.ts')).openProcesses(others)),
    probes: once(async () => (await import('./probes.ts')).openProbes(others)),
    orchestrator: once(async () => (await import('./orchestrator.ts')).openOrchestrator(others)),
  };
};
