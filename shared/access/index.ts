export { bearerIn, cacheMs, createAuthenticator } from './authenticate.ts';
export { tokenNameOf } from './token-name.ts';
