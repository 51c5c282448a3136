/** The colours are those of web/design/tokens.css, which the API function does not carry. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #101418);
  --surface: light-dark(#ffffff, #181d23);
  --line: light-dark(#dfe3e8, #2b323a);
  --text: light-dark(#1a2129, #e6eaee);
  --soft: light-dark(#586472, #98a4b1);
  --accent: light-dark(#0f766e, #2dd4bf);
  --on-accent: light-dark(#ffffff, #06201d);
  --warning: light-dark(#a15c00, #fbbf24);
  --error: light-dark(#c0262d, #ff8080);
  font: 16px / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
main { max-width: 36rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
.brand { margin: 0 0 1.5rem; color: var(--accent); font-weight: 600; letter-spacing: 0.01em; }
h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 0 0 0.25rem; font-size: 1.05rem; line-height: 1.35; }
p { margin: 0 0 0.75rem; }
.soft { color: var(--soft); font-weight: 400; }
section {
  --mark: var(--soft);
  margin: 1.25rem 0;
  padding: 1rem 1.15rem;
  background: var(--surface);
  border: 1px solid var(--line);
  border-left: 4px solid var(--mark);
  border-radius: 0.5rem;
}
section.warning { --mark: var(--warning); }
section.error, section.critical { --mark: var(--error); }
section > :last-child { margin-bottom: 0; }
.marks { color: var(--soft); font-size: 0.9rem; }
.severity { color: var(--mark); font-weight: 600; }
.marks span + span::before { content: "· "; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0 0 0.75rem; font-size: 0.95rem; }
dt { color: var(--soft); }
dd { margin: 0; }
ul { margin: 0 0 0.75rem; padding: 0; list-style: none; border-top: 1px solid var(--line); }
li { padding: 0.5rem 0; border-bottom: 1px solid var(--line); font-size: 0.95rem; }
li:last-child { border-bottom: 0; padding-bottom: 0; }
li span { display: block; color: var(--soft); }
h3 { margin: 0 0 0.5rem; font-size: 1rem; line-height: 1.4; }
main > h2 { margin: 1.5rem 0 0; }
section.risk-medium { --mark: var(--warning); }
section.risk-high { --mark: var(--error); }
.changes { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
thead th { border-top: 0; color: var(--soft); }
tbody th, tbody td { color: var(--soft); }
td, th { overflow-wrap: break-word; }
.changed th, .changed td { color: var(--text); }
.changed td:last-child { font-weight: 600; }
form + form { margin-top: 1.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
label { display: block; margin-bottom: 0.35rem; }
input {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  font: inherit;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
}
.asks { margin: 1rem 0 -0.6rem; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.6rem; margin-top: 1rem; }
button {
  flex: 1 1 6rem;
  min-height: 2.75rem;
  padding: 0.5rem;
  font: inherit;
  font-weight: 600;
  color: var(--on-accent);
  background: var(--accent);
  border: 0;
  border-radius: 0.5rem;
  cursor: pointer;
}
button.reject { color: var(--error); background: transparent; border: 1px solid var(--error); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
