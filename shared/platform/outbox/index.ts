export {
  asValue,
  type Outbox,
  type Pending,
  pendingOf,
  publishPending,
  tombstoneSeconds,
  unsentOf,
  withEvent,
} from './outbox.ts';
export { settled } from './settled.ts';
export { type Sweep, sweep } from './sweep.ts';
export { type Version, writeVersion } from './write.ts';
