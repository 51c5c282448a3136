/**
 * Replaces Date in a worker by one that reads the host's driven time from shared memory. Only `new Date()`,
 * `Date()` and `Date.now()` change; timers, sockets and `performance.now` stay real, so that a deadline is a deadline.
 */
export const installDrivenDate = (shared: SharedArrayBuffer): void => {
  const cell = new BigInt64Array(shared);
  const now = (): number => Number(Atomics.load(cell, 0));
  const RealDate = Date;

  const construct = (args: unknown[], newTarget: abstract new (...rest: never[]) => unknown): object =>
    Reflect.construct(RealDate, args.length === 0 ? [now()] : args, newTarget);

  globalThis.Date = new Proxy(RealDate, {
    construct: (_target, args, newTarget) => construct(args, newTarget as never),
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
};
