import type { Clock } from '../../platform/clock.ts';
import type { Table } from '../../storage/table.ts';
import type { StatusPageDefinition, StatusPageRecord } from '../page.ts';
import { loadPageChecks, selectChecks } from '../select.ts';
import { loadStatusPage, loadStatusPages } from '../store.ts';
import { Bars } from './bars.ts';
import { openTimelines, readIncidents } from './incidents.ts';
import { Memory, type Remembered } from './memory.ts';
import type { PublicMonth, PublicPage } from './page-model.ts';
import { faceOf, labelsIn, limited, type PageReads, readPage } from './read-page.ts';
import { monthOf, monthPlus, monthStart } from './times.ts';

export type PublicReads = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly telemetry: Pick<Table, 'query' | 'batchGet'>;
  readonly clock: Clock;
  /** Told of what could not be read and was answered from before. */
  readonly onFault?: (error: Error) => void;
};

/** What a page shows is at most so old; caches before the function add their own half minute. */
const pageFreshMs = 30_000;
const monthFreshMs = 60_000;
/** Which checks there are: what was made public or private shows a minute later. */
const checksFreshMs = 60_000;
/** Nothing of an incident is kept longer after its end. */
const keptMs = 400 * 86_400_000;

export const isSlug = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,39}$/.test(text);
export const isMonth = (text: string): boolean => /^20\d\d-(0[1-9]|1[0-2])$/.test(text);

/** The published pages as a warm function knows them. Each method throws only what nothing from before stands in for. */
export type PublicPages = {
  /** Undefined: there is none, or it is not published. */
  page(slug: string): Promise<Remembered<PublicPage | undefined>>;
  /** `month`: `yyyy-mm`; the one that runs when undefined. Undefined also for a month of which nothing can be kept. */
  month(slug: string, month: string | undefined): Promise<Remembered<PublicMonth | undefined>>;
  /** All published pages, by name. */
  list(): Promise<Remembered<readonly StatusPageDefinition[]>>;
};

export const openPublicPages = (given: PublicReads): PublicPages => {
  const { state, clock, onFault } = given;
  const reads: PageReads = { ...given, bars: new Bars(), timelines: openTimelines(clock) };
  const memory = <T>(freshMs: number, most: number) => new Memory<T>({ clock, onFault, freshMs, most });
  // Names that are none are remembered too, apart from the pages, so that guessing them pushes no page out.
  const records = memory<StatusPageRecord | undefined>(pageFreshMs, 1000);
  const pages = memory<PublicPage>(pageFreshMs, 100);
  const months = memory<PublicMonth | undefined>(monthFreshMs, 200);
  const lists = memory<readonly StatusPageDefinition[]>(pageFreshMs, 1);
  const checks = memory<Awaited<ReturnType<typeof loadPageChecks>>>(checksFreshMs, 100);

  const recordOf = async (slug: string): Promise<StatusPageRecord | undefined> => {
    const { value } = await records.get(slug, () => loadStatusPage(state, slug));
    return value?.definition.isPublished ? value : undefined;
  };

  const selectedOf = async (name: string, definition: StatusPageDefinition) => {
    const { value, staleSince } = await checks.get(name, () => loadPageChecks(state, definition));
    // Of checks as they once were nobody knows whether they are still public.
    if (staleSince !== undefined) throw new Error('the checks of the page cannot be read');
    return selectChecks(definition, value);
  };

  return {
    async page(slug) {
      const record = isSlug(slug) ? await recordOf(slug) : undefined;
      if (!record) return { value: undefined };
      const { definition, revision } = record;
      const name = `${slug}@${revision}`;
      return pages.get(name, async () =>
        readPage(reads, definition, await selectedOf(name, definition), clock()),
      );
    },
    async month(slug, wanted) {
      const record = isSlug(slug) && isMonth(wanted ?? '2000-01') ? await recordOf(slug) : undefined;
      if (!record) return { value: undefined };
      const { definition, revision } = record;
      const name = `${slug}@${revision}`;
      const month = wanted ?? monthOf(clock(), definition.timeZone);
      return months.get(`${name} ${month}`, async () =>
        readMonth(reads, definition, await selectedOf(name, definition), { month, now: clock() }),
      );
    },
    list: () =>
      lists.get('all', async () =>
        (await loadStatusPages(state))
          .map(({ definition }) => definition)
          .filter(({ isPublished }) => isPublished)
          .sort((one, other) => (one.name < other.name ? -1 : 1)),
      ),
  };
};

const readMonth = async (
  { state, timelines }: PageReads,
  definition: StatusPageDefinition,
  selected: ReturnType<typeof selectChecks>,
  { month, now }: { readonly month: string; readonly now: number },
): Promise<PublicMonth | undefined> => {
  const face = faceOf(definition);
  const current = monthOf(now, face.timeZone);
  const first = monthOf(now - keptMs, face.timeZone);
  if (month > current || month < first) return undefined;
  const labels = labelsIn(limited(selected).groups);
  const from = monthStart(month, face.timeZone);
  const to = monthStart(monthPlus(month, 1), face.timeZone);
  const wanted = { slug: face.slug, labels, from, to, troubled: [] };
  return {
    face,
    month,
    ...(month > first && { before: monthPlus(month, -1) }),
    ...(month < current && { after: monthPlus(month, 1) }),
    incidents: await readIncidents(state, timelines, wanted, now),
    readAt: now,
  };
};
