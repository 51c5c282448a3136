import type { Clock } from '../../platform/clock.ts';
import { sha256 } from '../../platform/ids.ts';
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
/** How long before or after an incident was opened the first of a page's systems may come to be affected by it. */
const joinedLateMs = 2 * 86_400_000;

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

  /**
   * What the page shows, and a name for it: what was read before stands in only for a page of the same checks, so that one
   * that is no longer public goes also while health cannot be read.
   */
  const selectionOf = async ({ definition, revision }: StatusPageRecord) => {
    const page = `${definition.slug}@${revision}`;
    const { value, staleSince } = await checks.get(page, () => loadPageChecks(state, definition));
    const selected = selectChecks(definition, value);
    const shown = selected.map((group) => group.shown.map(({ check }) => check.id));
    return {
      name: `${page} ${sha256(JSON.stringify(shown))}`,
      current: () => {
        // Of checks as they once were nobody knows whether they are still public.
        if (staleSince !== undefined) throw new Error('the checks of the page cannot be read');
        return selected;
      },
    };
  };

  return {
    async page(slug) {
      const record = isSlug(slug) ? await recordOf(slug) : undefined;
      if (!record) return { value: undefined };
      const { definition } = record;
      const { name, current } = await selectionOf(record);
      return pages.get(name, async () => readPage(reads, definition, current(), clock()));
    },
    async month(slug, wanted) {
      const record = isSlug(slug) && isMonth(wanted ?? '2000-01') ? await recordOf(slug) : undefined;
      if (!record) return { value: undefined };
      const { definition } = record;
      const { name, current } = await selectionOf(record);
      const month = wanted ?? monthOf(clock(), definition.timeZone);
      return months.get(`${name} ${month}`, async () =>
        readMonth(reads, definition, current(), { month, now: clock() }),
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
  // For the public it began when the first of the page's systems was affected, which may be days after it was opened.
  const span = { from: from - joinedLateMs, to: to + joinedLateMs };
  const found = await readIncidents(
    state,
    timelines,
    { slug: face.slug, labels, ...span, troubled: [] },
    now,
  );
  return {
    face,
    month,
    ...(month > first && { before: monthPlus(month, -1) }),
    ...(month < current && { after: monthPlus(month, 1) }),
    incidents: found.filter(({ startedAt }) => startedAt >= from && startedAt < to),
    readAt: now,
  };
};
