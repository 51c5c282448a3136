import type { ActionKind } from '../../platform/action-kinds.ts';
import type { Action } from './action.ts';
import { asgRefresh } from './asg-refresh.ts';
import { asgScale } from './asg-scale.ts';
import { cloudControlPatch } from './cloudcontrol-patch.ts';
import { cloudformationCancel } from './cloudformation-cancel.ts';
import { cloudformationContinue } from './cloudformation-continue.ts';
import { cloudformationRollback } from './cloudformation-rollback.ts';
import { codedeployRollback } from './codedeploy-rollback.ts';
import { dockerRestart } from './docker-restart.ts';
import { ebsSnapshotDelete } from './ebs-snapshot-delete.ts';
import { ec2Reboot } from './ec2-reboot.ts';
import { ec2Replace } from './ec2-replace.ts';
import { ec2Start } from './ec2-start.ts';
import { ec2Stop } from './ec2-stop.ts';
import { ecsRedeploy } from './ecs-redeploy.ts';
import { ecsRollback } from './ecs-rollback.ts';
import { ecsScale } from './ecs-scale.ts';
import { lambdaAlias } from './lambda-alias.ts';
import { lambdaConcurrency } from './lambda-concurrency.ts';
import { probeConcurrency } from './probe-concurrency.ts';
import { processRestart } from './process-restart.ts';
import { rdsFailover } from './rds-failover.ts';
import { rdsReboot } from './rds-reboot.ts';
import { reprovision } from './reprovision.ts';
import { ssmAutomation } from './ssm-automation.ts';
import { ssmRunCommand } from './ssm-run-command.ts';
import { webhook } from './webhook.ts';

/** Every kind of action: one file and one line. What it may do in AWS stands in `platform/action-kinds.ts`. */
export const actionRegistry = {
  'ec2-reboot': ec2Reboot,
  'ec2-stop': ec2Stop,
  'ec2-start': ec2Start,
  'ec2-replace': ec2Replace,
  reprovision,
  'asg-scale': asgScale,
  'asg-refresh': asgRefresh,
  'ecs-redeploy': ecsRedeploy,
  'ecs-scale': ecsScale,
  'ecs-rollback': ecsRollback,
  'lambda-alias': lambdaAlias,
  'lambda-concurrency': lambdaConcurrency,
  'rds-reboot': rdsReboot,
  'rds-failover': rdsFailover,
  'ebs-snapshot-delete': ebsSnapshotDelete,
  'ssm-automation': ssmAutomation,
  'ssm-run-command': ssmRunCommand,
  'codedeploy-rollback': codedeployRollback,
  'cloudformation-continue': cloudformationContinue,
  'cloudformation-cancel': cloudformationCancel,
  'cloudformation-rollback': cloudformationRollback,
  'cloudcontrol-patch': cloudControlPatch,
  'docker-restart': dockerRestart,
  'process-restart': processRestart,
  webhook,
  'probe-concurrency': probeConcurrency,
} satisfies Record<ActionKind, Action>;
