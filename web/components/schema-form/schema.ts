/** A JSON Schema of 2020-12, as far as forms ask for it. */
export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly unknown[];
};

/** A schema with what its `#/components/schemas/…` references lead to: it needs nothing else. */
export type RootSchema = JsonSchema & {
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
};

/** What a reference leads to, with what stands beside it on top. */
export const resolved = (schema: JsonSchema, root: RootSchema): JsonSchema => {
  let found = schema;
  // A chain of references is short; one that leads to itself ends here.
  for (let depth = 0; found.$ref !== undefined && depth < 10; depth++) {
    const { $ref, ...beside } = found;
    const target = root.components?.schemas?.[$ref.split('/').at(-1) ?? ''];
    if (!target) return beside;
    found = { ...target, ...beside };
  }
  return found;
};

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
