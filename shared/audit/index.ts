/** Who wrote what, free of schemas: what every verb that writes needs, and the evaluator, which keeps it. */
export { type Change, recorded } from './recorded.ts';
export { keepAudit } from './store.ts';
