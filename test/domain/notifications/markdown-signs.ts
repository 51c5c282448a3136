/**
 * What in a Markdown text would be more than text, when our own links, emphasis and list marks are taken away: signs that
 * no backslash stands before (https://spec.commonmark.org/0.31.2/#backslash-escapes), and names that notify.
 */
export const liveIn = (markdown: string): readonly string[] => {
  const rest = markdown
    .replace(/\]\(https?:\/\/[^()<>\s]*\)/g, ']')
    .replace(/\[(Open incident|Acknowledge|Silence|Runbook)\]/g, '')
    .replace(/^<!-- [\w%.!~'()*-]* -->$/gm, '')
    .replace(/^- \*\*(.*)\*\* \(\w+, \w+\)$/gm, '$1')
    .replace(/^\*\*(\S+ [A-Za-z ]+, \w+)\*\*$/gm, '$1')
    .replace(/^ {2}value [-+.\de]+,/gm, '')
    .replace(/^- /gm, '');
  const unescaped = rest.replace(/\\[!-/:-@[-`{-~]/g, '');
  return [
    ...(unescaped.match(/[\\`*_{}[\]<>()#+!|~&$]/g) ?? []),
    ...(unescaped.match(/\bhttps?:\/\//gi) ?? []),
    ...(rest.replace(/\\(?=[!-/:-@[-`{-~])/g, '').match(/[@#][A-Za-z0-9_]|\bGH-\d/gi) ?? []),
  ];
};
