import {
  resolveStatusPage,
  statusPageDefinitionSchema,
  type WrittenStatusPage,
} from '../status-pages/api.ts';
import { type Fields, withoutDefaults } from './lean.ts';

const resolve = (fields: Fields): unknown => resolveStatusPage(statusPageDefinitionSchema.parse(fields));

/** A page as a file says it. What a group takes stays whole: it is read beside the checks that it names. */
export const pageInFile = (page: WrittenStatusPage): Fields =>
  withoutDefaults({ ...page }, resolve, ['slug', 'name', 'groups']);
