import type { StatusPageDefinition } from './page.ts';

/** As people write it, over the API and in a file alike. */
export type WrittenStatusPage = StatusPageDefinition;

/** The definition alone, from what has more fields: a view tells what a group shows. */
export const writtenStatusPageOf = (view: StatusPageDefinition): WrittenStatusPage => {
  const { slug, name, description, logoUrl, homeUrl, supportUrl, accentColor, timeZone, isPublished } = view;
  return {
    slug,
    name,
    ...(description !== undefined && { description }),
    ...(logoUrl !== undefined && { logoUrl }),
    ...(homeUrl !== undefined && { homeUrl }),
    ...(supportUrl !== undefined && { supportUrl }),
    ...(accentColor !== undefined && { accentColor }),
    timeZone,
    isPublished,
    groups: view.groups.map((group) => ({
      name: group.name,
      ...(group.description !== undefined && { description: group.description }),
      ...(group.checks && { checks: group.checks }),
      ...(group.deploymentId !== undefined && { deploymentId: group.deploymentId }),
      ...(group.tag !== undefined && { tag: group.tag }),
    })),
  };
};

/** An image inside the address would fill the audit's record, which then would keep nothing of the page. */
export const shownInAudit = (definition: StatusPageDefinition): WrittenStatusPage => {
  const { logoUrl, ...written } = writtenStatusPageOf(definition);
  return { ...written, ...(logoUrl !== undefined && { logoUrl: briefly(logoUrl) }) };
};

const briefly = (url: string): string =>
  url.startsWith('data:') ? `${url.slice(0, url.indexOf(',') + 1)}… (${url.length} characters)` : url;
