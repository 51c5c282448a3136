/** The part of rollups that their function needs; uptime reads the rest. */
export { type RolledUp, rollUp } from './roll-up.ts';
export type { RollupTools } from './roll-up-shard.ts';
