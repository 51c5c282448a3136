/** Files that a bundle carries as text: `import page from './page.html' with { type: 'text' }`. */
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*/web/docs/docs.js' {
  const text: string;
  export default text;
}
declare module '*/web/docs/schema.js' {
  const text: string;
  export default text;
}
