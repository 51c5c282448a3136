export { bearerIn, cacheMs, createAuthenticator } from './authenticate.ts';
