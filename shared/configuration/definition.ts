import { type WrittenRule, writtenRuleOf } from '../alerting/api.ts';
import type { RuleDefinition, RuleOwner } from '../alerting/index.ts';
import type { DeploymentDefinition } from '../catalog/index.ts';
import { type CheckDefinition, type WrittenCheck, writtenOf } from '../health/index.ts';
import {
  type MaintenanceDefinition,
  type WrittenMaintenance,
  type WrittenSettings,
  writtenMaintenance,
  writtenSettings,
} from '../incidents/api.ts';
import type { AlertingSettings } from '../incidents/index.ts';
import { type WrittenChannel, writtenChannelOf } from '../notifications/api.ts';
import type { ChannelDefinition } from '../notifications/index.ts';
import { type WrittenPolicy, writtenPolicyOf } from '../policies/api.ts';
import type { PolicyDefinition } from '../policies/index.ts';
import { type ScalerDefinition, type WrittenScaler, writtenScalerOf } from '../scaling/api.ts';
import {
  type StatusPageDefinition,
  type WrittenStatusPage,
  writtenStatusPageOf,
} from '../status-pages/api.ts';

/** A check as it goes over the wire: as people write it, durations in seconds, every default filled in. */
export type CheckFields = WrittenCheck;

/** Something that people define: its kind, what it is called, and its fields as the API takes them. */
export type Defined =
  | { readonly kind: 'deployment'; readonly name: string; readonly definition: DeploymentDefinition }
  | { readonly kind: 'check'; readonly name: string; readonly definition: CheckFields }
  | { readonly kind: 'channel'; readonly name: string; readonly definition: WrittenChannel }
  | { readonly kind: 'alerting'; readonly name: 'settings'; readonly definition: WrittenSettings }
  | { readonly kind: 'maintenance'; readonly name: string; readonly definition: WrittenMaintenance }
  | { readonly kind: 'rule'; readonly name: string; readonly definition: WrittenRule }
  | { readonly kind: 'scaler'; readonly name: string; readonly definition: WrittenScaler }
  | { readonly kind: 'statusPage'; readonly name: string; readonly definition: WrittenStatusPage }
  | { readonly kind: 'policy'; readonly name: string; readonly definition: WrittenPolicy };

/** What the API holds, and who may change it. What is built in is there for whoever changes it first. */
export type Held = Defined & { readonly managedBy: RuleOwner };

export const definedCheck = (check: CheckDefinition): Defined => checkOf(writtenOf(check));

/** From a view, which has more fields than a definition. */
export const checkOf = (view: CheckFields): Defined & { kind: 'check' } => ({
  kind: 'check',
  name: `${view.deploymentId}/${view.name}`,
  definition: {
    deploymentId: view.deploymentId,
    name: view.name,
    type: view.type,
    target: view.target,
    interval: view.interval,
    timeout: view.timeout,
    retries: view.retries,
    failureThreshold: view.failureThreshold,
    successThreshold: view.successThreshold,
    ...(view.degradedAbove !== undefined && { degradedAbove: view.degradedAbove }),
    ...(view.conditions && { conditions: view.conditions }),
    ...(view.parent && { parent: view.parent }),
    ...(view.maintenance && { maintenance: view.maintenance }),
    ...(view.isPublic && { isPublic: true }),
    network: view.network,
    tags: view.tags,
    config: view.config,
    isActive: view.isActive,
  },
});

export const deploymentOf = (view: DeploymentDefinition): Defined & { kind: 'deployment' } => ({
  kind: 'deployment',
  name: view.deploymentId,
  definition: {
    deploymentId: view.deploymentId,
    blueprintId: view.blueprintId,
    environment: view.environment,
    monitoringConfig: view.monitoringConfig,
    ...(view.resources && { resources: view.resources }),
  },
});

export const ruleOf = (view: WrittenRule): Defined & { kind: 'rule' } => ({
  kind: 'rule',
  name: `${view.deploymentId ?? '*'}/${view.name}`,
  definition: {
    deploymentId: view.deploymentId,
    name: view.name,
    type: view.type,
    severity: view.severity,
    condition: view.condition,
    channels: view.channels,
    for: view.for,
    keepFiringFor: view.keepFiringFor,
    cooldown: view.cooldown,
    noData: view.noData,
    minCoverage: view.minCoverage,
    groupBy: view.groupBy,
    escalation: view.escalation,
    ...(view.runbookUrl !== undefined && { runbookUrl: view.runbookUrl }),
    ...(view.description !== undefined && { description: view.description }),
    tags: view.tags,
    isActive: view.isActive,
  },
});

export const channelOf = (view: WrittenChannel): Defined & { kind: 'channel' } => ({
  kind: 'channel',
  name: view.name,
  definition: writtenChannelOf(view),
});

export const settingsOf = (view: WrittenSettings): Defined & { kind: 'alerting' } => ({
  kind: 'alerting',
  name: 'settings',
  definition: {
    defaultChannels: view.defaultChannels,
    routes: view.routes,
    groupWait: view.groupWait,
    groupInterval: view.groupInterval,
    repeatInterval: view.repeatInterval,
    escalation: view.escalation,
    digest: view.digest,
  },
});

export const maintenanceOf = ({
  name,
  matchers,
  windows,
  reason,
  startsAt,
  endsAt,
}: WrittenMaintenance): Defined & { kind: 'maintenance' } => ({
  kind: 'maintenance',
  name,
  definition: {
    name,
    matchers,
    windows,
    reason,
    ...(startsAt !== undefined && { startsAt }),
    ...(endsAt !== undefined && { endsAt }),
  },
});

export const scalerOf = (view: WrittenScaler): Defined & { kind: 'scaler' } => ({
  kind: 'scaler',
  name: `${view.deploymentId}/${view.name}`,
  definition: {
    deploymentId: view.deploymentId,
    name: view.name,
    isActive: view.isActive,
    target: view.target,
    series: view.series,
    selector: view.selector,
    aggregate: view.aggregate,
    window: view.window,
    ...('targetValue' in view ? { targetValue: view.targetValue } : { steps: view.steps }),
    min: view.min,
    max: view.max,
    scaleOutCooldown: view.scaleOutCooldown,
    scaleInCooldown: view.scaleInCooldown,
    scaleInProtection: view.scaleInProtection,
    ...(view.schedule && { schedule: view.schedule }),
  },
});

export const statusPageOf = (view: WrittenStatusPage): Defined & { kind: 'statusPage' } => ({
  kind: 'statusPage',
  name: view.slug,
  definition: writtenStatusPageOf(view),
});

export const policyOf = (view: WrittenPolicy): Defined & { kind: 'policy' } => ({
  kind: 'policy',
  name: view.name,
  definition: {
    name: view.name,
    is_active: view.is_active,
    selector: view.selector,
    ...(view.drift_remediation && { drift_remediation: view.drift_remediation }),
    ...(view.health_remediation && { health_remediation: view.health_remediation }),
    ...(view.cost_optimization && { cost_optimization: view.cost_optimization }),
    ...(view.compliance_remediation && { compliance_remediation: view.compliance_remediation }),
    windows: view.windows,
    limits: view.limits,
    brakes: view.brakes,
    exceptions: view.exceptions,
  },
});

/** What a configuration defines; `alerting` only where files say something of it. */
export type Definable = {
  readonly deployments: readonly DeploymentDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly channels?: readonly ChannelDefinition[];
  readonly alerting?: AlertingSettings | undefined;
  readonly maintenance?: readonly MaintenanceDefinition[];
  readonly rules?: readonly RuleDefinition[];
  readonly scalers?: readonly ScalerDefinition[];
  readonly statusPages?: readonly StatusPageDefinition[];
  readonly policies?: readonly PolicyDefinition[];
};

/** Each after what it may name: a check is refused while its deployment is not there, a rule while its channel is not, a scaling rule
 * while its deployment's resource is not, a status page while its checks are not. */
export const definedIn = (configuration: Definable): readonly Defined[] => {
  const { deployments, checks, channels = [], alerting, maintenance = [], rules = [] } = configuration;
  const { scalers = [], statusPages = [], policies = [] } = configuration;
  return [
    ...deployments.map(deploymentOf),
    ...checks.map(definedCheck),
    ...channels.map(channelOf),
    ...(alerting ? [settingsOf(writtenSettings(alerting))] : []),
    ...maintenance.map((one) => maintenanceOf(writtenMaintenance(one))),
    ...rules.map((rule) => ruleOf(writtenRuleOf(rule))),
    ...scalers.map((scaler) => scalerOf(writtenScalerOf(scaler))),
    ...statusPages.map(statusPageOf),
    ...policies.map((policy) => policyOf(writtenPolicyOf(policy))),
  ];
};
