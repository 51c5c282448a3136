export { SchemaForm, type SchemaFormProps } from './form.tsx';
export type { JsonSchema, RootSchema } from './schema.ts';
export { bodyFrom, withoutDefaults } from './value.ts';
