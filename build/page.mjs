// Makes the page: one document with its script and style inside, so that it needs nothing but the server it came from.
// The server works out its content security policy from the document, so nothing here has to agree with it.
import { build } from "esbuild"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"))

/** What one document may weigh: as it is, and compressed. */
const maxBytes = 300 * 1024
const maxCompressedBytes = 100 * 1024

/** What comes out of an entry, minified. */
const bundled = async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [`${root}http/page/${entry}`],
    // Nothing is written there; without it the style would have no output of its own.
    outdir: `${root}dist/http`,
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    // An icon or a font becomes part of the document.
    loader: { ".svg": "dataurl", ".woff2": "dataurl" },
    define: { PLASMITE_VERSION: JSON.stringify(version), "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "warning"
  })
  return outputFiles
}

/** The content of an element: nothing in it may end the element, or begin what HTML reads as a comment. */
const outputOf = (outputFiles, ending, element) => {
  const text = outputFiles
    .filter(({ path }) => path.endsWith(ending))
    .map(({ text }) => text.trim())
    .join("\n")
  const breaksOut = new RegExp(`</${element}|<!--|<script`, "i").exec(text)
  if (breaksOut === null) return text
  throw new Error(`the page's ${element} contains ${breaksOut[0]}: …${text.substr(breaksOut.index - 40, 80)}…`)
}

const place = (document, mark, content) => {
  if (!document.includes(mark)) throw new Error(`http/page/index.html has no ${mark}`)
  return document.replace(mark, () => content)
}

let document = await readFile(`${root}http/page/index.html`, "utf8")
const [early, main] = await Promise.all([bundled("early.ts"), bundled("main.tsx")])
document = place(document, "<!-- early -->", `<script>${outputOf(early, ".js", "script")}</script>`)
document = place(document, "<!-- style -->", `<style>${outputOf(main, ".css", "style")}</style>`)
document = place(document, "<!-- script -->", `<script>${outputOf(main, ".js", "script")}</script>`)

const bytes = Buffer.byteLength(document)
const compressedBytes = gzipSync(document, { level: 9 }).length
if (bytes > maxBytes || compressedBytes > maxCompressedBytes) {
  throw new Error(
    `the page has ${bytes} bytes, ${compressedBytes} compressed; allowed: ${maxBytes}, ${maxCompressedBytes}`
  )
}
await mkdir(`${root}dist/http`, { recursive: true })
await writeFile(`${root}dist/http/page.html`, document)
