// Makes the programs: one minified bundle of the command line and everything it needs but the two packages that
// carry binaries (koffi, jq-wasm), and the small launchers that run it with V8's code cache.
import { build } from "esbuild"
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"))
const bin = `${root}dist/bin`

await mkdir(bin, { recursive: true })
const { metafile } = await build({
  entryPoints: [`${root}cli/main.ts`],
  outfile: `${bin}/main.cjs`,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  metafile: true,
  // The launcher reads the file byte by byte, without decoding.
  charset: "ascii",
  legalComments: "none",
  external: ["koffi", "jq-wasm"],
  // A function of what Node gives a module: the launcher compiles the file as it is. While its modules are set up,
  // there is no `process.stdout`: Effect's logger would ask whether it is a terminal, and loading streams to answer that
  // takes longer than most commands. We do not log.
  banner: {
    js: `(function(exports,require,module,__filename,__dirname){
const importMetaUrl="file://"+__filename.replace(/[%?#]/g,encodeURIComponent);
const stdout=Object.getOwnPropertyDescriptor(process,"stdout");
Object.defineProperty(process,"stdout",{configurable:true,enumerable:true,value:undefined});`
  },
  footer: { js: `Object.defineProperty(process,"stdout",stdout)})` },
  define: { "import.meta.url": "importMetaUrl", PLASMITE_VERSION: JSON.stringify(version) },
  logLevel: "warning"
})
await writeFile(`${bin}/meta.json`, JSON.stringify(metafile))
await copyFile(`${root}build/launch.cjs`, `${bin}/launch.cjs`)
for (const name of ["pls", "plasmite"]) {
  await writeFile(
    `${bin}/${name}.cjs`,
    `#!/usr/bin/env node\nrequire("./launch.cjs").launch(${JSON.stringify(name)})\n`
  )
  await chmod(`${bin}/${name}.cjs`, 0o755)
}
