import type { HostLine } from '../host.ts';

/** Where lines go; colours only where a person looks. */
export type Terminal = {
  line(text: string): void;
  problem(text: string): void;
  readonly colours: boolean;
};

export const openTerminal = (): Terminal => {
  // Whoever read along has gone, a pager or a closed window: that ends no watching.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return {
    line: (text) => void process.stdout.write(`${text}\n`),
    problem: (text) => void process.stderr.write(`${text}\n`),
    colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
  };
};

const codes = { red: 31, green: 32, yellow: 33, dim: 90, bold: 1 } as const;
type Colour = keyof typeof codes;

export const painted = (terminal: Terminal, colour: Colour, text: string): string =>
  terminal.colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;

/** Control characters in what a target or a file says must not reach the terminal. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

const clockTime = (instant: number): string => new Date(instant).toTimeString().slice(0, 8);

const statusColours: Readonly<Record<string, Colour>> = {
  healthy: 'green',
  degraded: 'yellow',
  unhealthy: 'red',
  unknown: 'dim',
};

export type StatusChange = {
  readonly at: string;
  readonly deploymentId: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
};

/** `12:00:30  billing/api  healthy → unhealthy  3 failures in a row: connect ECONNREFUSED …`. */
export const statusLine = (terminal: Terminal, change: StatusChange): string => {
  const status = (name: string) => painted(terminal, statusColours[name] ?? 'dim', name);
  const who = painted(terminal, 'bold', plain(`${change.deploymentId}/${change.name}`));
  const reason = change.reason ? `  ${plain(change.reason)}` : '';
  return `${clockTime(Date.parse(change.at))}  ${who}  ${status(change.from)} → ${status(change.to)}${reason}`;
};

export const hostLine = (terminal: Terminal, { level, source, text }: HostLine, now: number): string => {
  const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
  return `${clockTime(now)}  ${painted(terminal, colour, source)}  ${plain(text)}`;
};

/** One line a step of the start, with how long it took. */
export const createSteps = (terminal: Terminal): ((text: string) => void) => {
  let since = performance.now();
  return (text) => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    since = performance.now();
    terminal.line(
      `  ${painted(terminal, 'green', '✓')} ${text.padEnd(48)} ${painted(terminal, 'dim', `${seconds} s`)}`,
    );
  };
};
