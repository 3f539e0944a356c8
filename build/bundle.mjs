// Makes the programs: minified bundles of the command line and everything it needs but the two packages that carry
// binaries (koffi, jq-wasm). The launcher reads the command line and loads what it takes: the
// append of one message, the quick commands, or the whole program. The grammar that the launcher reads by is that of the tree of commands.
import { build } from "esbuild"
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { grammarOf } from "../dist/cli/grammar.js"
import { makePls } from "../dist/cli/pls.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"))
const bin = `${root}dist/bin`

const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  metafile: true,
  // The launcher reads the other files byte by byte, without decoding.
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning"
}

/**
 * `import * as fs from "node:fs"` makes the bundler copy all of the module's members, once for each file that says so.
 * Node's own modules are objects that can be used as they are.
 */
const plainBuiltins = {
  name: "plain-builtins",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        /^import \* as (\w+) from ("node:\w+")$/gm,
        "const $1 = require($2)"
      ),
      loader: "ts"
    }))
}

/** A part that the launcher loads: a function of what Node gives a module, so that it can be compiled as it is. */
const part = {
  ...shared,
  external: ["koffi", "jq-wasm"],
  plugins: [plainBuiltins],
  // While its modules are set up, there is no `process.stdout`: Effect's logger would ask whether it is a terminal, and
  // loading streams to answer that takes longer than most commands. We do not log. Nor is Node's `performance` loaded,
  // of which only the clock is ever used.
  banner: {
    js: `(function(exports,require,module,__filename,__dirname){
const importMetaUrl="file://"+__filename.replace(/[%?#]/g,encodeURIComponent);
const performance={now:()=>Number(process.hrtime.bigint())/1e6};
const stdout=Object.getOwnPropertyDescriptor(process,"stdout");
Object.defineProperty(process,"stdout",{configurable:true,enumerable:true,value:undefined});`
  },
  footer: { js: `Object.defineProperty(process,"stdout",stdout)})` },
  define: { "import.meta.url": "importMetaUrl", PLASMITE_VERSION: JSON.stringify(version) }
}

/** The table alone is wanted, so nobody handles anything. */
const { table } = makePls({})

const launcher = (program) => ({
  ...shared,
  banner: { js: "#!/usr/bin/env node" },
  define: {
    PLASMITE_GRAMMAR: JSON.stringify(grammarOf(table)),
    PLASMITE_PROGRAM: JSON.stringify(program),
    PLASMITE_DIRECTORY: "__dirname"
  }
})

await rm(bin, { recursive: true, force: true })
await mkdir(bin, { recursive: true })
const metafiles = {}
const make = async (name, entry, options) => {
  const outfile = `${bin}/${name}.cjs`
  const { metafile } = await build({ ...options, entryPoints: [`${root}cli/${entry}.ts`], outfile })
  metafiles[name] = metafile
}
await make("main", "main", part)
await make("quick", "quick", part)
await make("pokeNow", "pokeNow", part)
for (const program of ["pls", "plasmite"]) {
  await make(program, "launch", launcher(program))
  await chmod(`${bin}/${program}.cjs`, 0o755)
}
// Beside the programs, where the server that is part of them looks for it.
await copyFile(`${root}dist/http/page.html`, `${bin}/page.html`)
await writeFile(`${bin}/meta.json`, JSON.stringify(metafiles))
