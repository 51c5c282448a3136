/** What services of AWS tell on the default bus of an account, and rules of the type `external` listen to. */
export const externalSources = {
  cloudwatch: { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
  guardduty: { source: ['aws.guardduty'], 'detail-type': ['GuardDuty Finding'] },
  securityhub: { source: ['aws.securityhub'], 'detail-type': ['Security Hub Findings - Imported'] },
  health: { source: ['aws.health'], 'detail-type': ['AWS Health Event'] },
} as const;
export type ExternalSource = keyof typeof externalSources;
export const externalSourceNames = Object.keys(externalSources) as readonly ExternalSource[];
