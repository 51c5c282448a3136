import type { Schemas } from '../../client/operations.ts';

export type StatusPage = Schemas['StatusPageView'];

/** The fields that a person writes, as a body of `replaceStatusPage` takes them. */
export const statusPageBodyOf = (page: StatusPage): Record<string, unknown> => {
  const {
    id: _id,
    managedBy: _managedBy,
    revision: _revision,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    ...written
  } = page;
  return { ...written, groups: page.groups.map(({ shown: _shown, hidden: _hidden, ...group }) => group) };
};

/** What the page names and nobody sees, and why: `web-shop / checkout is not public`. */
export const hiddenText = ({ groups }: Pick<StatusPage, 'groups'>): readonly string[] =>
  groups.flatMap(({ hidden }) =>
    hidden.map(({ deploymentId, name, why }) => `${deploymentId} / ${name} is ${why}`),
  );
