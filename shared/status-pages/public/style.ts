/*
 * The one style of all public pages; its hash is what the policy allows. Colors of text keep a contrast of at least 4.5
 * to their ground, those of bars and marks of at least 3; every state also has a shape and a word of its own.
 */
export const style = `
:root{color-scheme:light dark;--ground:light-dark(#f6f7f9,#101418);--surface:light-dark(#fff,#181d23);--line:light-dark(#dfe3e8,#2e363f);--text:light-dark(#1a2129,#e6eaee);--soft:light-dark(#535f6c,#a3afbb);--link:light-dark(#0f6b64,#45d6c2);--operational:light-dark(#15803d,#4ade80);--degraded:light-dark(#a15c00,#fbbf24);--down:light-dark(#c0262d,#ff8585);--maintenance:light-dark(#1d5fb4,#7db6ff);--unknown:light-dark(#586472,#a0acb9);--accent:#0f766e;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);border-top:4px solid var(--accent)}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-100rem;padding:.5rem 1rem;background:var(--surface)}
.skip:focus{left:.5rem;top:.5rem}
header,main,footer{max-width:56rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;padding-top:1.75rem}
header img{display:block;max-height:3rem;max-width:12rem}
h1{margin:0;font-size:1.5rem;letter-spacing:-.015em;line-height:1.25;overflow-wrap:anywhere}
header nav{margin-left:auto;display:flex;flex-wrap:wrap;gap:0 1.25rem}
header nav a,footer a{display:inline-block;padding:.35rem 0}
.about{flex-basis:100%;margin:.25rem 0 0;color:var(--soft);overflow-wrap:anywhere}
h2{margin:2.5rem 0 .75rem;font-size:1.15rem;overflow-wrap:anywhere}
h3{margin:0;font-size:1rem;overflow-wrap:anywhere}
p{margin:.25rem 0}
.soft{color:var(--soft)}
.banner{display:flex;align-items:center;gap:.75rem;margin:1.5rem 0 0;padding:1rem 1.25rem;border:1px solid currentColor;border-left-width:.5rem;border-radius:.6rem;background:var(--surface);font-size:1.2rem;font-weight:650}
.banner .mark{width:1.6rem;height:1.6rem}
.stale{margin:1rem 0 0;padding:.75rem 1.25rem;border:1px dashed var(--degraded);border-radius:.6rem;background:var(--surface)}
.operational{color:var(--operational)}.degraded{color:var(--degraded)}.down{color:var(--down)}.maintenance{color:var(--maintenance)}.unknown{color:var(--unknown)}
.mark{flex:none;width:1.05rem;height:1.05rem;vertical-align:-.15em}
.card,.list{border:1px solid var(--line);border-radius:.6rem;background:var(--surface)}
.list{margin:0;padding:0;list-style:none}
.list>li{padding:1rem 1.25rem}
.list>li+li{border-top:1px solid var(--line)}
.card{margin:0 0 1rem;padding:1rem 1.25rem}
.top{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.1rem 1rem}
.top h3{flex:1 1 9rem}
.state{font-weight:600;white-space:nowrap}
.bars{display:flex;gap:2px;height:2.25rem;margin:.6rem 0 .3rem;align-items:flex-end}
.bars i{flex:1 1 0;min-width:1px;height:100%;border-radius:2px;background:var(--operational)}
.bars .p{background:linear-gradient(to top,var(--degraded) 45%,transparent 45% 52%,var(--degraded) 52%)}
.bars .d{background:repeating-linear-gradient(135deg,var(--down) 0 4px,color-mix(in srgb,var(--down) 55%,var(--surface)) 4px 6px)}
.bars .m{height:70%;background:var(--maintenance)}
.bars .n{height:30%;background:none;border:1px solid var(--unknown)}
.bars .h{background:linear-gradient(to top,transparent 0 35%,var(--operational) 35%);border:1px solid var(--operational)}
.ends{display:flex;align-items:baseline;justify-content:space-between;gap:1rem;font-size:.85rem;color:var(--soft)}
.ends>:first-child,.ends>:last-child{white-space:nowrap}
.few{display:none}
details{margin-top:.4rem;font-size:.9rem}
summary{color:var(--soft);cursor:pointer;padding:.2rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.4rem 0}
th,td{padding:.2rem 1.25rem .2rem 0;text-align:left;font-weight:400;border-bottom:1px solid var(--line)}
thead th{color:var(--soft)}
.incident{border-left:.35rem solid var(--unknown)}
.incident.is-open{border-left-color:var(--down)}
.incident.is-over{border-left-color:var(--operational)}
.planned{border-left:.35rem solid var(--maintenance)}
.updates{margin:.75rem 0 0;padding:0;list-style:none}
.updates li{padding:.35rem 0}
.updates b{margin-right:.4rem}
.said{white-space:pre-line;overflow-wrap:anywhere}
time{white-space:nowrap}
.day{margin:1.25rem 0 .5rem;font-size:1rem;font-weight:600}
.list h2{margin:0;font-size:1.05rem}
header+main>.list,header+main>p:first-child{margin-top:1rem}
footer{margin-top:3rem;padding-bottom:2.5rem;color:var(--soft);font-size:.9rem}
footer p{margin:.35rem 0}
footer nav,.pages{display:flex;flex-wrap:wrap;gap:0 1.25rem}
@media(max-width:40rem){header nav{margin-left:0;flex-basis:100%}.bars{gap:3px}.ends{flex-wrap:wrap;gap:0 1rem}.ends>:nth-child(2){order:-1;flex-basis:100%}.bars i:nth-child(-n+60){display:none}.many{display:none}.few{display:inline}.banner{font-size:1.05rem;padding:.85rem 1rem}.card,.list>li{padding:.85rem 1rem}}
@media print{body{background:#fff;color:#000}header nav,footer nav,.skip,.pages{display:none}.card,.list>li{break-inside:avoid}.bars i,.banner{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media(forced-colors:active){.bars i{forced-color-adjust:none}}
`;
