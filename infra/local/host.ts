import type { LocalStack, RawTemplate } from './assembly.ts';
import type { BusEvent } from './events/bus.ts';
import type { CallRecord } from './gateway/access.ts';
import type { Faults } from './gateway/faults.ts';
import type { AwsAccount } from './gateway/pass-on.ts';
import type { QueueDepth } from './messaging/messaging.ts';
import { type Running, runWorld } from './running.ts';
import { createDriver } from './time/driver.ts';
import { durationMs, instantOf } from './time/duration.ts';
import { createUndo, type Undo } from './undo.ts';
import { localRegion, openWorld, type World } from './world.ts';

/** Something a person at the terminal should see. */
export type HostLine = {
  readonly level: 'info' | 'warn' | 'error';
  /** A function's short name, or the part of the host that speaks. */
  readonly source: string;
  readonly text: string;
};

export type HostOptions = {
  /** What `cdk synth` wrote. */
  readonly assemblyDir: string;
  /** Writes the assembly, or brings it up to date; called when folder and port are known to be free. */
  readonly prepare?: () => Promise<void>;
  /** Told of each step of the start. */
  readonly onStep?: (text: string) => void;
  /** Where everything is kept; undefined keeps all in memory. */
  readonly dataDir?: string;
  /** Of the HTTP API; 0 takes a free one, which is the default. */
  readonly port?: number;
  readonly host?: string;
  readonly clock?: 'real' | 'driven';
  /** Where a driven clock starts; the machine's now by default. After a restart: where the last one stood. */
  readonly startsAt?: number;
  /** Used instead of the generated admin token while this host runs. */
  readonly adminToken?: string;
  /** Whether ticks of the last two minutes are delivered at start; yes by default. */
  readonly catchUp?: boolean;
  /** Changes the template before it is hosted: what happens without this permission? */
  readonly patchTemplate?: (template: RawTemplate) => void;
  /** Breaks calls of functions to AWS: what happens when this one is throttled, lost, or the last one made? */
  readonly faults?: Faults;
  /** Answers what is not hosted here: the state of EC2 instances and the like, functions of the team's own. */
  readonly awsAccount?: AwsAccount | undefined;
  readonly onEvent?: (event: BusEvent) => void;
  readonly log?: (line: HostLine) => void;
  /** The host cannot go on; end the process. */
  readonly onBroken?: (error: Error) => void;
};

export type Host = {
  /** Where the HTTP API answers. */
  readonly url: string;
  /** The admin token. */
  readonly token: string;
  /** Where AWS SDK clients reach what is hosted, with credentials that may do everything. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly stack: LocalStack;
  now(): number;
  /** Which calls were made, which statement allowed each, and which were refused and why. */
  calls(): readonly CallRecord[];
  forgetCalls(): void;
  /** Invokes a function by its short name and gives what it returned; throws what it threw as `name: message`. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Waits until nothing is under way. Driven clock only, like the next two. */
  settle(): Promise<void>;
  /** Lets time pass: milliseconds, or `30s`, `5m`, `2h`. */
  advance(duration: number | string): Promise<void>;
  runUntil(instant: number | string): Promise<void>;
  /** Messages by the queue's physical name. */
  queues(): Promise<Readonly<Record<string, QueueDepth>>>;
  /** Bodies of the messages that lie in a queue, by physical name. */
  messagesIn(queueName: string): Promise<readonly string[]>;
  /**
   * Has made now what otherwise waits for the first request for a file of the console: custom resources. What fails is
   * told like any problem.
   */
  finishDeployment(): Promise<void>;
  /** Deletes what has expired now, and gives how many items went. */
  sweepExpired(): Promise<number>;
  /** Lets what is under way end, writes everything out and gives the folder back. */
  stop(): Promise<void>;
  /** Ends at once, in the middle of whatever is under way. */
  kill(): Promise<void>;
};

/** Hosts a synthesized stack on this machine until it is stopped. */
export const startHost = async (options: HostOptions): Promise<Host> => {
  const undo = createUndo();
  try {
    const world = await openWorld(options, undo);
    const running = await runWorld(world, options, undo);
    return hostOf(world, running, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
};

const hostOf = (world: World, running: Running, undo: Undo): Host => {
  const { clock, access, fleet, messaging, activity } = world;
  const driver = createDriver(clock, world.agenda, activity, messaging);
  const driven = async (move: () => Promise<void>): Promise<void> => {
    if (clock.kind !== 'driven') throw new Error('time is real here: start the host with clock: "driven"');
    return move();
  };
  return {
    url: world.api.url,
    token: world.adminToken(),
    aws: { endpoint: world.gateway.endpoint, region: localRegion, credentials: world.ownCredentials },
    stack: world.local,
    now: () => clock.now(),
    calls: () => access.calls(),
    forgetCalls: () => access.forgetCalls(),
    async invoke(functionName, event) {
      const pool = fleet.poolOf(functionName);
      if (!pool)
        throw new Error(
          `there is no function ${functionName}; there are ${fleet.functions.map(({ shortName }) => shortName).join(', ')}`,
        );
      const answer = await activity.during(pool.invoke(event));
      if ('error' in answer) throw new Error(`${answer.error.errorType}: ${answer.error.errorMessage}`);
      return answer.payload === undefined ? undefined : JSON.parse(answer.payload);
    },
    settle: () => driven(driver.settle),
    advance: (duration) => driven(() => driver.runUntil(clock.now() + durationMs(duration))),
    runUntil: (instant) => driven(() => driver.runUntil(instantOf(instant))),
    queues: () => messaging.depths(),
    messagesIn: (queueName) => messaging.peek(queueName),
    async finishDeployment() {
      await running.customResources.make();
    },
    sweepExpired: () => running.sweep(),
    async stop() {
      running.stopTaking();
      const answered = world.api.stop();
      await patience(activity.idle());
      await answered;
      await undo.all();
    },
    async kill() {
      running.stopTaking();
      await undo.all();
    },
  };
};

/** How long a stop waits for what is under way: a probe of a slow target, not a function that hangs. */
const stopPatienceMs = 5_000;

const patience = async (work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, stopPatienceMs);
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
};
