// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
