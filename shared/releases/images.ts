import type { DeploymentDefinition } from '../catalog/index.ts';
import type { FunctionClient } from '../platform/aws/function.aws.ts';
import { invokeReader, type Params, type WantedResource } from '../remediation/index.ts';
import type { ReleaseImage } from './release.ts';

/** What is rolled back by an action of Homeostat's own, and what of its image leads back there. */
const ways: Readonly<
  Record<string, { readonly kind: 'ecs-rollback' | 'lambda-alias'; readonly back: readonly string[] }>
> = {
  'ecs-service': { kind: 'ecs-rollback', back: ['taskDefinition'] },
  'lambda-alias': { kind: 'lambda-alias', back: ['version', 'weights'] },
};

/** The parts of an image that the action takes as its parameters. */
const partsOf = (image: Params, names: readonly string[]): Params =>
  Object.fromEntries(Object.entries(image).filter(([name]) => names.includes(name)));

/** What each resource is now, which a rollback would go back to; what cannot be read is left out. */
export const readImages = async (
  planner: Pick<FunctionClient, 'invoke'>,
  { deploymentId, resources = [] }: Pick<DeploymentDefinition, 'deploymentId' | 'resources'>,
  onTrouble: (what: string, error: Error) => void,
): Promise<readonly ReleaseImage[]> => {
  const images = await Promise.all(
    resources.map(async ({ name, type }): Promise<readonly ReleaseImage[]> => {
      const way = ways[type];
      if (!way) return [];
      try {
        const read = await invokeReader(planner, { deploymentId, resource: name, kind: way.kind });
        return 'image' in read ? [{ resource: name, kind: way.kind, image: JSON.stringify(read.image) }] : [];
      } catch (error) {
        // A release must not wait for it: without it the action finds what was before by itself, or people look.
        onTrouble(`what ${name} is now was not read`, error as Error);
        return [];
      }
    }),
  );
  return images.flat();
};

/** What a rollback would change, each with where it goes back to. What is opted out, or was not read, is left out. */
export const wantedOf = (images: readonly ReleaseImage[]): readonly WantedResource[] =>
  images.flatMap(({ resource, kind, image }) => {
    const way = Object.values(ways).find((one) => one.kind === kind);
    return way ? [{ resource, kind: way.kind, params: partsOf(JSON.parse(image) as Params, way.back) }] : [];
  });
