export { bearerIn, cacheMs, createAuthenticator } from './authenticate.ts';
export { isTokenName, tokenNameOf } from './token-name.ts';
