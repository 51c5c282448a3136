/**
 * On one machine the account and region of the stack stand for those of the account that calls are passed on to:
 * policies of the template name the former, plans and configurations the latter. Of a call that is passed on both sides
 * are compared as if they named the former.
 */
export type StandIn = {
  arn(text: string): string;
  /** The policy with every ARN in it seen so. */
  policy(document: unknown): unknown;
};

type Home = { readonly accountId: string; readonly region: string };

export const createStandIn = (home: Home, region: string | undefined): StandIn => {
  const documents = new WeakMap<object, unknown>();

  const arn = (text: string): string => {
    const [prefix, partition, service, itsRegion, account, ...rest] = text.split(':');
    if (prefix !== 'arn' || rest.length === 0) return text;
    const seen = [
      prefix,
      partition,
      service,
      itsRegion === region ? home.region : itsRegion,
      /^\d{12}$/.test(account ?? '') ? home.accountId : account,
      ...rest,
    ].join(':');
    // Calls name a group of Auto Scaling by its name, which is unique; the id in its ARN nobody tells here.
    return seen.replace(
      /:autoScalingGroup:[^:]*:autoScalingGroupName\//,
      ':autoScalingGroup:*:autoScalingGroupName/',
    );
  };
  const mapped = (value: unknown): unknown => {
    if (typeof value === 'string') return arn(value);
    if (Array.isArray(value)) return value.map(mapped);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner)]));
  };
  return {
    arn,
    policy(document) {
      if (typeof document !== 'object' || document === null) return document;
      const known = documents.get(document) ?? mapped(document);
      documents.set(document, known);
      return known;
    },
  };
};
