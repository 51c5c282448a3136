export { noteChange } from './note.ts';
export { noteAudit } from './note-audit.ts';
export type { Topic } from './topics.ts';
