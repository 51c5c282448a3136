import { useQuery } from '@tanstack/preact-query';
import type { OperationId } from './call.ts';
import { Problem, problemOf, unreachable } from './problem.ts';

type Json = { readonly [name: string]: unknown };
type Operation = {
  readonly operationId?: string;
  readonly requestBody?: {
    readonly content?: { readonly 'application/json'?: { readonly schema?: Json } };
  };
};
type OpenApi = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Json>> };
};

const readDocument = async (signal: AbortSignal): Promise<OpenApi> => {
  let response: Response;
  try {
    response = await fetch('openapi.json', { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => undefined));
  return (await response.json()) as OpenApi;
};

/** The body that an operation takes as a JSON Schema of its own, with the components that it refers to. */
export const bodySchemaOf = (document: OpenApi, id: OperationId): Json => {
  const operation = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .find(({ operationId }) => operationId === id);
  const schema = operation?.requestBody?.content?.['application/json']?.schema;
  if (!schema) throw new Problem(0, 'UNREADABLE', `Homeostat does not say what ${id} takes.`);
  return { ...schema, components: document.components };
};

const documentKey = ['openapi'] as const;

/**
 * The JSON Schema of the body of an operation, from the API's own description: `useOperationSchema('createCheck')`.
 * The description is read once, for all of them; give the schema to `SchemaForm` as it is.
 */
export const useOperationSchema = (id: OperationId) =>
  useQuery<OpenApi, Error, Json>({
    queryKey: documentKey,
    queryFn: ({ signal }) => readDocument(signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
    select: (document) => bodySchemaOf(document, id),
  });
