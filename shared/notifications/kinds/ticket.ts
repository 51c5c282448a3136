import { NotSent, type Outgoing, type Sent } from './kind.ts';

/** A tracker, as far as an incident needs it. A ticket goes by what the tracker calls it, which is the thread. */
export type Tracker = {
  /** The ticket that an earlier try made although its answer never came. `isTold`: it was made by this announcement. */
  find(): Promise<{ readonly ticket: string; readonly isTold: boolean } | undefined>;
  create(): Promise<string>;
  /** Throws TicketGone. */
  comment(ticket: string): Promise<void>;
  /** Doing it twice does no harm. Throws TicketGone. */
  close(ticket: string): Promise<void>;
  /** Of an incident that fires again. Doing it twice does no harm. Throws TicketGone. */
  reopen(ticket: string): Promise<void>;
};

/** `isCertain`: it was deleted, rather than out of the token's sight. */
export class TicketGone extends NotSent {
  override name = 'TicketGone';
  readonly isCertain: boolean;

  constructor(reason: string, isCertain: boolean) {
    super(reason, { isFinal: true });
    this.isCertain = isCertain;
  }
}

/**
 * One ticket an incident: opened by the first announcement, commented by the following ones, closed by the resolution. Its
 * state changes before the comment is written, so that a try that ended in between says nothing twice.
 */
export const tellTicket = async (
  { announcement: { kind, status }, thread }: Outgoing,
  tracker: Tracker,
): Promise<Sent> => {
  const found = thread === undefined ? await tracker.find() : { ticket: thread, isTold: false };
  if (kind === 'test' || kind === 'digest') {
    // Nothing would ever end them.
    const ticket = found?.ticket ?? (await tracker.create());
    await tracker.close(ticket);
    // A test shows that all of it is allowed.
    if (kind === 'test') await tracker.comment(ticket);
    return { thread: ticket };
  }
  const isOver = status === 'resolved';
  // Whoever was never told that it began has nothing to close.
  if (!found) return isOver ? {} : { thread: await tracker.create() };
  if (found.isTold) return { thread: found.ticket };
  try {
    if (isOver) await tracker.close(found.ticket);
    else if (kind === 'firing') await tracker.reopen(found.ticket);
    await tracker.comment(found.ticket);
    return { thread: found.ticket };
  } catch (error) {
    if (!(error instanceof TicketGone)) throw error;
    if (!isOver) return { thread: await tracker.create() };
    if (error.isCertain) return {};
    throw error;
  }
};
