import { type ConnectionOptions, connect } from '../connection.ts';
import { type Cell, type Colour, printable, say, sayJson, table } from '../output.ts';
import { ago, textCell } from './columns.ts';

type Release = {
  readonly id: string;
  readonly version: string;
  readonly state: 'began' | 'finished' | 'confirmed' | 'failed' | 'rolled_back' | 'superseded';
  readonly reason: string;
  readonly window: number;
  readonly beganAt: string;
  readonly finishedAt: string | null;
  readonly endedAt: string | null;
  readonly by: string;
};

const pathOf = (deployment: string): string =>
  `/api/v1/monitoring/deployments/${encodeURIComponent(deployment)}/releases`;

export type TellOptions = ConnectionOptions & {
  readonly window?: string;
  readonly maxBurnRate?: string;
  readonly sloTarget?: string;
  readonly json?: boolean;
};

/** A number as JSON has it; what is none goes as it is, and the API says what is wrong with it. */
const numberIn = (text: string): number | string => {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
};

const tell =
  (state: 'began' | 'finished') =>
  async (deployment: string, version: string, options: TellOptions): Promise<void> => {
    const { window, maxBurnRate, sloTarget } = options;
    const body = {
      version,
      state,
      ...(window !== undefined && { window }),
      ...(maxBurnRate !== undefined && { maxBurnRate: numberIn(maxBurnRate) }),
      ...(sloTarget !== undefined && { sloTarget: numberIn(sloTarget) }),
    };
    // Told twice it is as if told once, so an answer that was lost may be asked for again.
    const release = await connect(options).request<Release>('POST', pathOf(deployment), { body });
    if (options.json) return sayJson(release);
    return say(`${printable(`${deployment} ${release.version}`)}: ${printable(release.reason)}.`);
  };

/** Before anything changes: what runs now is what a rollback goes back to. */
export const releaseBegan = tell('began');
/** After everything changed: its checks are watched from now on. */
export const releaseFinished = tell('finished');

const colours: Readonly<Record<Release['state'], Colour>> = {
  began: 'yellow',
  finished: 'yellow',
  confirmed: 'green',
  failed: 'red',
  rolled_back: 'red',
  superseded: 'grey',
};

export type ListOptions = ConnectionOptions & { readonly json?: boolean };

/** The newest first. */
export const listReleases = async (
  deployment: string,
  { json, ...connection }: ListOptions,
): Promise<void> => {
  const query = { limit: '20' };
  const { items } = await connect(connection).request<{ items: Release[] }>('GET', pathOf(deployment), {
    query,
  });
  if (json) return sayJson(items);
  if (items.length === 0) return say(`No release of ${printable(deployment)} was told.`);
  const now = Date.now();
  return say(
    table(
      ['VERSION', 'STATE', 'BEGAN', 'BY', 'WHY'],
      items.map((one) => rowOf(one, now)),
    ),
  );
};

const rowOf = ({ version, state, beganAt, by, reason }: Release, now: number): readonly Cell[] => [
  textCell(version, 40),
  { text: state.replace('_', ' '), colour: colours[state] },
  { text: ago(beganAt, now) },
  textCell(by, 30),
  textCell(reason, 100),
];
