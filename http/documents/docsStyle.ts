/**
 * How the description looks: calm text beside a list of contents that stays, in the colours that the reader's system has.
 */
export const docsStyle = `
:root{color-scheme:light dark;--text:#1f2328;--quiet:#59636e;--ground:#fff;--raised:#f6f8fa;--line:#d8dee4;--accent:#0a58ca;
--get:#0f6b36;--post:#8a4600;--delete:#b3261e}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--quiet:#9aa4af;--ground:#0f1319;--raised:#171c24;--line:#2b323b;
--accent:#79b8ff;--get:#63cf8b;--post:#f0b35f;--delete:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;display:grid;grid-template-columns:20rem minmax(0,1fr);background:var(--ground);color:var(--text);
font:0.9375rem/1.6 system-ui,sans-serif}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:0.875em}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:1.5rem;border-right:1px solid var(--line);background:var(--raised)}
nav .brand{margin:0 0 1rem;font-weight:600}
nav h2{margin:1.25rem 0 0.25rem;font-size:0.75rem;letter-spacing:0.04em;text-transform:uppercase;color:var(--quiet)}
nav ul{margin:0;padding:0;list-style:none}
nav li a{display:block;padding:0.125rem 0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:inherit;font-size:0.8125rem}
main{padding:2.5rem clamp(1rem,4vw,4rem) 6rem;max-width:64rem}
h1{margin:0 0 0.5rem;font-size:1.75rem;line-height:1.2}
main h2{margin:3rem 0 0;font-size:1.125rem;text-transform:capitalize}
article{padding:1.5rem 0;border-bottom:1px solid var(--line);scroll-margin-top:0.5rem}
h3{margin:0;font-size:1rem;font-weight:600;overflow-wrap:anywhere}
.verb{display:inline-block;min-width:3.25rem;font:600 0.6875rem/1 ui-monospace,monospace;letter-spacing:0.03em}
.get{color:var(--get)}.post{color:var(--post)}.delete{color:var(--delete)}
.token{margin-left:0.75rem;padding:0.0625rem 0.5rem;border:1px solid var(--line);border-radius:1rem;font-size:0.6875rem;
font-weight:400;color:var(--quiet)}
.summary{margin:0.25rem 0 0.5rem;font-weight:500}
table{width:100%;margin:0.75rem 0;border-collapse:collapse;font-size:0.875rem}
caption,summary{padding:0.25rem 0;text-align:left;color:var(--quiet);font-size:0.8125rem}
summary{cursor:pointer}
th,td{padding:0.375rem 0.75rem 0.375rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{width:11rem;font-weight:500}
pre{margin:0.75rem 0 0;padding:0.75rem 1rem;overflow-x:auto;border:1px solid var(--line);border-radius:0.375rem;background:var(--raised)}
@media (max-width:56rem){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid var(--line)}}
`
