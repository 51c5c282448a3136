/** Status pages without their schemas: what the function that shows them needs, free of zod. */
export { statusPageKind, statusPagesPath } from './kind.ts';
export type { ShownCheck, StatusPageDefinition, StatusPageGroup, StatusPageRecord } from './page.ts';
export {
  type HiddenCheck,
  loadPageChecks,
  type SelectedCheck,
  type SelectedGroup,
  selectChecks,
} from './select.ts';
export { loadStatusPage, loadStatusPages } from './store.ts';
