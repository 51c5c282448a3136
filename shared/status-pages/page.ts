import type { NamedRecord } from '../catalog/index.ts';

/** A check that a page shows by name, under what the public reads in place of its name. */
export type ShownCheck = {
  readonly deploymentId: string;
  readonly name: string;
  readonly label?: string | undefined;
};

/**
 * A heading with checks under it: first `checks`, in this order, then by name those that pass `deploymentId` and `tag`,
 * each of which narrows what the other leaves; with neither, no others. At least one of the three is there.
 */
export type StatusPageGroup = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly checks?: readonly ShownCheck[] | undefined;
  readonly deploymentId?: string | undefined;
  /** `name:value`, or `name` for any value. */
  readonly tag?: string | undefined;
};

/** What a page shows, and how it looks. All of it is public once the page is published: names, labels, descriptions, links. */
export type StatusPageDefinition = {
  /** Its path `/status/<slug>`, and its id. */
  readonly slug: string;
  readonly name: string;
  readonly description?: string | undefined;
  /** `https:`, or an image as `data:`. Only ever the `src` of an `<img>`, where no script of an SVG runs. */
  readonly logoUrl?: string | undefined;
  readonly homeUrl?: string | undefined;
  /** `https:`, `http:` or `mailto:`. */
  readonly supportUrl?: string | undefined;
  /** `#rrggbb`, in small letters. */
  readonly accentColor?: string | undefined;
  /** In which the page tells days and times. */
  readonly timeZone: string;
  readonly isPublished: boolean;
  readonly groups: readonly StatusPageGroup[];
};

/** A page as it is kept; `id` is its slug. */
export type StatusPageRecord = NamedRecord<StatusPageDefinition>;
