import type { Named } from '../arns.ts';

export type Identity = (named: Named) => string;

/** Ref, and the attributes of Fn::GetAtt by name. */
export type ResourceType = {
  readonly ref: Identity;
  readonly attributes?: Readonly<Record<string, Identity>>;
};

export type ResourceTypes = Readonly<Record<string, ResourceType>>;
