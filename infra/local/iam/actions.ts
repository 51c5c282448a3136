/**
 * Which IAM actions an AWS request needs, and on what: the table the local gateway asks before it lets a call through.
 */
import {
  type AccessCheck,
  type AwsCall,
  asInput,
  check,
  needsNothing,
  type ServiceRules,
} from './actions/call.ts';
import { lambda, scheduler, states, sts } from './actions/compute.ts';
import { dynamodb } from './actions/dynamodb.ts';
import { ses } from './actions/email.ts';
import { events, sns, sqs } from './actions/messaging.ts';
import { logs, monitoring } from './actions/observing.ts';
import {
  autoscaling,
  cloudcontrolapi,
  cloudformation,
  codedeploy,
  ec2,
  ssmRemedies,
} from './actions/remedies.ts';
import { ecs, rds } from './actions/resources.ts';
import { s3, secretsmanager, ssm } from './actions/storage.ts';

export type { AccessCheck, AwsCall } from './actions/call.ts';

const SERVICES: Readonly<Record<string, ServiceRules>> = {
  autoscaling,
  cloudcontrolapi,
  cloudformation,
  codedeploy,
  dynamodb,
  ec2,
  ecs,
  events,
  lambda,
  logs,
  monitoring,
  rds,
  s3,
  scheduler,
  secretsmanager,
  ses,
  sns,
  sqs,
  ssm: { operations: { ...ssm.operations, ...ssmRemedies } },
  states,
  sts,
};

/**
 * The checks of one request, all of which must be allowed; none only where AWS asks for no permission. An operation not
 * in the table, or a batch that names nothing, needs `service:Operation` on `*`.
 */
export function requiredChecks(call: AwsCall): AccessCheck[] {
  const service = Object.hasOwn(SERVICES, call.service) ? SERVICES[call.service] : undefined;
  const known = service !== undefined && Object.hasOwn(service.operations, call.operation);
  const rule = known ? service.operations[call.operation] : undefined;
  if (rule === needsNothing) return [];
  const checks = rule?.(asInput(call.input), call) ?? [];
  return checks.length > 0 ? checks : [check(`${service?.prefix ?? call.service}:${call.operation}`, '*')];
}
