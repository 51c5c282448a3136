/** What the API function and the command line need of findings, schemas included; never on a lean function's path. */
export {
  findingDetailsSchema,
  findingIdSchema,
  findingKindSchema,
  findingViewSchema,
  type ToldFindings,
  toldFindingsSchema,
} from './model.ts';
export { viewFinding } from './view.ts';
